/* Pictures that would have the same sidecar. */
#include "dataset/sidecar-sharers.h"

#include "dataset/sidecar.h"
#include "model/image-kind.h"

#include <string.h>

/* The first two pictures of one sidecar: whichever is asked about, one is another. */
typedef struct
{
  char *paths[2]; /* owned */
} Pair;

static void
pair_free (Pair *pair)
{
  g_free (pair->paths[0]);
  g_free (pair->paths[1]);
  g_free (pair);
}

static void
add_to_pair (Pair *pair, const char *path)
{
  for (guint i = 0; i < 2; i++)
    {
      int order = pair->paths[i] ? strcmp (path, pair->paths[i]) : -1;

      if (order == 0)
        return;
      if (order > 0)
        continue;
      if (i == 0)
        {
          g_free (pair->paths[1]);
          pair->paths[1] = g_steal_pointer (&pair->paths[0]);
        }
      g_free (pair->paths[i]);
      pair->paths[i] = g_strdup (path);
      return;
    }
}

static void
add_folder (GHashTable *pairs, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = NULL;
      g_autofree char *sidecar = NULL;
      Pair *pair;

      if (!gloss_image_kind_has_known_suffix (name))
        continue;
      path = g_build_filename (folder, name, NULL);
      sidecar = gloss_sidecar_get_path (path);
      pair = g_hash_table_lookup (pairs, sidecar);
      if (pair && !g_file_test (path, G_FILE_TEST_IS_DIR))
        add_to_pair (pair, path);
    }
}

/* The folder and the name put together again, so that each path has one spelling. */
static char *
normalize (const char *path, char **out_folder)
{
  g_autofree char *name = g_path_get_basename (path);

  *out_folder = g_path_get_dirname (path);
  return g_build_filename (*out_folder, name, NULL);
}

GPtrArray *
gloss_sidecar_find_sharers (const char *const *paths, guint n)
{
  g_autoptr (GHashTable) pairs =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) pair_free);
  g_autoptr (GHashTable) folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *sharers = g_ptr_array_new_full (n, g_free);
  GHashTableIter iter;
  gpointer folder;

  for (guint i = 0; i < n; i++)
    {
      char *own_folder;
      g_autofree char *path = normalize (paths[i], &own_folder);
      char *sidecar = gloss_sidecar_get_path (path);
      Pair *pair = g_hash_table_lookup (pairs, sidecar);

      g_hash_table_add (folders, own_folder);
      if (pair)
        g_free (sidecar);
      else
        {
          pair = g_new0 (Pair, 1);
          g_hash_table_insert (pairs, sidecar, pair);
        }
      add_to_pair (pair, path);
    }
  g_hash_table_iter_init (&iter, folders);
  while (g_hash_table_iter_next (&iter, &folder, NULL))
    add_folder (pairs, folder);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *own_folder = NULL;
      g_autofree char *path = normalize (paths[i], &own_folder);
      g_autofree char *sidecar = gloss_sidecar_get_path (path);
      const Pair *pair = g_hash_table_lookup (pairs, sidecar);

      g_ptr_array_add (sharers, g_strdup (pair->paths[g_str_equal (pair->paths[0], path) ? 1 : 0]));
    }
  return sharers;
}

char *
gloss_sidecar_find_sharer (const char *path)
{
  g_autoptr (GPtrArray) sharers = gloss_sidecar_find_sharers (&path, 1);

  return g_strdup (g_ptr_array_index (sharers, 0));
}
