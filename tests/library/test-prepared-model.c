/* Where prepared models go, and that nothing else is touched. */
#include "library/prepared-model.h"

#include "library/cache.h"
#include "library/found-models.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <string.h>

static void
test_paths_should_be_made_of_names (void)
{
  static const struct
  {
    const char *source, *name, *output, *path;
  } cases[] = {
    { "a/pt_3b_224.bf16.npz", "pt_3b_224.bf16.npz", NULL, "pt_3b_224.bf16/pt_3b_224.bf16.gloss" },
    { "a/B.NPZ", "owner/x/B.NPZ", NULL, "B/B.gloss" },
    { "a/one.safetensors", "one.safetensors", NULL, "one/one.gloss" },
    { "a/model.safetensors", "model.safetensors", NULL, "a/a.gloss" },
    { "a", "a", NULL, "a/a.gloss" },
    { "a", "google/paligemma-3b@main", NULL, "paligemma-3b@main/paligemma-3b@main.gloss" },
    { "a/.npz", ".npz", NULL, ".npz/.npz.gloss" },
    { "a/x.npz", "x.npz", "out", "out/x.gloss" },
    { "a/x.npz", "x.npz", "out/y.gloss", "out/y.gloss" },
    { "a/x.npz", "x.npz", "out/Y.GLOSS", "out/Y.GLOSS" },
    { "a/x.npz", "x.npz", ".gloss", ".gloss/x.gloss" },
    { "a/x.npz", "x.npz", "a/folder.gloss", "a/folder.gloss/x.gloss" },
  };
  g_autofree char *models = gloss_model_place_get_folder (GLOSS_MODEL_PLACE_GLOSS);
  g_autofree char *before = g_get_current_dir ();
  char *folder = gloss_test_folder_new ();

  gloss_cache_write (folder, "a/folder.gloss/x", "");
  g_assert_cmpint (g_chdir (folder), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path =
          gloss_prepared_model_make_path (cases[i].source, cases[i].name, cases[i].output);
      g_autofree char *below = g_build_filename (models, cases[i].path, NULL);

      g_assert_cmpstr (path, ==, cases[i].output ? cases[i].path : below);
    }
  g_assert_cmpint (g_chdir (before), ==, 0);
  gloss_test_folder_remove (folder);
}

typedef struct
{
  char *folder;
  GlossCheckpoint *checkpoint;
  GlossPreparation *preparation;
  char *tokenizer;
} Scratch;

static void
set_up (Scratch *scratch, gconstpointer data)
{
  g_autofree char *source = gloss_test_path ("fixtures/paligemma1/weights.bf16.npz");

  scratch->folder = gloss_test_folder_new ();
  scratch->checkpoint = gloss_checkpoint_open_streamed (source, NULL, NULL);
  scratch->preparation = gloss_preparation_new (scratch->checkpoint, NULL);
  scratch->tokenizer = gloss_test_path ("fixtures/text/full.model");
}

static void
tear_down (Scratch *scratch, gconstpointer data)
{
  gloss_preparation_free (scratch->preparation);
  gloss_checkpoint_free (scratch->checkpoint);
  g_free (scratch->tokenizer);
  gloss_test_folder_remove (scratch->folder);
}

/* Writes to @relative; TRUE when it was written, or was there as @was_there says. */
static gboolean
write_model (Scratch *scratch, const char *relative, const char *tokenizer, gboolean may_replace,
             GCancellable *cancellable, gboolean *was_there, GError **error)
{
  g_autofree char *path = g_build_filename (scratch->folder, relative, NULL);

  return gloss_prepared_model_write (scratch->preparation, path, tokenizer, may_replace, NULL, NULL,
                                     cancellable, was_there, error);
}

