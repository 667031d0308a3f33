/* Which model a command uses. */
#include "cli/model-choice.h"

#include "base/error.h"
#include "library/found-models.h"
#include "library/model-files.h"

char *
gloss_model_choice_find_tokenizer (const char *model_path, GError **error)
{
  char *path = gloss_model_files_find_tokenizer (model_path);
  g_autofree char *name = NULL;
  g_autofree char *looked_for = NULL;

  if (path)
    return path;
  name = g_filename_display_basename (model_path);
  looked_for = g_strjoinv (", ", (char **) gloss_model_files_get_tokenizer_names ());
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "%s: there is no tokenizer beside it (looked for %s); name one with --tokenizer",
               name, looked_for);
  return NULL;
}

static char *
find_demo (GError **error)
{
  g_autofree char *path = gloss_model_place_get_folder (GLOSS_MODEL_PLACE_DEMO);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&path);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "the demo model is not at %s; install Gloss, set GLOSS_DATA_DIR to the folder that "
               "holds demo/, or choose a model with --model",
               path);
  return NULL;
}

/* One of the models that gloss-cli models lists; @full_name gets the name that it has there. */
static char *
find_by_name (const char *name, char **full_name, GError **error)
{
  g_autoptr (GPtrArray) models = gloss_found_models_list_here ();
  const GlossFoundModel *model = gloss_found_models_resolve (models, name, error);

  if (!model)
    return NULL;
  *full_name = g_strdup (model->name);
  return g_strdup (model->path);
}

char *
gloss_model_choice_find (const char *name, char **display_name, GError **error)
{
  char *path;

  if (!name)
    {
      path = find_demo (error);
      *display_name = path ? g_strdup ("demo") : NULL;
      return path;
    }
  if (!*name)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "a model must have a name");
      return NULL;
    }
  if (g_file_test (name, G_FILE_TEST_EXISTS) || g_path_is_absolute (name) || name[0] == '.')
    {
      g_autofree char *absolute = g_canonicalize_filename (name, NULL);

      *display_name = g_filename_display_basename (absolute);
      return g_strdup (name);
    }
  return find_by_name (name, display_name, error);
}

gboolean
gloss_model_choice_load (GlossModelChoice *choice, const char *name, const char *tokenizer_path,
                         const GlossModelOptions *options, GError **error)
{
  g_autofree char *path = gloss_model_choice_find (name, &choice->name, error);
  g_autofree char *found = NULL;

  if (!path)
    return FALSE;
  choice->is_demo = !name;
  choice->model = gloss_model_load (path, options, error);
  if (!choice->model)
    return FALSE;
  found = tokenizer_path ? g_strdup (tokenizer_path) : gloss_model_choice_find_tokenizer (path, error);
  if (!found)
    return FALSE;
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
