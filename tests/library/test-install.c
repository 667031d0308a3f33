/* Models from the services and from this machine into Gloss's folder, whole or not at all. */
#include "base/error.h"
#include "library/catalogue.h"
#include "library/install.h"
#include "library/verify.h"
#include "net/services.h"
#include "support/asserts.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib/gstdio.h>
#include <string.h>

#define KAGGLE "google/paligemma-2/jax/paligemma2-3b-pt-224"
#define HF "google/paligemma2-3b-pt-224"

typedef struct
{
  Services *services; /* owned, as all */
  GlossEndpoints endpoints;
  GlossHttpOptions options;
  char *folder;
  char *models;
  GPtrArray *tokenizer_sources;
  GString *stages;
} Fixture;

static GBytes *
load (const char *relative)
{
  g_autofree char *path = gloss_test_path (relative);
  char *content;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (path, &content, &n_bytes, NULL));
  return g_bytes_new_take (content, n_bytes);
}

static void
add (Fixture *fixture, const char *where, const char *name, const char *relative)
{
  g_autoptr (GBytes) content = load (relative);

  services_add (fixture->services, where, name, content);
}

static GlossSource *
make_source (Fixture *fixture, GlossSourceKind kind, const char *handle)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossAccount) account =
      kind == GLOSS_SOURCE_KAGGLE
          ? gloss_account_new (GLOSS_SERVICE_KAGGLE, "me", "rightkey", "test", &error)
          : gloss_account_new (GLOSS_SERVICE_HUGGING_FACE, NULL, "hf_right", "test", &error);
  GlossSource *source = gloss_source_new (kind, handle, NULL, &fixture->endpoints, account, &error);

  g_assert_no_error (error);
  return source;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->services = services_new (TRUE);
  services_get_endpoints (fixture->services, &fixture->endpoints);
  fixture->options =
      (GlossHttpOptions){ server_get_trust (services_get_server (fixture->services)), 20000, 1, 3 };
  fixture->folder = gloss_test_folder_new ();
  fixture->models = g_build_filename (fixture->folder, "models", NULL);
  fixture->tokenizer_sources = g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_source_free);
  fixture->stages = g_string_new (NULL);
  g_ptr_array_add (fixture->tokenizer_sources,
                   make_source (fixture, GLOSS_SOURCE_BUCKET, "big_vision"));
  g_ptr_array_add (fixture->tokenizer_sources,
                   make_source (fixture, GLOSS_SOURCE_HUGGING_FACE, HF));
  add (fixture, "kaggle:" KAGGLE, "paligemma2-3b-pt-224.b16.npz",
       "fixtures/paligemma2/weights.bf16.npz");
  add (fixture, "kaggle:" KAGGLE, "readme.md", "fixtures/README.md");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_ptr_array_unref (fixture->tokenizer_sources);
  services_free (fixture->services);
  gloss_endpoints_clear (&fixture->endpoints);
  gloss_test_folder_remove (fixture->folder);
  g_free (fixture->models);
  g_string_free (fixture->stages, TRUE);
}

static void
add_hugging_face (Fixture *fixture)
{
  static const char *const names[] = { "config.json", "model-00001-of-00002.safetensors",
                                       "model-00002-of-00002.safetensors",
                                       "model.safetensors.index.json" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *relative = g_strconcat ("fixtures/paligemma2/hf/", names[i], NULL);

      add (fixture, "hf:" HF, names[i], relative);
    }
  add (fixture, "hf:" HF, "tokenizer.model", "fixtures/text/full.model");
  add (fixture, "hf:" HF, "README.md", "fixtures/README.md");
}

static void
note (GlossInstallStage stage, const GlossDownloadProgress *progress, gpointer user_data)
{
  Fixture *fixture = user_data;
  char letter = "ldutcv"[stage];

  if (fixture->stages->len == 0 || fixture->stages->str[fixture->stages->len - 1] != letter)
    g_string_append_c (fixture->stages, letter);
  if (progress && progress->n_total_bytes > 0)
    g_assert_cmpuint (progress->n_bytes, <=, progress->n_total_bytes);
}

static char *
install (Fixture *fixture, GlossSourceKind kind, const char *tokenizer, GCancellable *cancellable,
         GError **error)
{
  g_autoptr (GlossSource) source =
      make_source (fixture, kind, kind == GLOSS_SOURCE_KAGGLE ? KAGGLE : HF);
  const GlossInstall what = { .name = "paligemma2-3b-pt-224",
                              .models_folder = fixture->models,
                              .source = source,
                              .tokenizer_sources = fixture->tokenizer_sources,
                              .tokenizer_path = tokenizer,
                              .with_values = TRUE };

  g_string_truncate (fixture->stages, 0);
  return gloss_install_run (&what, &fixture->options, cancellable, note, fixture, error);
}

