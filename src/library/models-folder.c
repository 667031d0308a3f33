/* The folder that new models go to. */
#include "library/models-folder.h"

#include "base/atomic-file.h"
#include "base/i18n.h"
#include "library/model-place.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_BYTES 8192

static char *
make_choice_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "gloss", "models-folder", NULL);
}

char *
gloss_models_folder_get_chosen (void)
{
  g_autofree char *path = make_choice_path ();
  g_autofree char *text = NULL;
  gsize n_bytes;

  if (!g_file_get_contents (path, &text, &n_bytes, NULL) || n_bytes > MAX_BYTES)
    return NULL;
  text[strcspn (text, "\n")] = '\0';
  return g_path_is_absolute (text) ? g_steal_pointer (&text) : NULL;
}

char *
gloss_models_folder_get (void)
{
  char *chosen = gloss_models_folder_get_chosen ();

  return chosen ? chosen : gloss_model_place_get_folder (GLOSS_MODEL_PLACE_GLOSS);
}

static gboolean
check_writable (const char *path, GError **error)
{
  g_autofree char *shown = NULL;

  if (!strchr (path, '\n') && g_file_test (path, G_FILE_TEST_IS_DIR) && access (path, W_OK) == 0)
    return TRUE;
  shown = g_filename_display_name (path);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               _ ("%s: no models can be put there; choose a folder that can be written to"), shown);
  return FALSE;
}

gboolean
gloss_models_folder_choose (const char *path, GError **error)
{
  g_autofree char *choice = make_choice_path ();
  g_autofree char *folder = g_path_get_dirname (choice);
  g_autofree char *own = gloss_model_place_get_folder (GLOSS_MODEL_PLACE_GLOSS);
  g_autofree char *line = path ? g_strconcat (path, "\n", NULL) : NULL;

  if (!path || strcmp (path, own) == 0)
    {
      if (g_unlink (choice) == 0 || errno == ENOENT)
        return TRUE;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", choice,
                   g_strerror (errno));
      return FALSE;
    }
  if (!check_writable (path, error))
    return FALSE;
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   _ ("the folder \"%s\" cannot be made: %s"), folder, g_strerror (errno));
      return FALSE;
    }
  return gloss_atomic_file_write (choice, line, strlen (line), error);
}
