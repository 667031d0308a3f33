/* The captions that a person edited, as data to learn from. */
#include "library/edited-pairs.h"

#include "base/i18n.h"
#include "library/caption-store-private.h"

static const char *const reading = N_ ("the captions cannot be read");

/* All owned. */
typedef struct
{
  char *path;
  char *text;
  char *prompt; /* may be NULL */
} Edited;

static void
edited_free (gpointer data)
{
  Edited *edited = data;

  g_free (edited->path);
  g_free (edited->text);
  g_free (edited->prompt);
  g_free (edited);
}

static char *
copy_bytes (sqlite3_stmt *statement, int column)
{
  const char *bytes = sqlite3_column_blob (statement, column);

  return bytes ? g_strndup (bytes, (gsize) sqlite3_column_bytes (statement, column)) : NULL;
}

static GPtrArray *
list (GlossCaptionStore *store, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (edited_free);
  sqlite3_stmt *statement;
  int n;

  g_mutex_lock (&store->lock);
  statement = gloss_caption_store_get_sql (store, GLOSS_SQL_LIST_EDITED);
  while ((n = gloss_caption_store_next (store, GLOSS_SQL_LIST_EDITED, reading, error)) > 0)
    {
      Edited *edited = g_new0 (Edited, 1);

      edited->path = copy_bytes (statement, 0);
      edited->text = copy_bytes (statement, 1);
      edited->prompt = copy_bytes (statement, 2);
      g_ptr_array_add (found, edited);
    }
  g_mutex_unlock (&store->lock);
  return n == 0 ? g_steal_pointer (&found) : NULL;
}

typedef struct
{
  GPtrArray *list;
  GCancellable *cancellable;
} Source;

static gboolean
add_all (GlossPairsReader *reader, gpointer user_data, GError **error)
{
  const Source *source = user_data;

  for (guint i = 0; i < source->list->len; i++)
    {
      const Edited *edited = g_ptr_array_index (source->list, i);
      g_autofree char *where = g_filename_display_basename (edited->path);

      if (g_cancellable_set_error_if_cancelled (source->cancellable, error)
          || !gloss_pairs_reader_add (reader, where, edited->path, edited->prompt, edited->text,
                                      error))
        return FALSE;
    }
  return TRUE;
}

GlossPairs *
gloss_edited_pairs_read (GlossCaptionStore *store, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) found = list (store, error);
  Source source = { found, cancellable };

  return found ? gloss_pairs_make (GLOSS_LAYOUT_EDITED, add_all, &source, error) : NULL;
}

GlossPairs *
gloss_edited_pairs_read_default (GCancellable *cancellable, GError **error)
{
  g_autofree char *path = gloss_caption_store_get_default_path ();
  g_autoptr (GlossCaptionStore) store = NULL;

  /* opening would make one */
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("no captions are kept yet; edit some in Gloss’s window first"));
      return NULL;
    }
  store = gloss_caption_store_open (path, NULL, error);
  return store ? gloss_edited_pairs_read (store, cancellable, error) : NULL;
}
