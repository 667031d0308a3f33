/* A model for other programs. */
#include "library/export-model.h"

#include "base/atomic-file.h"
#include "base/error.h"
#include "base/i18n.h"
#include "model/adapter.h"
#include "model/tuned.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TOKENIZER_NAME "tokenizer.model"
#define CONFIG_NAME "tokenizer_config.json"
#define PICTURES_NAME "preprocessor_config.json"

/* What transformers reads beside config.json; none of it is large. */
static const char *const companions[] = { "tokenizer.json",        CONFIG_NAME,
                                          PICTURES_NAME,           "special_tokens_map.json",
                                          "processor_config.json", "added_tokens.json",
                                          "generation_config.json" };

static gboolean
is_free (const char *path)
{
  g_autoptr (GDir) dir = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  dir = g_dir_open (path, 0, NULL);
  return dir && !g_dir_read_name (dir);
}

gboolean
gloss_model_export_check (const GlossModelExport *export, GError **error)
{
  gboolean has_adapter = gloss_adapter_is_used (export->model);
  g_autofree char *name = g_filename_display_basename (export->path);

  if (export->target == GLOSS_EXPORT_TO_PEFT && (!has_adapter || export->merges))
    g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                         has_adapter ? _ ("a merged adapter is none any more; export a whole model")
                                     : _ ("this model has no adapter; export a whole model"));
  else if (export->target != GLOSS_EXPORT_TO_PEFT && has_adapter && !export->merges)
    g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                         _ ("this model has an adapter, which a whole model can only have merged "
                            "into it; ask for that, or export the adapter"));
  else if (export->target == GLOSS_EXPORT_TO_NPZ
               ? !export->may_replace && g_file_test (export->path, G_FILE_TEST_EXISTS)
               : !is_free (export->path))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                 _ ("%s: is there already; choose another place"), name);
  else
    return TRUE;
  return FALSE;
}

static GlossExport *
make_export (const GlossModelExport *export)
{
  const GlossExportOptions options = {
    .kind = export->target == GLOSS_EXPORT_TO_NPZ ? GLOSS_EXPORT_NPZ : GLOSS_EXPORT_HF,
    .n_pieces = gloss_tokenizer_get_n_pieces (export->tokenizer),
    .converts = export->converts,
    .dtype = export->dtype,
    .shard_bytes = export->shard_bytes,
  };

  return gloss_export_new (export->model, &options);
}

guint64
gloss_model_export_count_bytes (const GlossModelExport *export)
{
  g_autoptr (GlossExport) whole = NULL;

  if (export->target == GLOSS_EXPORT_TO_PEFT)
    return 0;
  whole = make_export (export);
  return gloss_export_get_n_bytes (whole);
}

/* Copies one file, if it is there, unless the copy is. */
static gboolean
copy_file (const char *from, const char *folder, const char *name, GError **error)
{
  g_autofree char *to = g_build_filename (folder, name, NULL);
  g_autofree char *data = NULL;
  gsize n_bytes;

  if (!g_file_test (from, G_FILE_TEST_IS_REGULAR) || g_file_test (to, G_FILE_TEST_EXISTS))
    return TRUE;
  return g_file_get_contents (from, &data, &n_bytes, error)
         && gloss_atomic_file_write (to, data, n_bytes, error);
}

static gboolean
write_json (const char *folder, const char *name, json_t *root, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text;
  gboolean is_written;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  text = json_dumps (root, JSON_INDENT (2));
  is_written = gloss_atomic_file_write (path, text, strlen (text), error);
  free (text);
  return is_written;
}

/* The folder with the files of the model, or of what it was tuned from. */
static char *
find_own_folder (const GlossModelExport *export)
{
  g_autofree char *base = gloss_tuned_model_is_there (export->model_path)
                              ? gloss_tuned_model_find_base (export->model_path, NULL)
                              : NULL;
  const char *path = base ? base : export->model_path;

  return g_file_test (path, G_FILE_TEST_IS_DIR) ? g_strdup (path) : g_path_get_dirname (path);
}

