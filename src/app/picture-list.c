/* From files and folders to pictures in a list. */
#include "app/picture-list.h"

#include "dataset/picture-folder.h"

#include <glib/gi18n.h>

typedef struct
{
  GPtrArray *given; /* owned paths */
  GPtrArray *found; /* owned paths */
  char *unusable;   /* owned; the first that gave nothing, in words */
} Search;

static void
search_free (Search *search)
{
  g_ptr_array_unref (search->given);
  g_ptr_array_unref (search->found);
  g_free (search->unusable);
  g_free (search);
}

void
gloss_picture_list_free (GlossPictureList *list)
{
  if (!list)
    return;
  g_ptr_array_unref (list->pictures);
  g_free (list->problem);
  g_free (list);
}

/* Takes @sentence; the first is told. */
static void
complain (Search *search, char *sentence)
{
  if (search->unusable)
    g_free (sentence);
  else
    search->unusable = sentence;
}

static void
complain_about_folder (const char *path, int error_number, gpointer user_data)
{
  g_autofree char *name = g_filename_display_basename (path);

  /* Translators: %s is the name of a folder */
  complain (user_data, g_strdup_printf (_ ("The folder “%s” cannot be read"), name));
}

static void
find (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Search *search = data;

  for (guint i = 0; i < search->given->len; i++)
    {
      const char *path = g_ptr_array_index (search->given, i);
      guint n_before = search->found->len;
      g_autofree char *name = g_filename_display_basename (path);

      if (!g_file_test (path, G_FILE_TEST_IS_DIR))
        g_ptr_array_add (search->found, g_strdup (path));
      else if (!gloss_picture_folder_append (search->found, path, TRUE, GLOSS_PICTURE_LIST_MAX,
                                             complain_about_folder, search, cancellable))
        complain (search,
                  g_strdup_printf (
                      _ ("“%s” holds more pictures than Gloss can list; some are left out"), name));
      else if (search->found->len == n_before)
        complain (search, g_strdup_printf (_ ("There are no pictures in the folder “%s”"), name));
    }
  g_task_return_boolean (task, TRUE);
}

void
gloss_picture_list_find_async (GListModel *files, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Search *search = g_new0 (Search, 1);

  search->given = g_ptr_array_new_with_free_func (g_free);
  search->found = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      char *path = g_file_get_path (file);

      if (path)
        g_ptr_array_add (search->given, path);
      else
        {
          g_autofree char *uri = g_file_get_uri (file);

          complain (search,
                    g_strdup_printf (_ ("“%s” is not on this machine; save it first"), uri));
        }
    }
  g_task_set_task_data (task, search, (GDestroyNotify) search_free);
  g_task_run_in_thread (task, find);
}

GlossPictureList *
gloss_picture_list_find_finish (GAsyncResult *result, GError **error)
{
  Search *search = g_task_get_task_data (G_TASK (result));
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GlossPictureList *list;

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  list = g_new0 (GlossPictureList, 1);
  list->pictures = g_ptr_array_new_with_free_func (g_object_unref);
  list->problem = g_steal_pointer (&search->unusable);
  for (guint i = 0; i < search->found->len; i++)
    {
      char *path = g_ptr_array_index (search->found, i);

      if (g_hash_table_add (seen, path))
        g_ptr_array_add (list->pictures, gloss_picture_new (path));
    }
  return list;
}
