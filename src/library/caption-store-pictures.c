/*
 * Which picture is meant: known by its path, or else by its content.
 *
 * A record whose path is gone is moved to the new one. While the old path is still there, whatever
 * it holds by now, the captions are copied: it may be the picture that was edited in place after a
 * copy of it was made, and must not lose them.
 */
#include "library/caption-store-private.h"

#include "base/i18n.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const char *const reading = N_ ("the captions cannot be read");

void
gloss_picture_finding_clear (GlossPictureFinding *finding)
{
  g_clear_pointer (&finding->path, g_free);
}

static gboolean
has_same_content (sqlite3_stmt *statement, const GlossPictureContent *content)
{
  return sqlite3_column_int64 (statement, 1) == content->n_bytes
         && sqlite3_column_int64 (statement, 2) == content->mtime_nsec
         && sqlite3_column_type (statement, 3) == SQLITE_BLOB;
}

/* What the store knows of the path, and whether the file must be read. */
static gboolean
look_up (GlossCaptionStore *store, gboolean will_add, GlossPictureFinding *finding,
         gboolean *out_must_read, GError **error)
{
  GlossPictureContent *content = &finding->content;
  sqlite3_stmt *statement = gloss_caption_store_get_sql (store, GLOSS_SQL_FIND_PATH);
  int n;

  gloss_caption_store_bind_path (statement, 1, finding->path);
  n = gloss_caption_store_next (store, GLOSS_SQL_FIND_PATH, reading, error);
  if (n < 0)
    return FALSE;
  if (n > 0)
    {
      finding->id = sqlite3_column_int64 (statement, 0);
      finding->is_current = !content->is_there || has_same_content (statement, content);
      *out_must_read = !finding->is_current;
      gloss_caption_store_end (store, GLOSS_SQL_FIND_PATH);
      return TRUE;
    }
  *out_must_read = content->is_there && will_add;
  /* Files of no bytes are all alike and say nothing. */
  if (!content->is_there || content->n_bytes == 0 || will_add)
    return TRUE;
  statement = gloss_caption_store_get_sql (store, GLOSS_SQL_FIND_SIZE);
  sqlite3_bind_int64 (statement, 1, content->n_bytes);
  n = gloss_caption_store_next (store, GLOSS_SQL_FIND_SIZE, reading, error);
  *out_must_read = n > 0;
  gloss_caption_store_end (store, GLOSS_SQL_FIND_SIZE);
  return n >= 0;
}

gboolean
gloss_caption_store_find_picture (GlossCaptionStore *store, const char *path, gboolean will_add,
                                  GlossPictureFinding *finding, GCancellable *cancellable,
                                  GError **error)
{
  gboolean must_read = FALSE, is_good;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  finding->path = g_canonicalize_filename (path, NULL);
  gloss_picture_content_look (finding->path, &finding->content);
  g_mutex_lock (&store->lock);
  is_good = look_up (store, will_add, finding, &must_read, error);
  g_mutex_unlock (&store->lock);
  return is_good
         && (!must_read
             || gloss_picture_content_hash (finding->path, &finding->content, cancellable, error));
}

gboolean
gloss_picture_finding_is_unsettled (const GlossPictureFinding *finding)
{
  return !finding->is_current && finding->content.has_hash;
}

static void
bind_content (sqlite3_stmt *statement, int index, const GlossPictureContent *content)
{
  sqlite3_bind_int64 (statement, index, content->n_bytes);
  sqlite3_bind_int64 (statement, index + 1, content->mtime_nsec);
  if (content->has_hash)
    sqlite3_bind_blob (statement, index + 2, content->hash, sizeof content->hash, SQLITE_STATIC);
}

static gboolean
set_content (GlossCaptionStore *store, gint64 id, const GlossPictureContent *content,
             const char *what, GError **error)
{
  sqlite3_stmt *statement = gloss_caption_store_get_sql (store, GLOSS_SQL_SET_CONTENT);

  sqlite3_bind_int64 (statement, 1, id);
  bind_content (statement, 2, content);
  return gloss_caption_store_run (store, GLOSS_SQL_SET_CONTENT, what, error);
}

static gboolean
move_picture (GlossCaptionStore *store, gint64 id, const GlossPictureFinding *finding,
              const char *what, GError **error)
{
  sqlite3_stmt *statement = gloss_caption_store_get_sql (store, GLOSS_SQL_SET_PATH);

  sqlite3_bind_int64 (statement, 1, id);
  gloss_caption_store_bind_path (statement, 2, finding->path);
  return gloss_caption_store_run (store, GLOSS_SQL_SET_PATH, what, error)
         && set_content (store, id, &finding->content, what, error);
}

