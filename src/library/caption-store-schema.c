/*
 * The tables of the store, and whether they are sound.
 *
 * The journal is kept beside the file and cut to nothing when a change is complete (TRUNCATE), not
 * written ahead (WAL): between changes the one file is all there is, so that whoever copies it has
 * every caption, what was forgotten is not in a log, and it works on network disks. With
 * synchronous=FULL the journal, the file and the cut journal are each brought to the disk, which a
 * power cut cannot undo; DELETE would leave that open until the folder is. That costs some
 * milliseconds for a caption, which took seconds to make.
 */
#include "library/caption-store-private.h"

#include "base/i18n.h"

#include <glib/gstdio.h>

#define SCHEMA_VERSION 1
#define APPLICATION_ID 0x476c6f73 /* "Glos" */
#define BUSY_TIMEOUT_MS 10000

/* A row is at most four texts; more than this is not ours. */
#define MAX_ROW_BYTES (8 << 20)

/* A whole check reads the whole file. Up to here that is well below a second; a larger store is
 * trusted until it is found to be damaged in use. */
#define MAX_CHECKED_BYTES ((gint64) 256 << 20)

/* secure_delete: what is forgotten is written over. temp_store: nothing of it in /tmp. */
static const char settings[] = "PRAGMA trusted_schema = OFF;"
                               "PRAGMA cell_size_check = ON;"
                               "PRAGMA mmap_size = 0;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA foreign_keys = ON;"
                               "PRAGMA secure_delete = ON;"
                               "PRAGMA synchronous = FULL;";

static const char tables[] =
    "CREATE TABLE picture ("
    " id INTEGER PRIMARY KEY,"
    " path BLOB NOT NULL UNIQUE,"
    " n_bytes INTEGER NOT NULL,"
    " mtime_nsec INTEGER NOT NULL,"
    " hash BLOB"
    ") STRICT;"
    "CREATE INDEX picture_by_content ON picture (n_bytes, hash);"
    "CREATE TABLE caption ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " picture INTEGER NOT NULL REFERENCES picture (id) ON DELETE CASCADE,"
    " text TEXT NOT NULL,"
    " model TEXT,"
    " prompt TEXT,"
    " note TEXT,"
    " created_usec INTEGER NOT NULL,"
    " origin INTEGER NOT NULL,"
    " session INTEGER"
    ") STRICT;"
    "CREATE INDEX caption_by_picture ON caption (picture, id);"
    "CREATE TABLE folder ("
    " path BLOB NOT NULL PRIMARY KEY,"
    " has_sidecars INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    /* has its row while what was deleted may still have traces in the file */
    "CREATE TABLE trace (id INTEGER PRIMARY KEY) STRICT;"
    "PRAGMA application_id = " G_STRINGIFY (APPLICATION_ID) ";"
                                                            "PRAGMA user_version = " G_STRINGIFY (
                                                                SCHEMA_VERSION) ";";

static const char *const statement_texts[GLOSS_N_SQL] = {
#define STATEMENT(name, sql) sql,
#include "library/caption-statements.inc"
#undef STATEMENT
};

static const char *const what = N_ ("the captions cannot be opened");

/* Why a call has failed: because of the file, or because of the world around it. */
static GlossStoreFinding
judge (GlossCaptionStore *store, GError **error)
{
  int code = sqlite3_errcode (store->database);

  /* SQLITE_ERROR is what a statement gets for which a table or a column is missing. */
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR
      || code == SQLITE_TOOBIG || code == SQLITE_FORMAT)
    return GLOSS_STORE_DAMAGED;
  gloss_caption_store_set_error (store, what, error);
  return GLOSS_STORE_FAILED;
}

/* The one number or text that @sql gives. */
static GlossStoreFinding
ask (GlossCaptionStore *store, const char *sql, int *out_number, char **out_text, GError **error)
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2 (store->database, sql, -1, &statement, NULL);

  if (code == SQLITE_OK)
    code = sqlite3_step (statement);
  if (code == SQLITE_ROW && out_number)
    *out_number = sqlite3_column_int (statement, 0);
  if (code == SQLITE_ROW && out_text)
    *out_text = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  sqlite3_finalize (statement);
  return code == SQLITE_ROW ? GLOSS_STORE_SOUND : judge (store, error);
}

