/* Preparing a model that is on this machine. */
#include "library/prepare-installed.h"

#include "weights/prepared.h"

#include <glib/gstdio.h>

gboolean
gloss_prepare_installed_helps (const char *path)
{
  g_autofree char *folded = g_ascii_strdown (path, -1);

  return g_str_has_suffix (folded, ".npz");
}

/* NAME.gloss in the folder NAME, which is then listed as before. */
static char *
make_path_beside (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (folder);
  g_autofree char *file_name = g_strconcat (base, GLOSS_PREPARED_SUFFIX, NULL);

  return g_build_filename (folder, file_name, NULL);
}

char *
gloss_prepare_installed_run (const char *path, const char *name, const char *tokenizer,
                             gboolean is_own, GlossPrepareProgress progress, gpointer user_data,
                             GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossCheckpoint) checkpoint = gloss_checkpoint_open_streamed (path, NULL, error);
  g_autoptr (GlossPreparation) preparation =
      checkpoint ? gloss_preparation_new (checkpoint, error) : NULL;
  g_autofree char *made = NULL;
  gboolean was_there;

  if (!preparation)
    return NULL;
  made = is_own ? make_path_beside (path) : gloss_prepared_model_make_path (path, name, NULL);
  if (!gloss_prepared_model_write (preparation, made, tokenizer, FALSE, progress, user_data,
                                   cancellable, &was_there, error))
    return NULL;
  if (is_own)
    g_unlink (path);
  return g_steal_pointer (&made);
}
