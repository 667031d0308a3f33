/* From the bytes of a file to pixels, with gdk-pixbuf's decoders and without believing them. */
#pragma once

#include "model/image-kind.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

G_BEGIN_DECLS

/* FALSE with GLOSS_ERROR_TOO_LARGE when a picture may not have that size. @name stands in the
 * message. Any thread. */
gboolean gloss_image_check_size (const char *name, gint64 width, gint64 height, GError **error);

/*
 * Decodes the first picture of the whole file @data, of the @kind that was guessed: nothing is
 * turned or put on white yet. The size that the file claims is checked before memory is taken for
 * it. A new pixbuf that nobody else holds, or NULL with GLOSS_ERROR_FORMAT (of no readable kind,
 * cut short, damaged), GLOSS_ERROR_UNSUPPORTED (the decoder is not installed),
 * GLOSS_ERROR_TOO_LARGE or G_IO_ERROR_CANCELLED. @cancellable (or NULL) is asked between pieces of
 * the file. A JPEG may come halved, once or several times, if @enough_px is not 0 and its shorter
 * side keeps that many. Any thread.
 */
GdkPixbuf *gloss_image_decode (const char *name, GlossImageKind kind, const guint8 *data,
                               gsize n_bytes, guint enough_px, GCancellable *cancellable,
                               GError **error);

G_END_DECLS
