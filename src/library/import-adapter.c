/* Making a model of an adapter that another program trained. */
#include "library/import-adapter.h"

#include "base/atomic-file.h"
#include "base/error.h"
#include "base/i18n.h"
#include "library/tuning-record.h"
#include "model/adapter.h"
#include "model/tuned.h"

#include <errno.h>
#include <glib/gstdio.h>

#define TOKENIZER_NAME "tokenizer.model"

static const char *const names[] = { GLOSS_ADAPTER_WEIGHTS_NAME, GLOSS_ADAPTER_CONFIG_NAME,
                                     GLOSS_TUNED_NAME, TOKENIZER_NAME };

/* What an earlier try may have left, too. */
static void
remove_hidden (const char *hidden)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (hidden, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (hidden);
}

static GlossModel *
load (const char *folder, const char *base_path, GlossModel **base, GError **error)
{
  g_autofree char *shown = g_filename_display_name (base_path);

  if (gloss_tuned_model_is_there (base_path))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH,
                   _ ("%s: was fine-tuned itself; an adapter needs the model that it was made for"),
                   shown);
      return NULL;
    }
  *base = gloss_model_load (base_path, NULL, error);
  return *base ? gloss_adapter_apply (*base, folder, error) : NULL;
}

static gboolean
fill (GlossModel *adapted, GlossModel *base, const char *base_path, const char *tokenizer_path,
      const char *hidden, GError **error)
{
  g_autofree char *base_name = g_path_get_basename (base_path);
  g_autofree char *tokenizer = g_build_filename (hidden, TOKENIZER_NAME, NULL);
  g_autoptr (json_t) about = json_pack ("{s:b}", "imported", TRUE);
  g_autofree char *data = NULL;
  gsize n_bytes;

  return gloss_adapter_write (adapted, hidden, base_name, error)
         && gloss_tuned_model_write_description (hidden, base, base_path, about, error)
         && g_file_get_contents (tokenizer_path, &data, &n_bytes, error)
         && gloss_atomic_file_write (tokenizer, data, n_bytes, error);
}

static gboolean
fail_errno (GError **error, const char *path, int code)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", shown, g_strerror (code));
  return FALSE;
}

char *
gloss_import_adapter (const char *folder, const char *base_path, const char *tokenizer_path,
                      const char *models_folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (models_folder, name, NULL);
  g_autofree char *hidden = g_strdup_printf ("%s/.%s.new", models_folder, name);
  g_autoptr (GlossModel) base = NULL;
  g_autoptr (GlossModel) adapted = NULL;

  if (!gloss_tuning_record_check_name (name, error))
    return NULL;
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                   _ ("there is a model called “%s” already; choose another name"), name);
      return NULL;
    }
  adapted = load (folder, base_path, &base, error);
  if (!adapted)
    return NULL;
  if (g_mkdir_with_parents (models_folder, 0777) != 0)
    {
      fail_errno (error, models_folder, errno);
      return NULL;
    }
  remove_hidden (hidden);
  if (g_mkdir (hidden, 0777) != 0)
    {
      fail_errno (error, hidden, errno);
      return NULL;
    }
  if (!fill (adapted, base, base_path, tokenizer_path, hidden, error)
      || (g_rename (hidden, path) != 0 && !fail_errno (error, path, errno)))
    {
      remove_hidden (hidden);
      return NULL;
    }
  return g_steal_pointer (&path);
}
