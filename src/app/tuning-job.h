/* A run of fine-tuning as the main thread sees it: one that goes on in a thread of its own, or one
 * that came to its end earlier. */
#pragma once

#include "app/loss-series.h"
#include "base/turn.h"
#include "library/tuning-record.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_TUNING_JOB_PAST,    /* nothing goes on: see the record */
  GLOSS_TUNING_JOB_READING, /* a past run's curves are being read */
  GLOSS_TUNING_JOB_WAITING, /* for another run to end */
  GLOSS_TUNING_JOB_OPENING, /* model and data */
  GLOSS_TUNING_JOB_RUNNING,
  GLOSS_TUNING_JOB_PAUSING, /* as soon as a slice is done */
  GLOSS_TUNING_JOB_PAUSED,
  GLOSS_TUNING_JOB_KEEPING,   /* it ends with what it has come to */
  GLOSS_TUNING_JOB_COMPARING, /* the result with the base, on held-out pictures */
  GLOSS_TUNING_JOB_DISCARDING,
  GLOSS_TUNING_JOB_DISCARDED, /* nothing is left of it */
} GlossTuningJobState;

/* A held-out picture and what the model says about it; all owned. */
typedef struct
{
  char *image_path;
  char *reference; /* what a person wrote */
  char *before;    /* first said */
  char *now;       /* last said */
} GlossTuningSample;

#define GLOSS_TYPE_TUNING_JOB (gloss_tuning_job_get_type ())
G_DECLARE_FINAL_TYPE (GlossTuningJob, gloss_tuning_job, GLOSS, TUNING_JOB, GObject)

/*
 * Takes @record over. @turn is borrowed, and each slice takes it as one that is not urgent.
 * Signals: "changed", at most once for each turn of the main loop; "sampled" when there are new
 * captions; "ended" when nothing goes on any more. Main thread only, as all of these.
 */
GlossTuningJob *gloss_tuning_job_new (GlossTuningRecord *record, GlossTurn *turn);

/* Reads what is known of a past run. */
void gloss_tuning_job_load (GlossTuningJob *job);

/* Says that it waits; begins, or goes on from the snapshot. @n_threads 0: one for each CPU. */
void gloss_tuning_job_set_waiting (GlossTuningJob *job);
void gloss_tuning_job_start (GlossTuningJob *job, guint n_threads);

void gloss_tuning_job_pause (GlossTuningJob *job);
void gloss_tuning_job_resume (GlossTuningJob *job);

/* Captions the held-out pictures after this step. */
void gloss_tuning_job_sample (GlossTuningJob *job);

/* Ends it after this step and keeps the best; while it compares, ends just that. */
void gloss_tuning_job_keep (GlossTuningJob *job);

/* Ends it and removes all of it. */
void gloss_tuning_job_discard (GlossTuningJob *job);

/* Ends it with a snapshot, so that it can go on another time, and returns when its thread has. */
void gloss_tuning_job_shut_down (GlossTuningJob *job);

GlossTuningJobState gloss_tuning_job_get_state (GlossTuningJob *job);
gboolean gloss_tuning_job_is_active (GlossTuningJob *job); /* its thread goes on */

/* All borrowed. The record's run state, message and saved_path are as they are now. */
GlossTuningRecord *gloss_tuning_job_get_record (GlossTuningJob *job);
GlossLossSeries *gloss_tuning_job_get_series (GlossTuningJob *job);
const GlossTrainStep *gloss_tuning_job_get_step (GlossTuningJob *job); /* NULL before the first */
GPtrArray *gloss_tuning_job_get_samples (GlossTuningJob *job);         /* GlossTuningSample */
GPtrArray *gloss_tuning_job_get_advice (GlossTuningJob *job);          /* GlossAdvice */

/* What gloss_quality_report_make_json () made of the comparison, or NULL. Borrowed. */
json_t *gloss_tuning_job_get_report (GlossTuningJob *job);

/* 0 … 1, of the steps, or while it compares of the pictures. */
double gloss_tuning_job_get_fraction (GlossTuningJob *job);

/* Seconds in which it has run, without pauses, since it was started. */
double gloss_tuning_job_get_elapsed_seconds (GlossTuningJob *job);

G_END_DECLS
