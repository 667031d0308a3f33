/* All tasks with models that go on, wait or can be gone on with. */
#pragma once

#include "app/model-job.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_MODEL_JOBS (gloss_model_jobs_get_type ())
G_DECLARE_FINAL_TYPE (GlossModelJobs, gloss_model_jobs, GLOSS, MODEL_JOBS, GObject)

/* How many run at once; the others wait. */
#define GLOSS_MODEL_JOBS_N_AT_ONCE 2

/*
 * Signals: "done" (GlossModelJob) when one came to its end, after which it is no longer listed;
 * "changed" when any of them has changed. Main thread only, as all of these.
 */
GlossModelJobs *gloss_model_jobs_new (void);

/* Of GlossModelJob, without those that are done or cancelled. Borrowed. */
GListModel *gloss_model_jobs_get_list (GlossModelJobs *jobs);

/* The accounts that the jobs use. Borrowed; any thread. */
GlossAccounts *gloss_model_jobs_get_accounts (GlossModelJobs *jobs);

/* Lists the downloads that earlier runs of the program have left, as paused, in a while. */
void gloss_model_jobs_find_unfinished (GlossModelJobs *jobs);

/* Takes @task over and begins with it as soon as its turn comes; not when the same is being done.
 */
void gloss_model_jobs_add (GlossModelJobs *jobs, GlossModelTask *task);

/* Goes on with a job that is paused or failed, as soon as its turn comes. */
void gloss_model_jobs_resume (GlossModelJobs *jobs, GlossModelJob *job);

/* The job for the model called @name, or NULL. Borrowed. */
GlossModelJob *gloss_model_jobs_find (GlossModelJobs *jobs, const char *name);

/* Ends all; downloads can be gone on with the next time. Returns when the threads have ended. */
void gloss_model_jobs_shut_down (GlossModelJobs *jobs);

G_END_DECLS
