/*
 * A task with a model that goes on in a thread of its own.
 *
 * The thread leaves how far it is under the lock, and one idle brings it over; its end comes the
 * same way, after everything else.
 */
#include "app/model-job.h"

#include <string.h>

struct _GlossModelJob
{
  GObject parent_instance;

  GlossModelTask *task; /* owned; the thread's while that runs */
  GlossModelJobState state;
  GlossModelProgress progress;
  GError *error; /* owned; why it failed, or NULL */
  char *path;    /* owned; or NULL */
  GThread *thread;
  GCancellable *cancellable; /* owned; of the thread */
  gboolean is_unwanted;      /* what is there goes when the thread ends */

  GMutex lock;
  /* guarded by lock */
  GlossModelProgress new_progress;
  GError *new_error; /* owned */
  char *new_path;    /* owned */
  gboolean has_ended, must_discard;
  guint publish_id;
};

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossModelJob, gloss_model_job, G_TYPE_OBJECT)

static void
set_state (GlossModelJob *job, GlossModelJobState state)
{
  job->state = state;
  g_signal_emit (job, signals[CHANGED], 0);
}

static void
end (GlossModelJob *job)
{
  gboolean was_stopped = g_cancellable_is_cancelled (job->cancellable);

  g_thread_join (g_steal_pointer (&job->thread));
  g_clear_object (&job->cancellable);
  job->has_ended = FALSE;
  g_clear_error (&job->error);
  job->error = g_steal_pointer (&job->new_error);
  job->path = g_steal_pointer (&job->new_path);
  if (job->path)
    set_state (job, GLOSS_MODEL_JOB_DONE);
  else if (job->is_unwanted)
    set_state (job, GLOSS_MODEL_JOB_CANCELLED);
  else
    set_state (job, was_stopped ? GLOSS_MODEL_JOB_PAUSED : GLOSS_MODEL_JOB_FAILED);
}

