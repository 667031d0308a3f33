/*
 * HEIC, decoded by gloss-decode: containers that lie, pictures as large as may be, and programs in
 * its place that do not what they should. test-image.c has what is decoded right.
 */
#include "model/heif.h"

#include "base/error.h"
#include "model/image.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>

/* 64 × 64 by its container, 11776 × 11776 by the picture in it, all of one colour and without
 * subsampling; as large as x265 makes them. Deflated, in base64. */
static const char lying_heic[] =
    "eNrt2D1oU1EUwPF780KMpK3xM4KK8Qs0frVQIYPiQyMWRR10EUQT08TcmNc8Y5S0UohgLG5FF6fipuigo3SxDs6K"
    "uAgOjmKhOFYoxPvSKNTVDh74n9zkfp1Hfjkv5CVRSm0u1kf9UsE0lA3PFAeCsWdyRaX0Ra9Qz6nF2FYartS6Y+Wb"
    "fF39FdtNpZoPBhlXaXuzoccXe6XGbtmHHcaMFDvTYHW9nRRC3Vnpdn4gGPb5pu79Sfls/Jpv+2nj56u2v2PTjutw"
    "1A6n0kHSxx9qoT0/r9QqJ2uPSLi6R7fbQYLTyXBsynTIzdm9A8e0XroxqWJNV/ux/Z8enr/0JTy4MW7X9WSwGW9e"
    "tYdEM/pt7X5PZKd9prX5aqU2kq807HqvijTt0jpz0y90X7zbvcd90zDBghONBsyE8b3fFbRFCd8NOWFbjXFvOGcL"
    "OHZjt34ZjidCB1/MXt+b+v48iHK5nBISyYXR9Gz7Z/x9S/uXV795dfbaSX9P68HjTn3/+zbVfPptLpJ9d0QGV6Wz"
    "j3oHZ4RgHR2bkEJVasUFOVYnNCcHe0XM+1WFymKosagY6tYPYqiHk2KoraaYy8AWMdIJLgDL3ML7hEAj94RAVw4J"
    "gcZeC4H2PRMCXdMvBLohLgS6SQo0+UQIdNdXIdCUlO96/VIqekhKRdNZIVAxv0eOSvl4yrhCoCek/G0yJAV6ygW6"
    "vO20lFN/xgUKFChQoP/SzgEFChQoUKBAgQIFChQoUKBAgQIFChQoUKBAgQIFChQoUKBAgQIFChQoUKBAgQIFChQo"
    "UKBAgQIFChQoUKBAgQIFChQoUKBAgQIFChQoUKBAgQIFChQoUKBAgQIFChQoUKBAgQIFCnQJdOYXEv9awg==";
#define TRUE_SIDE_PX 11776

typedef struct
{
  char *folder;
  char *path;
  char *program; /* what stands in for gloss-decode when it is written */
  char *libexec; /* the environment's */
} Scratch;

static void
scratch_set_up (Scratch *scratch, gconstpointer unused)
{
  scratch->folder = gloss_test_folder_new ();
  scratch->path = g_build_filename (scratch->folder, "made-up.heic", NULL);
  scratch->program = g_build_filename (scratch->folder, "gloss-decode", NULL);
  scratch->libexec = g_strdup (g_getenv ("GLOSS_LIBEXEC_DIR"));
}

static void
scratch_tear_down (Scratch *scratch, gconstpointer unused)
{
  g_setenv ("GLOSS_LIBEXEC_DIR", scratch->libexec, TRUE);
  g_free (scratch->path);
  g_free (scratch->program);
  g_free (scratch->libexec);
  gloss_test_folder_remove (scratch->folder);
}

static gboolean
has_decoder (void)
{
  GSList *formats = gdk_pixbuf_get_formats ();
  gboolean is_found = FALSE;

  for (GSList *l = formats; l; l = l->next)
    {
      g_auto (GStrv) types = gdk_pixbuf_format_get_mime_types (l->data);

      is_found |= g_strv_contains ((const char *const *) types, "image/heif");
    }
  g_slist_free (formats);
  if (!is_found)
    g_test_skip ("gdk-pixbuf has no decoder of HEIC here");
  return is_found;
}

/* The file whose container claims a square of @side_px. */
static void
write_large (Scratch *scratch, guint32 side_px)
{
  g_autoptr (GZlibDecompressor) inflate = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
  const guint32 side = GUINT32_TO_BE (side_px);
  const gsize max_bytes = 1 << 16;
  g_autofree guint8 *file = g_malloc (max_bytes);
  g_autofree guint8 *packed = NULL;
  gsize n_packed, n_read, n_bytes;
  guint8 *ispe;

  packed = g_base64_decode (lying_heic, &n_packed);
  g_assert_cmpint (g_converter_convert (G_CONVERTER (inflate), packed, n_packed, file, max_bytes,
                                        G_CONVERTER_INPUT_AT_END, &n_read, &n_bytes, NULL),
                   ==, G_CONVERTER_FINISHED);
  ispe = memmem (file, n_bytes, "ispe", 4);
  g_assert_nonnull (ispe);
  memcpy (ispe + 8, &side, 4);
  memcpy (ispe + 12, &side, 4);
  g_assert_true (g_file_set_contents (scratch->path, (const char *) file, (gssize) n_bytes, NULL));
}

