/*
 * Pictures that are made to harm: they claim enormous sizes, unpack to gigabytes, have ten thousand
 * frames, or are drawings that never end. Each is refused or loaded soon and in bounded memory.
 */
#include "base/error.h"
#include "model/image.h"
#include "support/asserts.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

typedef struct
{
  char *folder;
  char *path;
} Scratch;

static void
scratch_set_up (Scratch *scratch, gconstpointer unused)
{
  scratch->folder = gloss_test_folder_new ();
  scratch->path = g_build_filename (scratch->folder, "made-up.picture", NULL);
}

static void
scratch_tear_down (Scratch *scratch, gconstpointer unused)
{
  g_free (scratch->path);
  gloss_test_folder_remove (scratch->folder);
}

static char *
picture_path (const char *name)
{
  g_autofree char *relative = g_build_filename ("fixtures", "pictures", name, NULL);

  return gloss_test_path (relative);
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

/* A number of kilobytes from /proc/self/status. */
static guint64
get_kilobytes (const char *key)
{
  g_autofree char *status = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, key);
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen (key), NULL, 10);
}

static gboolean
has_decoder (const char *format_name)
{
  GSList *formats = gdk_pixbuf_get_formats ();
  gboolean is_found = FALSE;

  for (GSList *l = formats; l; l = l->next)
    {
      g_autofree char *name = gdk_pixbuf_format_get_name (l->data);

      is_found |= g_str_equal (name, format_name);
    }
  g_slist_free (formats);
  return is_found;
}

static void
test_huge_claims_should_be_refused_before_memory (void)
{
  const char *names[] = { "claims-60000x60000.png", "claims-70000x1.png",
                          "claims-65535x65535.gif", "claims-65500x65500.jpg",
                          "claims-20000x20000.bmp", "claims-20000x20000.tiff",
                          "claims-60000x60000.ppm", "claims-60000x60000.tga" };
  g_autofree char *small_path = picture_path ("rgb.tiff");
  g_autoptr (GlossImage) small = gloss_image_load (small_path, NULL, NULL); /* loads its decoder */
  guint64 before = get_kilobytes ("VmPeak:");
  gint64 start_usec = g_get_monotonic_time ();

  g_assert_nonnull (small);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = picture_path (names[i]);
      g_autofree char *size = g_strdup (names[i] + strlen ("claims-"));
      g_auto (GStrv) sides = NULL;
      g_autofree char *part = NULL;

      *strrchr (size, '.') = '\0';
      sides = g_strsplit (size, "x", 2);
      part = g_strdup_printf ("%s×%s pixels; at most 65535 on each side and 268435456 in all",
                              sides[0], sides[1]);
      assert_fails (path, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, part);
    }
  g_test_message (
      "%u refusals took %.1f ms and %" G_GUINT64_FORMAT " kB", (guint) G_N_ELEMENTS (names),
      (double) (g_get_monotonic_time () - start_usec) / 1000, get_kilobytes ("VmPeak:") - before);
  g_assert_cmpint (g_get_monotonic_time () - start_usec, <, 5 * G_USEC_PER_SEC);
  /* The smallest of them would have taken 900 MB. */
  g_assert_cmpuint (get_kilobytes ("VmPeak:") - before, <, 100 * 1024);
}

static gsize
find (const char *name, const char *what, gsize n)
{
  g_autofree char *path = picture_path (name);
  g_autofree char *bytes = NULL;
  const char *found;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  found = memmem (bytes, n_bytes, what, n);
  g_assert_nonnull (found);
  return found - bytes;
}

/* The file @name, in which the bytes from @at on are others. */
static void
write_changed (Scratch *scratch, const char *name, gsize at, const char *bytes, gsize n)
{
  g_autofree char *path = picture_path (name);
  g_autofree char *file = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (path, &file, &n_bytes, NULL));
  g_assert_cmpuint (at + n, <=, n_bytes);
  memcpy (file + at, bytes, n);
  g_assert_true (g_file_set_contents (scratch->path, file, n_bytes, NULL));
}

