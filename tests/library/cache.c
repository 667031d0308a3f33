/* Made-up caches of models for the tests. */
#include "library/cache.h"

#include "support/asserts.h"

#include <string.h>
#include <unistd.h>

static char *
make_parents (const char *root, const char *path)
{
  char *full = g_build_filename (root, path, NULL);
  g_autofree char *folder = g_path_get_dirname (full);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  return full;
}

void
gloss_cache_write (const char *root, const char *path, const char *text)
{
  g_autofree char *full = make_parents (root, path);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (full, text, -1, &error);
  g_assert_no_error (error);
}

void
gloss_cache_link (const char *root, const char *path, const char *target)
{
  g_autofree char *full = make_parents (root, path);

  g_assert_cmpint (symlink (target, full), ==, 0);
}

void
gloss_cache_add_whole_snapshot (const char *root, const char *repository, const char *revision)
{
  static const char *const files[][2] = {
    { "config.json", "fixtures/paligemma2/hf/config.json" },
    { "model.safetensors.index.json", "fixtures/paligemma2/hf/model.safetensors.index.json" },
    { "model-00001-of-00002.safetensors",
      "fixtures/paligemma2/hf/model-00001-of-00002.safetensors" },
    { "model-00002-of-00002.safetensors",
      "fixtures/paligemma2/hf/model-00002-of-00002.safetensors" },
    { "tokenizer.model", "fixtures/text/full.model" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *source = gloss_test_path (files[i][1]);
      g_autofree char *blob = g_strdup_printf ("%s/blobs/%08x", repository, i);
      g_autofree char *to_blob = g_strdup_printf ("../../blobs/%08x", i);
      g_autofree char *link =
          g_strdup_printf ("%s/snapshots/%s/%s", repository, revision, files[i][0]);
      g_autofree char *there = g_build_filename (root, blob, NULL);

      if (!g_file_test (there, G_FILE_TEST_EXISTS))
        gloss_cache_link (root, blob, source);
      gloss_cache_link (root, link, to_blob);
    }
}
