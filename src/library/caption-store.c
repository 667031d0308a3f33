/* Gloss's own store of captions: opening it and reading from it. */
#include "library/caption-store-private.h"

#include "base/error.h"
#include "base/i18n.h"

#include <string.h>
#include <unistd.h>

static const char *const reading = N_ ("the captions cannot be read");

char *
gloss_caption_store_get_default_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "gloss", "captions.sqlite", NULL);
}

static char *
tell_set_aside (const char *target, GlossStoreFinding finding, int version)
{
  g_autofree char *shown = g_filename_display_name (target);

  if (finding == GLOSS_STORE_NEWER)
    return g_strdup_printf (
        _ ("The captions were kept by a newer Gloss (in form %d), which this one cannot read; they "
           "are now in \"%s\", and a new store was begun."),
        version, shown);
  return g_strdup_printf (
      _ ("The file with the captions is damaged; it is now \"%s\", and a new store was begun."),
      shown);
}

/* At most twice: a file that was just made is sound. */
static gboolean
connect_or_begin_anew (GlossCaptionStore *store, char **out_set_aside, GError **error)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *target = NULL;
      g_autofree char *made = NULL;
      int version = 0;
      GlossStoreFinding finding = gloss_caption_store_connect (store, &version, error);

      if (finding == GLOSS_STORE_SOUND)
        return TRUE;
      if (finding == GLOSS_STORE_FAILED)
        return FALSE;
      target = gloss_caption_store_file_set_aside (
          store->path, finding == GLOSS_STORE_NEWER ? "newer" : "damaged", error);
      if (!target)
        return FALSE;
      g_free (*out_set_aside);
      *out_set_aside = tell_set_aside (target, finding, version);
      /* Where a link has led to, not through it, as that leads nowhere now. */
      made = gloss_caption_store_file_make (store->path, error);
      if (!made)
        return FALSE;
    }
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
               _ ("%s: a new store was made, and what the disk gives back is something else"),
               store->name);
  return FALSE;
}

GlossCaptionStore *
gloss_caption_store_open (const char *path, char **out_set_aside, GError **error)
{
  g_autoptr (GlossCaptionStore) store = g_new0 (GlossCaptionStore, 1);
  g_autofree char *set_aside = NULL;
  gboolean is_open;
  int folder = -1;

  g_return_val_if_fail (path != NULL, NULL);
  if (out_set_aside)
    *out_set_aside = NULL;
  g_mutex_init (&store->lock);
  store->name = g_filename_display_basename (path);
  store->session = (gint64) ((guint64) g_random_int () << 32 | g_random_int ());
  store->path = gloss_caption_store_file_make (path, error);
  if (!store->path)
    return NULL;
  /* Else two programs that find the same damage would set aside each other's new store. */
  folder = gloss_caption_store_file_lock_folder (store->path);
  is_open = connect_or_begin_anew (store, &set_aside, error);
  if (folder >= 0)
    close (folder);
  if (is_open)
    gloss_caption_store_clean (store);
  if (out_set_aside)
    *out_set_aside = g_steal_pointer (&set_aside);
  return is_open ? g_steal_pointer (&store) : NULL;
}

void
gloss_caption_store_free (GlossCaptionStore *store)
{
  if (!store)
    return;
  gloss_caption_store_disconnect (store);
  g_mutex_clear (&store->lock);
  g_free (store->path);
  g_free (store->name);
  g_free (store);
}

static gboolean
list_captions (GlossCaptionStore *store, gint64 picture, GlossCaptionRecord **out_current,
               GPtrArray *history, GError **error)
{
  sqlite3_stmt *statement = gloss_caption_store_get_sql (store, GLOSS_SQL_LIST_CAPTIONS);
  int n;

  sqlite3_bind_int64 (statement, 1, picture);
  sqlite3_bind_int (statement, 2, GLOSS_CAPTION_MAX_HISTORY + 1);
  while ((n = gloss_caption_store_next (store, GLOSS_SQL_LIST_CAPTIONS, reading, error)) > 0)
    {
      GlossCaptionRecord *record = gloss_caption_store_read_record (statement);

      if (!*out_current)
        *out_current = record;
      else
        g_ptr_array_add (history, record);
    }
  return n == 0;
}