static GPtrArray *
list_found (Fixture *fixture)
{
  const char *folders[GLOSS_N_MODEL_PLACES] = { [GLOSS_MODEL_PLACE_GLOSS] = fixture->models };

  return gloss_found_models_list (folders, NULL);
}

/* That there is just this one model, and it is whole. */
static void
assert_installed (Fixture *fixture, const char *name)
{
  g_autoptr (GPtrArray) models = list_found (fixture);
  const GlossFoundModel *model;

  g_assert_cmpuint (models->len, ==, 1);
  model = g_ptr_array_index (models, 0);
  g_assert_cmpstr (model->name, ==, name);
  g_assert_cmpstr (model->missing, ==, NULL);
}

static void
assert_nothing_installed (Fixture *fixture)
{
  g_autoptr (GPtrArray) models = list_found (fixture);

  g_assert_cmpuint (models->len, ==, 0);
}

static void
test_kaggle_model_should_get_the_buckets_tokenizer (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  add (fixture, "bucket:big_vision", "paligemma_tokenizer.model", "fixtures/text/full.model");
  services_set_cuts (fixture->services, 2);
  path = install (fixture, GLOSS_SOURCE_KAGGLE, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (path, fixture->models));
  g_assert_cmpstr (fixture->stages->str, ==, "ldtv");
  assert_installed (fixture, "paligemma2-3b-pt-224");
}

static void
test_closed_bucket_should_lead_to_hugging_face (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  services_set_mood (fixture->services, SERVICES_CLOSED);
  add (fixture, "hf:" HF, "tokenizer.model", "fixtures/text/full.model");
  path = install (fixture, GLOSS_SOURCE_KAGGLE, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_installed (fixture, "paligemma2-3b-pt-224");
}

static void
test_without_tokenizer_it_should_wait_for_one (Fixture *fixture, gconstpointer data)
{
  g_autofree char *tokenizer = gloss_test_path ("fixtures/text/full.model");
  g_autofree char *path = NULL;
  g_autofree char *log = NULL;
  g_autoptr (GError) error = NULL;

  services_set_mood (fixture->services, SERVICES_CLOSED);
  g_assert_null (install (fixture, GLOSS_SOURCE_KAGGLE, NULL, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "gs://big_vision is closed"));
  g_assert_nonnull (strstr (error->message, "Hugging Face has no"));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "--tokenizer");
  assert_nothing_installed (fixture);

  /* what was downloaded is not downloaded again */
  server_forget (services_get_server (fixture->services));
  path = install (fixture, GLOSS_SOURCE_KAGGLE, tokenizer, NULL, &error);
  g_assert_no_error (error);
  assert_installed (fixture, "paligemma2-3b-pt-224");
  log = server_get_log (services_get_server (fixture->services));
  g_assert_null (strstr (log, "/download/"));
}

