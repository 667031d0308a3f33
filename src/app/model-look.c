/* What the model sees of a picture, for the screen. */
#include "app/model-look.h"

#include "base/error.h"
#include "model/resize.h"

#include <glib/gi18n.h>

typedef struct
{
  GlossSharedImage *image; /* owned reference */
  guint side_px;
} Task;

static void
free_task (gpointer data)
{
  Task *task = data;

  gloss_shared_image_unref (task->image);
  g_free (task);
}

static void
destroy_surface (gpointer surface)
{
  cairo_surface_destroy (surface);
}

/* From the model's −1 … 1. */
static guint32
to_level (float value)
{
  return (guint32) CLAMP ((value + 1) * 127.5f + 0.5f, 0, 255);
}

static cairo_surface_t *
draw (const float *input, int side_px)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, side_px, side_px);
  guint8 *data = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);

  if (!data)
    {
      cairo_surface_destroy (surface);
      return NULL;
    }
  for (int y = 0; y < side_px; y++)
    {
      guint32 *row = (gpointer) (data + (gsize) y * (gsize) stride);

      for (int x = 0; x < side_px; x++, input += 3)
        row[x] = to_level (input[0]) << 16 | to_level (input[1]) << 8 | to_level (input[2]);
    }
  cairo_surface_mark_dirty (surface);
  return surface;
}

static void
make (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Task *t = data;
  g_autoptr (GlossPool) pool = gloss_pool_new (1); /* the engine has the others */
  g_autofree float *input = g_try_new (float, (gsize) t->side_px * t->side_px * 3);
  cairo_surface_t *surface = NULL;
  gboolean is_made;
  GError *error = NULL;

  if (input)
    {
      gloss_pool_begin_job (pool, cancellable);
      is_made = gloss_model_input_make (pool, input, t->side_px, gloss_shared_image_get (t->image),
                                        GLOSS_RESIZE_BILINEAR, &error);
      if (!gloss_pool_end_job (pool, is_made ? &error : NULL) || !is_made)
        {
          g_task_return_error (task, error);
          return;
        }
      surface = draw (input, (int) t->side_px);
    }
  if (surface)
    g_task_return_pointer (task, surface, destroy_surface);
  else
    g_task_return_new_error (task, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, "%s",
                             _ ("there is not enough memory to show what the model sees"));
}

void
gloss_model_look_make_async (GlossSharedImage *image, guint side_px, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Task *t = g_new (Task, 1);

  *t = (Task){ gloss_shared_image_ref (image), side_px };
  g_task_set_task_data (task, t, free_task);
  g_task_set_priority (task, G_PRIORITY_HIGH); /* before thumbnails: somebody waits for it */
  g_task_run_in_thread (task, make);
}

cairo_surface_t *
gloss_model_look_make_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
