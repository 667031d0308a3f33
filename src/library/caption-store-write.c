/* What adds to the store: captions that become current, edits, what is chosen for folders. */
#include "library/caption-store-private.h"

#include "base/error.h"
#include "base/i18n.h"

#include <string.h>

static const char *const keeping = N_ ("the caption cannot be kept");

/* The texts of a caption, and what is said of one that is too long (the store, bytes, and how many
 * there may be) or not UTF-8 (the store). */
enum
{
  TEXT,
  MODEL,
  PROMPT,
  NOTE
};

static const char *const too_long[] = {
  [TEXT] = N_ ("%s: the caption cannot be kept: the text has %zu bytes, and at most %zu are kept"),
  [MODEL] = N_ ("%s: the caption cannot be kept: the name of the model has %zu bytes, and at most "
                "%zu are kept"),
  [PROMPT] =
      N_ ("%s: the caption cannot be kept: the prompt has %zu bytes, and at most %zu are kept"),
  [NOTE] = N_ ("%s: the caption cannot be kept: the note has %zu bytes, and at most %zu are kept"),
};

static const char *const not_utf8[] = {
  [TEXT] = N_ ("%s: the caption cannot be kept: the text is not valid UTF-8"),
  [MODEL] = N_ ("%s: the caption cannot be kept: the name of the model is not valid UTF-8"),
  [PROMPT] = N_ ("%s: the caption cannot be kept: the prompt is not valid UTF-8"),
  [NOTE] = N_ ("%s: the caption cannot be kept: the note is not valid UTF-8"),
};

static gboolean
check_text (GlossCaptionStore *store, const char *text, guint which, GError **error)
{
  if (text && strlen (text) > GLOSS_CAPTION_MAX_BYTES)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, _ (too_long[which]), store->name,
                 strlen (text), GLOSS_CAPTION_MAX_BYTES);
  else if (text && !g_utf8_validate (text, -1, NULL))
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, _ (not_utf8[which]), store->name);
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_record (GlossCaptionStore *store, const GlossCaptionRecord *record, GError **error)
{
  return check_text (store, record->text, TEXT, error)
         && check_text (store, record->model, MODEL, error)
         && check_text (store, record->prompt, PROMPT, error)
         && check_text (store, record->note, NOTE, error);
}

/* Puts @record in the place of the caption @id. */
static gboolean
replace (GlossCaptionStore *store, gint64 id, const GlossCaptionRecord *record, gboolean is_open,
         GError **error)
{
  sqlite3_stmt *statement = gloss_caption_store_get_sql (store, GLOSS_SQL_REPLACE_CAPTION);

  sqlite3_bind_int64 (statement, 1, id);
  gloss_caption_store_bind_record (statement, 2, record);
  if (is_open)
    sqlite3_bind_int64 (statement, 8, store->session);
  return gloss_caption_store_run (store, GLOSS_SQL_REPLACE_CAPTION, keeping, error);
}

/* Makes an earlier caption the current one, as it was. */
static gboolean
raise_caption (GlossCaptionStore *store, gint64 id, GError **error)
{
  return gloss_caption_store_run_id (store, GLOSS_SQL_REPEAT_CAPTION, id, keeping, error)
         && gloss_caption_store_run_id (store, GLOSS_SQL_DELETE_CAPTION, id, keeping, error);
}

/* An empty caption does not go to the history. */
static gboolean
drop_if_empty (GlossCaptionStore *store, const GlossCaptionRecord *record, GError **error)
{
  return !record || *record->text
         || gloss_caption_store_run_id (store, GLOSS_SQL_DELETE_CAPTION, record->id, keeping,
                                        error);
}

static gboolean
set_caption (GlossCaptionStore *store, gint64 picture, const GlossCaptionRecord *record,
             GError **error)
{
  gboolean is_known_better = record->origin == GLOSS_CAPTION_ORIGIN_SIDECAR;
  g_autoptr (GlossCaptionRecord) current = NULL;
  gint64 twin;

  if (!gloss_caption_store_read_current (store, picture, keeping, &current, NULL, error))
    return FALSE;
  if (current && g_str_equal (current->text, record->text))
    return replace (store, current->id, is_known_better ? current : record, FALSE, error);
  if (!gloss_caption_store_find_text (store, picture, record->text, keeping, &twin, error)
      || !drop_if_empty (store, current, error))
    return FALSE;
  if (twin != 0 && is_known_better)
    return raise_caption (store, twin, error);
  return (twin == 0
          || gloss_caption_store_run_id (store, GLOSS_SQL_DELETE_CAPTION, twin, keeping, error))
         && gloss_caption_store_add_record (store, picture, record, FALSE, keeping, error);
}