static void
test_hugging_face_model_should_bring_all (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *log = NULL;

  add_hugging_face (fixture);
  services_set_cuts (fixture->services, 3);
  path = install (fixture, GLOSS_SOURCE_HUGGING_FACE, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_installed (fixture, "paligemma2-3b-pt-224");
  log = server_get_log (services_get_server (fixture->services));
  g_assert_null (strstr (log, "README"));
  g_assert_null (strstr (log, "/bucket/"));

  /* once only */
  g_assert_null (install (fixture, GLOSS_SOURCE_HUGGING_FACE, NULL, NULL, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_EXISTS, "already");
}

static void
test_wrong_tokenizer_should_not_be_installed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *demo = gloss_test_data_path ("demo/tokenizer.model");
  g_autofree char *path = NULL;
  g_autofree char *right = gloss_test_path ("fixtures/text/full.model");
  g_autoptr (GError) error = NULL;

  g_assert_null (install (fixture, GLOSS_SOURCE_KAGGLE, demo, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH);
  g_clear_error (&error);
  assert_nothing_installed (fixture);
  path = install (fixture, GLOSS_SOURCE_KAGGLE, right, NULL, &error);
  g_assert_no_error (error);
}

static void
test_another_version_should_not_be_mixed_in (Fixture *fixture, gconstpointer data)
{
  g_autofree char *staging =
      g_build_filename (fixture->models, ".downloads", "paligemma2-3b-pt-224", NULL);
  g_autofree char *old = g_build_filename (staging, "paligemma2-3b-pt-224.b16.npz", NULL);
  g_autofree char *origin = g_build_filename (staging, "gloss-origin.json", NULL);
  g_autofree char *right = gloss_test_path ("fixtures/text/full.model");
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (staging, 0700), ==, 0);
  g_assert_true (g_file_set_contents (old, "old", -1, NULL));
  g_assert_true (g_file_set_contents (origin, "{\"from\": \"kaggle:" KAGGLE "@2\"}", -1, NULL));
  path = install (fixture, GLOSS_SOURCE_KAGGLE, right, NULL, &error);
  g_assert_no_error (error);
  assert_installed (fixture, "paligemma2-3b-pt-224");
}

static GBytes *
make_archive (Fixture *fixture, gboolean has_tokenizer)
{
  g_autofree char *path = g_build_filename (fixture->folder, "model.tar.gz", NULL);
  struct archive *archive = archive_write_new ();
  static const char *const files[][2] = {
    { "model/paligemma2.npz", "fixtures/paligemma2/weights.bf16.npz" },
    { "model/tokenizer.model", "fixtures/text/full.model" },
  };
  char *content;
  gsize n_bytes;

  archive_write_set_format_pax_restricted (archive);
  archive_write_add_filter_gzip (archive);
  g_assert_cmpint (archive_write_open_filename (archive, path), ==, ARCHIVE_OK);
  for (guint i = 0; i < (has_tokenizer ? 2 : 1); i++)
    {
      g_autoptr (GBytes) bytes = load (files[i][1]);
      struct archive_entry *entry = archive_entry_new ();

      archive_entry_set_pathname (entry, files[i][0]);
      archive_entry_set_filetype (entry, AE_IFREG);
      archive_entry_set_size (entry, (gint64) g_bytes_get_size (bytes));
      archive_write_header (archive, entry);
      archive_write_data (archive, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      archive_entry_free (entry);
    }
  archive_write_free (archive);
  g_assert_true (g_file_get_contents (path, &content, &n_bytes, NULL));
  return g_bytes_new_take (content, n_bytes);
}

static void
test_archive_should_be_unpacked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) archive = make_archive (fixture, TRUE);
  g_autoptr (GlossSource) source = make_source (fixture, GLOSS_SOURCE_KAGGLE, "me/mine/jax/one");
  g_autofree char *path = g_build_filename (fixture->folder, "model.tar.gz", NULL);
  const GlossInstall what = { .name = "mine", .models_folder = fixture->models, .source = source };
  const GlossInstall import = { .name = "imported", .models_folder = fixture->models };
  g_autofree char *installed = NULL;
  g_autofree char *imported = NULL;
  g_autoptr (GPtrArray) models = NULL;
  g_autoptr (GError) error = NULL;

  services_add (fixture->services, "kaggle:me/mine/jax/one", "model.tar.gz", archive);
  services_set_cuts (fixture->services, 2);
  installed = gloss_install_run (&what, &fixture->options, NULL, note, fixture, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fixture->stages->str, ==, "ldutv");
  assert_installed (fixture, "mine");
  imported = gloss_install_import (&import, path, NULL, note, fixture, &error);
  g_assert_no_error (error);
  models = list_found (fixture);
  g_assert_cmpuint (models->len, ==, 2);
}

/* The archive is gone once it is unpacked, and need not come again. */
static void
test_missing_tokenizer_should_not_bring_the_archive_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) archive = make_archive (fixture, FALSE);
  g_autofree char *installed = NULL;
  g_autoptr (GError) error = NULL;

  services_add (fixture->services, "kaggle:me/mine/jax/one", "model.tar.gz", archive);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GlossSource) source =
          make_source (fixture, GLOSS_SOURCE_KAGGLE, "me/mine/jax/one");
      const GlossInstall what = { .name = "mine",
                                  .models_folder = fixture->models,
                                  .source = source,
                                  .tokenizer_sources = fixture->tokenizer_sources };
      g_autofree char *log = NULL;

      server_forget (services_get_server (fixture->services));
      installed = gloss_install_run (&what, &fixture->options, NULL, note, fixture, &error);
      log = server_get_log (services_get_server (fixture->services));
      g_assert_true ((strstr (log, "model.tar.gz") != NULL) == (i == 0));
      if (i == 0)
        {
          g_assert_null (installed);
          gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                   "what was downloaded is used");
          add (fixture, "bucket:big_vision", "paligemma_tokenizer.model",
               "fixtures/text/full.model");
        }
    }
  g_assert_no_error (error);
  assert_installed (fixture, "mine");
}

