/*
 * Pictures from files: every kind decodes to what was drawn, whole pictures reach the model as the
 * reference's do, and what is damaged or too large is refused in words.
 *
 * fixtures/pictures/ was drawn by hand: rgb.* and its relatives are 8 × 6 pixels of (30x, 40y, 15(x
 * + y)), grey ones 20x + 17y, the JPEG files and those called orientation or quarters four coloured
 * quarters of 32 × 16 or four times that.
 */
#include "base/error.h"
#include "model/image.h"
#include "model/resize.h"
#include "support/asserts.h"
#include "weights/weights.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <string.h>

static char *
picture_path (const char *name)
{
  g_autofree char *relative = g_build_filename ("fixtures", "pictures", name, NULL);

  return gloss_test_path (relative);
}

static GlossImage *
load (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = picture_path (name);
  GlossImage *image = gloss_image_load (path, NULL, &error);

  g_assert_no_error (error);
  return image;
}

typedef enum
{
  DRAWN_RGB,
  DRAWN_GREY,
} Drawn;

static guint
drawn_level (Drawn drawn, guint x, guint y, guint channel)
{
  const guint rgb[] = { 30 * x, 40 * y, 15 * (x + y) };

  return drawn == DRAWN_GREY ? 20 * x + 17 * y : rgb[channel];
}

static guint
drawn_alpha (guint x, guint y)
{
  if (x == 0 && y == 0)
    return 0;
  if (x == 1 && y == 0)
    return 255;
  return (x * 8 + y * 3) * 5 % 256;
}

static void
assert_drawn_within (const char *name, Drawn drawn, gboolean has_alpha, double bound)
{
  g_autoptr (GlossImage) image = load (name);

  g_assert_cmpuint (image->width_px, ==, 8);
  g_assert_cmpuint (image->height_px, ==, 6);
  for (guint y = 0; y < 6; y++)
    for (guint x = 0; x < 8; x++)
      for (guint c = 0; c < 3; c++)
        {
          double alpha = has_alpha ? drawn_alpha (x, y) / 255.0 : 1;
          double expected = alpha * drawn_level (drawn, x, y, c) + (1 - alpha) * 255;

          g_assert_cmpfloat_with_epsilon (image->rgb[(y * 8 + x) * 3 + c], expected, bound);
        }
}

/* Rounded to a level, once. */
static void
assert_drawn (const char *name, Drawn drawn, gboolean has_alpha)
{
  assert_drawn_within (name, drawn, has_alpha, 0.5 + 1e-9);
}

static void
test_every_kind_should_decode (void)
{
  const char *rgb[] = { "rgb.png",  "rgb16.png",   "palette.png",    "interlaced.png", "rgb.bmp",
                        "rgb.tiff", "rgb16.tiff",  "two-pages.tiff", "rgb.ppm",        "rgb.tga",
                        "rgb.webp", "rgb-rle.bmp", "two-frames.gif" };

  for (guint i = 0; i < G_N_ELEMENTS (rgb); i++)
    {
      g_test_message ("%s", rgb[i]);
      assert_drawn (rgb[i], DRAWN_RGB, FALSE);
    }
  assert_drawn ("grey.png", DRAWN_GREY, FALSE);
  assert_drawn ("grey16.png", DRAWN_GREY, FALSE);
}

static void
test_one_bit_should_be_black_and_white (void)
{
  g_autoptr (GlossImage) image = load ("one-bit.png");

  for (guint y = 0; y < 6; y++)
    for (guint x = 0; x < 8; x++)
      g_assert_cmpuint (image->rgb[(y * 8 + x) * 3], ==, (x + y) % 2 ? 255 : 0);
}

static void
test_alpha_should_be_put_on_white (void)
{
  g_autoptr (GlossImage) palette = load ("palette-transparent.png");

  assert_drawn ("rgba.png", DRAWN_RGB, TRUE);
  assert_drawn ("rgba16.png", DRAWN_RGB, TRUE);
  assert_drawn ("rgba.webp", DRAWN_RGB, TRUE);
  assert_drawn ("two-frames.webp", DRAWN_RGB, TRUE);
  assert_drawn ("grey-alpha.png", DRAWN_GREY, TRUE);
  assert_drawn ("grey-alpha16.png", DRAWN_GREY, TRUE);
  for (guint y = 0; y < 6; y++)
    for (guint x = 0; x < 8; x++)
      for (guint c = 0; c < 3; c++)
        g_assert_cmpuint (palette->rgb[(y * 8 + x) * 3 + c], ==,
                          x == 2 && y == 3 ? 255 : drawn_level (DRAWN_RGB, x, y, c));
}

