/* Pictures that are read before they are wanted: the same bits, failures, stops, and orders that
 * are not kept to. */
#include "train/read-ahead.h"

#include "model/resize.h"
#include "base/mapped-file.h"
#include "support/asserts.h"

#include <string.h>

#define SIDE 32
#define N_FLOATS (SIDE * SIDE * 3)
#define N 20
#define BROKEN 5

/* Number BROKEN is no picture. */
static GArray *
make_set (void)
{
  static const char *const names[] = { "camera.png", "chelsea.png", "rocket.jpg", "china.jpg" };
  GArray *set = gloss_example_set_new ();

  for (guint i = 0; i < N; i++)
    {
      g_autofree char *relative =
          g_build_filename ("fixtures/preprocess/pictures", names[i % 4], NULL);
      GlossTrainExample example = { .image_path = i == BROKEN
                                                      ? gloss_test_path ("fixtures/README.md")
                                                      : gloss_test_path (relative) };

      g_array_append_val (set, example);
    }
  return set;
}

/* What is taken, if it is there, is what one makes oneself. */
static gboolean
take (GlossReadAhead *ahead, GArray *set, GlossPool *pool, gsize index)
{
  float out[N_FLOATS], expected[N_FLOATS];
  const char *path = gloss_example_set_get (set, index)->image_path;
  g_autoptr (GlossImage) image = gloss_image_load (path, NULL, NULL);
  g_autoptr (GError) error = NULL;
  gboolean is_there;

  if (!gloss_read_ahead_take (ahead, index, out, &is_there, NULL, &error))
    {
      g_assert_cmpuint (index, ==, BROKEN);
      g_assert_nonnull (strstr (error->message, "README.md"));
      return TRUE;
    }
  if (!is_there)
    return FALSE;
  gloss_model_input_make (pool, expected, SIDE, image, GLOSS_RESIZE_BILINEAR, NULL);
  g_assert_cmpmem (out, sizeof out, expected, sizeof expected);
  return TRUE;
}

static void
test_pictures_should_be_there (void)
{
  g_autoptr (GArray) set = make_set ();
  g_autoptr (GlossReadAhead) ahead = gloss_read_ahead_new (set, SIDE);
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  guint n = 0;

  for (gsize i = 0; i < N; i++)
    {
      for (gsize j = i; j < MIN (N, i + 4); j++)
        gloss_read_ahead_expect (ahead, j);
      if (i == 0)
        g_usleep (100000);
      n += take (ahead, set, pool, i);
    }
  g_assert_cmpuint (n, >, 0);
  /* and so they are when somebody takes them later */
  gloss_read_ahead_expect (ahead, BROKEN);
  gloss_read_ahead_expect (ahead, 3);
  g_usleep (300000);
  g_assert_true (take (ahead, set, pool, BROKEN));
  g_assert_true (take (ahead, set, pool, 3));
}

static void
test_other_orders_should_not_block_it (void)
{
  g_autoptr (GArray) set = make_set ();
  g_autoptr (GlossReadAhead) ahead = gloss_read_ahead_new (set, SIDE);
  g_autoptr (GlossPool) pool = gloss_pool_new (1);

  g_assert_false (take (ahead, set, pool, 0));
  /* more than there is room for, and none of them comes */
  for (gsize i = 0; i < N; i++)
    gloss_read_ahead_expect (ahead, i);
  g_assert_false (take (ahead, set, pool, N - 1));
  g_usleep (50000);
  for (gsize i = 8; i < 12; i++)
    gloss_read_ahead_expect (ahead, i);
  g_usleep (300000);
  g_assert_true (take (ahead, set, pool, 10));
  g_assert_false (take (ahead, set, pool, 8)); /* forgotten */
}

static void
test_stops_should_be_heard (void)
{
  g_autoptr (GArray) set = make_set ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  float out[N_FLOATS];
  gboolean is_there;

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GlossReadAhead) ahead = gloss_read_ahead_new (set, SIDE);
      g_autoptr (GError) error = NULL;

      for (gsize j = 0; j < 4; j++)
        gloss_read_ahead_expect (ahead, j);
      g_usleep (i * 500);
      g_cancellable_cancel (cancellable);
      g_assert_false (gloss_read_ahead_take (ahead, 1, out, &is_there, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *file = gloss_test_path ("fixtures/README.md");

  g_test_init (&argc, &argv, NULL);
  /* what is done once for all files is done before there are threads: the thread sanitizer does not
   * see how GLib does it */
  gloss_mapped_file_unref (gloss_mapped_file_open (file, NULL));
  g_test_add_func ("/train/read-ahead/pictures-should-be-there", test_pictures_should_be_there);
  g_test_add_func ("/train/read-ahead/other-orders-should-not-block-it",
                   test_other_orders_should_not_block_it);
  g_test_add_func ("/train/read-ahead/stops-should-be-heard", test_stops_should_be_heard);
  return g_test_run ();
}