static gboolean
exists (Scratch *scratch, const char *relative)
{
  g_autofree char *path = g_build_filename (scratch->folder, relative, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
assert_content (Scratch *scratch, const char *relative, const char *expected_path,
                const char *expected)
{
  g_autofree char *path = g_build_filename (scratch->folder, relative, NULL);
  g_autofree char *content = NULL, *other = g_strdup (expected);
  gsize n, n_other = expected ? strlen (expected) : 0;

  g_assert_true (g_file_get_contents (path, &content, &n, NULL));
  if (!expected)
    g_assert_true (g_file_get_contents (expected_path, &other, &n_other, NULL));
  g_assert_cmpmem (content, n, other, n_other);
}

static void
test_a_written_model_should_be_found (Scratch *scratch, gconstpointer data)
{
  const char *folders[GLOSS_N_MODEL_PLACES] = { [GLOSS_MODEL_PLACE_GLOSS] = scratch->folder };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) models = NULL;
  const GlossFoundModel *model;
  gboolean was_there;

  g_assert_true (
      write_model (scratch, "pt/pt.gloss", scratch->tokenizer, FALSE, NULL, &was_there, &error));
  g_assert_no_error (error);
  g_assert_false (was_there);
  assert_content (scratch, "pt/tokenizer.model", scratch->tokenizer, NULL);
  models = gloss_found_models_list (folders, NULL);
  g_assert_cmpuint (models->len, ==, 1);
  model = g_ptr_array_index (models, 0);
  g_assert_cmpstr (model->name, ==, "pt");
  g_assert_null (model->missing);
  g_assert_true (g_str_has_suffix (model->path, "/pt/pt.gloss"));

  g_assert_true (
      write_model (scratch, "pt/pt.gloss", scratch->tokenizer, FALSE, NULL, &was_there, &error));
  g_assert_true (was_there);
}

/* Made before without a tokenizer, which was given only now. */
static void
test_a_tokenizer_should_come_later (Scratch *scratch, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean was_there;

  g_assert_true (write_model (scratch, "pt.gloss", NULL, FALSE, NULL, &was_there, &error));
  g_assert_false (exists (scratch, "tokenizer.model"));
  g_assert_true (
      write_model (scratch, "pt.gloss", scratch->tokenizer, FALSE, NULL, &was_there, &error));
  g_assert_true (was_there);
  g_assert_true (exists (scratch, "tokenizer.model"));
}

static void
test_what_is_there_should_stay (Scratch *scratch, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean was_there;

  gloss_cache_write (scratch->folder, "pt/pt.gloss", "mine");
  g_assert_false (
      write_model (scratch, "pt/pt.gloss", scratch->tokenizer, FALSE, NULL, &was_there, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                           "pt.gloss: is there already, and was not made of this model");
  assert_content (scratch, "pt/pt.gloss", NULL, "mine");
  g_assert_false (exists (scratch, "pt/tokenizer.model"));

  gloss_cache_write (scratch->folder, "other/gemma_tokenizer.model", "mine");
  g_assert_false (
      write_model (scratch, "other/pt.gloss", scratch->tokenizer, FALSE, NULL, &was_there, &error));
  gloss_assert_error_says (
      &error, G_IO_ERROR, G_IO_ERROR_EXISTS,
      "gemma_tokenizer.model is there already and is the tokenizer of another");
  g_assert_false (exists (scratch, "other/pt.gloss"));

  g_assert_true (
      write_model (scratch, "other/pt.gloss", scratch->tokenizer, TRUE, NULL, &was_there, &error));
  g_assert_no_error (error);
  assert_content (scratch, "other/gemma_tokenizer.model", scratch->tokenizer, NULL);
  g_assert_true (write_model (scratch, "pt/pt.gloss", NULL, TRUE, NULL, &was_there, &error));
  g_assert_false (was_there);
}

static void
test_a_stop_should_leave_nothing (Scratch *scratch, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gboolean was_there;

  g_cancellable_cancel (cancellable);
  g_assert_false (write_model (scratch, "pt/pt.gloss", scratch->tokenizer, FALSE, cancellable,
                               &was_there, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (exists (scratch, "pt"));
}

static void
test_a_file_in_the_way_should_be_told (Scratch *scratch, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean was_there;

  gloss_cache_write (scratch->folder, "pt", "mine");
  g_assert_false (write_model (scratch, "pt/pt.gloss", NULL, FALSE, NULL, &was_there, &error));
  g_assert_true (strstr (error->message, "cannot be made") != NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/library/prepared-model/paths-should-be-made-of-names",
                   test_paths_should_be_made_of_names);
#define ADD(path, func)                                                                            \
  g_test_add ("/library/prepared-model/" path, Scratch, NULL, set_up, func, tear_down)
  ADD ("a-written-model-should-be-found", test_a_written_model_should_be_found);
  ADD ("a-tokenizer-should-come-later", test_a_tokenizer_should_come_later);
  ADD ("what-is-there-should-stay", test_what_is_there_should_stay);
  ADD ("a-stop-should-leave-nothing", test_a_stop_should_leave_nothing);
  ADD ("a-file-in-the-way-should-be-told", test_a_file_in_the_way_should_be_told);
#undef ADD
  return g_test_run ();
}