/* Its decoder multiplies colours by alpha, which rounds or cuts them once more. */
static void
test_alpha_of_tiff_should_count_once (void)
{
  assert_drawn_within ("rgba.tiff", DRAWN_RGB, TRUE, 1.0);
}

/* A first frame of 8 × 6 at (4, 2) of 20 × 12. */
static void
test_small_frame_should_lie_on_white (void)
{
  g_autoptr (GlossImage) image = load ("small-frame.webp");

  g_assert_cmpuint (image->width_px, ==, 20);
  g_assert_cmpuint (image->height_px, ==, 12);
  for (guint y = 0; y < 12; y++)
    for (guint x = 0; x < 20; x++)
      for (guint c = 0; c < 3; c++)
        {
          gboolean is_inside = x >= 4 && x < 12 && y >= 2 && y < 8;

          g_assert_cmpuint (image->rgb[(y * 20 + x) * 3 + c], ==,
                            is_inside ? drawn_level (DRAWN_RGB, x - 4, y - 2, c) : 255);
        }
}

static void
test_one_pixel_should_do (void)
{
  g_autoptr (GlossImage) image = load ("one-pixel.png");
  const guint8 expected[] = { 77, 77, 77 };

  g_assert_cmpuint (image->width_px, ==, 1);
  g_assert_cmpuint (image->height_px, ==, 1);
  g_assert_cmpmem (image->rgb, 3, expected, 3);
}

/* Within what the compression of flat colours may lose. At the seams of the larger ones colours run
 * into each other, since AVIF and HEIC keep half of them. */
static void
assert_quarters (const char *name, const guint8 quarters[4][3], guint scale, guint tolerance)
{
  g_autoptr (GlossImage) image = load (name);
  guint margin = scale - 1, width = 16 * scale, height = 8 * scale;

  g_test_message ("%s", name);
  g_assert_cmpuint (image->width_px, ==, 2 * width);
  g_assert_cmpuint (image->height_px, ==, 2 * height);
  for (guint y = 0; y < 2 * height; y++)
    for (guint x = 0; x < 2 * width; x++)
      for (guint c = 0; c < 3; c++)
        {
          int expected = quarters[y / height * 2 + x / width][c];

          if (MIN (x % width, width - 1 - x % width) >= margin
              && MIN (y % height, height - 1 - y % height) >= margin)
            g_assert_cmpint (abs (image->rgb[(y * image->width_px + x) * 3 + c] - expected), <=,
                             tolerance);
        }
}

static const guint8 colour_quarters[4][3] = {
  { 220, 30, 30 }, { 30, 200, 30 }, { 30, 30, 220 }, { 230, 230, 40 }
};

static void
test_orientation_should_be_applied (gconstpointer suffix)
{
  /* Only JPEG loses something. */
  guint tolerance = g_str_equal (suffix, "jpg") ? 8 : 0;

  for (guint i = 1; i <= 8; i++)
    {
      g_autofree char *name = g_strdup_printf ("orientation-%u.%s", i, (const char *) suffix);

      assert_quarters (name, colour_quarters, 1, tolerance);
    }
}

static gboolean
has_decoder (const char *mime_type)
{
  GSList *formats = gdk_pixbuf_get_formats ();
  gboolean is_found = FALSE;

  for (GSList *l = formats; l; l = l->next)
    {
      g_auto (GStrv) types = gdk_pixbuf_format_get_mime_types (l->data);

      is_found |= g_strv_contains ((const char *const *) types, mime_type);
    }
  g_slist_free (formats);
  return is_found;
}

/* Plain, and turned by the container (irot) with an EXIF orientation beside it that says the same
 * and must not be applied again. */
