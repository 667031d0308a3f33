/* Lists of captions: the first byte says of which layout, the rest is the file. */
#include "dataset/pairs.h"
#include "fuzz/fuzz.h"

#include <string.h>

static void
check (const GlossPairs *pairs)
{
  for (guint i = 0; i < pairs->pairs->len; i++)
    {
      const GlossPair *pair = gloss_pairs_get (pairs, i);

      g_assert_true (g_path_is_absolute (pair->image_path));
      g_assert_true (g_file_test (pair->image_path, G_FILE_TEST_IS_REGULAR));
      g_assert_true (*pair->suffix && g_utf8_validate (pair->suffix, -1, NULL));
      g_assert_true (!pair->prefix || (*pair->prefix && g_utf8_validate (pair->prefix, -1, NULL)));
    }
  for (guint i = 0; i < GLOSS_N_PAIRS_PROBLEMS; i++)
    {
      g_assert_cmpuint (pairs->problems[i]->len, ==,
                        MIN (pairs->n_problems[i], GLOSS_PAIRS_MAX_NAMED));
      for (guint j = 0; j < pairs->problems[i]->len; j++)
        g_assert_true (g_utf8_validate (g_ptr_array_index (pairs->problems[i], j), -1, NULL));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  static const char *const names[] = { "data.jsonl", "metadata.jsonl", "data.csv",
                                       "captions.json" };
  g_autofree char *picture = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GlossPairs) pairs = NULL;
  GError *error = NULL;

  if (n_bytes == 0)
    return 0;
  picture = fuzz_write ("a.png", "", 0);
  path = fuzz_write (names[data[0] % G_N_ELEMENTS (names)], data + 1, n_bytes - 1);
  pairs = gloss_pairs_read (path, NULL, &error);
  if (!pairs)
    {
      fuzz_assert_error (&error);
      return 0;
    }
  g_assert_no_error (error);
  check (pairs);
  gloss_pairs_split (pairs, 0.5, n_bytes);
  g_assert_cmpuint (gloss_pairs_count_held_out (pairs), <=, pairs->pairs->len);
  return 0;
}
