/* The pictures in a folder. */
#include "dataset/picture-folder.h"

#include "model/image-kind.h"

#include <errno.h>
#include <string.h>

/* Deeper than any library of pictures; ends a loop that is none of links. */
#define MAX_DEPTH 64

typedef struct
{
  GPtrArray *paths; /* borrowed */
  gboolean recursive;
  guint n_max;
  GlossUnreadableFunc func;
  gpointer user_data;
  GCancellable *cancellable; /* borrowed, may be NULL */
} Walk;

typedef struct
{
  char *name; /* owned */
  char *key;  /* owned; sorts it */
} Entry;

static void
entry_clear (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  g_free (entry->key);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Entry *) a)->key, ((const Entry *) b)->key);
}

static GArray *
list_entries (const Walk *walk, GDir *dir)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  const char *name;

  g_array_set_clear_func (entries, entry_clear);
  while (!g_cancellable_is_cancelled (walk->cancellable) && (name = g_dir_read_name (dir)))
    {
      Entry entry;

      if (name[0] == '.')
        continue;
      entry = (Entry){ g_strdup (name), g_utf8_collate_key_for_filename (name, -1) };
      g_array_append_val (entries, entry);
    }
  g_array_sort (entries, compare_entries);
  return entries;
}

static gboolean
append (const Walk *walk, const char *path, guint depth)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GArray) entries = NULL;

  if (!dir)
    {
      walk->func (path, errno, walk->user_data);
      return TRUE;
    }
  entries = list_entries (walk, dir);
  for (guint i = 0; i < entries->len; i++)
    {
      g_autofree char *child =
          g_build_filename (path, g_array_index (entries, Entry, i).name, NULL);
      gboolean is_folder = g_file_test (child, G_FILE_TEST_IS_DIR);

      if (g_cancellable_is_cancelled (walk->cancellable))
        return FALSE;
      if (!is_folder && gloss_image_kind_has_known_suffix (child))
        {
          if (walk->paths->len >= walk->n_max)
            return FALSE;
          g_ptr_array_add (walk->paths, g_steal_pointer (&child));
        }
      else if (is_folder && walk->recursive && depth < MAX_DEPTH
               && !g_file_test (child, G_FILE_TEST_IS_SYMLINK) && !append (walk, child, depth + 1))
        return FALSE;
    }
  return !g_cancellable_is_cancelled (walk->cancellable);
}

gboolean
gloss_picture_folder_append (GPtrArray *paths, const char *path, gboolean recursive, guint n_max,
                             GlossUnreadableFunc func, gpointer user_data,
                             GCancellable *cancellable)
{
  const Walk walk = { paths, recursive, n_max, func, user_data, cancellable };

  return append (&walk, path, 0);
}
