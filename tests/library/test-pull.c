/* Where models are from, what is left of downloads, and the folder that new models go to. */
#include "library/catalogue-needs.h"
#include "library/model-place.h"
#include "library/models-folder.h"
#include "library/prepare-installed.h"
#include "library/pull.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <string.h>

static void
test_origins_should_be_read (void)
{
  static const struct
  {
    const char *text, *handle, *revision, *name;
    GlossSourceKind kind;
  } cases[] = {
    { "kaggle:google/paligemma/jax/x", "google/paligemma/jax/x", NULL, "x", GLOSS_SOURCE_KAGGLE },
    { "kaggle:google/paligemma/jax/x@3", "google/paligemma/jax/x", "3", "x", GLOSS_SOURCE_KAGGLE },
    { "huggingface:google/y@main", "google/y", "main", "y", GLOSS_SOURCE_HUGGING_FACE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GlossModelOrigin) origin = gloss_model_origin_parse (cases[i].text);
      g_autoptr (GlossModelOrigin) copy = gloss_model_origin_copy (origin);

      g_assert_cmpint (copy->kind, ==, cases[i].kind);
      g_assert_cmpstr (copy->handle, ==, cases[i].handle);
      g_assert_cmpstr (copy->revision, ==, cases[i].revision);
      g_assert_cmpstr (copy->name, ==, cases[i].name);
    }
  g_assert_null (gloss_model_origin_parse ("bucket:x"));
  g_assert_null (gloss_model_origin_parse ("x"));
}

static void
test_origins_should_have_pages (void)
{
  const GlossCatalogueEntry *entry = gloss_catalogue_find ("paligemma2-3b-mix-224");
  g_autoptr (GlossModelOrigin) first =
      gloss_model_origin_new_for_entry (entry, GLOSS_SOURCE_HUGGING_FACE);
  g_autoptr (GlossModelOrigin) second =
      gloss_model_origin_new_for_entry (entry, GLOSS_SOURCE_KAGGLE);
  g_autofree char *first_page = gloss_model_origin_get_page (first);
  g_autofree char *second_page = gloss_model_origin_get_page (second);

  g_assert_cmpstr (first_page, ==, "https://huggingface.co/google/paligemma2-3b-mix-224");
  g_assert_cmpstr (second_page, ==, "https://www.kaggle.com/models/google/paligemma-2");
  g_assert_cmpint (gloss_model_origin_get_service (second), ==, GLOSS_SERVICE_KAGGLE);
}

