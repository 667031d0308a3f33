/* A prepared model as a person keeps it. */
#include "library/prepared-model.h"

#include "base/atomic-file.h"
#include "base/i18n.h"
#include "library/model-files.h"
#include "library/models-folder.h"
#include "weights/prepared.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static gboolean
has_suffix (const char *name, const char *suffix)
{
  gsize n = strlen (name), n_suffix = strlen (suffix);

  return n > n_suffix && g_ascii_strcasecmp (name + n - n_suffix, suffix) == 0;
}

/* What the model is called without its owner and without what all files are called. */
static char *
make_stem (const char *source, const char *name)
{
  static const char *const suffixes[] = { ".npz", ".safetensors" };
  g_autofree char *absolute = g_canonicalize_filename (source, NULL);
  g_autofree char *base = g_path_get_basename (absolute);
  const char *slash = strrchr (name, '/');

  if (g_file_test (source, G_FILE_TEST_IS_DIR))
    return g_strdup (slash ? slash + 1 : name);
  if (strcmp (base, "model.safetensors") == 0)
    {
      g_autofree char *folder = g_path_get_dirname (absolute);

      return g_path_get_basename (folder);
    }
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      if (has_suffix (base, suffixes[i]))
        return g_strndup (base, strlen (base) - strlen (suffixes[i]));
    }
  return g_steal_pointer (&base);
}

char *
gloss_prepared_model_make_path (const char *source, const char *name, const char *output)
{
  g_autofree char *stem = make_stem (source, name);
  g_autofree char *file_name = g_strconcat (stem, GLOSS_PREPARED_SUFFIX, NULL);
  g_autofree char *models = NULL;

  if (output && has_suffix (output, GLOSS_PREPARED_SUFFIX)
      && !g_file_test (output, G_FILE_TEST_IS_DIR))
    return g_strdup (output);
  if (output)
    return g_build_filename (output, file_name, NULL);
  models = gloss_models_folder_get ();
  return g_build_filename (models, stem, file_name, NULL);
}

static gboolean
has_same_content (const char *path, GlossMappedFile *file)
{
  g_autoptr (GlossMappedFile) other = gloss_mapped_file_open (path, NULL);
  gsize n_bytes = gloss_mapped_file_get_size_bytes (file);

  return other && gloss_mapped_file_get_size_bytes (other) == n_bytes
         && memcmp (gloss_mapped_file_get_data (other), gloss_mapped_file_get_data (file), n_bytes)
                == 0;
}

/* @made gets the path of a file that was not there before, or NULL. */
static gboolean
copy_tokenizer (const char *tokenizer, const char *path, gboolean may_replace, char **made,
                GError **error)
{
  g_autofree char *there = gloss_model_files_find_tokenizer (path);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *target = NULL;
  g_autoptr (GlossMappedFile) file = gloss_mapped_file_open (tokenizer, error);
  g_autoptr (GlossAtomicFile) copy = NULL;

  if (!file)
    return FALSE;
  if (there && has_same_content (there, file))
    return TRUE;
  target = there ? g_strdup (there)
                 : g_build_filename (folder, gloss_model_files_get_tokenizer_names ()[0], NULL);
  if (there && !may_replace)
    {
      g_autofree char *shown = g_filename_display_name (there);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                   _ ("%s is there already and is the tokenizer of another model"), shown);
      return FALSE;
    }
  copy = gloss_atomic_file_begin (target, may_replace, error);
  if (!copy
      || !gloss_atomic_file_append (copy, gloss_mapped_file_get_data (file),
                                    gloss_mapped_file_get_size_bytes (file), error)
      || !gloss_mapped_file_check (file, error) || !gloss_atomic_file_finish (copy, error))
    return FALSE;
  *made = there ? NULL : g_steal_pointer (&target);
  return TRUE;
}

static gboolean
make_folder (const char *folder, GError **error)
{
  g_autofree char *shown = NULL;
  int number;

  if (g_mkdir_with_parents (folder, 0777) == 0)
    return TRUE;
  number = errno;
  shown = g_filename_display_name (folder);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
               _ ("the folder \"%s\" cannot be made: %s"), shown, g_strerror (number));
  return FALSE;
}

/* Whether @path is free, or may be replaced, or is as it should be already, which @was_there says.
 */
static gboolean
check_place (const GlossPreparation *preparation, const char *path, gboolean may_replace,
             gboolean *was_there, GError **error)
{
  g_autofree char *name = NULL;

  *was_there = FALSE;
  if (may_replace || !g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  *was_there = gloss_preparation_is_done (preparation, path);
  if (*was_there)
    return TRUE;
  name = g_filename_display_basename (path);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
               _ ("%s: is there already, and was not made of this model as it is now"), name);
  return FALSE;
}

gboolean
gloss_prepared_model_write (const GlossPreparation *preparation, const char *path,
                            const char *tokenizer, gboolean may_replace,
                            GlossPrepareProgress progress, gpointer user_data,
                            GCancellable *cancellable, gboolean *was_there, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *made = NULL;
  gboolean had_folder = g_file_test (folder, G_FILE_TEST_IS_DIR);

  if (!check_place (preparation, path, may_replace, was_there, error)
      || !make_folder (folder, error))
    return FALSE;
  if ((!tokenizer || copy_tokenizer (tokenizer, path, may_replace, &made, error))
      && (*was_there
          || gloss_preparation_write (preparation, path, may_replace, progress, user_data,
                                      cancellable, error)))
    return TRUE;
  if (made)
    g_unlink (made);
  if (!had_folder)
    g_rmdir (folder);
  return FALSE;
}