static void
test_optional_kind_should_decode_upright (gconstpointer kind)
{
  g_autofree char *mime_type = g_strdup_printf ("image/%s", (const char *) kind);
  g_autofree char *plain = g_strdup_printf ("quarters.%s", (const char *) kind);
  g_autofree char *turned = g_strdup_printf ("quarters-turned.%s", (const char *) kind);

  if (!has_decoder (mime_type))
    {
      g_test_skip ("gdk-pixbuf has no decoder for it here");
      return;
    }
  assert_quarters (plain, colour_quarters, 4, 8);
  if (!g_str_equal (kind, "jxl"))
    assert_quarters (turned, colour_quarters, 4, 8);
}

static void
test_jpeg_kinds_should_decode (void)
{
  /* 0.299 R + 0.587 G + 0.114 B */
  const guint8 grey_quarters[4][3] = {
    { 87, 87, 87 }, { 130, 130, 130 }, { 52, 52, 52 }, { 208, 208, 208 }
  };

  assert_quarters ("progressive.jpg", colour_quarters, 1, 8);
  assert_quarters ("cmyk.jpg", colour_quarters, 1, 8);
  assert_quarters ("cmyk-plain.jpg", colour_quarters, 1, 8);
  assert_quarters ("grey.jpg", grey_quarters, 1, 8);
}

/* every7th: each 7th value of the 224 × 224 × 3 result, the first included. */
static void
assert_every_7th (GlossWeights *weights, GlossPool *pool, const char *name, gboolean is_exact)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *relative = g_build_filename ("fixtures", "preprocess", "pictures", name, NULL);
  g_autofree char *path = gloss_test_path (relative);
  g_autofree char *bilinear_name = g_strconcat (name, "/every7th", NULL);
  g_autofree char *bicubic_name = g_strconcat (name, "/bicubic_every7th", NULL);
  const GlossTensorView *bilinear = gloss_weights_find (weights, bilinear_name);
  const GlossTensorView *bicubic = gloss_weights_find (weights, bicubic_name);
  g_autoptr (GlossImage) image = gloss_image_load (path, NULL, &error);
  const gsize n_values = 224 * 224 * 3, n_compared = n_values / 7;
  g_autofree float *input = g_new (float, n_values);
  g_autofree float *got = g_new (float, n_compared);
  g_autofree float *expected = g_new (float, n_compared);
  /* Two levels of another inverse DCT stay two levels, since the weights sum to 1. */
  double bound = is_exact ? 1e-5 : 2 / 127.5;
  double bilinear_max, bicubic_max;

  g_assert_no_error (error);
  g_assert_nonnull (bilinear);
  g_assert_nonnull (bicubic);
  g_assert_cmpuint (bilinear->n_bytes, ==, n_compared * sizeof (float));
  g_assert_cmpuint (bicubic->n_bytes, ==, n_compared);

  g_assert_true (gloss_model_input_make (pool, input, 224, image, GLOSS_RESIZE_BILINEAR, NULL));
  memcpy (expected, bilinear->data, bilinear->n_bytes);
  for (gsize i = 0; i < n_compared; i++)
    got[i] = input[i * 7];
  gloss_is_close (got, expected, n_compared, bound, &bilinear_max, NULL);
  gloss_assert_close (got, expected, n_compared, bound, name);

  g_assert_true (gloss_model_input_make (pool, input, 224, image, GLOSS_RESIZE_BICUBIC, NULL));
  for (gsize i = 0; i < n_compared; i++)
    {
      got[i] = input[i * 7];
      expected[i] = ((float) bicubic->data[i] / 255.0f - 0.5f) / 0.5f;
    }
  gloss_is_close (got, expected, n_compared, bound, &bicubic_max, NULL);
  g_test_message ("%s: off by at most %.3g (bilinear) and %.3g (bicubic), in [−1, 1]", name,
                  bilinear_max, bicubic_max);
  gloss_assert_close (got, expected, n_compared, bound, name);
}

static void
test_pictures_should_match_the_reference (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = gloss_test_path ("fixtures/preprocess/pictures.npz");
  g_autoptr (GlossWeights) weights = gloss_weights_open (path, &error);
  g_autoptr (GlossPool) pool = gloss_pool_new (2);

  g_assert_no_error (error);
  assert_every_7th (weights, pool, "camera.png", TRUE);
  assert_every_7th (weights, pool, "chelsea.png", TRUE);
  assert_every_7th (weights, pool, "rocket.jpg", FALSE);
  assert_every_7th (weights, pool, "china.jpg", FALSE);
}