static gboolean
add_picture (GlossCaptionStore *store, const GlossPictureFinding *finding, const char *what,
             gint64 *out_id, GError **error)
{
  sqlite3_stmt *statement = gloss_caption_store_get_sql (store, GLOSS_SQL_ADD_PICTURE);

  gloss_caption_store_bind_path (statement, 1, finding->path);
  bind_content (statement, 2, &finding->content);
  if (!gloss_caption_store_run (store, GLOSS_SQL_ADD_PICTURE, what, error))
    return FALSE;
  *out_id = sqlite3_last_insert_rowid (store->database);
  return TRUE;
}

static gboolean
copy_picture (GlossCaptionStore *store, gint64 source, const GlossPictureFinding *finding,
              const char *what, gint64 *out_id, GError **error)
{
  sqlite3_stmt *statement;

  if (!add_picture (store, finding, what, out_id, error))
    return FALSE;
  statement = gloss_caption_store_get_sql (store, GLOSS_SQL_COPY_CAPTIONS);
  sqlite3_bind_int64 (statement, 1, source);
  sqlite3_bind_int64 (statement, 2, *out_id);
  return gloss_caption_store_run (store, GLOSS_SQL_COPY_CAPTIONS, what, error);
}

/* Only what surely is not there any more; a disk that does not answer proves nothing. */
static gboolean
is_gone (const char *path)
{
  struct stat status;

  return lstat (path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* A record with the content of the file: the first whose path is gone, else the newest; 0 when
 * there is none. */
static gboolean
find_content (GlossCaptionStore *store, const GlossPictureContent *content, const char *what,
              gint64 *out_id, gboolean *out_is_gone, GError **error)
{
  sqlite3_stmt *statement = gloss_caption_store_get_sql (store, GLOSS_SQL_FIND_CONTENT);
  int n = 0;

  *out_id = 0;
  *out_is_gone = FALSE;
  if (!content->has_hash || content->n_bytes == 0)
    return TRUE;
  sqlite3_bind_int64 (statement, 1, content->n_bytes);
  sqlite3_bind_blob (statement, 2, content->hash, sizeof content->hash, SQLITE_STATIC);
  while (!*out_is_gone
         && (n = gloss_caption_store_next (store, GLOSS_SQL_FIND_CONTENT, what, error)) > 0)
    {
      g_autofree char *path = g_strndup (sqlite3_column_blob (statement, 1),
                                         (gsize) sqlite3_column_bytes (statement, 1));

      *out_is_gone = is_gone (path);
      if (*out_id == 0 || *out_is_gone)
        *out_id = sqlite3_column_int64 (statement, 0);
    }
  gloss_caption_store_end (store, GLOSS_SQL_FIND_CONTENT);
  return n >= 0;
}

/* Anew, as another program may have written meanwhile. */
static gboolean
find_path (GlossCaptionStore *store, const char *path, const char *what, gint64 *out_id,
           GError **error)
{
  sqlite3_stmt *statement = gloss_caption_store_get_sql (store, GLOSS_SQL_FIND_PATH);
  int n;

  gloss_caption_store_bind_path (statement, 1, path);
  n = gloss_caption_store_next (store, GLOSS_SQL_FIND_PATH, what, error);
  *out_id = n > 0 ? sqlite3_column_int64 (statement, 0) : 0;
  gloss_caption_store_end (store, GLOSS_SQL_FIND_PATH);
  return n >= 0;
}

gboolean
gloss_caption_store_settle_picture (GlossCaptionStore *store, const GlossPictureFinding *finding,
                                    gboolean will_add, const char *what, gint64 *out_id,
                                    GError **error)
{
  gboolean was_moved;
  gint64 source;

  if (!find_path (store, finding->path, what, out_id, error))
    return FALSE;
  if (*out_id != 0)
    return !gloss_picture_finding_is_unsettled (finding)
           || set_content (store, *out_id, &finding->content, what, error);
  if (!find_content (store, &finding->content, what, &source, &was_moved, error))
    return FALSE;
  if (source != 0 && was_moved)
    {
      *out_id = source;
      return move_picture (store, source, finding, what, error);
    }
  if (source != 0)
    return copy_picture (store, source, finding, what, out_id, error);
  return !will_add || add_picture (store, finding, what, out_id, error);
}

gboolean
gloss_caption_store_put_picture (GlossCaptionStore *store, const GlossPictureFinding *finding,
                                 const char *what, gint64 *out_id, GError **error)
{
  return find_path (store, finding->path, what, out_id, error)
         && (*out_id != 0 || add_picture (store, finding, what, out_id, error));
}

gboolean
gloss_caption_store_guess_picture (GlossCaptionStore *store, const GlossPictureFinding *finding,
                                   const char *what, gint64 *out_id, GError **error)
{
  gboolean was_moved;

  return find_path (store, finding->path, what, out_id, error)
         && (*out_id != 0
             || find_content (store, &finding->content, what, out_id, &was_moved, error));
}
