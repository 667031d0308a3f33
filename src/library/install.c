/* Getting a model into Gloss's folder of models. */
#include "library/install.h"

#include "base/atomic-file.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/json.h"
#include "library/folder.h"
#include "library/install-space.h"
#include "library/model-files.h"
#include "library/verify.h"
#include "net/unpack.h"
#include "weights/prepared.h"
#include "weights/weights.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_ORIGIN_BYTES 4096

typedef struct
{
  const GlossInstall *install; /* borrowed */
  GCancellable *cancellable;
  GlossInstallFunc func;
  gpointer user_data;
  char *staging; /* owned; where it grows */
  char *target;  /* owned; where it will be */
} Run;

static void
run_clear (Run *run)
{
  g_free (run->staging);
  g_free (run->target);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static void
tell (Run *run, GlossInstallStage stage)
{
  if (run->func)
    run->func (stage, NULL, run->user_data);
}

static void
tell_download (const GlossDownloadProgress *progress, gpointer user_data)
{
  Run *run = user_data;

  if (run->func)
    run->func (GLOSS_INSTALL_DOWNLOADING, progress, run->user_data);
}

static gboolean
set_errno (GError **error, const char *path, const char *what, int number)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), "%s: %s: %s", shown, _ (what),
               g_strerror (number));
  return FALSE;
}

static gboolean
begin (Run *run, GError **error)
{
  const GlossInstall *install = run->install;
  g_autofree char *name = g_utf8_make_valid (install->name, -1);

  if (!*install->name || install->name[0] == '.' || strchr (install->name, '/')
      || strlen (install->name) > 200)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
                   _ ("\"%s\" cannot be the name of a model; it would be a folder's"), name);
      return FALSE;
    }
  run->target = g_build_filename (install->models_folder, install->name, NULL);
  run->staging = g_build_filename (install->models_folder, ".downloads", install->name, NULL);
  if (g_file_test (run->target, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                   _ ("there is a model \"%s\" already; remove it first, or choose another name"),
                   name);
      return FALSE;
    }
  if (g_mkdir_with_parents (run->staging, 0777) != 0)
    return set_errno (error, run->staging, N_ ("the folder for the download cannot be made"),
                      errno);
  return TRUE;
}

/* What turns out to be wrong is not kept for the next try. */
static gboolean
verify (Run *run, const GlossFoundModel *model, GError **error)
{
  GError *failure = NULL;

  if (!gloss_verify_model (model->path, NULL, run->install->with_values, run->cancellable,
                           &failure))
    {
      if (failure->domain == GLOSS_ERROR)
        gloss_unpack_remove (run->staging);
    }
  else if (!gloss_verify_model (model->path, model->tokenizer, FALSE, run->cancellable, &failure))
    {
      if (failure->domain == GLOSS_ERROR)
        g_unlink (model->tokenizer);
    }
  if (!failure)
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}

GlossFoundModel *
gloss_install_look (const char *path)
{
  guint n_left = 1000;
  GlossModelFolder folder = { .path = path, .is_named_paligemma = TRUE };
  g_autoptr (GPtrArray) models = gloss_model_files_list (&folder, &n_left);

  return models->len > 0 ? g_ptr_array_steal_index (models, 0) : NULL;
}

/* Verifies what lies in the staging folder and puts it in place. */
static char *
finish (Run *run, GError **error)
{
  g_autoptr (GlossFoundModel) model = gloss_install_look (run->staging);
  int descriptor;

  if (!model)
    {
      g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                           _ ("there is no PaliGemma in it that Gloss can read"));
      return NULL;
    }
  if (model->missing)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, _ ("the model is not whole: %s"),
                   model->missing);
      return NULL;
    }
  tell (run, GLOSS_INSTALL_VERIFYING);
  if (!verify (run, model, error))
    return NULL;
  if (g_rename (run->staging, run->target) != 0)
    {
      set_errno (error, run->target, N_ ("the finished model cannot be put in place"), errno);
      return NULL;
    }
  descriptor = g_open (run->install->models_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (descriptor >= 0)
    {
      fsync (descriptor);
      close (descriptor);
    }
  return g_strdup (run->target);
}

static gboolean
has_suffix (const GlossSourceFile *file, const char *suffix)
{
  g_autofree char *folded = g_ascii_strdown (file->name, -1);

  return g_str_has_suffix (folded, suffix);
}