/* What is of no use does not stand in the way of what is. */
static void
test_damaged_archive_should_be_downloaded_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) archive = make_archive (fixture, TRUE);
  g_autoptr (GBytes) half = g_bytes_new_from_bytes (archive, 0, g_bytes_get_size (archive) / 2);
  g_autofree char *staging = g_build_filename (fixture->models, ".downloads", "mine", NULL);
  g_autofree char *installed = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 2; i++)
    {
      static const char where[] = "kaggle:me/mine/jax/one";
      g_autoptr (GlossSource) source =
          make_source (fixture, GLOSS_SOURCE_KAGGLE, where + strlen ("kaggle:"));
      const GlossInstall what = { .name = "mine",
                                  .models_folder = fixture->models,
                                  .source = source };
      g_autofree char *left = g_build_filename (staging, "model.tar.gz", NULL);

      services_forget (fixture->services, where);
      services_add (fixture->services, where, "model.tar.gz", i == 0 ? half : archive);
      installed = gloss_install_run (&what, &fixture->options, NULL, NULL, NULL, &error);
      if (i == 1)
        break;
      g_test_message ("%s", error->message);
      gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "is damaged");
      assert_nothing_installed (fixture);
      g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
    }
  g_assert_no_error (error);
  assert_installed (fixture, "mine");
}

static void
test_source_without_weights_should_be_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  add (fixture, "hf:" HF, "config.json", "fixtures/paligemma2/hf/config.json");
  add (fixture, "hf:" HF, "pytorch_model.bin", "fixtures/README.md");
  g_assert_null (install (fixture, GLOSS_SOURCE_HUGGING_FACE, NULL, NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, "neither safetensors");
  assert_nothing_installed (fixture);
}

