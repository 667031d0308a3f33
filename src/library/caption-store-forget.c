/*
 * Forgetting pictures and histories, so that nothing of them is left on the disk, and undoing that.
 *
 * secure_delete writes zeros over what is deleted, but not over the copies that are left in the
 * gaps of a page when SQLite moves rows to another one. So the whole file is built anew afterwards
 * (VACUUM), and until that is done the store remembers that it must be.
 */
#include "library/caption-store-private.h"

#include "base/i18n.h"

#include <string.h>

static const char *const forgetting = N_ ("the pictures cannot be forgotten");
static const char *const clearing = N_ ("the history cannot be removed");
static const char *const restoring = N_ ("what was forgotten cannot be put back");

typedef struct
{
  GlossPictureFinding finding; /* owned; its path and content */
  GPtrArray *captions;         /* owned; the newest first */
} Picture;

struct _GlossForgottenCaptions
{
  GPtrArray *pictures; /* owned; of Picture */
};

static void
picture_free (Picture *picture)
{
  gloss_picture_finding_clear (&picture->finding);
  g_ptr_array_unref (picture->captions);
  g_free (picture);
}

static GlossForgottenCaptions *
forgotten_new (void)
{
  GlossForgottenCaptions *forgotten = g_new (GlossForgottenCaptions, 1);

  forgotten->pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) picture_free);
  return forgotten;
}

void
gloss_forgotten_captions_free (GlossForgottenCaptions *forgotten)
{
  if (!forgotten)
    return;
  g_ptr_array_unref (forgotten->pictures);
  g_free (forgotten);
}

guint
gloss_forgotten_captions_get_n_pictures (const GlossForgottenCaptions *forgotten)
{
  return forgotten->pictures->len;
}

static void
read_content (sqlite3_stmt *statement, GlossPictureContent *content)
{
  content->n_bytes = sqlite3_column_int64 (statement, 1);
  content->mtime_nsec = sqlite3_column_int64 (statement, 2);
  content->has_hash = sqlite3_column_bytes (statement, 3) == GLOSS_CONTENT_HASH_BYTES;
  if (content->has_hash)
    memcpy (content->hash, sqlite3_column_blob (statement, 3), GLOSS_CONTENT_HASH_BYTES);
}

/* Adds the picture @path to @forgotten when it is known. */
static gboolean
read_picture (GlossCaptionStore *store, const char *path, GlossForgottenCaptions *forgotten,
              gint64 *out_id, GError **error)
{
  sqlite3_stmt *statement = gloss_caption_store_get_sql (store, GLOSS_SQL_FIND_PATH);
  Picture *picture;
  int n;

  *out_id = 0;
  gloss_caption_store_bind_path (statement, 1, path);
  n = gloss_caption_store_next (store, GLOSS_SQL_FIND_PATH, forgetting, error);
  if (n <= 0)
    return n == 0;
  picture = g_new0 (Picture, 1);
  picture->captions = g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_caption_record_free);
  picture->finding.path = g_strdup (path);
  *out_id = sqlite3_column_int64 (statement, 0);
  read_content (statement, &picture->finding.content);
  g_ptr_array_add (forgotten->pictures, picture);
  gloss_caption_store_end (store, GLOSS_SQL_FIND_PATH);

  statement = gloss_caption_store_get_sql (store, GLOSS_SQL_LIST_CAPTIONS);
  sqlite3_bind_int64 (statement, 1, *out_id);
  sqlite3_bind_int (statement, 2, -1);
  while ((n = gloss_caption_store_next (store, GLOSS_SQL_LIST_CAPTIONS, forgetting, error)) > 0)
    g_ptr_array_add (picture->captions, gloss_caption_store_read_record (statement));
  return n == 0;
}

/* Not a failure: it is tried again, and what was deleted can be read by nobody but an expert. */
void
gloss_caption_store_clean (GlossCaptionStore *store)
{
  int is_marked;

  gloss_caption_store_get_sql (store, GLOSS_SQL_HAS_TRACES);
  is_marked = gloss_caption_store_next (store, GLOSS_SQL_HAS_TRACES, forgetting, NULL);
  gloss_caption_store_end (store, GLOSS_SQL_HAS_TRACES);
  if (is_marked > 0 && gloss_caption_store_run (store, GLOSS_SQL_REBUILD, forgetting, NULL))
    gloss_caption_store_run (store, GLOSS_SQL_UNMARK_TRACES, forgetting, NULL);
}

