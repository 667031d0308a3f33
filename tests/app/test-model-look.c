/* What the model sees, on the screen: the levels of the model's own input. */
#include "app/model-look.h"
#include "model/resize.h"
#include "support/asserts.h"

#include <math.h>

#define SIDE_PX 112

static void
keep_result (GObject *object, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static cairo_surface_t *
make (GlossSharedImage *image, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  gloss_model_look_make_async (image, SIDE_PX, cancellable, keep_result, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  return gloss_model_look_make_finish (result, error);
}

static GlossSharedImage *
load (void)
{
  g_autofree char *path = gloss_test_path ("fixtures/preprocess/pictures/china.jpg");
  g_autoptr (GError) error = NULL;
  GlossImage *image = gloss_image_load (path, NULL, &error);

  g_assert_no_error (error);
  return gloss_shared_image_new (image);
}

static void
test_it_should_be_the_input_of_the_model (void)
{
  g_autoptr (GlossSharedImage) image = load ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossPool) pool = gloss_pool_new (1);
  g_autofree float *input = g_new (float, SIDE_PX *SIDE_PX * 3);
  cairo_surface_t *look = make (image, NULL, &error);
  const guint8 *data;

  g_assert_no_error (error);
  g_assert_true (gloss_model_input_make (pool, input, SIDE_PX, gloss_shared_image_get (image),
                                         GLOSS_RESIZE_BILINEAR, NULL));
  g_assert_cmpint (cairo_image_surface_get_width (look), ==, SIDE_PX);
  g_assert_cmpint (cairo_image_surface_get_height (look), ==, SIDE_PX);
  data = cairo_image_surface_get_data (look);
  for (int y = 0; y < SIDE_PX; y++)
    for (int x = 0; x < SIDE_PX; x++)
      for (int c = 0; c < 3; c++)
        {
          const guint32 *row = (gconstpointer) (data + y * cairo_image_surface_get_stride (look));
          double level = (input[(y * SIDE_PX + x) * 3 + c] + 1) * 127.5;

          g_assert_cmpfloat_with_epsilon (row[x] >> (16 - 8 * c) & 0xff, level, 0.5 + 1e-3);
        }
  cairo_surface_destroy (look);
}

static void
test_cancelling_should_stop_it (void)
{
  g_autoptr (GlossSharedImage) image = load ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (make (image, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/model-look/it-should-be-the-input-of-the-model",
                   test_it_should_be_the_input_of_the_model);
  g_test_add_func ("/app/model-look/cancelling-should-stop-it", test_cancelling_should_stop_it);
  return g_test_run ();
}
