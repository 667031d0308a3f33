/* All tasks with models that go on, wait or can be gone on with. */
#include "app/model-jobs.h"

#include "library/models-folder.h"

#include <string.h>

struct _GlossModelJobs
{
  GObject parent_instance;

  GListStore *list;        /* owned; GlossModelJob */
  GlossAccounts *accounts; /* owned */
  gboolean is_over;
};

enum
{
  CHANGED,
  DONE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossModelJobs, gloss_model_jobs, G_TYPE_OBJECT)

/* The one at @position; borrowed from the list. */
static GlossModelJob *
get (GlossModelJobs *jobs, guint position)
{
  g_autoptr (GlossModelJob) job = g_list_model_get_item (G_LIST_MODEL (jobs->list), position);

  return job;
}

static guint
count (GlossModelJobs *jobs)
{
  return g_list_model_get_n_items (G_LIST_MODEL (jobs->list));
}

static void
give_turns (GlossModelJobs *jobs)
{
  guint n_running = 0;

  for (guint i = 0; i < count (jobs); i++)
    {
      GlossModelJobState state = gloss_model_job_get_state (get (jobs, i));

      n_running += state == GLOSS_MODEL_JOB_RUNNING || state == GLOSS_MODEL_JOB_STOPPING;
    }
  for (guint i = 0; i < count (jobs) && n_running < GLOSS_MODEL_JOBS_N_AT_ONCE; i++)
    {
      GlossModelJob *job = get (jobs, i);

      if (gloss_model_job_get_state (job) == GLOSS_MODEL_JOB_WAITING)
        {
          n_running++;
          gloss_model_job_start (job);
        }
    }
}

static void
job_changed (GlossModelJob *borrowed, GlossModelJobs *jobs)
{
  g_autoptr (GlossModelJob) job = g_object_ref (borrowed);
  GlossModelJobState state = gloss_model_job_get_state (job);
  /* what was verified, imported or prepared in vain leaves nothing to go on with */
  gboolean is_over = state == GLOSS_MODEL_JOB_DONE || state == GLOSS_MODEL_JOB_CANCELLED;
  guint position;

  if (jobs->is_over)
    return;
  if (is_over && g_list_store_find (jobs->list, job, &position))
    {
      g_list_store_remove (jobs->list, position);
      if (state == GLOSS_MODEL_JOB_DONE)
        g_signal_emit (jobs, signals[DONE], 0, job);
    }
  if (state != GLOSS_MODEL_JOB_RUNNING)
    give_turns (jobs);
  g_signal_emit (jobs, signals[CHANGED], 0);
}

static GlossModelJob *
append (GlossModelJobs *jobs, GlossModelTask *task)
{
  g_autoptr (GlossModelJob) job = gloss_model_job_new (task);

  task->accounts = jobs->accounts;
  g_list_store_append (jobs->list, job);
  g_signal_connect_object (job, "changed", G_CALLBACK (job_changed), jobs, 0);
  return job;
}

static void
gloss_model_jobs_dispose (GObject *object)
{
  GlossModelJobs *jobs = GLOSS_MODEL_JOBS (object);

  g_clear_object (&jobs->list);
  g_clear_pointer (&jobs->accounts, gloss_accounts_free);
  G_OBJECT_CLASS (gloss_model_jobs_parent_class)->dispose (object);
}

static void
gloss_model_jobs_class_init (GlossModelJobsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gloss_model_jobs_dispose;
  signals[CHANGED] = g_signal_new ("changed", GLOSS_TYPE_MODEL_JOBS, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[DONE] = g_signal_new ("done", GLOSS_TYPE_MODEL_JOBS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, GLOSS_TYPE_MODEL_JOB);
}

static void
gloss_model_jobs_init (GlossModelJobs *jobs)
{
  jobs->list = g_list_store_new (GLOSS_TYPE_MODEL_JOB);
  jobs->accounts = gloss_accounts_new ();
}

GlossModelJobs *
gloss_model_jobs_new (void)
{
  return g_object_new (GLOSS_TYPE_MODEL_JOBS, NULL);
}

GListModel *
gloss_model_jobs_get_list (GlossModelJobs *jobs)
{
  return G_LIST_MODEL (jobs->list);
}

GlossAccounts *
gloss_model_jobs_get_accounts (GlossModelJobs *jobs)
{
  return jobs->accounts;
}

GlossModelJob *
gloss_model_jobs_find (GlossModelJobs *jobs, const char *name)
{
  for (guint i = 0; i < count (jobs); i++)
    {
      if (strcmp (gloss_model_job_get_task (get (jobs, i))->name, name) == 0)
        return get (jobs, i);
    }
  return NULL;
}

void
gloss_model_jobs_add (GlossModelJobs *jobs, GlossModelTask *task)
{
  GlossModelJob *known = gloss_model_jobs_find (jobs, task->name);

  /* it may be another task, or the same with a tokenizer this time; nothing is lost with the old */
  if (known && gloss_model_job_get_state (known) == GLOSS_MODEL_JOB_FAILED
      && gloss_model_job_get_task (known)->kind != GLOSS_MODEL_TASK_DOWNLOAD)
    {
      gloss_model_job_cancel (known);
      known = NULL;
    }
  if (known)
    {
      gloss_model_task_free (task);
      gloss_model_jobs_resume (jobs, known);
      return;
    }
  gloss_model_job_set_waiting (append (jobs, task));
}

void
gloss_model_jobs_resume (GlossModelJobs *jobs, GlossModelJob *job)
{
  GlossModelJobState state = gloss_model_job_get_state (job);

  if (state == GLOSS_MODEL_JOB_PAUSED || state == GLOSS_MODEL_JOB_FAILED)
    gloss_model_job_set_waiting (job);
}

static void
look_for_unfinished (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autofree char *folder = gloss_models_folder_get ();

  g_task_return_pointer (task, gloss_pull_list_unfinished (folder),
                         (GDestroyNotify) g_ptr_array_unref);
}

static void
found_unfinished (GObject *object, GAsyncResult *result, gpointer data)
{
  GlossModelJobs *jobs = GLOSS_MODEL_JOBS (object);
  g_autoptr (GPtrArray) found = g_task_propagate_pointer (G_TASK (result), NULL);

  for (guint i = 0; found && !jobs->is_over && i < found->len; i++)
    {
      GlossUnfinished *unfinished = g_ptr_array_index (found, i);
      GlossModelTask *task;

      if (gloss_model_jobs_find (jobs, unfinished->name))
        continue;
      task = g_new0 (GlossModelTask, 1);
      task->kind = GLOSS_MODEL_TASK_DOWNLOAD;
      task->name = g_strdup (unfinished->name);
      task->models_folder = gloss_models_folder_get ();
      task->origin = gloss_model_origin_copy (unfinished->origin);
      gloss_model_job_set_there (append (jobs, task), unfinished->n_bytes);
    }
}

void
gloss_model_jobs_find_unfinished (GlossModelJobs *jobs)
{
  g_autoptr (GTask) task = g_task_new (jobs, NULL, found_unfinished, NULL);

  g_task_run_in_thread (task, look_for_unfinished);
}

void
gloss_model_jobs_shut_down (GlossModelJobs *jobs)
{
  jobs->is_over = TRUE;
  for (guint i = 0; i < count (jobs); i++)
    gloss_model_job_shut_down (get (jobs, i));
}