/* Writing down where a picture is now may be impossible, and its captions are still there. */
static void
try_to_settle (GlossCaptionStore *store, const GlossPictureFinding *finding)
{
  gint64 id;

  if (gloss_caption_store_run (store, GLOSS_SQL_BEGIN_WRITE, reading, NULL))
    gloss_caption_store_finish (
        store, gloss_caption_store_settle_picture (store, finding, FALSE, reading, &id, NULL),
        reading, NULL);
}

gboolean
gloss_caption_store_load (GlossCaptionStore *store, const char *picture_path,
                          GlossCaptionRecord **out_current, GPtrArray **out_history,
                          GCancellable *cancellable, GError **error)
{
  g_auto (GlossPictureFinding) finding = { 0 };
  g_autoptr (GlossCaptionRecord) current = NULL;
  g_autoptr (GPtrArray) history =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_caption_record_free);
  gboolean is_good;
  gint64 id = 0;

  if (!gloss_caption_store_find_picture (store, picture_path, FALSE, &finding, cancellable, error))
    return FALSE;
  g_mutex_lock (&store->lock);
  if (gloss_picture_finding_is_unsettled (&finding))
    try_to_settle (store, &finding);
  is_good = gloss_caption_store_run (store, GLOSS_SQL_BEGIN_READ, reading, error);
  if (is_good)
    is_good = gloss_caption_store_finish (
        store,
        gloss_caption_store_guess_picture (store, &finding, reading, &id, error)
            && list_captions (store, id, &current, history, error),
        reading, error);
  g_mutex_unlock (&store->lock);
  if (!is_good)
    return FALSE;
  if (out_current)
    *out_current = g_steal_pointer (&current);
  if (out_history)
    *out_history = g_steal_pointer (&history);
  return TRUE;
}

static guint8
peek_at (GlossCaptionStore *store, const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  sqlite3_stmt *statement = gloss_caption_store_get_sql (store, GLOSS_SQL_PEEK);
  guint8 state = GLOSS_CAPTION_STATE_NONE;

  gloss_caption_store_bind_path (statement, 1, absolute);
  if (gloss_caption_store_next (store, GLOSS_SQL_PEEK, reading, NULL) > 0
      && sqlite3_column_int (statement, 0))
    {
      state = GLOSS_CAPTION_STATE_HAS_TEXT;
      if (sqlite3_column_int (statement, 1) == GLOSS_CAPTION_ORIGIN_EDITED)
        state |= GLOSS_CAPTION_STATE_IS_EDITED;
    }
  gloss_caption_store_end (store, GLOSS_SQL_PEEK);
  return state;
}

void
gloss_caption_store_peek (GlossCaptionStore *store, const char *const *paths, guint n,
                          guint8 *out_states)
{
  g_mutex_lock (&store->lock);
  /* One transaction, as taking the lock on the file anew costs more than the question. */
  if (gloss_caption_store_run (store, GLOSS_SQL_BEGIN_READ, reading, NULL))
    {
      for (guint i = 0; i < n; i++)
        out_states[i] = peek_at (store, paths[i]);
      gloss_caption_store_finish (store, TRUE, reading, NULL);
    }
  else
    memset (out_states, GLOSS_CAPTION_STATE_NONE, n);
  g_mutex_unlock (&store->lock);
}

gboolean
gloss_caption_store_get_folder_sidecars (GlossCaptionStore *store, const char *folder)
{
  g_autofree char *absolute = g_canonicalize_filename (folder, NULL);
  gboolean has_sidecars;
  sqlite3_stmt *statement;

  g_mutex_lock (&store->lock);
  statement = gloss_caption_store_get_sql (store, GLOSS_SQL_GET_FOLDER);
  gloss_caption_store_bind_path (statement, 1, absolute);
  has_sidecars = gloss_caption_store_next (store, GLOSS_SQL_GET_FOLDER, reading, NULL) > 0
                 && sqlite3_column_int (statement, 0) != 0;
  gloss_caption_store_end (store, GLOSS_SQL_GET_FOLDER);
  g_mutex_unlock (&store->lock);
  return has_sidecars;
}