static GlossStoreFinding
run_script (GlossCaptionStore *store, const char *script, GError **error)
{
  return sqlite3_exec (store->database, script, NULL, NULL, NULL) == SQLITE_OK
             ? GLOSS_STORE_SOUND
             : judge (store, error);
}

static GlossStoreFinding
read_version (GlossCaptionStore *store, int *out_version, gboolean *out_is_empty, GError **error)
{
  int application_id = 0, n_tables = 0;
  GlossStoreFinding finding = ask (store, "PRAGMA user_version", out_version, NULL, error);

  if (finding == GLOSS_STORE_SOUND)
    finding = ask (store, "PRAGMA application_id", &application_id, NULL, error);
  if (finding == GLOSS_STORE_SOUND)
    finding = ask (store, "SELECT count(*) FROM sqlite_schema", &n_tables, NULL, error);
  if (finding != GLOSS_STORE_SOUND)
    return finding;
  *out_is_empty = *out_version == 0 && application_id == 0 && n_tables == 0;
  if (*out_is_empty)
    return GLOSS_STORE_SOUND;
  if (application_id != APPLICATION_ID || *out_version < 1)
    return GLOSS_STORE_DAMAGED;
  return *out_version > SCHEMA_VERSION ? GLOSS_STORE_NEWER : GLOSS_STORE_SOUND;
}

/* Another program may do the same at the same time. */
static GlossStoreFinding
make_tables (GlossCaptionStore *store, GError **error)
{
  gboolean is_empty = FALSE;
  int version;
  GlossStoreFinding finding = run_script (store, "BEGIN IMMEDIATE", error);

  if (finding == GLOSS_STORE_SOUND)
    finding = read_version (store, &version, &is_empty, error);
  if (finding == GLOSS_STORE_SOUND && is_empty)
    finding = run_script (store, tables, error);
  if (finding == GLOSS_STORE_SOUND)
    finding = run_script (store, "COMMIT", error);
  return finding;
}

static GlossStoreFinding
check_tables (GlossCaptionStore *store, GError **error)
{
  g_autofree char *said = NULL;
  GlossStoreFinding finding = GLOSS_STORE_SOUND;
  GStatBuf status;

  for (guint i = 0; i < GLOSS_N_SQL; i++)
    {
      if (sqlite3_prepare_v3 (store->database, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                              &store->statements[i], NULL)
          != SQLITE_OK)
        return judge (store, error);
    }
  if (g_stat (store->path, &status) == 0 && status.st_size <= MAX_CHECKED_BYTES)
    finding = ask (store, "PRAGMA quick_check(1)", NULL, &said, error);
  if (finding == GLOSS_STORE_SOUND && said && !g_str_equal (said, "ok"))
    finding = GLOSS_STORE_DAMAGED;
  return finding;
}

GlossStoreFinding
gloss_caption_store_connect (GlossCaptionStore *store, int *out_version, GError **error)
{
  /* Without SQLite's own locks: the store has one. */
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  GlossStoreFinding finding;
  gboolean is_empty = FALSE;

  if (sqlite3_open_v2 (store->path, &store->database, flags, NULL) != SQLITE_OK)
    finding = judge (store, error);
  else
    {
      sqlite3_busy_timeout (store->database, BUSY_TIMEOUT_MS);
      sqlite3_limit (store->database, SQLITE_LIMIT_LENGTH, MAX_ROW_BYTES);
      sqlite3_db_config (store->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
      sqlite3_db_config (store->database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
      sqlite3_db_config (store->database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
      finding = run_script (store, settings, error);
    }
  if (finding == GLOSS_STORE_SOUND)
    finding = read_version (store, out_version, &is_empty, error);
  /* Not before it is known to be ours. */
  if (finding == GLOSS_STORE_SOUND)
    finding = run_script (store, "PRAGMA journal_mode = TRUNCATE", error);
  if (finding == GLOSS_STORE_SOUND && is_empty)
    finding = make_tables (store, error);
  if (finding == GLOSS_STORE_SOUND)
    finding = check_tables (store, error);
  if (finding != GLOSS_STORE_SOUND)
    gloss_caption_store_disconnect (store);
  return finding;
}

void
gloss_caption_store_disconnect (GlossCaptionStore *store)
{
  for (guint i = 0; i < GLOSS_N_SQL; i++)
    g_clear_pointer (&store->statements[i], sqlite3_finalize);
  g_clear_pointer (&store->database, sqlite3_close);
}