static gboolean
is_tokenizer (const GlossSourceFile *file)
{
  g_autofree char *base = g_path_get_basename (file->name);

  return g_strv_contains (gloss_model_files_get_tokenizer_names (), base);
}

/* Adds @file unless one of the same last part is there, since all go into one folder. */
static void
add_file (GPtrArray *chosen, GlossSourceFile *file)
{
  g_autofree char *base = g_path_get_basename (file->name);

  for (guint i = 0; i < chosen->len; i++)
    {
      const GlossSourceFile *other = g_ptr_array_index (chosen, i);
      g_autofree char *other_base = g_path_get_basename (other->name);

      if (strcmp (base, other_base) == 0)
        return;
    }
  g_ptr_array_add (chosen, file);
}

GPtrArray *
gloss_install_choose_files (const GPtrArray *files, GError **error)
{
  /* half the size of the 32-bit one, and what Google made it from or to */
  static const char *const suffixes[] = { ".f16.npz", ".b16.npz", ".bf16.npz", ".npz",
                                          ".tar.gz",  ".tgz",     ".zip" };
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();
  gboolean has_weights = FALSE;

  for (guint i = 0; i < files->len; i++)
    {
      GlossSourceFile *file = g_ptr_array_index (files, i);
      g_autofree char *base = g_path_get_basename (file->name);

      if (strcmp (base, "model.safetensors") == 0
          || (g_str_has_prefix (base, "model-") && g_str_has_suffix (base, ".safetensors")))
        has_weights = TRUE;
      else if (strcmp (base, "config.json") != 0
               && strcmp (base, "model.safetensors.index.json") != 0)
        continue;
      add_file (chosen, file);
    }
  if (!has_weights)
    g_ptr_array_set_size (chosen, 0);
  for (guint s = 0; s < G_N_ELEMENTS (suffixes) && chosen->len == 0; s++)
    {
      for (guint i = 0; i < files->len && chosen->len == 0; i++)
        {
          GlossSourceFile *file = g_ptr_array_index (files, i);

          if (has_suffix (file, suffixes[s]) && !has_suffix (file, "vae-oid.npz"))
            g_ptr_array_add (chosen, file);
        }
    }
  if (chosen->len == 0)
    {
      g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                           _ ("there are neither safetensors nor a .npz among its files, so Gloss "
                              "cannot use it"));
      return NULL;
    }
  for (guint i = 0; i < files->len; i++)
    {
      if (is_tokenizer (g_ptr_array_index (files, i)))
        {
          add_file (chosen, g_ptr_array_index (files, i));
          break;
        }
    }
  return g_steal_pointer (&chosen);
}

/* Empties the staging folder when what lies there is of something else, and notes of what it is. */
static gboolean
note_origin (Run *run, GError **error)
{
  g_autofree char *path = g_build_filename (run->staging, GLOSS_INSTALL_ORIGIN_NAME, NULL);
  g_autofree char *origin = gloss_source_describe (run->install->source);
  g_autoptr (json_t) known = gloss_json_load (path, MAX_ORIGIN_BYTES, NULL);
  const char *known_origin = json_string_value (json_object_get (known, "from"));
  g_autoptr (json_t) root = NULL;
  gboolean is_written;
  char *text;

  if (g_strcmp0 (known_origin, origin) == 0)
    return TRUE;
  gloss_unpack_remove (run->staging);
  if (g_mkdir_with_parents (run->staging, 0777) != 0)
    return set_errno (error, run->staging, N_ ("the folder for the download cannot be made"),
                      errno);
  root = json_pack ("{s:s}", "from", origin);
  text = json_dumps (root, 0);
  is_written = gloss_atomic_file_write (path, text, strlen (text), error);
  free (text);
  return is_written;
}

/* Moves all files below @folder into the staging folder itself. */
static gboolean
flatten (Run *run, const char *folder, guint depth, GError **error)
{
  guint n_left = 10000;
  g_autoptr (GPtrArray) names = gloss_folder_list (folder, &n_left);

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *from = g_build_filename (folder, name, NULL);
      g_autofree char *to = g_build_filename (run->staging, name, NULL);

      if (g_file_test (from, G_FILE_TEST_IS_DIR))
        {
          if (depth < 16 && !flatten (run, from, depth + 1, error))
            return FALSE;
        }
      else if (!g_file_test (to, G_FILE_TEST_EXISTS) && g_rename (from, to) != 0)
        return set_errno (error, to, N_ ("what was unpacked cannot be moved"), errno);
    }
  return TRUE;
}

