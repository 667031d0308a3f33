/* The runs of fine-tuning that go on: one computes, the others wait for their turn. */
#pragma once

#include "app/tuning-job.h"

G_BEGIN_DECLS

#define GLOSS_TYPE_TUNING_JOBS (gloss_tuning_jobs_get_type ())
G_DECLARE_FINAL_TYPE (GlossTuningJobs, gloss_tuning_jobs, GLOSS, TUNING_JOBS, GObject)

/*
 * @turn is borrowed. Signals: "changed" when any of them has changed; "ended" (GlossTuningJob)
 * when one came to its end, after which it is no longer listed. Main thread only, as all of these.
 */
GlossTuningJobs *gloss_tuning_jobs_new (GlossTurn *turn);

/* Of GlossTuningJob, the one that computes first. Borrowed. */
GListModel *gloss_tuning_jobs_get_list (GlossTuningJobs *jobs);

/* Begins a new run, or goes on with that of @record, which it takes over, as soon as its turn
 * comes. Borrowed. */
GlossTuningJob *gloss_tuning_jobs_add (GlossTuningJobs *jobs, GlossTuningRecord *record);

/* The job whose run is in @folder, or NULL. Borrowed. */
GlossTuningJob *gloss_tuning_jobs_find (GlossTuningJobs *jobs, const char *folder);

/* How many threads a run computes with; 0: one for each CPU. */
void gloss_tuning_jobs_set_n_threads (GlossTuningJobs *jobs, guint n_threads);

/* Ends all with a snapshot, so that they can go on another time; returns when the threads have. */
void gloss_tuning_jobs_shut_down (GlossTuningJobs *jobs);

G_END_DECLS
