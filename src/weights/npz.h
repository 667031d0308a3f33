/* Reader of numpy's .npz archives; the rest of the core goes through weights.h. */
#pragma once

#include "weights/weights.h"

G_BEGIN_DECLS

/*
 * Appends one GlossTensorView for each ".npy" member of the archive @file to @views, in the order
 * of its directory, and puts their strings into @strings; other members are passed over. The views
 * borrow the bytes of @file and lie inside it; that shapes fit the number of bytes, and that names
 * are there once, is left for the caller to check. On failure @views may have grown. Fails with
 * GLOSS_ERROR_FORMAT, GLOSS_ERROR_UNSUPPORTED (compressed, encrypted, in several parts; see also
 * npy.h) or GLOSS_ERROR_TOO_LARGE (number of members). Any thread.
 */
gboolean gloss_npz_append_views (GlossMappedFile *file, GStringChunk *strings, GArray *views,
                                 GError **error);

/* The same, but members that ZIP has deflated become views too, whose bytes are in "deflated"
 * instead of "data". Any thread. */
gboolean gloss_npz_append_streamed_views (GlossMappedFile *file, GStringChunk *strings,
                                          GArray *views, GError **error);

G_END_DECLS