static void
write_file (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
test_unfinished_downloads_should_be_found (void)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *downloads = g_build_filename (folder, ".downloads", NULL);
  g_autofree char *good = g_build_filename (downloads, "mine", NULL);
  g_autofree char *bad = g_build_filename (downloads, "broken", NULL);
  g_autofree char *import = g_build_filename (downloads, "import", NULL);
  g_autoptr (GPtrArray) found = NULL;
  const GlossUnfinished *unfinished;

  write_file (good, GLOSS_INSTALL_ORIGIN_NAME, "{\"from\": \"huggingface:google/x@abc\"}");
  write_file (good, "model.safetensors.part", "12345");
  write_file (bad, GLOSS_INSTALL_ORIGIN_NAME, "{\"from\": 7");
  write_file (import, "model.npz", "12345");
  found = gloss_pull_list_unfinished (folder);
  g_assert_cmpuint (found->len, ==, 1);
  unfinished = g_ptr_array_index (found, 0);
  g_assert_cmpstr (unfinished->name, ==, "mine");
  g_assert_cmpstr (unfinished->origin->revision, ==, "abc");
  g_assert_cmpuint (unfinished->n_bytes, ==,
                    5 + strlen ("{\"from\": \"huggingface:google/x@abc\"}"));
  gloss_pull_discard (folder, "mine");
  g_assert_false (g_file_test (good, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (import, G_FILE_TEST_EXISTS));
  gloss_pull_discard (folder, "");
  gloss_pull_discard (folder, "..");
  gloss_pull_discard (folder, "mine/../import");
  g_assert_true (g_file_test (import, G_FILE_TEST_EXISTS));
  gloss_pull_discard (folder, "broken");
  gloss_pull_discard (folder, "import");
  g_assert_false (g_file_test (downloads, G_FILE_TEST_EXISTS));
  gloss_test_folder_remove (folder);
}

static void
test_the_folder_should_be_chosen (void)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *own = gloss_model_place_get_folder (GLOSS_MODEL_PLACE_GLOSS);
  g_autofree char *before = gloss_models_folder_get ();
  g_autofree char *chosen = NULL;
  g_autofree char *place = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (before, ==, own);
  g_assert_null (gloss_model_place_get_folder (GLOSS_MODEL_PLACE_CHOSEN));
  g_assert_true (gloss_models_folder_choose (folder, &error));
  g_assert_no_error (error);
  chosen = gloss_models_folder_get ();
  place = gloss_model_place_get_folder (GLOSS_MODEL_PLACE_CHOSEN);
  g_assert_cmpstr (chosen, ==, folder);
  g_assert_cmpstr (place, ==, folder);
  g_assert_false (gloss_models_folder_choose ("/nonexistent", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_assert_true (gloss_models_folder_choose (NULL, NULL));
  after = gloss_models_folder_get ();
  g_assert_cmpstr (after, ==, own);
  gloss_test_folder_remove (folder);
}

static void
test_needs_should_be_reckoned (void)
{
  guint n;
  const GlossCatalogueEntry *entries = gloss_catalogue_get (&n);

  for (guint i = 0; i < n; i++)
    {
      guint64 n_memory = gloss_catalogue_get_memory_bytes (&entries[i]);

      g_assert_cmpuint (n_memory, >, entries[i].hugging_face_bytes);
      g_assert_cmpuint (n_memory, <,
                        entries[i].hugging_face_bytes + (G_GUINT64_CONSTANT (6) << 30));
      g_assert_cmpuint (gloss_catalogue_get_disk_bytes (&entries[i], GLOSS_SOURCE_KAGGLE), ==,
                        2 * entries[i].kaggle_bytes);
    }
  g_assert_cmpstr (gloss_catalogue_recommend (G_MAXUINT64)->name, ==, "paligemma2-3b-mix-224");
  g_assert_cmpstr (gloss_catalogue_recommend (0)->name, ==, "paligemma-3b-mix-224");
}

static void
test_preparing_should_take_the_place_of_an_npz (void)
{
  g_autofree char *source = gloss_test_path ("fixtures/paligemma2/weights.bf16.npz");
  char *folder = gloss_test_folder_new ();
  g_autofree char *npz = g_build_filename (folder, "weights.npz", NULL);
  g_autofree char *content = NULL;
  g_autofree char *made = NULL;
  g_autoptr (GlossFoundModel) model = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (source, &content, &n_bytes, &error));
  g_assert_true (g_file_set_contents (npz, content, (gssize) n_bytes, &error));
  g_assert_true (gloss_prepare_installed_helps (npz));
  made = gloss_prepare_installed_run (npz, "mine", NULL, TRUE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (gloss_prepare_installed_helps (made));
  g_assert_false (g_file_test (npz, G_FILE_TEST_EXISTS));
  model = gloss_install_look (folder);
  g_assert_cmpstr (model->path, ==, made);
  gloss_test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  char *home = gloss_test_folder_new ();
  int status;

  /* before GLib looks at it: it does so once */
  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/library/pull/" path, func)
  ADD ("origins-should-be-read", test_origins_should_be_read);
  ADD ("origins-should-have-pages", test_origins_should_have_pages);
  ADD ("unfinished-downloads-should-be-found", test_unfinished_downloads_should_be_found);
  ADD ("the-folder-should-be-chosen", test_the_folder_should_be_chosen);
  ADD ("needs-should-be-reckoned", test_needs_should_be_reckoned);
  ADD ("preparing-should-take-the-place-of-an-npz", test_preparing_should_take_the_place_of_an_npz);
  status = g_test_run ();
  gloss_test_folder_remove (home);
  return status;
}