static void
assert_fails (const char *path, GQuark domain, int code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GlossImage) image = gloss_image_load (path, NULL, &error);

  g_assert_null (image);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, name));
  gloss_assert_error_says (&error, domain, code, part);
}

/* A folder for made-up files. */
typedef struct
{
  char *folder;
  char *path;
} Scratch;

static void
scratch_set_up (Scratch *scratch, gconstpointer unused)
{
  scratch->folder = gloss_test_folder_new ();
  scratch->path = g_build_filename (scratch->folder, "made-up.png", NULL);
}

static void
scratch_tear_down (Scratch *scratch, gconstpointer unused)
{
  g_free (scratch->path);
  gloss_test_folder_remove (scratch->folder);
}

static void
scratch_write (Scratch *scratch, const void *bytes, gsize n_bytes)
{
  /* Without this the rest of a longer file would stay behind the new bytes. */
  g_remove (scratch->path);
  g_assert_true (g_file_set_contents_full (scratch->path, bytes, n_bytes, G_FILE_SET_CONTENTS_NONE,
                                           0600, NULL));
}

static void
test_load_should_say_what_is_wrong (Scratch *scratch, gconstpointer unused)
{
  const char text[] = "This is a letter to my aunt.\n";
  const char xpm[] = "/* XPM */\nstatic char *a[] = {\"60000 60000 1 1\",\n\"a c red\",\n";
  const guint8 bmp[64] = { 'B', 'M', [17] = 0xf0 };
  const char containers[][16] = { "icns\0\0\0\x10ic10\0\0\0", "RIFF\x10\0\0\0ACONanih",
                                  "\0\0\0\x10idsc" };

  scratch_write (scratch, text, strlen (text));
  assert_fails (scratch->path, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                "not a picture of a kind that can be read here, which are ");
  assert_fails (scratch->path, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "JPEG, PNG");
  scratch_write (scratch, xpm, strlen (xpm));
  assert_fails (scratch->path, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "not a picture of a kind");
  /* kinds that hold other pictures, whose sizes nobody would ask about */
  for (gsize i = 0; i < G_N_ELEMENTS (containers); i++)
    {
      scratch_write (scratch, containers[i], sizeof containers[i]);
      assert_fails (scratch->path, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "not a picture of a kind");
    }
  scratch_write (scratch, bmp, sizeof bmp);
  assert_fails (scratch->path, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "the BMP picture is damaged");
}

/* In a process whose gdk-pixbuf finds no decoders but its own. */
static void
test_missing_decoder_should_be_named (void)
{
  const struct
  {
    const char *name, *package;
  } cases[] = { { "rgb.webp", "WebP needs the Debian package webp-pixbuf-loader" },
                { "quarters.heic", "HEIC needs the Debian package heif-gdk-pixbuf" },
                { "quarters.avif", "AVIF needs the Debian package libavif-gdk-pixbuf" },
                { "quarters.jxl", "JPEG XL needs the Debian package libjxl-gdk-pixbuf" } };

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  g_setenv ("GDK_PIXBUF_MODULE_FILE", "/dev/null", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = picture_path (cases[i].name);

      assert_fails (path, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, cases[i].package);
    }
}

