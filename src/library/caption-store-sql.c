/* Running the store's statements, and saying in words what SQLite says in numbers. */
#include "base/error.h"
#include "base/i18n.h"
#include "library/caption-store-private.h"

#include <errno.h>
#include <string.h>

static const char *
explain_input_output (int number)
{
  switch (number)
    {
    case 0:
      return _ ("the disk gives an error");
    case ENOSPC:
      return _ ("the disk is full");
    case EDQUOT:
      return _ ("your share of the disk is used up");
    case EFBIG:
      return _ ("files as large as that are not allowed here");
    default:
      return g_strerror (number);
    }
}

gboolean
gloss_caption_store_set_error (GlossCaptionStore *store, const char *what, GError **error)
{
  /* SQLite does not note down the number when it is a COMMIT that fails; nothing has changed it. */
  int number = errno;
  int code = sqlite3_extended_errcode (store->database);
  GQuark domain = G_IO_ERROR;
  int reason = G_IO_ERROR_FAILED;
  const char *why = sqlite3_errmsg (store->database);

  switch (code & 0xff)
    {
    case SQLITE_FULL:
      reason = G_IO_ERROR_NO_SPACE;
      why = _ ("the disk is full");
      break;
    case SQLITE_IOERR:
      reason = number ? (int) g_io_error_from_errno (number) : G_IO_ERROR_FAILED;
      why = explain_input_output (number);
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      reason = G_IO_ERROR_BUSY;
      why = _ ("another program is using them and does not let go; end it, or try again");
      break;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      reason = G_IO_ERROR_PERMISSION_DENIED;
      why = _ ("the permissions of the file or its folder do not allow it");
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      domain = GLOSS_ERROR;
      reason = GLOSS_ERROR_FORMAT;
      why = _ ("the file is damaged; start Gloss again, and it is set aside");
      break;
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      domain = GLOSS_ERROR;
      reason = GLOSS_ERROR_TOO_LARGE;
      why = _ ("there is not enough memory");
      break;
    default:
      break;
    }
  if (code == SQLITE_READONLY_DBMOVED)
    {
      domain = GLOSS_ERROR;
      reason = GLOSS_ERROR_CHANGED;
      why = _ ("the file was moved away or replaced meanwhile; start Gloss again");
    }
  g_set_error (error, domain, reason, "%s: %s: %s", store->name, _ (what), why);
  return FALSE;
}

sqlite3_stmt *
gloss_caption_store_get_sql (GlossCaptionStore *store, GlossSql sql)
{
  sqlite3_stmt *statement = store->statements[sql];

  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return statement;
}

void
gloss_caption_store_end (GlossCaptionStore *store, GlossSql sql)
{
  gloss_caption_store_get_sql (store, sql);
}

int
gloss_caption_store_next (GlossCaptionStore *store, GlossSql sql, const char *what, GError **error)
{
  int code;

  errno = 0;
  code = sqlite3_step (store->statements[sql]);
  if (code == SQLITE_ROW)
    return 1;
  /* Before the end, which forgets the reason. */
  if (code != SQLITE_DONE)
    gloss_caption_store_set_error (store, what, error);
  gloss_caption_store_end (store, sql);
  return code == SQLITE_DONE ? 0 : -1;
}

gboolean
gloss_caption_store_run (GlossCaptionStore *store, GlossSql sql, const char *what, GError **error)
{
  return gloss_caption_store_next (store, sql, what, error) == 0;
}

gboolean
gloss_caption_store_finish (GlossCaptionStore *store, gboolean is_good, const char *what,
                            GError **error)
{
  if (is_good && gloss_caption_store_run (store, GLOSS_SQL_COMMIT, what, error))
    return TRUE;
  /* After some failures SQLite has done so itself. */
  if (!sqlite3_get_autocommit (store->database))
    gloss_caption_store_run (store, GLOSS_SQL_ROLLBACK, what, NULL);
  return FALSE;
}

void
gloss_caption_store_bind_path (sqlite3_stmt *statement, int index, const char *path)
{
  sqlite3_bind_blob (statement, index, path, (int) strlen (path), SQLITE_STATIC);
}