/* Their decoders would take the memory first. These are refused before one is even looked for. */
static void
test_claims_of_containers_should_be_refused (Scratch *scratch, gconstpointer unused)
{
  const char size[] = "\0\0\xea\x60\0\0\xea\x60", canvas[] = "\x5f\xea\0\x5f\xea\0";
  const char part[] = "60000×60000 pixels; at most 65535 on each side and 268435456 in all";

  write_changed (scratch, "quarters.heic", find ("quarters.heic", "ispe", 4) + 8, size, 8);
  assert_fails (scratch->path, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, part);
  write_changed (scratch, "quarters.avif", find ("quarters.avif", "ispe", 4) + 8, size, 8);
  assert_fails (scratch->path, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, part);
  write_changed (scratch, "two-frames.webp", find ("two-frames.webp", "VP8X", 4) + 12, canvas, 6);
  assert_fails (scratch->path, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, part);
}

/* 64 × 32 by its container, 18,000 × 16,000 by the picture in it, for which the other decoder of
 * AVIF fills 3.6 GB. Deflated, in base64. */
static const char lying_avif[] =
    "eNpjYGBQSCupLEgsy0xjAAIQnZuZZpibmZjm62joCBR6nZtaksgAAYoZKTlFUDZDQWZyCQMa4CvILMkFsxiB"
    "WC4zJz8ZxHEB8RkhoozCDAw824BsjczMvDS4WikgJ5UJykssMzB0zs/JB9uVlVlQVACkvTMLkvOBtEhmcUEq"
    "1D4HIFYAYoGCzIpMkAAzBwcHkOJJLDN0brQHqxFOzs8pykvOqWBgAkK2BqCQeGZBLsxPQIexMDI1swA17ctN"
    "SSwRYuDitv+drP7n3yUWFl4FoyWSAs8OGiaVyxQe2LTxAEPC+VOax6cI7F1x5NHtmS/393Jtf22dscsl2rnv"
    "tW9mpAfzQbc9J3l8Y3YtFCmQDfxb4Bh+YpWnT8yVhyruQbbX27cvDMv5NVP0dEZW7tq4xYXnORwV3I9tOHpL"
    "y/bhFfep8lNLte8cGLVh1AZq2VBFhA28T+46Lrw5izPOTP/p1OUilucOTT01TX3R5YlatoX381hP1vsvkrzF"
    "3yZR/PbLw56LMt+X7ruz5VJssfz+WFnN5juHv3/j0m2q1eSJVz4xwcdP5F3PHpb/JVP+FVWMxtCoDaM5ZTSn"
    "jNowmlOolVPiaOs7rVHzR82nxPyByhp/AK1Ol0o=";

/* Makes the decoder with @module the only one, for programs started from now on; FALSE when it is
 * not installed. */
static gboolean
allow_only (Scratch *scratch, const char *module)
{
  g_autofree char *path = g_build_filename (scratch->folder, "loaders.cache", NULL);
  g_autofree char *list = NULL;
  g_auto (GStrv) entries = NULL;

  if (!g_file_get_contents (GLOSS_GDK_PIXBUF_CACHE, &list, NULL, NULL))
    return FALSE;
  entries = g_strsplit (list, "\n\n", -1);
  for (guint i = 0; entries[i]; i++)
    {
      g_autofree char *entry = g_strconcat (entries[i], "\n\n", NULL);

      if (strstr (entry, module))
        return g_file_set_contents (path, entry, -1, NULL)
               && g_setenv ("GDK_PIXBUF_MODULE_FILE", path, TRUE);
    }
  return FALSE;
}

static void
test_lying_container_should_be_refused (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GZlibDecompressor) inflate = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
  g_autofree guint8 *packed = NULL;
  gsize n_packed, n_read, n_bytes;
  guint64 before;
  char file[4096];

  if (!has_decoder ("avif"))
    {
      g_test_skip ("gdk-pixbuf has no such decoder of AVIF here");
      return;
    }
  packed = g_base64_decode (lying_avif, &n_packed);
  g_assert_cmpint (g_converter_convert (G_CONVERTER (inflate), packed, n_packed, file, sizeof file,
                                        G_CONVERTER_INPUT_AT_END, &n_read, &n_bytes, NULL),
                   ==, G_CONVERTER_FINISHED);
  g_assert_true (g_file_set_contents (scratch->path, file, n_bytes, NULL));
  before = get_kilobytes ("VmPeak:");
  assert_fails (scratch->path, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "the AVIF picture is damaged");
  /* The decoder that believes the container. */
  if (allow_only (scratch, "libpixbufloader-heif"))
    {
      assert_fails (scratch->path, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "the AVIF picture is damaged");
      g_unsetenv ("GDK_PIXBUF_MODULE_FILE");
    }
  g_assert_cmpuint (get_kilobytes ("VmPeak:") - before, <, 32 * 1024);
}