static gboolean
copy_companions (const GlossModelExport *export, const char *folder, GError **error)
{
  g_autofree char *own = find_own_folder (export);
  int side = (int) gloss_model_config_get_image_size_px (gloss_model_get_config (export->model));
  int n_tokens = (int) gloss_model_get_config (export->model)->n_image_tokens;
  g_autoptr (json_t) pictures =
      json_pack ("{s:s, s:s, s:{s:i, s:i}, s:i, s:b, s:f, s:b, s:[f,f,f], s:[f,f,f], s:i}",
                 "image_processor_type", "SiglipImageProcessor", "processor_class",
                 "PaliGemmaProcessor", "size", "height", side, "width", side, "resample", 3,
                 "do_rescale", 1, "rescale_factor", 1 / 255.0, "do_normalize", 1, "image_mean", 0.5,
                 0.5, 0.5, "image_std", 0.5, 0.5, 0.5, "image_seq_length", n_tokens);
  g_autoptr (json_t) tokens =
      json_pack ("{s:s, s:s, s:b, s:b, s:s, s:s, s:s, s:s, s:[s]}", "tokenizer_class",
                 "GemmaTokenizer", "processor_class", "PaliGemmaProcessor", "add_bos_token", 1,
                 "add_eos_token", 0, "bos_token", "<bos>", "eos_token", "<eos>", "pad_token",
                 "<pad>", "unk_token", "<unk>", "additional_special_tokens", "<image>");

  for (guint i = 0; i < G_N_ELEMENTS (companions); i++)
    {
      g_autofree char *from = g_build_filename (own, companions[i], NULL);

      if (!copy_file (from, folder, companions[i], error))
        return FALSE;
    }
  return write_json (folder, PICTURES_NAME, pictures, error)
         && write_json (folder, CONFIG_NAME, tokens, error);
}

static gboolean
fill_folder (const GlossModelExport *export, const char *folder, GlossExportProgress progress,
             gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossExport) whole = NULL;
  g_autofree char *base = NULL, *base_name = NULL;

  if (export->target == GLOSS_EXPORT_TO_PEFT)
    {
      base = gloss_tuned_model_find_base (export->model_path, NULL);
      base_name = g_path_get_basename (base ? base : export->model_path);
      return gloss_adapter_write (export->model, folder, base_name, error)
             && copy_file (export->tokenizer_path, folder, TOKENIZER_NAME, error);
    }
  whole = make_export (export);
  return gloss_export_write (whole, folder, FALSE, progress, user_data, cancellable, error)
         && copy_file (export->tokenizer_path, folder, TOKENIZER_NAME, error)
         && copy_companions (export, folder, error);
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

/* Permissions as any new folder has them; that of a hidden one is the owner's alone. */
static gboolean
put_in_place (const char *hidden, const char *path, GError **error)
{
  mode_t mask = umask (0);

  umask (mask);
  if (g_chmod (hidden, 0777 & ~(int) mask) == 0 && g_rename (hidden, path) == 0)
    return TRUE;

  int code = errno;
  g_autofree char *name = g_filename_display_basename (path);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", name, g_strerror (code));
  return FALSE;
}

static gboolean
write_folder (const GlossModelExport *export, GlossExportProgress progress, gpointer user_data,
              GCancellable *cancellable, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (export->path, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *hidden = g_strdup_printf ("%s/.%s.XXXXXX", parent, name);

  if (g_mkdir_with_parents (parent, 0777) != 0 || !g_mkdtemp (hidden))
    {
      int code = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", parent,
                   g_strerror (code));
      return FALSE;
    }
  if (fill_folder (export, hidden, progress, user_data, cancellable, error)
      && put_in_place (hidden, path, error))
    return TRUE;
  remove_folder (hidden);
  return FALSE;
}

gboolean
gloss_model_export_run (const GlossModelExport *export, GlossExportProgress progress,
                        gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossExport) whole = NULL;
  g_autofree char *folder = g_path_get_dirname (export->path);

  if (!gloss_model_export_check (export, error))
    return FALSE;
  if (export->target != GLOSS_EXPORT_TO_NPZ)
    return write_folder (export, progress, user_data, cancellable, error);
  whole = make_export (export);
  return gloss_export_write (whole, export->path, export->may_replace, progress, user_data,
                             cancellable, error)
         && copy_file (export->tokenizer_path, folder, TOKENIZER_NAME, error);
}
