/* Which model a command uses. */
#include "cli/model-choice.h"

#include "base/error.h"

/* As Hugging Face, big_vision's bucket and Gemma's call it. */
static const char *const tokenizer_names[] = { "tokenizer.model", "paligemma_tokenizer.model",
                                               "gemma_tokenizer.model" };

static char *
find_tokenizer (const char *model_path, GError **error)
{
  g_autofree char *folder = g_file_test (model_path, G_FILE_TEST_IS_DIR)
                                ? g_strdup (model_path)
                                : g_path_get_dirname (model_path);
  g_autofree char *name = g_path_get_basename (model_path);

  for (guint i = 0; i < G_N_ELEMENTS (tokenizer_names); i++)
    {
      g_autofree char *path = g_build_filename (folder, tokenizer_names[i], NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "%s: there is no tokenizer beside it (looked for %s, %s and %s); name one with "
               "--tokenizer",
               name, tokenizer_names[0], tokenizer_names[1], tokenizer_names[2]);
  return NULL;
}

static char *
find_demo (GError **error)
{
  const char *data = g_getenv ("GLOSS_DATA_DIR");
  g_autofree char *path = g_build_filename (data ? data : GLOSS_PKGDATADIR, "demo", NULL);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&path);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "the demo model is not at %s; install Gloss, set GLOSS_DATA_DIR, or choose a model "
               "with --model",
               path);
  return NULL;
}

gboolean
gloss_model_choice_load (GlossModelChoice *choice, const char *path, const char *tokenizer_path,
                         GError **error)
{
  g_autofree char *model_path = path ? g_strdup (path) : find_demo (error);
  g_autofree char *found = NULL;

  if (!model_path)
    return FALSE;
  found = tokenizer_path ? g_strdup (tokenizer_path) : find_tokenizer (model_path, error);
  if (!found)
    return FALSE;

  choice->is_demo = !path;
  choice->name = path ? g_path_get_basename (path) : g_strdup ("demo");
  choice->model = gloss_model_load (model_path, NULL, error);
  if (choice->model)
    choice->tokenizer = gloss_tokenizer_load (found, error);
  return choice->tokenizer != NULL;
}

void
gloss_model_choice_clear (GlossModelChoice *choice)
{
  g_clear_pointer (&choice->model, gloss_model_unref);
  g_clear_pointer (&choice->tokenizer, gloss_tokenizer_unref);
  g_clear_pointer (&choice->name, g_free);
}