/* Zeros that were packed 1000 to 1: three bytes for each pixel are all that they may take. */
static void
test_packed_zeros_should_take_their_pixels (Scratch *scratch, gconstpointer unused)
{
  const guint side = 6000;
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, side, side);
  g_autoptr (GlossImage) image = NULL;
  g_autofree char *png = NULL;
  gsize n_bytes;
  guint64 before;

  gdk_pixbuf_fill (pixbuf, 0);
  g_assert_true (gdk_pixbuf_save_to_buffer (pixbuf, &png, &n_bytes, "png", NULL, NULL));
  g_clear_object (&pixbuf);
  g_assert_true (g_file_set_contents (scratch->path, png, n_bytes, NULL));
  g_clear_pointer (&png, g_free);
  before = get_kilobytes ("VmSize:");
  image = gloss_image_load (scratch->path, NULL, NULL);
  g_assert_nonnull (image);
  g_assert_cmpuint (image->width_px, ==, side);
  g_assert_cmpuint (image->rgb[3 * side * side - 1], ==, 0);
  g_test_message ("%" G_GSIZE_FORMAT " bytes became %" G_GUINT64_FORMAT " kB", n_bytes,
                  get_kilobytes ("VmSize:") - before);
  g_assert_cmpuint (get_kilobytes ("VmSize:") - before, <, 3 * side * side / 1024 + 20 * 1024);
}

#define N_FRAMES 10000

/* The file @name with the bytes from @first on, which make a frame (or more), again and again. */
static void
write_many_frames (Scratch *scratch, const char *name, gsize first, const char *end)
{
  g_autofree char *path = picture_path (name);
  g_autoptr (GString) file = g_string_new (NULL);
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  g_string_append_len (file, bytes, first);
  for (guint i = 0; i < N_FRAMES; i++)
    g_string_append_len (file, bytes + first, n_bytes - strlen (end) - first);
  g_string_append (file, end);
  if (g_str_has_suffix (name, ".webp"))
    {
      guint32 length = GUINT32_TO_LE ((guint32) file->len - 8);

      memcpy (file->str + 4, &length, 4);
    }
  g_assert_true (g_file_set_contents (scratch->path, file->str, file->len, NULL));
}

static void
assert_loads_soon (const char *path)
{
  g_autoptr (GError) error = NULL;
  gint64 start_usec = g_get_monotonic_time ();
  guint64 before = get_kilobytes ("VmPeak:");
  g_autoptr (GlossImage) image = gloss_image_load (path, NULL, &error);
  gint64 took_usec = g_get_monotonic_time () - start_usec;

  g_assert_no_error (error);
  g_assert_cmpuint (image->width_px, ==, 8);
  g_assert_cmpuint (image->height_px, ==, 6);
  g_test_message ("%.1f ms, %" G_GUINT64_FORMAT " kB", (double) took_usec / 1000,
                  get_kilobytes ("VmPeak:") - before);
  g_assert_cmpint (took_usec, <, G_USEC_PER_SEC);
  g_assert_cmpuint (get_kilobytes ("VmPeak:") - before, <, 32 * 1024);
}

static void
test_ten_thousand_frames_should_cost_one (Scratch *scratch, gconstpointer unused)
{
  /* The graphic control extension before the first frame; the trailer. */
  write_many_frames (scratch, "two-frames.gif", find ("two-frames.gif", "\x21\xf9", 2), ";");
  assert_loads_soon (scratch->path);
  write_many_frames (scratch, "two-frames.webp", find ("two-frames.webp", "ANMF", 4), "");
  assert_loads_soon (scratch->path);
}

static void
append_le (GByteArray *array, guint64 value, guint n_bytes)
{
  value = GUINT64_TO_LE (value);
  g_byte_array_append (array, (const guint8 *) &value, n_bytes);
}