static gboolean
publish (gpointer data)
{
  GlossModelJob *job = data;
  gboolean has_ended;

  g_mutex_lock (&job->lock);
  job->publish_id = 0;
  job->progress = job->new_progress;
  has_ended = job->has_ended;
  g_mutex_unlock (&job->lock);
  if (has_ended)
    end (job);
  else
    g_signal_emit (job, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

/* With the lock held. */
static void
ask_to_publish (GlossModelJob *job)
{
  if (job->publish_id == 0)
    job->publish_id =
        g_idle_add_full (G_PRIORITY_DEFAULT, publish, g_object_ref (job), g_object_unref);
}

static void
note (const GlossModelProgress *progress, gpointer user_data)
{
  GlossModelJob *job = user_data;

  g_mutex_lock (&job->lock);
  job->new_progress = *progress;
  ask_to_publish (job);
  g_mutex_unlock (&job->lock);
}

static gpointer
work (gpointer data)
{
  GlossModelJob *job = data;
  GError *error = NULL;
  char *path = gloss_model_task_run (job->task, job->cancellable, note, job, &error);
  gboolean must_discard;

  g_mutex_lock (&job->lock);
  must_discard = job->must_discard && !path;
  g_mutex_unlock (&job->lock);
  if (must_discard)
    gloss_model_task_discard (job->task);
  g_mutex_lock (&job->lock);
  job->new_path = path;
  job->new_error = error;
  job->has_ended = TRUE;
  ask_to_publish (job);
  g_mutex_unlock (&job->lock);
  return NULL;
}

static void
gloss_model_job_finalize (GObject *object)
{
  GlossModelJob *job = GLOSS_MODEL_JOB (object);

  g_assert (!job->thread);
  gloss_model_task_free (job->task);
  g_clear_error (&job->error);
  g_clear_error (&job->new_error);
  g_free (job->path);
  g_free (job->new_path);
  g_mutex_clear (&job->lock);
  G_OBJECT_CLASS (gloss_model_job_parent_class)->finalize (object);
}

static void
gloss_model_job_class_init (GlossModelJobClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gloss_model_job_finalize;
  signals[CHANGED] = g_signal_new ("changed", GLOSS_TYPE_MODEL_JOB, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
gloss_model_job_init (GlossModelJob *job)
{
  g_mutex_init (&job->lock);
  job->progress.seconds_left = -1;
}

GlossModelJob *
gloss_model_job_new (GlossModelTask *task)
{
  GlossModelJob *job = g_object_new (GLOSS_TYPE_MODEL_JOB, NULL);

  job->task = task;
  return job;
}

void
gloss_model_job_start (GlossModelJob *job)
{
  g_return_if_fail (!job->thread);
  g_clear_error (&job->error);
  job->is_unwanted = FALSE;
  job->must_discard = FALSE;
  job->progress.stage = job->new_progress.stage = GLOSS_MODEL_STAGE_LISTING;
  job->cancellable = g_cancellable_new ();
  job->thread = g_thread_new ("model-job", work, job);
  set_state (job, GLOSS_MODEL_JOB_RUNNING);
}

void
gloss_model_job_set_there (GlossModelJob *job, guint64 n_bytes)
{
  const GlossCatalogueEntry *entry =
      job->task->origin ? gloss_catalogue_find (job->task->origin->name) : NULL;

  job->progress.n_bytes = n_bytes;
  if (entry)
    job->progress.n_total_bytes = job->task->origin->kind == GLOSS_SOURCE_KAGGLE
                                      ? entry->kaggle_bytes
                                      : entry->hugging_face_bytes;
  set_state (job, GLOSS_MODEL_JOB_PAUSED);
}

void
gloss_model_job_set_waiting (GlossModelJob *job)
{
  set_state (job, GLOSS_MODEL_JOB_WAITING);
}

static void
stop (GlossModelJob *job)
{
  g_cancellable_cancel (job->cancellable);
  set_state (job, GLOSS_MODEL_JOB_STOPPING);
}

void
gloss_model_job_pause (GlossModelJob *job)
{
  if (job->thread)
    stop (job);
  else
    set_state (job, GLOSS_MODEL_JOB_PAUSED);
}

static gpointer
discard (gpointer data)
{
  g_autoptr (GlossModelJob) job = data;

  gloss_model_task_discard (job->task);
  return NULL;
}

void
gloss_model_job_cancel (GlossModelJob *job)
{
  job->is_unwanted = TRUE;
  if (job->thread)
    {
      g_mutex_lock (&job->lock);
      job->must_discard = TRUE;
      g_mutex_unlock (&job->lock);
      stop (job);
      return;
    }
  g_thread_unref (g_thread_new ("discard", discard, g_object_ref (job)));
  set_state (job, GLOSS_MODEL_JOB_CANCELLED);
}

void
gloss_model_job_set_tokenizer (GlossModelJob *job, const char *path)
{
  g_return_if_fail (!job->thread);
  g_free (job->task->tokenizer);
  job->task->tokenizer = g_strdup (path);
}

void
gloss_model_job_shut_down (GlossModelJob *job)
{
  if (!job->thread)
    return;
  g_cancellable_cancel (job->cancellable);
  g_thread_join (g_steal_pointer (&job->thread));
  g_clear_object (&job->cancellable);
  g_clear_handle_id (&job->publish_id, g_source_remove);
}

const GlossModelTask *
gloss_model_job_get_task (GlossModelJob *job)
{
  return job->task;
}

GlossModelJobState
gloss_model_job_get_state (GlossModelJob *job)
{
  return job->state;
}

const GlossModelProgress *
gloss_model_job_get_progress (GlossModelJob *job)
{
  return &job->progress;
}

double
gloss_model_job_get_fraction (GlossModelJob *job)
{
  const GlossModelProgress *progress = &job->progress;

  if (progress->n_total_bytes == 0)
    return -1;
  return MIN (1, (double) progress->n_bytes / (double) progress->n_total_bytes);
}

const char *
gloss_model_job_get_message (GlossModelJob *job)
{
  return job->state == GLOSS_MODEL_JOB_FAILED && job->error ? job->error->message : NULL;
}

GlossModelWay
gloss_model_job_get_way (GlossModelJob *job)
{
  gboolean is_refused;

  if (!gloss_model_job_get_message (job))
    return GLOSS_MODEL_WAY_NONE;
  is_refused = g_error_matches (job->error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  if (job->progress.stage == GLOSS_MODEL_STAGE_TOKENIZER
      && g_error_matches (job->error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return GLOSS_MODEL_WAY_TOKENIZER;
  if (!is_refused || !job->task->origin || job->progress.stage > GLOSS_MODEL_STAGE_DOWNLOADING)
    return GLOSS_MODEL_WAY_NONE;
  /* both are refusals; in every language, what wants an account names the service's settings */
  return strstr (job->error->message, "/settings") ? GLOSS_MODEL_WAY_ACCOUNT : GLOSS_MODEL_WAY_PAGE;
}

const char *
gloss_model_job_get_path (GlossModelJob *job)
{
  return job->path;
}
