/* What is to be learnt from: read, split and looked through in threads of its own, as the main
 * thread sees it. */
#pragma once

#include "dataset/data-report.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_TUNE_DATA_NONE, /* nothing is chosen */
  GLOSS_TUNE_DATA_READING,
  GLOSS_TUNE_DATA_READY,
  GLOSS_TUNE_DATA_FAILED, /* it cannot be read, or there is nothing in it to learn from */
} GlossTuneDataState;

/* How far what takes longer is. */
typedef enum
{
  GLOSS_TUNE_LOOK_WAITING, /* it needs something first, or goes on */
  GLOSS_TUNE_LOOK_RUNNING,
  GLOSS_TUNE_LOOK_DONE,
  GLOSS_TUNE_LOOK_STOPPED, /* the person had enough of it */
  GLOSS_TUNE_LOOK_FAILED,
} GlossTuneLookState;

#define GLOSS_TYPE_TUNE_DATA (gloss_tune_data_get_type ())
G_DECLARE_FINAL_TYPE (GlossTuneData, gloss_tune_data, GLOSS, TUNE_DATA, GObject)

/*
 * Signals: "pairs-changed" when the state or the pairs are others; "report-changed" when more is
 * known about them. Threads that are not needed any more end by themselves. Main thread only, as
 * all of these.
 */
GlossTuneData *gloss_tune_data_new (void);

/* Reads @path, or with NULL the captions that were edited; then looks through it. */
void gloss_tune_data_read (GlossTuneData *data, const char *path);

/* Gives up what is chosen, or being read: NONE. */
void gloss_tune_data_clear (GlossTuneData *data);

/* NONE with a sentence, as nothing was chosen that could be read: FAILED. */
void gloss_tune_data_fail (GlossTuneData *data, GError *error);

/* Whose tokens count; NULL: nobody's. Copied. */
void gloss_tune_data_set_tokenizer (GlossTuneData *data, const char *path);

/* Ends looking at the pictures, or begins it again. */
void gloss_tune_data_stop_looking (GlossTuneData *data);
void gloss_tune_data_look (GlossTuneData *data);

/* 0 … 0.9; splits anew, in a thread. Nothing for a list that brings its own split. */
void gloss_tune_data_set_share (GlossTuneData *data, double share);
double gloss_tune_data_get_share (GlossTuneData *data);
guint64 gloss_tune_data_get_seed (GlossTuneData *data);
gboolean gloss_tune_data_has_own_split (GlossTuneData *data);

GlossTuneDataState gloss_tune_data_get_state (GlossTuneData *data);
const char *gloss_tune_data_get_path (GlossTuneData *data); /* NULL: edited captions */

/* All borrowed until the next "pairs-changed" or "report-changed". Pairs are there when it is
 * ready, and when it failed as there is none among them; the error when it could not be read. */
const GlossPairs *gloss_tune_data_get_pairs (GlossTuneData *data);
const GError *gloss_tune_data_get_error (GlossTuneData *data);
const GlossDataReport *gloss_tune_data_get_lengths (GlossTuneData *data);
const GlossDataReport *gloss_tune_data_get_looks (GlossTuneData *data);
GlossTuneLookState gloss_tune_data_get_lengths_state (GlossTuneData *data);
GlossTuneLookState gloss_tune_data_get_looks_state (GlossTuneData *data);
guint gloss_tune_data_get_n_looked (GlossTuneData *data, guint *out_n_all);

G_END_DECLS
