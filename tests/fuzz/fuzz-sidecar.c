/* The bytes of a text file beside a picture: read, written over, read again. */
#include "dataset/sidecar.h"
#include "fuzz/fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  g_autofree char *path = fuzz_write ("photo.txt", data, n_bytes);
  g_autofree char *picture = g_build_filename (fuzz_get_folder (), "photo.jpg", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossSidecar) known = gloss_sidecar_read (picture, &error);
  g_autofree char *text = NULL;
  GlossSidecarResult expected = GLOSS_SIDECAR_WRITTEN;

  g_assert_no_error (error);
  g_assert_cmpstr (known->path, ==, path);
  g_assert_cmpint (known->n_bytes, ==, (gint64) n_bytes);
  if (!known->text)
    {
      g_assert_false (g_utf8_validate_len ((const char *) data, n_bytes, NULL));
      g_assert_cmpint (gloss_sidecar_write (picture, "a", &known, &error), ==,
                       GLOSS_SIDECAR_NOT_UTF8);
      return 0;
    }
  g_assert_true (g_utf8_validate (known->text, -1, NULL));
  g_assert_cmpint (gloss_sidecar_write (picture, known->text, &known, &error), ==,
                   GLOSS_SIDECAR_UNCHANGED);
  /* Behind other words, so that they cannot be taken for a byte order mark. */
  text = g_strconcat ("a ", known->text, NULL);
  if (strlen (text) >= GLOSS_SIDECAR_MAX_BYTES)
    expected = GLOSS_SIDECAR_FAILED;
  g_assert_cmpint (gloss_sidecar_write (picture, text, &known, &error), ==, expected);
  if (expected == GLOSS_SIDECAR_FAILED)
    {
      fuzz_assert_error (&error);
      return 0;
    }
  g_clear_pointer (&known, gloss_sidecar_free);
  known = gloss_sidecar_read (picture, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (known->text, ==, text);
  return 0;
}