static gboolean
unpack_into_staging (Run *run, const char *archive, GError **error)
{
  g_autofree char *folder = g_build_filename (run->staging, ".unpacked", NULL);
  gboolean is_done;

  tell (run, GLOSS_INSTALL_UNPACKING);
  gloss_unpack_remove (folder);
  is_done = gloss_unpack_run (archive, folder, NULL, run->cancellable, NULL, NULL, error)
            && flatten (run, folder, 0, error);
  gloss_unpack_remove (folder);
  return is_done;
}

/* The archive among @files, of which there is one at most, or NULL. An npz is a zip archive too,
 * and stays as it is. */
static GlossSourceFile *
find_archive (const GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    {
      GlossSourceFile *file = g_ptr_array_index (files, i);

      if (has_suffix (file, ".tar.gz") || has_suffix (file, ".tgz") || has_suffix (file, ".zip"))
        return file;
    }
  return NULL;
}

/* What is of no use is downloaded again next time. */
static void
drop_archive (const char *path)
{
  g_autofree char *part = g_strconcat (path, ".part", NULL);
  g_autofree char *state = g_strconcat (part, ".json", NULL);

  g_unlink (path);
  g_unlink (state);
  g_unlink (part);
}

static void
stop (GCancellable *cancellable, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

/* Downloads @files, and unpacks the @archive among them while it comes. */
static gboolean
download_and_unpack (Run *run, const GPtrArray *files, GlossSourceFile *archive,
                     const GlossHttpOptions *options, GError **error)
{
  g_autofree char *base = g_path_get_basename (archive->name);
  g_autofree char *path = g_build_filename (run->staging, base, NULL);
  g_autofree char *folder = g_build_filename (run->staging, ".unpacked", NULL);
  g_autoptr (GCancellable) inner = g_cancellable_new ();
  g_autoptr (GlossUnpacking) unpacking = NULL;
  GError *failure = NULL, *other = NULL;
  gulong handler = 0;
  gboolean is_done, is_of_use = TRUE;

  gloss_unpack_remove (folder);
  archive->growing = gloss_growing_file_new ();
  unpacking = gloss_unpacking_new (archive->growing, folder, NULL, inner);
  if (run->cancellable)
    handler = g_cancellable_connect (run->cancellable, G_CALLBACK (stop), inner, NULL);
  is_done = gloss_download_set_run (run->install->source, files, run->staging, FALSE, options,
                                    inner, tell_download, run, &failure);
  g_cancellable_disconnect (run->cancellable, handler);
  if (is_done)
    {
      tell (run, GLOSS_INSTALL_UNPACKING);
      is_done = gloss_unpacking_finish (unpacking, path, run->cancellable, &failure)
                && flatten (run, folder, 0, &failure);
      is_of_use = !is_done && failure->domain != GLOSS_ERROR;
    }
  else if (gloss_unpacking_get_failure (unpacking, &other))
    {
      g_clear_error (&failure);
      failure = other;
      is_of_use = failure->domain != GLOSS_ERROR;
      g_prefix_error (&failure, "%s: ", base);
    }
  gloss_unpack_remove (folder);
  if (!is_of_use)
    drop_archive (path);
  if (!is_done)
    g_propagate_error (error, failure);
  return is_done;
}

static gboolean
download (Run *run, const GPtrArray *files, const GlossHttpOptions *options, GError **error)
{
  GlossSourceFile *archive = find_archive (files);

  return archive ? download_and_unpack (run, files, archive, options, error)
                 : gloss_download_set_run (run->install->source, files, run->staging, FALSE,
                                           options, run->cancellable, tell_download, run, error);
}

static gboolean
copy_file (Run *run, const char *from, const char *to, GError **error)
{
  g_autoptr (GFile) source = g_file_new_for_path (from);
  g_autoptr (GFile) target = g_file_new_for_path (to);
  int descriptor;

  if (!g_file_copy (source, target, G_FILE_COPY_OVERWRITE | G_FILE_COPY_TARGET_DEFAULT_PERMS,
                    run->cancellable, NULL, NULL, error))
    return FALSE;
  descriptor = g_open (to, O_RDONLY | O_CLOEXEC, 0);
  if (descriptor >= 0)
    {
      fsync (descriptor);
      close (descriptor);
    }
  return TRUE;
}

static gboolean
copy_tokenizer (Run *run, const char *from, GError **error)
{
  g_autofree char *to = g_build_filename (run->staging, "tokenizer.model", NULL);

  return copy_file (run, from, to, error);
}

/* The file of the source that is a tokenizer, downloaded. */
static gboolean
fetch_tokenizer (Run *run, GlossSource *source, const GlossHttpOptions *options, GError **error)
{
  const char *name = gloss_source_get_kind (source) == GLOSS_SOURCE_BUCKET
                         ? "paligemma_tokenizer.model"
                         : "tokenizer.model";
  g_autofree char *path = g_build_filename (run->staging, "tokenizer.model", NULL);
  GlossSourceFile file = { .name = (char *) name };

  return gloss_source_download (source, &file, path, options, run->cancellable, NULL, NULL, error);
}

static gboolean
get_tokenizer (Run *run, const GlossHttpOptions *options, GError **error)
{
  g_autofree char *there = gloss_model_files_find_tokenizer (run->staging);
  g_autoptr (GString) failures = g_string_new (NULL);
  const GPtrArray *sources = run->install->tokenizer_sources;

  tell (run, GLOSS_INSTALL_TOKENIZER);
  if (run->install->tokenizer_path)
    return copy_tokenizer (run, run->install->tokenizer_path, error);
  if (there)
    return TRUE;
  for (guint i = 0; sources && i < sources->len; i++)
    {
      g_autoptr (GError) failure = NULL;

      if (fetch_tokenizer (run, g_ptr_array_index (sources, i), options, &failure))
        return TRUE;
      if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      g_string_append_printf (failures, "; %s", failure->message);
    }
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
      _ ("the model came without its tokenizer, and none is to be had elsewhere; name a file "
         "with it (--tokenizer), and what was downloaded is used%s"),
      failures->str);
  return FALSE;
}

