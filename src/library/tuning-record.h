/*
 * The runs of fine-tuning that a person has begun, each in a folder of its own in
 * $XDG_DATA_HOME/gloss/runs: what was to be done, how it went, what came of it, and while it can go
 * on a snapshot.
 */
#pragma once

#include "library/tuning-settings.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_TUNING_RUNNING,     /* some program has it now */
  GLOSS_TUNING_INTERRUPTED, /* the program ended, or the machine did, while it ran */
  GLOSS_TUNING_STOPPED,     /* by the person, before its end */
  GLOSS_TUNING_FINISHED,
  GLOSS_TUNING_FAILED, /* see the message */
} GlossTuningState;

typedef struct
{
  /* owned */
  char *folder;
  char *title;      /* for people: of what it learnt */
  char *message;    /* why it failed, or NULL */
  char *saved_path; /* of the model that was made of the result, or NULL */
  GlossTuningSettings *settings;

  GlossTuningState state;
  gint64 begun_at; /* seconds since 1970 */
  guint n_training;
  guint n_validation;
  int lock; /* −1: not held */
} GlossTuningRecord;

/* The folder of all of them; newly allocated. */
char *gloss_tuning_records_get_folder (void);

/* Makes a folder for a run that begins now and writes the record into it, locked. Takes neither.
 * NULL with G_IO_ERROR. Blocks, as all of these. */
GlossTuningRecord *gloss_tuning_record_new (const GlossTuningSettings *settings, const char *title,
                                            GError **error);
void gloss_tuning_record_free (GlossTuningRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossTuningRecord, gloss_tuning_record_free)

/* NULL with G_IO_ERROR or GLOSS_ERROR_FORMAT. */
GlossTuningRecord *gloss_tuning_record_read (const char *folder, GError **error);

/* As it is now. */
gboolean gloss_tuning_record_write (const GlossTuningRecord *record, GError **error);

/* Until it is freed the run is this process's. FALSE with G_IO_ERROR_BUSY when it is another's. */
gboolean gloss_tuning_record_lock (GlossTuningRecord *record, GError **error);

/* Whether it can go on, and whether it has a result to use. */
gboolean gloss_tuning_record_has_snapshot (const GlossTuningRecord *record);
gboolean gloss_tuning_record_has_result (const GlossTuningRecord *record);

/* All of them, the newest first; what cannot be read is left out. New array that owns them. */
GPtrArray *gloss_tuning_records_list (void);

/* Removes the run, with its result where that was not saved. */
gboolean gloss_tuning_record_delete (GlossTuningRecord *record, GError **error);

/*
 * Makes a model of the result: a folder @name where new models go, in which nothing is there yet;
 * whole or not at all. Sets saved_path and writes the record. FALSE with G_IO_ERROR;
 * G_IO_ERROR_EXISTS when there is such a model, G_IO_ERROR_INVALID_FILENAME for a name that cannot
 * be a folder's.
 */
gboolean gloss_tuning_record_save (GlossTuningRecord *record, const char *name, GError **error);

G_END_DECLS