static gboolean
edit_caption (GlossCaptionStore *store, gint64 picture, const char *text, GError **error)
{
  g_autoptr (GlossCaptionRecord) current = NULL;
  GlossCaptionRecord edited = { .origin = GLOSS_CAPTION_ORIGIN_EDITED,
                                .text = (char *) text,
                                .created_usec = g_get_real_time () };
  gboolean is_open;
  gint64 twin;

  if (!gloss_caption_store_read_current (store, picture, keeping, &current, &is_open, error))
    return FALSE;
  if (current ? g_str_equal (current->text, text) : !*text)
    return TRUE;
  if (!gloss_caption_store_find_text (store, picture, text, keeping, &twin, error))
    return FALSE;
  if (twin != 0)
    return (is_open ? gloss_caption_store_run_id (store, GLOSS_SQL_DELETE_CAPTION, current->id,
                                                  keeping, error)
                    : drop_if_empty (store, current, error))
           && raise_caption (store, twin, error);
  /* Typed where a model had said nothing, it is nobody else's. */
  if (current && (is_open || *current->text))
    {
      edited.model = current->model;
      edited.prompt = current->prompt;
      edited.note = current->note;
    }
  if (is_open)
    return replace (store, current->id, &edited, TRUE, error);
  return drop_if_empty (store, current, error)
         && gloss_caption_store_add_record (store, picture, &edited, TRUE, keeping, error);
}

/* Finds the picture, and adds @record, or else @edited_text, in one transaction. */
static gboolean
write_caption (GlossCaptionStore *store, const char *picture_path, const GlossCaptionRecord *record,
               const char *edited_text, GCancellable *cancellable, GError **error)
{
  g_auto (GlossPictureFinding) finding = { 0 };
  /* That there is no text need not be remembered of a picture without one. */
  gboolean will_add = record || *edited_text, is_good;
  gint64 picture;

  if (!gloss_caption_store_find_picture (store, picture_path, will_add, &finding, cancellable,
                                         error))
    return FALSE;
  g_mutex_lock (&store->lock);
  is_good = gloss_caption_store_run (store, GLOSS_SQL_BEGIN_WRITE, keeping, error);
  if (is_good)
    is_good = gloss_caption_store_finish (
        store,
        gloss_caption_store_settle_picture (store, &finding, will_add, keeping, &picture, error)
            && (record ? set_caption (store, picture, record, error)
                       : edit_caption (store, picture, edited_text, error)),
        keeping, error);
  g_mutex_unlock (&store->lock);
  return is_good;
}

gboolean
gloss_caption_store_set (GlossCaptionStore *store, const char *picture_path,
                         const GlossCaptionRecord *record, GCancellable *cancellable,
                         GError **error)
{
  GlossCaptionRecord copy;

  g_return_val_if_fail (record && record->text, FALSE);
  if (!check_record (store, record, error))
    return FALSE;
  copy = *record;
  copy.id = 0;
  if (copy.created_usec == 0)
    copy.created_usec = g_get_real_time ();
  return write_caption (store, picture_path, &copy, NULL, cancellable, error);
}

gboolean
gloss_caption_store_edit (GlossCaptionStore *store, const char *picture_path, const char *text,
                          GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (text, FALSE);
  return check_text (store, text, TEXT, error)
         && write_caption (store, picture_path, NULL, text, cancellable, error);
}

gboolean
gloss_caption_store_set_folder_sidecars (GlossCaptionStore *store, const char *folder,
                                         gboolean has_sidecars, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (folder, NULL);
  sqlite3_stmt *statement;
  gboolean is_good;

  g_mutex_lock (&store->lock);
  statement = gloss_caption_store_get_sql (store, GLOSS_SQL_SET_FOLDER);
  gloss_caption_store_bind_path (statement, 1, absolute);
  sqlite3_bind_int (statement, 2, has_sidecars ? 1 : 0);
  is_good = gloss_caption_store_run (store, GLOSS_SQL_SET_FOLDER,
                                     N_ ("what was chosen for the folder cannot be kept"), error);
  g_mutex_unlock (&store->lock);
  return is_good;
}