char *
gloss_install_run (const GlossInstall *install, const GlossHttpOptions *options,
                   GCancellable *cancellable, GlossInstallFunc func, gpointer user_data,
                   GError **error)
{
  g_auto (Run) run = {
    .install = install, .cancellable = cancellable, .func = func, .user_data = user_data
  };
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GPtrArray) chosen = NULL;

  if (!begin (&run, error))
    return NULL;
  tell (&run, GLOSS_INSTALL_LISTING);
  files = gloss_source_list (install->source, options, cancellable, error);
  chosen = files ? gloss_install_choose_files (files, error) : NULL;
  if (!chosen)
    {
      /* fails, and rightly, when something was downloaded before */
      g_rmdir (run.staging);
      return NULL;
    }
  if (!note_origin (&run, error) || !download (&run, chosen, options, error)
      || !get_tokenizer (&run, options, error))
    return NULL;
  return finish (&run, error);
}

char *
gloss_install_make_name (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  char *name = g_path_get_basename (absolute);
  static const char *const suffixes[] = { ".npz", ".zip", ".tgz", ".tar.gz", ".tar" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      if (g_str_has_suffix (name, suffixes[i]) && strlen (name) > strlen (suffixes[i]))
        {
          name[strlen (name) - strlen (suffixes[i])] = '\0';
          break;
        }
    }
  return name;
}

/* An npz may have a configuration beside it, which then counts more than its shapes. */
static gboolean
copy_config (Run *run, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *from = g_build_filename (folder, "config.json", NULL);
  g_autofree char *to = g_build_filename (run->staging, "config.json", NULL);

  return !g_file_test (from, G_FILE_TEST_IS_REGULAR) || copy_file (run, from, to, error);
}

/* Whether it is copied from a folder; a prepared file is used only where there are no safetensors.
 */
static gboolean
is_of_model (const char *name, gboolean has_safetensors)
{
  return g_str_has_suffix (name, ".safetensors") || g_str_has_suffix (name, ".json")
         || (!has_safetensors && g_str_has_suffix (name, GLOSS_PREPARED_SUFFIX))
         || g_strv_contains (gloss_model_files_get_tokenizer_names (), name);
}

