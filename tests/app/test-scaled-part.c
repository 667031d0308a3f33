/* Parts of pictures made smaller: against a plain mean, in parts as in one, and cancelled. */
#include "app/scaled-part.h"
#include "support/asserts.h"

#include <math.h>

#define N_CHANNELS 3

static GlossImage *
new_picture (guint width_px, guint height_px)
{
  GlossImage *image = g_new0 (GlossImage, 1);
  g_autoptr (GRand) random = g_rand_new_with_seed (width_px);
  gsize n = (gsize) width_px * height_px * N_CHANNELS;

  image->width_px = width_px;
  image->height_px = height_px;
  image->rgb = g_malloc (n);
  for (gsize i = 0; i < n; i++)
    image->rgb[i] = (guint8) g_rand_int (random);
  return image;
}

static double
get_overlap (guint old, int new, double step)
{
  return MAX (0, MIN (old + 1.0, (new + 1) * step) - MAX (old, new *step));
}

/* The mean of what pixel @x, @y of the small picture covers, in the plainest way. */
static double
get_mean (const GlossImage *image, int width_px, int height_px, int x, int y, guint channel)
{
  double x_step = (double) image->width_px / width_px;
  double y_step = (double) image->height_px / height_px;
  double sum = 0;

  for (guint row = 0; row < image->height_px; row++)
    for (guint column = 0; column < image->width_px; column++)
      sum += get_overlap (row, y, y_step) * get_overlap (column, x, x_step)
             * image->rgb[(row * image->width_px + column) * N_CHANNELS + channel];
  return sum / (x_step * y_step);
}

static guint8 *
fill (const GlossImage *image, int width_px, int height_px, const cairo_rectangle_int_t *area)
{
  gsize n = (gsize) area->width * (gsize) area->height * N_CHANNELS;
  g_autoptr (GlossGuarded) guarded = gloss_guarded_new (n, 1);
  g_autoptr (GError) error = NULL;
  gboolean is_filled = gloss_scaled_part_fill (gloss_guarded_get_data (guarded), image, width_px,
                                               height_px, area, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (is_filled);
  g_assert_true (gloss_guarded_is_intact (guarded));
  return g_memdup2 (gloss_guarded_get_data (guarded), n);
}

static void
assert_means (guint old_width_px, guint old_height_px, int width_px, int height_px)
{
  g_autoptr (GlossImage) image = new_picture (old_width_px, old_height_px);
  const cairo_rectangle_int_t all = { 0, 0, width_px, height_px };
  g_autofree guint8 *pixels = fill (image, width_px, height_px, &all);

  for (int y = 0; y < height_px; y++)
    for (int x = 0; x < width_px; x++)
      for (guint c = 0; c < N_CHANNELS; c++)
        /* rounded, and the sums in single precision */
        g_assert_cmpfloat_with_epsilon (pixels[(y * width_px + x) * N_CHANNELS + (int) c],
                                        get_mean (image, width_px, height_px, x, y, c), 0.5 + 1e-3);
}

static void
test_each_pixel_should_be_the_mean_of_what_it_covers (void)
{
  assert_means (40, 30, 20, 10);
  assert_means (41, 37, 19, 11);
  assert_means (50, 50, 49, 47);
  assert_means (100, 3, 7, 3);
  assert_means (3, 100, 1, 1);
  assert_means (17, 9, 17, 9);
  assert_means (1, 1, 1, 1);
}

static void
test_parts_should_be_those_of_the_whole (void)
{
  g_autoptr (GlossImage) image = new_picture (211, 157);
  const cairo_rectangle_int_t all = { 0, 0, 90, 61 };
  g_autofree guint8 *whole = fill (image, 90, 61, &all);
  const cairo_rectangle_int_t parts[] = {
    { 0, 0, 1, 1 }, { 13, 7, 40, 50 }, { 89, 60, 1, 1 }, { 0, 30, 90, 31 }
  };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree guint8 *part = fill (image, 90, 61, &parts[i]);
      gsize row_bytes = (gsize) parts[i].width * N_CHANNELS;

      for (int y = 0; y < parts[i].height; y++)
        g_assert_cmpmem (part + (gsize) y * row_bytes, row_bytes,
                         whole + ((parts[i].y + y) * 90 + parts[i].x) * N_CHANNELS, row_bytes);
    }
}

