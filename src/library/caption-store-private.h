/*
 * What the files of the store share. Each says what its functions are for; all of them are called
 * with the store's lock held, unless they say otherwise.
 */
#pragma once

#include "library/caption-store.h"
#include "library/picture-content.h"

#include <sqlite3.h>

G_BEGIN_DECLS

typedef enum
{
#define STATEMENT(name, sql) GLOSS_SQL_##name,
#include "library/caption-statements.inc"
#undef STATEMENT
  GLOSS_N_SQL
} GlossSql;

struct _GlossCaptionStore
{
  char *path;     /* owned; where the file really lies */
  char *name;     /* owned; its base name, to be shown */
  gint64 session; /* of this object, by which it knows its own edits */
  GMutex lock;

  /* guarded by lock */
  sqlite3 *database;                     /* owned */
  sqlite3_stmt *statements[GLOSS_N_SQL]; /* owned */
};

/* caption-store-file.c: the file as such. Without lock. */

/* Makes the file @path and its folder where they are missing, lets only the owner read it, and says
 * where it lies when links are followed; newly allocated, NULL with G_IO_ERROR. */
char *gloss_caption_store_file_make (const char *path, GError **error);

/* Keeps others from opening or setting aside the stores in the folder of @path, which waits for a
 * few seconds; to be closed. −1 where that cannot be had. */
int gloss_caption_store_file_lock_folder (const char *path);

/* Renames @path with its journals to a name that says when and @why ("damaged"); the new path,
 * newly allocated, NULL with G_IO_ERROR. */
char *gloss_caption_store_file_set_aside (const char *path, const char *why, GError **error);

/* caption-store-schema.c: the tables, and whether they are sound. */

typedef enum
{
  GLOSS_STORE_SOUND,
  GLOSS_STORE_DAMAGED, /* or not one of ours */
  GLOSS_STORE_NEWER,
  GLOSS_STORE_FAILED, /* with @error */
} GlossStoreFinding;

/* Opens the file at the store's path and makes its tables when it is empty. Nothing is open unless
 * it is sound. @out_version gets its schema version when it is newer. */
GlossStoreFinding gloss_caption_store_connect (GlossCaptionStore *store, int *out_version,
                                               GError **error);
void gloss_caption_store_disconnect (GlossCaptionStore *store);

/* caption-store-sql.c: running statements, and what all of them need. */

/* A statement to be bound and stepped, as if it had never been used. Borrowed. */
sqlite3_stmt *gloss_caption_store_get_sql (GlossCaptionStore *store, GlossSql sql);

/* Runs a statement that gives no rows, and lets go of what was bound. FALSE with the reason, which
 * begins with @what ("the caption cannot be kept"). */
gboolean gloss_caption_store_run (GlossCaptionStore *store, GlossSql sql, const char *what,
                                  GError **error);

/* Goes to the next row of a statement: 1, or 0 when there is none, or −1 with the reason. After 0
 * and −1, and after gloss_caption_store_end (), it is done. */
int gloss_caption_store_next (GlossCaptionStore *store, GlossSql sql, const char *what,
                              GError **error);
void gloss_caption_store_end (GlossCaptionStore *store, GlossSql sql);

/* Commits when @is_good, else undoes what was done since the beginning; @is_good and whether that
 * worked. */
gboolean gloss_caption_store_finish (GlossCaptionStore *store, gboolean is_good, const char *what,
                                     GError **error);

/* Sets the reason why SQLite has just refused to do @what; returns FALSE. */
gboolean gloss_caption_store_set_error (GlossCaptionStore *store, const char *what, GError **error);

/* Bytes as they are; @path must stay until the statement is done. */
void gloss_caption_store_bind_path (sqlite3_stmt *statement, int index, const char *path);

/* Binds all of @record to the parameters from @index on, in the order text, model, prompt, note,
 * created_usec, origin; it must stay until the statement is done. */
void gloss_caption_store_bind_record (sqlite3_stmt *statement, int index,
                                      const GlossCaptionRecord *record);

/* A copy of the columns id, text, model, prompt, note, created_usec, origin of the row. */
GlossCaptionRecord *gloss_caption_store_read_record (sqlite3_stmt *statement);

/* The current caption of the record @picture in @out_record, NULL when there is none, and in
 * @out_is_open (may be NULL) whether it is an edit of this store that may be replaced. */
gboolean gloss_caption_store_read_current (GlossCaptionStore *store, gint64 picture,
                                           const char *what, GlossCaptionRecord **out_record,
                                           gboolean *out_is_open, GError **error);

/* Adds @record to the record @picture; its id is used where it is not 0 and free, else it is a new
 * one. */
gboolean gloss_caption_store_add_record (GlossCaptionStore *store, gint64 picture,
                                         const GlossCaptionRecord *record, gboolean is_open,
                                         const char *what, GError **error);

/* The caption of the record @picture that has this text, or 0. */
gboolean gloss_caption_store_find_text (GlossCaptionStore *store, gint64 picture, const char *text,
                                        const char *what, gint64 *out_id, GError **error);

/* Runs a statement whose one parameter is @id. */
gboolean gloss_caption_store_run_id (GlossCaptionStore *store, GlossSql sql, gint64 id,
                                     const char *what, GError **error);

/* caption-store-forget.c: removes what deleted rows have left in the file, if anything; tried again
 * when the store is opened next. */
void gloss_caption_store_clean (GlossCaptionStore *store);

/* caption-store-pictures.c: which picture is meant. */

/* What was found out about a picture before anything is written. */
typedef struct
{
  char *path; /* owned; absolute */
  gint64 id;  /* of the record with that path, or 0 */
  GlossPictureContent content;
  gboolean is_current; /* the record's content is that of the file */
} GlossPictureFinding;

void gloss_picture_finding_clear (GlossPictureFinding *finding);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlossPictureFinding, gloss_picture_finding_clear)

/* Looks for the picture @path, reading it where needed: when it has changed, when its size is one
 * that is known, or when @will_add. Without lock: reading may take long. */
gboolean gloss_caption_store_find_picture (GlossCaptionStore *store, const char *path,
                                           gboolean will_add, GlossPictureFinding *finding,
                                           GCancellable *cancellable, GError **error);

/* Whether gloss_caption_store_settle_picture () would write. */
gboolean gloss_picture_finding_is_unsettled (const GlossPictureFinding *finding);

/* Inside a transaction: brings the record up to date, moves or copies one with the same content, or
 * when @will_add makes a new one. @out_id gets the record, 0 for none. */
gboolean gloss_caption_store_settle_picture (GlossCaptionStore *store,
                                             const GlossPictureFinding *finding, gboolean will_add,
                                             const char *what, gint64 *out_id, GError **error);

/* Inside a transaction: the record with that path, which stays as it is, or else a new one. */
gboolean gloss_caption_store_put_picture (GlossCaptionStore *store,
                                          const GlossPictureFinding *finding, const char *what,
                                          gint64 *out_id, GError **error);

/* The record with that path, or else one with the same content, or 0; writes nothing. */
gboolean gloss_caption_store_guess_picture (GlossCaptionStore *store,
                                            const GlossPictureFinding *finding, const char *what,
                                            gint64 *out_id, GError **error);

G_END_DECLS