static gboolean
copy_model (Run *run, const char *path, GError **error)
{
  g_autofree char *base = NULL;
  g_autofree char *to = NULL;
  g_autofree char *folded = g_ascii_strdown (path, -1);
  guint n_left = 10000;

  tell (run, GLOSS_INSTALL_COPYING);
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_autoptr (GPtrArray) names = gloss_folder_list (path, &n_left);
      gboolean has_safetensors = FALSE;

      for (guint i = 0; i < names->len; i++)
        has_safetensors |= g_str_has_suffix (g_ptr_array_index (names, i), ".safetensors");
      for (guint i = 0; i < names->len; i++)
        {
          const char *name = g_ptr_array_index (names, i);
          g_autofree char *from = g_build_filename (path, name, NULL);
          g_autofree char *copy = g_build_filename (run->staging, name, NULL);

          if (is_of_model (name, has_safetensors) && !copy_file (run, from, copy, error))
            return FALSE;
        }
      return TRUE;
    }
  if (!g_str_has_suffix (folded, ".npz") && gloss_unpack_is_archive (path))
    return unpack_into_staging (run, path, error);
  base = g_path_get_basename (path);
  to = g_build_filename (run->staging, base, NULL);
  return copy_file (run, path, to, error) && copy_config (run, path, error);
}

gboolean
gloss_install_can_import (const char *path, GError **error)
{
  g_autofree char *folded = g_ascii_strdown (path, -1);
  g_autoptr (GlossWeights) weights = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR) && !g_str_has_suffix (folded, ".npz")
      && gloss_unpack_is_archive (path))
    return TRUE;
  weights = gloss_weights_open_streamed (path, error);
  return weights != NULL;
}

char *
gloss_install_import (const GlossInstall *install, const char *path, GCancellable *cancellable,
                      GlossInstallFunc func, gpointer user_data, GError **error)
{
  g_auto (Run) run = {
    .install = install, .cancellable = cancellable, .func = func, .user_data = user_data
  };
  g_autofree char *beside = gloss_model_files_find_tokenizer (path);
  const char *tokenizer = install->tokenizer_path ? install->tokenizer_path : beside;
  g_autofree char *folded = g_ascii_strdown (path, -1);
  gboolean is_archive = !g_file_test (path, G_FILE_TEST_IS_DIR)
                        && !g_str_has_suffix (folded, ".npz") && gloss_unpack_is_archive (path);
  char *result = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      set_errno (error, path, N_ ("there is no model to import"), ENOENT);
      return NULL;
    }
  if (!gloss_install_can_import (path, error))
    return NULL;
  if (!tokenizer && !is_archive && !install->tokenizer_sources)
    {
      g_autofree char *shown = g_filename_display_basename (path);

      g_set_error (
          error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
          _ ("%s: there is no tokenizer beside it, and without one it is of no use; name one "
             "with --tokenizer"),
          shown);
      return NULL;
    }
  if (!begin (&run, error))
    return NULL;
  gloss_unpack_remove (run.staging);
  if (g_mkdir_with_parents (run.staging, 0777) != 0)
    set_errno (error, run.staging, N_ ("the folder for the model cannot be made"), errno);
  else if (copy_model (&run, path, error)
           && (tokenizer ? copy_tokenizer (&run, tokenizer, error)
                         : get_tokenizer (&run, NULL, error)))
    result = finish (&run, error);
  if (!result)
    gloss_unpack_remove (run.staging);
  return result;
}

gboolean
gloss_install_remove (const GlossFoundModel *model, const char *models_folder, GError **error)
{
  g_autofree char *folder = g_file_test (model->path, G_FILE_TEST_IS_DIR)
                                ? g_strdup (model->path)
                                : g_path_get_dirname (model->path);
  g_autofree char *parent = g_path_get_dirname (folder);
  g_autofree char *hidden = NULL;

  if ((model->place != GLOSS_MODEL_PLACE_GLOSS && model->place != GLOSS_MODEL_PLACE_CHOSEN)
      || strcmp (parent, models_folder) != 0)
    {
      g_set_error (
          error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
          _ ("%s: does not lie in Gloss's own folder, and other programs may use it; remove it "
             "with the program that made it"),
          model->name);
      return FALSE;
    }
  /* gone at once for whoever looks, and then file by file */
  hidden = g_strdup_printf ("%s/.removed-%08x", models_folder, g_random_int ());
  if (g_rename (folder, hidden) != 0)
    return set_errno (error, folder, N_ ("the model cannot be removed"), errno);
  gloss_unpack_remove (hidden);
  return TRUE;
}
