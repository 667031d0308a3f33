/* Reader of one safetensors file; the rest of the core goes through weights.h. */
#pragma once

#include "weights/weights.h"

G_BEGIN_DECLS

/*
 * Appends one GlossTensorView for each tensor of @file to @views, in the order of their data, and
 * puts their strings into @strings. The views borrow the bytes of @file, lie inside it, and cover
 * its data without holes or overlaps; that shapes fit the number of bytes is left for the caller
 * to check. On failure @views may have grown. Fails with GLOSS_ERROR_FORMAT,
 * GLOSS_ERROR_UNSUPPORTED (element types, too many dimensions) or GLOSS_ERROR_TOO_LARGE (header).
 * Any thread.
 */
gboolean gloss_safetensors_append_views (GlossMappedFile *file, GStringChunk *strings,
                                         GArray *views, GError **error);

G_END_DECLS
