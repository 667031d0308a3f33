/* Pictures from files: decoded, turned upright, on white, 8-bit RGB. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A picture's memory is three bytes for each pixel, four while it is decoded from some kinds, and
 * six while it is turned upright; a JPEG in several scans takes six more while it is decoded. HEIC
 * and AVIF take as much again and more, up to 32, in the process that decodes them. */
#define GLOSS_IMAGE_MAX_PIXELS (1u << 28)
#define GLOSS_IMAGE_MAX_SIDE_PX 65535

typedef struct
{
  guint width_px;
  guint height_px;
  guint8 *rgb;    /* owned; height × width × 3, row-major, no padding */
  gpointer owner; /* owned; the GObject whose memory @rgb is, NULL when it is g_malloc ()'s */
} GlossImage;

/*
 * Decodes the picture @path (of an animation or a file of pages the first) as it is meant to be
 * seen: the EXIF orientation applied once, transparency put on white, more than 8 bits reduced to
 * 8, grey and palettes expanded. A drawing (SVG) comes with its longer side
 * GLOSS_SVG_LONGER_SIDE_PX.
 *
 * The size that the file claims is checked before memory is taken for it. NULL with G_IO_ERROR (no
 * such file, no permission, a folder, cancelled …), GLOSS_ERROR_FORMAT (empty, not a picture, cut
 * short, damaged), GLOSS_ERROR_UNSUPPORTED (its decoder is not installed, or a part of Gloss is
 * not), GLOSS_ERROR_TOO_LARGE (beyond the limits above, or no memory) or GLOSS_ERROR_CHANGED (while
 * it was read). A message begins with the file's base name. @cancellable (or NULL) is asked between
 * pieces of the file. Any thread.
 */
GlossImage *gloss_image_load (const char *path, GCancellable *cancellable, GError **error);

/*
 * The same for where @enough_px on the shorter side are enough, for a thumbnail: a JPEG comes
 * halved, once or several times, as long as it keeps that many, which its decoder does in less time
 * and memory. Pictures of other kinds come whole.
 */
GlossImage *gloss_image_load_reduced (const char *path, guint enough_px, GCancellable *cancellable,
                                      GError **error);
void gloss_image_free (GlossImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossImage, gloss_image_free)

G_END_DECLS
