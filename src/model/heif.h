/* HEIC and AVIF, decoded by a process of its own: the program gloss-decode (src/decode). */
#pragma once

#include "model/image-kind.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

G_BEGIN_DECLS

/* What gloss-decode writes before the rows of the picture, which have no padding between them. */
typedef struct
{
  char magic[8]; /* GLOSS_HEIF_MAGIC, and zeros */
  guint32 width_px, height_px, n_channels;
} GlossHeifHeader;

#define GLOSS_HEIF_MAGIC "pixels"

/* Its exit status, beside 0. */
enum
{
  GLOSS_HEIF_DAMAGED = 1,
  GLOSS_HEIF_NO_DECODER = 2,
};

/*
 * Decodes the first picture of the file @path, whose bytes are @data, of @kind HEIC or AVIF: turned
 * as the container says, not put on white. The program takes no more than half a GB and what a
 * picture of the size that the container claims needs, 32 bytes a pixel, and this process only what
 * the picture has, once that is known to fit the claim. A new pixbuf that nobody else holds, or
 * NULL with GLOSS_ERROR_FORMAT, GLOSS_ERROR_UNSUPPORTED (no decoder, no gloss-decode),
 * GLOSS_ERROR_TOO_LARGE, G_IO_ERROR or G_IO_ERROR_CANCELLED, which comes at once. @name begins the
 * message. Blocks. Any thread.
 */
GdkPixbuf *gloss_heif_decode (const char *path, const char *name, GlossImageKind kind,
                              const guint8 *data, gsize n_bytes, GCancellable *cancellable,
                              GError **error);

G_END_DECLS