/* quarters.heic with @n other bytes behind the first @mark and @skip more. */
static void
write_changed (Scratch *scratch, const char *mark, gsize skip, const void *bytes, gsize n)
{
  g_autofree char *path = gloss_test_path ("fixtures/pictures/quarters.heic");
  g_autofree char *file = NULL;
  gsize n_bytes;
  char *at;

  g_assert_true (g_file_get_contents (path, &file, &n_bytes, NULL));
  at = memmem (file, n_bytes, mark, strlen (mark));
  g_assert_nonnull (at);
  memcpy (at + strlen (mark) + skip, bytes, n);
  g_assert_true (g_file_set_contents (scratch->path, file, (gssize) n_bytes, NULL));
}

static void
assert_refused (Scratch *scratch, GlossError code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossImage) image = gloss_image_load (scratch->path, NULL, &error);

  g_assert_null (image);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, "made-up.heic: "));
  gloss_assert_error_says (&error, GLOSS_ERROR, code, part);
}

static glong
get_max_kilobytes (int who)
{
  struct rusage usage;

  g_assert_cmpint (getrusage (who, &usage), ==, 0);
  return usage.ru_maxrss;
}

static void
test_lying_container_should_be_refused (Scratch *scratch, gconstpointer unused)
{
  const guint8 one_pixel[] = { 0, 0, 0, 1, 0, 0, 0, 1 };
  glong before = get_max_kilobytes (RUSAGE_SELF), after;

  if (!has_decoder ())
    return;
  write_large (scratch, 64);
  assert_refused (scratch, GLOSS_ERROR_FORMAT, "the HEIC picture is damaged");
  after = get_max_kilobytes (RUSAGE_SELF);
  g_test_message ("%ld kB more here, %ld kB there", after - before,
                  get_max_kilobytes (RUSAGE_CHILDREN));
  g_assert_cmpint (after - before, <, 32 * 1024);
  /* A gigabyte without limits. */
  g_assert_cmpint (get_max_kilobytes (RUSAGE_CHILDREN), <, 540 * 1024);

  /* A lie that needs little memory. */
  write_changed (scratch, "ispe", 4, one_pixel, sizeof one_pixel);
  assert_refused (scratch, GLOSS_ERROR_FORMAT, "128×64 pixels, which is more than the file says");
}

static void
test_large_picture_should_be_decoded (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GlossImage) image = NULL;
  g_autoptr (GError) error = NULL;

  if (!has_decoder ())
    return;
  write_large (scratch, TRUE_SIDE_PX);
  image = gloss_image_load (scratch->path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (image->width_px, ==, TRUE_SIDE_PX);
  g_assert_cmpuint (image->height_px, ==, TRUE_SIDE_PX);
  for (gsize i = 0; i < 3; i++)
    {
      const guint8 colour[] = { 200, 30, 60 };
      gsize last = (gsize) TRUE_SIDE_PX * TRUE_SIDE_PX * 3 - 3 + i;

      g_assert_cmpint (ABS (image->rgb[i] - colour[i]), <=, 8);
      g_assert_cmpint (ABS (image->rgb[last] - colour[i]), <=, 8);
    }
}

/* libheif's decoder would take anything that begins with "ftyp". */
static void
test_brands_should_decide (Scratch *scratch, gconstpointer unused)
{
  const char film[] = "\0\0\0\x14"
                      "ftypisom\0\0\0\0isom";
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossImage) image = NULL;

  g_assert_true (g_file_set_contents (scratch->path, film, sizeof film - 1, NULL));
  assert_refused (scratch, GLOSS_ERROR_FORMAT, "this is not a picture of a kind");
  if (!has_decoder ())
    return;
  write_changed (scratch, "ftyp", 0, "MiHB", 4);
  image = gloss_image_load (scratch->path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (image->width_px, ==, 128);
}

/* A program that first writes a header, for a picture of that size when @n_channels is not 0. */
static void
stand_in (Scratch *scratch, guint32 width_px, guint32 height_px, guint32 n_channels,
          const char *script)
{
  const GlossHeifHeader header = { GLOSS_HEIF_MAGIC, width_px, height_px, n_channels };
  g_autofree char *header_path = g_build_filename (scratch->folder, "header", NULL);
  g_autofree char *text = g_strdup_printf ("#!/bin/sh\n%s%s\n%s\n", n_channels ? "cat " : "",
                                           n_channels ? header_path : "", script);

  g_assert_true (g_file_set_contents (header_path, (const char *) &header, sizeof header, NULL));
  g_assert_true (g_file_set_contents (scratch->program, text, -1, NULL));
  g_assert_cmpint (g_chmod (scratch->program, 0700), ==, 0);
  g_setenv ("GLOSS_LIBEXEC_DIR", scratch->folder, TRUE);
}

