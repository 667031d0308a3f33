/* A decoded picture that the screen and the engine use at the same time. */
#pragma once

#include "model/image.h"

#include <gdk/gdk.h>

G_BEGIN_DECLS

/* Reference-counted and unchangeable, so any thread may use it. */
typedef struct _GlossSharedImage GlossSharedImage;

#define GLOSS_TYPE_SHARED_IMAGE (gloss_shared_image_get_type ())
GType gloss_shared_image_get_type (void);

/* Takes @image. A new reference. */
GlossSharedImage *gloss_shared_image_new (GlossImage *image);
GlossSharedImage *gloss_shared_image_ref (GlossSharedImage *shared);
void gloss_shared_image_unref (GlossSharedImage *shared);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossSharedImage, gloss_shared_image_unref)

/* Borrowed. */
const GlossImage *gloss_shared_image_get (GlossSharedImage *shared);

/* The whole picture without a copy: the texture keeps a reference. New. */
GdkTexture *gloss_shared_image_make_texture (GlossSharedImage *shared);

/* Likewise what lies at @x_px, @y_px, inside the picture and not empty. */
GdkTexture *gloss_shared_image_make_part_texture (GlossSharedImage *shared, guint x_px, guint y_px,
                                                  guint width_px, guint height_px);

/* Decodes @path in a thread of its own; fails as gloss_image_load () does. From the main thread. */
void gloss_shared_image_load_async (const char *path, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
GlossSharedImage *gloss_shared_image_load_finish (GAsyncResult *result, GError **error);

G_END_DECLS
