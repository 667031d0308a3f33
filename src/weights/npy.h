/* The header of one .npy array: its element type, its shape, and where its data begin. */
#pragma once

#include "weights/weights.h"

G_BEGIN_DECLS

/* More than what precedes the data is not read of any array. */
#define GLOSS_NPY_MAX_HEADER_BYTES (12 + 65535)

/*
 * Reads the header at the start of the @n_bytes of an array in @data and fills in @view, whose name
 * and file_name the caller has set, for messages. The view's bytes are all that follow the header;
 * that they are as many as type and shape need is left for the caller to check. Fails with
 * GLOSS_ERROR_FORMAT, GLOSS_ERROR_UNSUPPORTED (other types, Fortran order, too many dimensions) or
 * GLOSS_ERROR_TOO_LARGE (header). Any thread.
 */
gboolean gloss_npy_read_header (const guint8 *data, gsize n_bytes, GlossTensorView *view,
                                GError **error);

G_END_DECLS
