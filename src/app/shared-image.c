/* A decoded picture that the screen and the engine use at the same time. */
#include "app/shared-image.h"

struct _GlossSharedImage
{
  GlossImage *image; /* owned */
};

G_DEFINE_BOXED_TYPE (GlossSharedImage, gloss_shared_image, gloss_shared_image_ref,
                     gloss_shared_image_unref)

GlossSharedImage *
gloss_shared_image_new (GlossImage *image)
{
  GlossSharedImage *shared = g_atomic_rc_box_new (GlossSharedImage);

  shared->image = image;
  return shared;
}

GlossSharedImage *
gloss_shared_image_ref (GlossSharedImage *shared)
{
  return g_atomic_rc_box_acquire (shared);
}

static void
clear (gpointer data)
{
  GlossSharedImage *shared = data;

  gloss_image_free (shared->image);
}

void
gloss_shared_image_unref (GlossSharedImage *shared)
{
  g_atomic_rc_box_release_full (shared, clear);
}

const GlossImage *
gloss_shared_image_get (GlossSharedImage *shared)
{
  return shared->image;
}

static void
unref_shared (gpointer data)
{
  gloss_shared_image_unref (data);
}

GdkTexture *
gloss_shared_image_make_texture (GlossSharedImage *shared)
{
  const GlossImage *image = shared->image;

  return gloss_shared_image_make_part_texture (shared, 0, 0, image->width_px, image->height_px);
}

GdkTexture *
gloss_shared_image_make_part_texture (GlossSharedImage *shared, guint x_px, guint y_px,
                                      guint width_px, guint height_px)
{
  const GlossImage *image = shared->image;
  gsize stride = (gsize) image->width_px * 3;
  const guint8 *first = image->rgb + y_px * stride + (gsize) x_px * 3;
  g_autoptr (GBytes) bytes =
      g_bytes_new_with_free_func (first, (height_px - 1) * stride + (gsize) width_px * 3,
                                  unref_shared, gloss_shared_image_ref (shared));

  return gdk_memory_texture_new ((int) width_px, (int) height_px, GDK_MEMORY_R8G8B8, bytes, stride);
}

static void
load (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  GlossImage *image = gloss_image_load (data, cancellable, &error);

  if (image)
    g_task_return_pointer (task, gloss_shared_image_new (image), unref_shared);
  else
    g_task_return_error (task, error);
}

void
gloss_shared_image_load_async (const char *path, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, load);
}

GlossSharedImage *
gloss_shared_image_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