static void
test_cancelled_load_should_stop (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *path = picture_path ("rgb.png");

  g_cancellable_cancel (cancellable);
  g_assert_null (gloss_image_load (path, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_largest_size_should_be_allowed (Scratch *scratch, gconstpointer unused)
{
  /* A 16-bit "65535 1" picture: one row within the limit of a side. */
  g_autoptr (GString) ppm = g_string_new ("P5\n65535 1\n255\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossImage) image = NULL;

  for (guint i = 0; i < 65535; i++)
    g_string_append_c (ppm, 200);
  scratch_write (scratch, ppm->str, ppm->len);
  image = gloss_image_load (scratch->path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (image->width_px, ==, 65535);
  g_assert_cmpuint (image->rgb[65534 * 3], ==, 200);
}

/* A part of a picture is refused, unless only the file's trailer is missing: then nothing is lost.
 */
static void
assert_truncation (Scratch *scratch, const char *path, gsize step)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossImage) whole = gloss_image_load (path, NULL, &error);
  g_autofree char *bytes = NULL;
  gsize n_bytes, n_refused = 0, n_complete = 0;

  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  for (gsize n = 1; n < n_bytes; n += step)
    {
      g_autoptr (GlossImage) part = NULL;

      scratch_write (scratch, bytes, n);
      part = gloss_image_load (scratch->path, NULL, &error);
      if (part)
        {
          n_complete++;
          g_assert_cmpuint (part->width_px, ==, whole->width_px);
          g_assert_cmpuint (part->height_px, ==, whole->height_px);
          g_assert_cmpmem (part->rgb, (gsize) part->width_px * part->height_px * 3, whole->rgb,
                           (gsize) whole->width_px * whole->height_px * 3);
          continue;
        }
      n_refused++;
      g_assert_true (error->domain == GLOSS_ERROR);
      g_assert_true (g_str_has_prefix (error->message, "made-up.png: "));
      g_clear_error (&error);
    }
  g_test_message ("%s: %" G_GSIZE_FORMAT " parts refused, %" G_GSIZE_FORMAT " complete", path,
                  n_refused, n_complete);
  g_assert_cmpuint (n_refused, >, n_complete);
}

static void
test_cut_pictures_should_be_refused (Scratch *scratch, gconstpointer unused)
{
  const char *names[] = { "rgb.png",     "rgba.png",          "interlaced.png",
                          "palette.png", "orientation-6.jpg", "progressive.jpg",
                          "cmyk.jpg",    "two-frames.gif",    "rgb.bmp",
                          "rgb.ppm",     "rgb.tga",           "rgb.tiff",
                          "rgb.webp",    "rgba.webp",         "two-frames.webp" };
  g_autofree char *chelsea = gloss_test_path ("fixtures/preprocess/pictures/chelsea.png");
  g_autofree char *china = gloss_test_path ("fixtures/preprocess/pictures/china.jpg");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = picture_path (names[i]);

      assert_truncation (scratch, path, 1);
    }
  assert_truncation (scratch, chelsea, 7919);
  assert_truncation (scratch, china, 7919);
}

static void
test_damaged_pictures_should_not_crash (Scratch *scratch, gconstpointer unused)
{
  const char *names[] = { "rgb.png",         "interlaced.png",  "palette.png", "orientation-6.jpg",
                          "progressive.jpg", "cmyk.jpg",        "rgb.bmp",     "rgb.ppm",
                          "two-frames.gif",  "two-frames.webp", "rgba.webp" };
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  guint n_loaded = 0, n_refused = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = picture_path (names[i]);
      g_autofree char *bytes = NULL;
      gsize n_bytes;

      g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
      for (guint round = 0; round < 150; round++)
        {
          g_autofree char *damaged = g_memdup2 (bytes, n_bytes);
          g_autoptr (GError) error = NULL;
          g_autoptr (GlossImage) image = NULL;

          for (guint flip = 0; flip <= round % 3; flip++)
            damaged[g_rand_int_range (random, 0, n_bytes)] ^= 1 << g_rand_int_range (random, 0, 8);
          scratch_write (scratch, damaged, n_bytes);
          image = gloss_image_load (scratch->path, NULL, &error);
          g_assert_true ((image == NULL) == (error != NULL));
          if (image)
            n_loaded++;
          else
            n_refused++;
        }
    }
  g_test_message ("%u damaged pictures were shown, %u were refused", n_loaded, n_refused);
  g_assert_cmpuint (n_refused, >, 0);
}

/* china.jpg is 640 × 427. */
static void
test_reduced_should_keep_enough (void)
{
  static const struct
  {
    guint enough_px, width_px, height_px;
  } cases[] = { { 0, 640, 427 },   { 1, 80, 54 },     { 53, 80, 54 },    { 54, 160, 107 },
                { 106, 160, 107 }, { 107, 320, 214 }, { 213, 320, 214 }, { 214, 640, 427 } };
  g_autofree char *path = gloss_test_path ("fixtures/preprocess/pictures/china.jpg");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GlossImage) image =
          gloss_image_load_reduced (path, cases[i].enough_px, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (image->width_px, ==, cases[i].width_px);
      g_assert_cmpuint (image->height_px, ==, cases[i].height_px);
    }
}