static void
test_damaged_weights_should_not_be_installed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) good = load ("fixtures/paligemma2/weights.bf16.npz");
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (good, 0, g_bytes_get_size (good) - 1000);
  g_autoptr (GlossSource) source = make_source (fixture, GLOSS_SOURCE_KAGGLE, "me/mine/jax/one");
  g_autofree char *right = gloss_test_path ("fixtures/text/full.model");
  g_autofree char *staging = g_build_filename (fixture->models, ".downloads", "mine", NULL);
  const GlossInstall what = {
    .name = "mine", .models_folder = fixture->models, .source = source, .tokenizer_path = right
  };
  g_autoptr (GError) error = NULL;

  services_add (fixture->services, "kaggle:me/mine/jax/one", "paligemma.npz", cut);
  g_assert_null (gloss_install_run (&what, &fixture->options, NULL, NULL, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_cmpint (error->domain, ==, GLOSS_ERROR);
  assert_nothing_installed (fixture);
  /* and is downloaded again next time */
  g_assert_false (g_file_test (staging, G_FILE_TEST_EXISTS));
}

static void
test_import_should_copy_or_ask (Fixture *fixture, gconstpointer data)
{
  g_autofree char *npz = gloss_test_path ("fixtures/paligemma2/weights.bf16.npz");
  g_autofree char *hf = gloss_test_path ("fixtures/paligemma2/hf");
  g_autofree char *right = gloss_test_path ("fixtures/text/full.model");
  GlossInstall what = { .name = "mine", .models_folder = fixture->models };
  g_autofree char *first = NULL, *second = NULL;
  g_autoptr (GPtrArray) models = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_install_import (&what, npz, NULL, NULL, NULL, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "--tokenizer");
  g_assert_false (g_file_test (fixture->models, G_FILE_TEST_EXISTS));
  g_assert_null (gloss_install_import (&what, "/nonexistent.npz", NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_assert_false (gloss_install_can_import (right, &error));
  g_clear_error (&error);
  g_assert_true (gloss_install_can_import (npz, &error));
  g_assert_true (gloss_install_can_import (hf, &error));

  what.tokenizer_path = right;
  first = gloss_install_import (&what, npz, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_installed (fixture, "mine");
  what.name = "other";
  second = gloss_install_import (&what, hf, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  models = list_found (fixture);
  g_assert_cmpuint (models->len, ==, 2);

  what.name = "../mine";
  g_assert_null (gloss_install_import (&what, npz, NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);
}

static void
test_removed_should_be_gone (Fixture *fixture, gconstpointer data)
{
  g_autofree char *right = gloss_test_path ("fixtures/text/full.model");
  g_autofree char *path = install (fixture, GLOSS_SOURCE_KAGGLE, right, NULL, NULL);
  g_autoptr (GPtrArray) models = list_found (fixture);
  GlossFoundModel *model = g_ptr_array_index (models, 0);
  g_autoptr (GError) error = NULL;

  g_assert_false (gloss_install_remove (model, fixture->folder, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "own folder");
  model->place = GLOSS_MODEL_PLACE_KAGGLE;
  g_assert_false (gloss_install_remove (model, fixture->models, &error));
  g_clear_error (&error);
  model->place = GLOSS_MODEL_PLACE_GLOSS;
  gloss_install_remove (model, fixture->models, &error);
  g_assert_no_error (error);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  assert_nothing_installed (fixture);
}

static void
test_cancelled_should_install_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (install (fixture, GLOSS_SOURCE_KAGGLE, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_nothing_installed (fixture);
}

static void
test_catalogue_should_have_sound_entries (void)
{
  GlossEndpoints endpoints = { (char *) "a", (char *) "b", (char *) "c", (char *) "d" };
  guint n;
  const GlossCatalogueEntry *entries = gloss_catalogue_get (&n);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  g_assert_cmpuint (n, ==, 22);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *with_owner = g_strconcat ("google/", entries[i].name, NULL);
      g_autoptr (GlossSource) kaggle = gloss_source_new (
          GLOSS_SOURCE_KAGGLE, entries[i].kaggle_handle, NULL, &endpoints, NULL, &error);
      g_autoptr (GlossSource) hugging_face =
          gloss_source_new (GLOSS_SOURCE_HUGGING_FACE, entries[i].hugging_face_handle,
                            entries[i].hugging_face_revision, &endpoints, NULL, &error);

      g_assert_no_error (error);
      g_assert_true (g_hash_table_add (names, (gpointer) entries[i].name));
      g_assert_true (gloss_catalogue_find (entries[i].name) == &entries[i]);
      g_assert_true (gloss_catalogue_find (with_owner) == &entries[i]);
      g_assert_cmpuint (entries[i].hugging_face_bytes, >, entries[i].kaggle_bytes);
    }
  g_assert_null (gloss_catalogue_find ("paligemma-3b-mix-896"));
  g_assert_null (gloss_catalogue_find ("paligemma2-3b-mix-896"));
  g_assert_cmpuint (gloss_catalogue_find ("paligemma2-10b-ft-docci-448")->image_size_px, ==, 448);
  g_assert_cmpstr (gloss_catalogue_find ("PaliGemma2-28b-mix-448")->kaggle_handle, ==,
                   "google/paligemma-2/jax/paligemma2-28b-mix-448");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func)                                                                            \
  g_test_add ("/library/install/" path, Fixture, NULL, set_up, func, tear_down)
  g_test_add_func ("/library/catalogue/should-have-sound-entries",
                   test_catalogue_should_have_sound_entries);
  ADD ("kaggle-model-should-get-the-buckets-tokenizer",
       test_kaggle_model_should_get_the_buckets_tokenizer);
  ADD ("closed-bucket-should-lead-to-hugging-face", test_closed_bucket_should_lead_to_hugging_face);
  ADD ("without-tokenizer-it-should-wait-for-one", test_without_tokenizer_it_should_wait_for_one);
  ADD ("hugging-face-model-should-bring-all", test_hugging_face_model_should_bring_all);
  ADD ("wrong-tokenizer-should-not-be-installed", test_wrong_tokenizer_should_not_be_installed);
  ADD ("another-version-should-not-be-mixed-in", test_another_version_should_not_be_mixed_in);
  ADD ("archive-should-be-unpacked", test_archive_should_be_unpacked);
  ADD ("missing-tokenizer-should-not-bring-the-archive-again",
       test_missing_tokenizer_should_not_bring_the_archive_again);
  ADD ("damaged-archive-should-be-downloaded-again",
       test_damaged_archive_should_be_downloaded_again);
  ADD ("source-without-weights-should-be-refused", test_source_without_weights_should_be_refused);
  ADD ("damaged-weights-should-not-be-installed", test_damaged_weights_should_not_be_installed);
  ADD ("import-should-copy-or-ask", test_import_should_copy_or_ask);
  ADD ("removed-should-be-gone", test_removed_should_be_gone);
  ADD ("cancelled-should-install-nothing", test_cancelled_should_install_nothing);
  return g_test_run ();
}
