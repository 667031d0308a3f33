/* Pictures from files: decoded, turned upright, on white, 8-bit RGB. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A picture's memory is three bytes for each pixel here and up to four more while it is decoded. */
#define GLOSS_IMAGE_MAX_PIXELS (1u << 28)
#define GLOSS_IMAGE_MAX_SIDE_PX 65535
#define GLOSS_IMAGE_MAX_FILE_BYTES (G_GUINT64_CONSTANT (1) << 30)

typedef struct
{
  guint width_px;
  guint height_px;
  guint8 *rgb; /* owned; height × width × 3, row-major, no padding */
} GlossImage;

/*
 * Decodes the picture @path (of an animation the first frame) as it is meant to be seen: the EXIF
 * orientation applied, transparency put on white, more than 8 bits reduced to 8, grey and palettes
 * expanded.
 *
 * The size that the file claims is checked before memory is taken for it. Returns NULL with
 * G_IO_ERROR (no such file, a folder, cancelled …), GLOSS_ERROR_FORMAT (empty, not a picture, cut
 * short, damaged) or GLOSS_ERROR_TOO_LARGE (beyond the limits above, or no memory). @cancellable
 * (or NULL) is asked between pieces of the file. Any thread.
 */
GlossImage *gloss_image_load (const char *path, GCancellable *cancellable, GError **error);
void gloss_image_free (GlossImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossImage, gloss_image_free)

G_END_DECLS