/* The quarters are turned, and still have their colours, when they come at half their size. */
static void
test_reduced_should_be_upright (void)
{
  g_autofree char *path = picture_path ("orientation-6.jpg");
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossImage) whole = gloss_image_load (path, NULL, &error);
  g_autoptr (GlossImage) reduced = gloss_image_load_reduced (path, 8, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (reduced->width_px * 2, <=, whole->width_px);
  for (guint i = 0; i < 4; i++)
    {
      guint x = 1 + 2 * (i % 2), y = 1 + 2 * (i / 2);
      const guint8 *expected =
          whole->rgb
          + ((gsize) (whole->height_px * y / 4) * whole->width_px + whole->width_px * x / 4) * 3;
      const guint8 *got =
          reduced->rgb
          + ((gsize) (reduced->height_px * y / 4) * reduced->width_px + reduced->width_px * x / 4)
                * 3;

      for (guint c = 0; c < 3; c++)
        g_assert_cmpint (ABS (got[c] - expected[c]), <=, 4);
    }
}

#define ADD_WITH_SCRATCH(path, func)                                                               \
  g_test_add (path, Scratch, NULL, scratch_set_up, func, scratch_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/image/kinds/should-decode", test_every_kind_should_decode);
  g_test_add_func ("/model/image/alpha/should-be-put-on-white", test_alpha_should_be_put_on_white);
  g_test_add_func ("/model/image/one-bit/should-be-black-and-white",
                   test_one_bit_should_be_black_and_white);
  g_test_add_func ("/model/image/alpha-of-tiff/should-count-once",
                   test_alpha_of_tiff_should_count_once);
  g_test_add_func ("/model/image/small-frame/should-lie-on-white",
                   test_small_frame_should_lie_on_white);
  g_test_add_func ("/model/image/one-pixel/should-do", test_one_pixel_should_do);
  g_test_add_data_func ("/model/image/orientation/jpeg/should-be-applied", "jpg",
                        test_orientation_should_be_applied);
  g_test_add_data_func ("/model/image/orientation/png/should-be-applied", "png",
                        test_orientation_should_be_applied);
  g_test_add_data_func ("/model/image/orientation/webp/should-be-applied", "webp",
                        test_orientation_should_be_applied);
  g_test_add_data_func ("/model/image/orientation/tiff/should-be-applied", "tiff",
                        test_orientation_should_be_applied);
  g_test_add_data_func ("/model/image/heic/should-decode-upright", "heic",
                        test_optional_kind_should_decode_upright);
  g_test_add_data_func ("/model/image/avif/should-decode-upright", "avif",
                        test_optional_kind_should_decode_upright);
  g_test_add_data_func ("/model/image/jxl/should-decode", "jxl",
                        test_optional_kind_should_decode_upright);
  g_test_add_func ("/model/image/jpeg-kinds/should-decode", test_jpeg_kinds_should_decode);
  g_test_add_func ("/model/image/pictures/should-match-the-reference",
                   test_pictures_should_match_the_reference);
  ADD_WITH_SCRATCH ("/model/image/load/should-say-what-is-wrong",
                    test_load_should_say_what_is_wrong);
  g_test_add_func ("/model/image/missing-decoder/should-be-named",
                   test_missing_decoder_should_be_named);
  g_test_add_func ("/model/image/cancelled-load/should-stop", test_cancelled_load_should_stop);
  g_test_add_func ("/model/image/reduced/should-keep-enough", test_reduced_should_keep_enough);
  g_test_add_func ("/model/image/reduced/should-be-upright", test_reduced_should_be_upright);
  ADD_WITH_SCRATCH ("/model/image/largest-size/should-be-allowed",
                    test_largest_size_should_be_allowed);
  ADD_WITH_SCRATCH ("/model/image/cut-pictures/should-be-refused",
                    test_cut_pictures_should_be_refused);
  ADD_WITH_SCRATCH ("/model/image/damaged-pictures/should-not-crash",
                    test_damaged_pictures_should_not_crash);
  return g_test_run ();
}