static void
test_broken_program_should_be_told (Scratch *scratch, gconstpointer unused)
{
  const struct
  {
    guint32 width_px, height_px, n_channels;
    const char *script;
    GlossError code;
    const char *part;
  } cases[] = {
    { 0, 0, 0, "kill -KILL $$", GLOSS_ERROR_TOO_LARGE, "decoding this HEIC takes more than" },
    { 0, 0, 0, "kill -SEGV $$", GLOSS_ERROR_FORMAT, "decoding this HEIC ended in a crash" },
    { 0, 0, 0, "exit 0", GLOSS_ERROR_FORMAT, "does not answer as it should" },
    { 0, 0, 0, "exit 1", GLOSS_ERROR_FORMAT, "the HEIC picture is damaged or cut short" },
    { 0, 0, 0, "exit 2", GLOSS_ERROR_UNSUPPORTED, "HEIC needs the Debian package" },
    { 0, 0, 0, "exit 9", GLOSS_ERROR_FORMAT, "does not answer as it should" },
    { 0, 0, 0, "exec cat /dev/zero", GLOSS_ERROR_FORMAT, "does not answer as it should" },
    { 0, 64, 3, "", GLOSS_ERROR_FORMAT, "does not answer as it should" },
    { 64, 0, 3, "", GLOSS_ERROR_FORMAT, "does not answer as it should" },
    { 64, 64, 5, "", GLOSS_ERROR_FORMAT, "does not answer as it should" },
    { 70000, 1, 3, "", GLOSS_ERROR_TOO_LARGE, "70000×1 pixels; at most 65535" },
    { 65535, 65535, 4, "", GLOSS_ERROR_TOO_LARGE, "65535×65535 pixels; at most 65535" },
    { 10000, 10000, 4, "", GLOSS_ERROR_FORMAT, "10000×10000 pixels, which is more than" },
    { 2, 2, 3, "printf 12345678901; exit 1", GLOSS_ERROR_FORMAT, "is damaged or cut short" },
    { 2, 2, 3, "printf 12345678901; kill -KILL $$", GLOSS_ERROR_TOO_LARGE, "takes more than" },
    { 2, 2, 3, "printf 1234567890123", GLOSS_ERROR_FORMAT, "does not answer as it should" },
    { 2, 2, 3, "exec cat /dev/zero", GLOSS_ERROR_FORMAT, "does not answer as it should" },
    { 2, 2, 3, "printf 123456789012; exit 1", GLOSS_ERROR_FORMAT, "is damaged or cut short" },
  };
  glong before = get_max_kilobytes (RUSAGE_SELF);

  write_changed (scratch, "ftyp", 0, "heic", 4);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      stand_in (scratch, cases[i].width_px, cases[i].height_px, cases[i].n_channels,
                cases[i].script);
      assert_refused (scratch, cases[i].code, cases[i].part);
    }
  g_assert_cmpint (get_max_kilobytes (RUSAGE_SELF) - before, <, 32 * 1024);
}

static void
test_stand_in_should_be_believed (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossImage) image = NULL;

  write_changed (scratch, "ftyp", 0, "heic", 4);
  stand_in (scratch, 2, 2, 3, "printf 123456789012");
  image = gloss_image_load (scratch->path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (image->rgb, image->width_px * image->height_px * 3, "123456789012", 12);
}

static void
test_missing_program_should_be_told (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *part =
      g_strdup_printf ("reading HEIC needs %s, which is not there: the installation of Gloss is "
                       "incomplete; install it again",
                       scratch->program);

  write_changed (scratch, "ftyp", 0, "heic", 4);
  g_setenv ("GLOSS_LIBEXEC_DIR", scratch->folder, TRUE);
  assert_refused (scratch, GLOSS_ERROR_UNSUPPORTED, part);
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (200 * 1000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_cancel_should_end_it (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;
  gint64 start_usec;

  write_changed (scratch, "ftyp", 0, "heic", 4);
  stand_in (scratch, 2, 2, 3, "printf 1; exec sleep 60");
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  start_usec = g_get_monotonic_time ();
  g_assert_null (gloss_image_load (scratch->path, cancellable, &error));
  g_assert_cmpint (g_get_monotonic_time () - start_usec, <, 2 * G_USEC_PER_SEC);
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "made-up.heic: stopped");
  g_thread_join (thread);
}

static void
add (const char *path, void (*func) (Scratch *, gconstpointer))
{
  g_test_add (path, Scratch, NULL, scratch_set_up, func, scratch_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* First, since the most memory that a process ever had is compared. */
  add ("/model/heif/lying-container/should-be-refused", test_lying_container_should_be_refused);
  add ("/model/heif/broken-program/should-be-told", test_broken_program_should_be_told);
  add ("/model/heif/stand-in/should-be-believed", test_stand_in_should_be_believed);
  add ("/model/heif/missing-program/should-be-told", test_missing_program_should_be_told);
  add ("/model/heif/cancel/should-end-it", test_cancel_should_end_it);
  add ("/model/heif/brands/should-decide", test_brands_should_decide);
  add ("/model/heif/large-picture/should-be-decoded", test_large_picture_should_be_decoded);
  return g_test_run ();
}