/* TIFF: 8 × 6 grey pixels that all pages share. The last page leads back to the first. */
static void
test_ten_thousand_pages_should_cost_one (Scratch *scratch, gconstpointer unused)
{
  const guint entries[][3] = { { 256, 3, 8 }, { 257, 3, 6 }, { 258, 3, 8 }, { 262, 3, 1 },
                               { 273, 4, 8 }, { 278, 3, 6 }, { 279, 4, 48 } };
  const guint first = 8 + 48, page_bytes = 2 + 12 * G_N_ELEMENTS (entries) + 4;
  g_autoptr (GByteArray) tiff = g_byte_array_new ();

  append_le (tiff, 0x2a4949, 4);
  append_le (tiff, first, 4);
  for (guint i = 0; i < 48; i++)
    append_le (tiff, i, 1);
  for (guint page = 0; page < N_FRAMES; page++)
    {
      append_le (tiff, G_N_ELEMENTS (entries), 2);
      for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
        {
          append_le (tiff, entries[i][0], 2);
          append_le (tiff, entries[i][1], 2);
          append_le (tiff, 1, 4);
          append_le (tiff, entries[i][2], 4);
        }
      append_le (tiff, first + (page + 1) % N_FRAMES * page_bytes, 4);
    }
  g_assert_true (g_file_set_contents (scratch->path, (const char *) tiff->data, tiff->len, NULL));
  assert_loads_soon (scratch->path);
}

#define ADD_WITH_SCRATCH(path, func)                                                               \
  g_test_add (path, Scratch, NULL, scratch_set_up, func, scratch_tear_down)

/* A real progressive JPEG whose header claims more pixels than it has: 150 megapixels would take
 * a gigabyte and a half of coefficients, and ever more scans hours. */
static void
test_scans_should_be_bounded (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *source = picture_path ("progressive.jpg");
  g_autofree char *bytes = NULL;
  g_autoptr (GByteArray) many = g_byte_array_new ();
  gsize n_bytes;
  guint8 *frame, *scan;

  g_assert_true (g_file_get_contents (source, &bytes, &n_bytes, NULL));
  frame = memmem (bytes, n_bytes, "\xff\xc2", 2);
  scan = memmem (bytes, n_bytes, "\xff\xda", 2);
  g_assert_true (frame && scan);

  /* height and width follow the marker, the length and the precision */
  memcpy (frame + 5, (const guint8[]){ 15000 >> 8, 15000 & 255, 10000 >> 8, 10000 & 255 }, 4);
  g_assert_true (g_file_set_contents (scratch->path, bytes, (gssize) n_bytes, NULL));
  assert_fails (scratch->path, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, "10000×15000 pixels in ");

  /* 64 megapixels are fine, but not seventy times over */
  memcpy (frame + 5, (const guint8[]){ 8000 >> 8, 8000 & 255, 8000 >> 8, 8000 & 255 }, 4);
  g_byte_array_append (many, (const guint8 *) bytes, (guint) (scan - (guint8 *) bytes));
  for (guint i = 0; i < 70; i++)
    g_byte_array_append (many, scan, (guint) (n_bytes - 2 - (gsize) (scan - (guint8 *) bytes)));
  g_byte_array_append (many, (const guint8 *) "\xff\xd9", 2);
  g_assert_true (g_file_set_contents (scratch->path, (const char *) many->data, many->len, NULL));
  assert_fails (scratch->path, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, "scans would take too long");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/image/huge-claims/should-be-refused-before-memory",
                   test_huge_claims_should_be_refused_before_memory);
  ADD_WITH_SCRATCH ("/model/image/claims-of-containers/should-be-refused",
                    test_claims_of_containers_should_be_refused);
  ADD_WITH_SCRATCH ("/model/image/lying-container/should-be-refused",
                    test_lying_container_should_be_refused);
  ADD_WITH_SCRATCH ("/model/image/packed-zeros/should-take-their-pixels",
                    test_packed_zeros_should_take_their_pixels);
  ADD_WITH_SCRATCH ("/model/image/ten-thousand-frames/should-cost-one",
                    test_ten_thousand_frames_should_cost_one);
  ADD_WITH_SCRATCH ("/model/image/ten-thousand-pages/should-cost-one",
                    test_ten_thousand_pages_should_cost_one);
  ADD_WITH_SCRATCH ("/model/image/scans/should-be-bounded", test_scans_should_be_bounded);
  return g_test_run ();
}
