/* Small versions of pictures: their size, and that no pixel is lost or counted twice. */
#include "app/thumbnail.h"

#include "support/asserts.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

/* A picture of two halves, dark and light, side by side. */
static char *
write_halves (const char *folder, int width, int height)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width, height);
  g_autoptr (GdkPixbuf) right =
      gdk_pixbuf_new_subpixbuf (pixbuf, width / 2, 0, width - width / 2, height);
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (folder, "halves.png", NULL);

  gdk_pixbuf_fill (pixbuf, 0x404040ff);
  gdk_pixbuf_fill (right, 0xc0c0c0ff);
  gdk_pixbuf_save (pixbuf, path, "png", &error, NULL);
  g_assert_no_error (error);
  return path;
}

static GdkTexture *
make (const char *path, guint width_px, guint height_px)
{
  g_autoptr (GError) error = NULL;
  GdkTexture *texture = gloss_thumbnail_make (path, width_px, height_px, NULL, &error);

  g_assert_no_error (error);
  return texture;
}

static void
test_size_should_fit (void)
{
  static const struct
  {
    int width, height, expected_width, expected_height;
  } cases[] = {
    { 640, 480, 96, 72 }, { 480, 640, 54, 72 }, { 600, 400, 96, 64 },  { 4000, 10, 20, 10 },
    { 10, 4000, 10, 20 }, { 500, 100, 96, 48 }, { 100, 500, 36, 72 },  { 20, 30, 20, 30 },
    { 2, 1, 2, 1 },       { 97, 73, 96, 72 },   { 1000, 500, 96, 48 }, { 72, 72, 72, 72 },
  };
  g_autofree char *folder = gloss_test_folder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = write_halves (folder, cases[i].width, cases[i].height);
      g_autoptr (GdkTexture) texture = make (path, 96, 72);

      g_assert_cmpint (gdk_texture_get_width (texture), ==, cases[i].expected_width);
      g_assert_cmpint (gdk_texture_get_height (texture), ==, cases[i].expected_height);
    }
  gloss_test_folder_remove (g_steal_pointer (&folder));
}

/* Where the halves meet in the middle of a pixel it is between them, and nowhere else: every pixel
 * of the picture counts once, by as much as is covered. */
static void
test_pixels_should_be_means (void)
{
  g_autofree char *folder = gloss_test_folder_new ();
  g_autofree char *path = write_halves (folder, 150, 110);
  g_autoptr (GdkTexture) texture = make (path, 75, 55);
  g_autofree guint8 *pixels = g_malloc (75 * 55 * 4);

  gdk_texture_download (texture, pixels, 75 * 4);
  for (guint i = 0; i < 75 * 55; i++)
    {
      guint x = i % 75, expected = x < 37 ? 64 : x > 37 ? 192 : 128;

      for (guint c = 0; c < 3; c++)
        g_assert_cmpuint (pixels[i * 4 + c], ==, expected);
    }
  gloss_test_folder_remove (g_steal_pointer (&folder));
}

/* Sizes that do not divide: flat stays flat, to the last row and column. */
static void
test_flat_should_stay_flat (void)
{
  g_autofree char *folder = gloss_test_folder_new ();

  for (int width = 96; width < 300; width += 7)
    {
      g_autofree char *path = write_halves (folder, 2 * width, 199);
      g_autoptr (GdkTexture) texture = make (path, 96, 72);
      gsize stride = (gsize) gdk_texture_get_width (texture) * 4;
      g_autofree guint8 *pixels = g_malloc (stride * (gsize) gdk_texture_get_height (texture));

      gdk_texture_download (texture, pixels, stride);
      for (int y = 0; y < gdk_texture_get_height (texture); y++)
        {
          g_assert_cmpuint (pixels[(gsize) y * stride], ==, 64);
          g_assert_cmpuint (pixels[(gsize) y * stride + stride - 4], ==, 192);
        }
    }
  gloss_test_folder_remove (g_steal_pointer (&folder));
}

static void
test_unreadable_should_say_so (void)
{
  g_autofree char *path = gloss_test_path ("fixtures/pictures/claims-60000x60000.png");
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_thumbnail_make (path, 96, 72, NULL, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/thumbnail/size/should-fit", test_size_should_fit);
  g_test_add_func ("/app/thumbnail/pixels/should-be-means", test_pixels_should_be_means);
  g_test_add_func ("/app/thumbnail/flat/should-stay-flat", test_flat_should_stay_flat);
  g_test_add_func ("/app/thumbnail/unreadable/should-say-so", test_unreadable_should_say_so);
  return g_test_run ();
}