void
gloss_caption_store_bind_record (sqlite3_stmt *statement, int index,
                                 const GlossCaptionRecord *record)
{
  const char *const texts[] = { record->text, record->model, record->prompt, record->note };

  for (int i = 0; i < (int) G_N_ELEMENTS (texts); i++)
    sqlite3_bind_text (statement, index + i, texts[i], -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, index + 4, record->created_usec);
  sqlite3_bind_int (statement, index + 5, (int) record->origin);
}

/* What is in the file may be anything. */
static char *
read_text (sqlite3_stmt *statement, int column)
{
  const char *text = (const char *) sqlite3_column_text (statement, column);

  return text ? g_utf8_make_valid (text, -1) : NULL;
}

GlossCaptionRecord *
gloss_caption_store_read_record (sqlite3_stmt *statement)
{
  GlossCaptionRecord *record = g_new0 (GlossCaptionRecord, 1);
  int origin = sqlite3_column_int (statement, 6);

  record->id = sqlite3_column_int64 (statement, 0);
  record->text = read_text (statement, 1);
  if (!record->text)
    record->text = g_strdup ("");
  record->model = read_text (statement, 2);
  record->prompt = read_text (statement, 3);
  record->note = read_text (statement, 4);
  record->created_usec = sqlite3_column_int64 (statement, 5);
  record->origin = origin >= 0 && origin < GLOSS_N_CAPTION_ORIGINS ? (GlossCaptionOrigin) origin
                                                                   : GLOSS_CAPTION_ORIGIN_EDITED;
  return record;
}

gboolean
gloss_caption_store_run_id (GlossCaptionStore *store, GlossSql sql, gint64 id, const char *what,
                            GError **error)
{
  sqlite3_bind_int64 (gloss_caption_store_get_sql (store, sql), 1, id);
  return gloss_caption_store_run (store, sql, what, error);
}

gboolean
gloss_caption_store_read_current (GlossCaptionStore *store, gint64 picture, const char *what,
                                  GlossCaptionRecord **out_record, gboolean *out_is_open,
                                  GError **error)
{
  sqlite3_stmt *statement = gloss_caption_store_get_sql (store, GLOSS_SQL_FIND_CURRENT);
  int n;

  sqlite3_bind_int64 (statement, 1, picture);
  n = gloss_caption_store_next (store, GLOSS_SQL_FIND_CURRENT, what, error);
  *out_record = n > 0 ? gloss_caption_store_read_record (statement) : NULL;
  if (out_is_open)
    *out_is_open = n > 0 && (*out_record)->origin == GLOSS_CAPTION_ORIGIN_EDITED
                   && sqlite3_column_type (statement, 7) == SQLITE_INTEGER
                   && sqlite3_column_int64 (statement, 7) == store->session;
  gloss_caption_store_end (store, GLOSS_SQL_FIND_CURRENT);
  return n >= 0;
}

gboolean
gloss_caption_store_add_record (GlossCaptionStore *store, gint64 picture,
                                const GlossCaptionRecord *record, gboolean is_open,
                                const char *what, GError **error)
{
  sqlite3_stmt *statement = gloss_caption_store_get_sql (store, GLOSS_SQL_ADD_CAPTION);

  sqlite3_bind_int64 (statement, 1, picture);
  gloss_caption_store_bind_record (statement, 2, record);
  if (is_open)
    sqlite3_bind_int64 (statement, 8, store->session);
  if (record->id != 0)
    sqlite3_bind_int64 (statement, 9, record->id);
  return gloss_caption_store_run (store, GLOSS_SQL_ADD_CAPTION, what, error);
}

gboolean
gloss_caption_store_find_text (GlossCaptionStore *store, gint64 picture, const char *text,
                               const char *what, gint64 *out_id, GError **error)
{
  sqlite3_stmt *statement = gloss_caption_store_get_sql (store, GLOSS_SQL_FIND_TEXT);
  int n;

  sqlite3_bind_int64 (statement, 1, picture);
  sqlite3_bind_text (statement, 2, text, -1, SQLITE_STATIC);
  n = gloss_caption_store_next (store, GLOSS_SQL_FIND_TEXT, what, error);
  *out_id = n > 0 ? sqlite3_column_int64 (statement, 0) : 0;
  gloss_caption_store_end (store, GLOSS_SQL_FIND_TEXT);
  return n >= 0;
}