/* Its captions go with it, by the foreign key. */
static gboolean
forget_all (GlossCaptionStore *store, const char *const *paths, GlossForgottenCaptions *forgotten,
            GError **error)
{
  for (guint i = 0; paths[i]; i++)
    {
      g_autofree char *absolute = g_canonicalize_filename (paths[i], NULL);
      gint64 id;

      if (!read_picture (store, absolute, forgotten, &id, error)
          || (id != 0
              && !gloss_caption_store_run_id (store, GLOSS_SQL_DELETE_PICTURE, id, forgetting,
                                              error)))
        return FALSE;
    }
  return forgotten->pictures->len == 0
         || gloss_caption_store_run (store, GLOSS_SQL_MARK_TRACES, forgetting, error);
}

gboolean
gloss_caption_store_forget (GlossCaptionStore *store, const char *const *paths,
                            GlossForgottenCaptions **out_forgotten, GError **error)
{
  g_autoptr (GlossForgottenCaptions) forgotten = forgotten_new ();
  gboolean is_good;

  g_mutex_lock (&store->lock);
  is_good = gloss_caption_store_run (store, GLOSS_SQL_BEGIN_WRITE, forgetting, error)
            && gloss_caption_store_finish (store, forget_all (store, paths, forgotten, error),
                                           forgetting, error);
  if (is_good)
    gloss_caption_store_clean (store);
  g_mutex_unlock (&store->lock);
  if (is_good && out_forgotten)
    *out_forgotten = g_steal_pointer (&forgotten);
  return is_good;
}

/* @picture_path is NULL for all. */
static gboolean
delete_history (GlossCaptionStore *store, const char *picture_path, GError **error)
{
  g_auto (GlossPictureFinding) finding = { 0 };
  gint64 id;

  if (!gloss_caption_store_run (store, GLOSS_SQL_MARK_TRACES, clearing, error))
    return FALSE;
  if (!picture_path)
    return gloss_caption_store_run (store, GLOSS_SQL_DELETE_ALL_HISTORY, clearing, error);
  finding.path = g_canonicalize_filename (picture_path, NULL);
  return gloss_caption_store_guess_picture (store, &finding, clearing, &id, error)
         && gloss_caption_store_run_id (store, GLOSS_SQL_DELETE_HISTORY, id, clearing, error);
}

gboolean
gloss_caption_store_clear_history (GlossCaptionStore *store, const char *picture_path,
                                   GError **error)
{
  gboolean is_good;

  g_mutex_lock (&store->lock);
  is_good = gloss_caption_store_run (store, GLOSS_SQL_BEGIN_WRITE, clearing, error)
            && gloss_caption_store_finish (store, delete_history (store, picture_path, error),
                                           clearing, error);
  if (is_good)
    gloss_caption_store_clean (store);
  g_mutex_unlock (&store->lock);
  return is_good;
}

static gboolean
restore_picture (GlossCaptionStore *store, const Picture *picture, GError **error)
{
  gint64 id, twin;

  if (!gloss_caption_store_put_picture (store, &picture->finding, restoring, &id, error))
    return FALSE;
  /* The oldest first, for when one cannot have the id that it had. */
  for (guint i = picture->captions->len; i-- > 0;)
    {
      const GlossCaptionRecord *record = g_ptr_array_index (picture->captions, i);

      if (!gloss_caption_store_find_text (store, id, record->text, restoring, &twin, error)
          || (twin == 0
              && !gloss_caption_store_add_record (store, id, record, FALSE, restoring, error)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
restore_all (GlossCaptionStore *store, const GlossForgottenCaptions *forgotten, GError **error)
{
  for (guint i = 0; i < forgotten->pictures->len; i++)
    {
      if (!restore_picture (store, g_ptr_array_index (forgotten->pictures, i), error))
        return FALSE;
    }
  return TRUE;
}

gboolean
gloss_caption_store_restore (GlossCaptionStore *store, const GlossForgottenCaptions *forgotten,
                             GError **error)
{
  gboolean is_good;

  g_mutex_lock (&store->lock);
  is_good = gloss_caption_store_run (store, GLOSS_SQL_BEGIN_WRITE, restoring, error)
            && gloss_caption_store_finish (store, restore_all (store, forgotten, error), restoring,
                                           error);
  g_mutex_unlock (&store->lock);
  return is_good;
}
