/* Pictures with text files beside them. */
#include "dataset/pairs-private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "dataset/picture-folder.h"
#include "dataset/sidecar.h"

#include <errno.h>
#include <string.h>

/* As it is named below @folder. */
static char *
make_relative (const char *path, const char *folder)
{
  gsize n = strlen (folder);

  if (g_str_has_prefix (path, folder) && path[n] == '/')
    path += n + 1;
  return g_filename_display_name (path);
}

static gboolean
read_one (GlossPairsReader *reader, const char *path, const char *folder, GError **error)
{
  g_autofree char *where = make_relative (path, folder);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GlossSidecar) sidecar = gloss_sidecar_read (path, &failure);

  if (failure)
    {
      gloss_pairs_reader_complain (reader, GLOSS_PAIRS_DAMAGED, g_strdup (failure->message));
      return TRUE;
    }
  if (!sidecar)
    {
      gloss_pairs_reader_complain (reader, GLOSS_PAIRS_NO_CAPTION, g_steal_pointer (&where));
      gloss_pairs_reader_note_uncaptioned (reader, path);
      return TRUE;
    }
  if (!sidecar->text)
    {
      gloss_pairs_reader_complain (
          reader, GLOSS_PAIRS_DAMAGED,
          g_strdup_printf (_ ("%s: the text file beside it is not UTF-8"), where));
      return TRUE;
    }
  return gloss_pairs_reader_add (reader, where, path, NULL, sidecar->text, error);
}

static void
complain_about_folder (const char *path, int error_number, gpointer reader)
{
  g_autofree char *name = g_filename_display_name (path);

  gloss_pairs_reader_complain (
      reader, GLOSS_PAIRS_DAMAGED,
      g_strdup_printf (_ ("%s: the folder cannot be read: %s"), name, g_strerror (error_number)));
}

/* A path without what is behind the last dot of its name. */
static char *
make_stem (const char *path)
{
  const char *slash = strrchr (path, '/');
  const char *dot = strrchr (slash ? slash : path, '.');

  return dot ? g_strndup (path, (gsize) (dot - path)) : g_strdup (path);
}

/* Text files of the folders of @pictures that belong to none of them. */
static void
find_orphans (GlossPairsReader *reader, GPtrArray *pictures, const char *root)
{
  g_autoptr (GHashTable) stems = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer folder;

  g_hash_table_add (folders, g_strdup (root));
  for (guint i = 0; i < pictures->len; i++)
    {
      g_hash_table_add (stems, make_stem (g_ptr_array_index (pictures, i)));
      g_hash_table_add (folders, g_path_get_dirname (g_ptr_array_index (pictures, i)));
    }
  g_hash_table_iter_init (&iter, folders);
  while (g_hash_table_iter_next (&iter, &folder, NULL))
    {
      g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
      const char *name;

      while (dir && (name = g_dir_read_name (dir)))
        {
          g_autofree char *path = g_build_filename (folder, name, NULL);
          g_autofree char *stem = make_stem (path);

          if (name[0] != '.'
              && (g_str_has_suffix (name, ".txt") || g_str_has_suffix (name, ".caption"))
              && !g_hash_table_contains (stems, stem))
            gloss_pairs_reader_complain (reader, GLOSS_PAIRS_NO_PICTURE,
                                         make_relative (path, root));
        }
    }
}

gboolean
gloss_pairs_read_sidecars (GlossPairsReader *reader, const char *path, GError **error)
{
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (g_free);
  gboolean is_whole =
      gloss_picture_folder_append (pictures, path, TRUE, GLOSS_PAIRS_MAX_PAIRS,
                                   complain_about_folder, reader, reader->cancellable);

  if (g_cancellable_set_error_if_cancelled (reader->cancellable, error))
    return FALSE;
  if (!is_whole)
    {
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("%s: there are more than %u pictures; use a part of them"), name,
                   GLOSS_PAIRS_MAX_PAIRS);
      return FALSE;
    }
  reader->folder = path;
  reader->pairs->layout = GLOSS_LAYOUT_SIDECARS;
  for (guint i = 0; i < pictures->len; i++)
    {
      if (g_cancellable_set_error_if_cancelled (reader->cancellable, error)
          || !read_one (reader, g_ptr_array_index (pictures, i), path, error))
        return FALSE;
    }
  find_orphans (reader, pictures, path);
  return TRUE;
}
