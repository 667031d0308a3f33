/* A small version of a picture file. */
#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

/*
 * The picture @path, upright and on white, as large as fits into width_px × height_px (neither 0)
 * with its proportions kept, and never enlarged. Of a picture that is more than twice as wide as
 * high, or as high as wide, only the middle is seen: it would be a mere line. New, or NULL with
 * what gloss_image_load () fails with. Any thread; takes as long as decoding the file does.
 */
GdkTexture *gloss_thumbnail_make (const char *path, guint width_px, guint height_px,
                                  GCancellable *cancellable, GError **error);

G_END_DECLS
