/* What the model sees, written and read again. */
#include "model/image.h"
#include "model/input-png.h"
#include "support/asserts.h"

#include <math.h>

static void
test_saved_input_should_be_read_again (void)
{
  g_autofree char *folder = gloss_test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "seen.png", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossImage) image = NULL;
  /* Each row needs padding in a pixbuf. Beyond the ends, and half way between two levels. */
  const float input[27] = {
    -1,    1,      0, -1.5f, 1.5f,       NAN,  INFINITY,         -INFINITY, 0.5f, -0.5f,
    0.25f, -0.25f, 0, 0,     1 / 127.5f, 0.3f, 100 / 127.5f - 1, 0,         0,    0,
    0,     0,      0, 0,     0,          0,    0.999f,
  };

  gloss_model_input_save_png (path, input, 3, &error);
  g_assert_no_error (error);
  image = gloss_image_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (image->width_px, ==, 3);
  g_assert_cmpuint (image->height_px, ==, 3);
  for (guint i = 0; i < 27; i++)
    {
      double level = isnan (input[i]) ? 0 : (CLAMP ((double) input[i], -1, 1) + 1) * 127.5;

      g_assert_cmpfloat_with_epsilon (image->rgb[i], level, 0.5 + 1e-4);
    }
  g_assert_cmpuint (image->rgb[0], ==, 0);
  g_assert_cmpuint (image->rgb[1], ==, 255);
  g_assert_cmpuint (image->rgb[5], ==, 0);
  g_assert_cmpuint (image->rgb[6], ==, 255);
  g_assert_cmpuint (image->rgb[16], ==, 100);
  gloss_test_folder_remove (g_steal_pointer (&folder));
}

/* Every level comes back as itself. */
static void
test_levels_should_survive (void)
{
  g_autofree char *folder = gloss_test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "seen.png", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossImage) image = NULL;
  float input[16 * 16 * 3];

  for (guint i = 0; i < G_N_ELEMENTS (input); i++)
    input[i] = (float) (i / 3) / 127.5f - 1.0f;
  gloss_model_input_save_png (path, input, 16, &error);
  g_assert_no_error (error);
  image = gloss_image_load (path, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (input); i++)
    g_assert_cmpuint (image->rgb[i], ==, i / 3);
  gloss_test_folder_remove (g_steal_pointer (&folder));
}

static void
test_folder_that_is_missing_should_be_named (void)
{
  g_autoptr (GError) error = NULL;
  const float input[3] = { 0 };

  g_assert_false (gloss_model_input_save_png ("/nowhere/seen.png", input, 1, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           "seen.png: no file can be made in the folder \"/nowhere\"");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/input-png/saved-input/should-be-read-again",
                   test_saved_input_should_be_read_again);
  g_test_add_func ("/model/input-png/levels/should-survive", test_levels_should_survive);
  g_test_add_func ("/model/input-png/missing-folder/should-be-named",
                   test_folder_that_is_missing_should_be_named);
  return g_test_run ();
}
