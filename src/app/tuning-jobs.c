/* The runs of fine-tuning that go on. */
#include "app/tuning-jobs.h"

struct _GlossTuningJobs
{
  GObject parent_instance;

  GlossTurn *turn;  /* borrowed */
  GListStore *list; /* owned; GlossTuningJob */
  guint n_threads;
};

enum
{
  CHANGED,
  ENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossTuningJobs, gloss_tuning_jobs, G_TYPE_OBJECT)

static void
gloss_tuning_jobs_finalize (GObject *object)
{
  g_object_unref (GLOSS_TUNING_JOBS (object)->list);
  G_OBJECT_CLASS (gloss_tuning_jobs_parent_class)->finalize (object);
}

static void
gloss_tuning_jobs_class_init (GlossTuningJobsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gloss_tuning_jobs_finalize;
  signals[CHANGED] = g_signal_new ("changed", GLOSS_TYPE_TUNING_JOBS, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[ENDED] = g_signal_new ("ended", GLOSS_TYPE_TUNING_JOBS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, GLOSS_TYPE_TUNING_JOB);
}

static void
gloss_tuning_jobs_init (GlossTuningJobs *jobs)
{
  jobs->list = g_list_store_new (GLOSS_TYPE_TUNING_JOB);
}

GlossTuningJobs *
gloss_tuning_jobs_new (GlossTurn *turn)
{
  GlossTuningJobs *jobs = g_object_new (GLOSS_TYPE_TUNING_JOBS, NULL);

  jobs->turn = turn;
  return jobs;
}

GListModel *
gloss_tuning_jobs_get_list (GlossTuningJobs *jobs)
{
  return G_LIST_MODEL (jobs->list);
}

void
gloss_tuning_jobs_set_n_threads (GlossTuningJobs *jobs, guint n_threads)
{
  jobs->n_threads = n_threads;
}

static void
tell (GlossTuningJobs *jobs)
{
  g_signal_emit (jobs, signals[CHANGED], 0);
}

/* Lets the first begin if none goes on. */
static void
begin_next (GlossTuningJobs *jobs)
{
  g_autoptr (GlossTuningJob) first = g_list_model_get_item (G_LIST_MODEL (jobs->list), 0);

  if (first && gloss_tuning_job_get_state (first) == GLOSS_TUNING_JOB_WAITING)
    gloss_tuning_job_start (first, jobs->n_threads);
}

static void
forget (GlossTuningJobs *jobs, GlossTuningJob *job)
{
  guint position;

  g_signal_handlers_disconnect_by_data (job, jobs);
  if (g_list_store_find (jobs->list, job, &position))
    g_list_store_remove (jobs->list, position);
}

static void
job_ended (GlossTuningJob *job, GlossTuningJobs *jobs)
{
  g_autoptr (GlossTuningJob) kept = g_object_ref (job);

  forget (jobs, job);
  g_signal_emit (jobs, signals[ENDED], 0, job);
  begin_next (jobs);
  tell (jobs);
}

GlossTuningJob *
gloss_tuning_jobs_add (GlossTuningJobs *jobs, GlossTuningRecord *record)
{
  g_autoptr (GlossTuningJob) job = gloss_tuning_job_new (record, jobs->turn);

  g_signal_connect_swapped (job, "changed", G_CALLBACK (tell), jobs);
  g_signal_connect (job, "ended", G_CALLBACK (job_ended), jobs);
  gloss_tuning_job_set_waiting (job);
  g_list_store_append (jobs->list, job);
  begin_next (jobs);
  tell (jobs);
  return job;
}

GlossTuningJob *
gloss_tuning_jobs_find (GlossTuningJobs *jobs, const char *folder)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (jobs->list));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GlossTuningJob) job = g_list_model_get_item (G_LIST_MODEL (jobs->list), i);

      if (g_strcmp0 (gloss_tuning_job_get_record (job)->folder, folder) == 0)
        return job; /* the list holds it */
    }
  return NULL;
}

void
gloss_tuning_jobs_shut_down (GlossTuningJobs *jobs)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (jobs->list));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GlossTuningJob) job = g_list_model_get_item (G_LIST_MODEL (jobs->list), i);

      g_signal_handlers_disconnect_by_data (job, jobs);
      gloss_tuning_job_shut_down (job);
    }
  g_list_store_remove_all (jobs->list);
}
