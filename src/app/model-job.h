/* A task with a model that goes on in a thread of its own, as the main thread sees it. */
#pragma once

#include "app/model-task.h"

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_MODEL_JOB_WAITING, /* for its turn */
  GLOSS_MODEL_JOB_RUNNING,
  GLOSS_MODEL_JOB_STOPPING, /* it was told to pause or to end, and does so in a moment */
  GLOSS_MODEL_JOB_PAUSED,
  GLOSS_MODEL_JOB_DONE,
  GLOSS_MODEL_JOB_FAILED,
  GLOSS_MODEL_JOB_CANCELLED, /* nothing is left of it */
} GlossModelJobState;

/* What a person can do about a failure. */
typedef enum
{
  GLOSS_MODEL_WAY_NONE, /* but try again */
  GLOSS_MODEL_WAY_PAGE, /* accept the licence on the page of the origin */
  GLOSS_MODEL_WAY_ACCOUNT,
  GLOSS_MODEL_WAY_TOKENIZER, /* name a file with one */
} GlossModelWay;

#define GLOSS_TYPE_MODEL_JOB (gloss_model_job_get_type ())
G_DECLARE_FINAL_TYPE (GlossModelJob, gloss_model_job, GLOSS, MODEL_JOB, GObject)

/* Takes @task over. Signal "changed". Main thread only, as all of these. */
GlossModelJob *gloss_model_job_new (GlossModelTask *task);

/* Begins, or goes on with what was paused or failed. */
void gloss_model_job_start (GlossModelJob *job);

/* Says how much of it is there, and that it waits for its turn or for the person. */
void gloss_model_job_set_there (GlossModelJob *job, guint64 n_bytes);
void gloss_model_job_set_waiting (GlossModelJob *job);

/* Ends it, so that it can go on later, or with all that is there of it. */
void gloss_model_job_pause (GlossModelJob *job);
void gloss_model_job_cancel (GlossModelJob *job);

/* A tokenizer for the next start, instead of any other. */
void gloss_model_job_set_tokenizer (GlossModelJob *job, const char *path);

/* Ends it and returns when its thread has ended; no more signals come. */
void gloss_model_job_shut_down (GlossModelJob *job);

const GlossModelTask *gloss_model_job_get_task (GlossModelJob *job);
GlossModelJobState gloss_model_job_get_state (GlossModelJob *job);
const GlossModelProgress *gloss_model_job_get_progress (GlossModelJob *job);

/* 0 … 1; less than 0 when there is no telling. */
double gloss_model_job_get_fraction (GlossModelJob *job);

/* Why it failed, else NULL; and what to do. */
const char *gloss_model_job_get_message (GlossModelJob *job);
GlossModelWay gloss_model_job_get_way (GlossModelJob *job);

/* Of the model to use, when it is done. */
const char *gloss_model_job_get_path (GlossModelJob *job);

G_END_DECLS