static void
keep_result (GObject *object, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GlossScaledPart *
make (GlossSharedImage *image, const cairo_rectangle_int_t *area, GCancellable *cancellable,
      GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  gloss_scaled_part_make_async (image, 10, 10, area, cancellable, keep_result, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  return gloss_scaled_part_make_finish (result, error);
}

static void
test_a_thread_should_make_the_same (void)
{
  g_autoptr (GlossSharedImage) image = gloss_shared_image_new (new_picture (40, 30));
  const cairo_rectangle_int_t area = { 2, 3, 5, 4 };
  g_autofree guint8 *expected = fill (gloss_shared_image_get (image), 10, 10, &area);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossScaledPart) part = make (image, &area, NULL, &error);
  g_autoptr (GdkTexture) reference = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (expected, 5 * 4 * N_CHANNELS);
  guint8 got[5 * 4 * 4], wanted[5 * 4 * 4];

  g_assert_no_error (error);
  g_assert_cmpint (part->width_px, ==, 10);
  g_assert_cmpint (part->area.x, ==, 2);
  g_assert_cmpint (gdk_texture_get_width (part->texture), ==, 5);
  g_assert_cmpint (gdk_texture_get_height (part->texture), ==, 4);
  reference = gdk_memory_texture_new (5, 4, GDK_MEMORY_R8G8B8, bytes, 5 * N_CHANNELS);
  gdk_texture_download (part->texture, got, 5 * 4);
  gdk_texture_download (reference, wanted, 5 * 4);
  g_assert_cmpmem (got, sizeof got, wanted, sizeof wanted);
}

static void
test_cancelling_should_stop_it (void)
{
  g_autoptr (GlossSharedImage) image = gloss_shared_image_new (new_picture (40, 30));
  const cairo_rectangle_int_t area = { 0, 0, 10, 10 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  guint8 out[10 * 10 * N_CHANNELS] = { 0 }, untouched[10 * 10 * N_CHANNELS] = { 0 };

  g_cancellable_cancel (cancellable);
  g_assert_null (make (image, &area, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (gloss_scaled_part_fill (out, gloss_shared_image_get (image), 10, 10, &area,
                                          cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpmem (out, sizeof out, untouched, sizeof untouched);
}

/* The last row's bytes end with the picture. */
static void
test_a_part_texture_should_share_the_picture (void)
{
  g_autoptr (GlossSharedImage) image = gloss_shared_image_new (new_picture (40, 30));
  g_autoptr (GdkTexture) texture = gloss_shared_image_make_part_texture (image, 33, 21, 7, 9);
  const GlossImage *plain = gloss_shared_image_get (image);
  guint32 got[7 * 9];

  gdk_texture_download (texture, (guchar *) got, 7 * sizeof *got);
  for (guint y = 0; y < 9; y++)
    for (guint x = 0; x < 7; x++)
      {
        const guint8 *rgb = plain->rgb + ((21 + y) * 40 + 33 + x) * N_CHANNELS;

        g_assert_cmphex (got[y * 7 + x], ==,
                         0xff000000u | (guint32) rgb[0] << 16 | (guint32) rgb[1] << 8 | rgb[2]);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/app/scaled-part/" name, function)
  ADD ("each-pixel-should-be-the-mean-of-what-it-covers",
       test_each_pixel_should_be_the_mean_of_what_it_covers);
  ADD ("parts-should-be-those-of-the-whole", test_parts_should_be_those_of_the_whole);
  ADD ("a-thread-should-make-the-same", test_a_thread_should_make_the_same);
  ADD ("cancelling-should-stop-it", test_cancelling_should_stop_it);
  ADD ("a-part-texture-should-share-the-picture", test_a_part_texture_should_share_the_picture);
  return g_test_run ();
}
