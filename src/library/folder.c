/* What is in a folder, when nobody knows how much that is. */
#include "library/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

typedef struct
{
  char *name;
  gboolean is_link;
} Entry;

static void
entry_clear (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
}

static gboolean
is_number (const char *name)
{
  return *name && strspn (name, "0123456789") == strlen (name);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *first = a, *second = b;

  if (first->is_link != second->is_link)
    return first->is_link ? 1 : -1;
  if (is_number (first->name) != is_number (second->name))
    return is_number (first->name) ? -1 : 1;
  if (is_number (first->name))
    {
      gsize n_first = strlen (first->name + strspn (first->name, "0"));
      gsize n_second = strlen (second->name + strspn (second->name, "0"));

      if (n_first != n_second)
        return n_first < n_second ? -1 : 1;
    }
  return strcmp (first->name, second->name);
}

static gboolean
is_link (DIR *folder, const struct dirent *entry)
{
  struct stat status;

  if (entry->d_type != DT_UNKNOWN)
    return entry->d_type == DT_LNK;
  return fstatat (dirfd (folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0
         && S_ISLNK (status.st_mode);
}

GPtrArray *
gloss_folder_list (const char *path, guint *n_left)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  DIR *folder = opendir (path);
  struct dirent *entry;

  g_array_set_clear_func (entries, entry_clear);
  while (folder && *n_left > 0 && (entry = readdir (folder)))
    {
      Entry copy = { 0 };

      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
        continue;
      copy.name = g_strdup (entry->d_name);
      copy.is_link = is_link (folder, entry);
      g_array_append_val (entries, copy);
      (*n_left)--;
    }
  if (folder)
    closedir (folder);

  g_array_sort (entries, compare_entries);
  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (names, g_steal_pointer (&g_array_index (entries, Entry, i).name));
  return names;
}
