/* One caption being made. */
#include "app/caption-job.h"

#include <string.h>

struct _GlossCaptionJob
{
  GObject parent_instance;

  char *path;                  /* owned */
  GlossSharedImage *image;     /* owned, or NULL */
  GlossCaptionRequest request; /* its strings owned */
  GCancellable *cancellable;   /* owned */

  GMutex lock;
  /* guarded by lock; written by the engine's thread */
  GString *new_text;
  GlossCaptionPhase new_phase;
  guint new_n_done, new_n_total;
  gint64 phase_start_usec;
  double reading_seconds; /* how long reading will take, 0: unknown */
  gboolean new_is_begun, new_is_finished, new_is_cut;
  GError *new_error;
  char *new_model;
  guint source_id; /* of the idle that will publish, 0: none is due */

  /* main thread only: what was published */
  GString *text;
  GlossCaptionPhase phase;
  guint n_done, n_total;
  double seconds_left;
  gboolean is_begun, is_finished, is_cut;
  GError *error;
  char *model;
};

enum
{
  CHANGED,
  FINISHED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossCaptionJob, gloss_caption_job, G_TYPE_OBJECT)

static void
gloss_caption_job_finalize (GObject *object)
{
  GlossCaptionJob *job = GLOSS_CAPTION_JOB (object);

  g_free (job->path);
  g_clear_pointer (&job->image, gloss_shared_image_unref);
  g_free ((char *) job->request.prompt);
  g_free ((char *) job->request.start_with);
  g_object_unref (job->cancellable);
  g_string_free (job->new_text, TRUE);
  g_string_free (job->text, TRUE);
  g_clear_error (&job->new_error);
  g_clear_error (&job->error);
  g_free (job->new_model);
  g_free (job->model);
  g_mutex_clear (&job->lock);
  G_OBJECT_CLASS (gloss_caption_job_parent_class)->finalize (object);
}

static void
gloss_caption_job_class_init (GlossCaptionJobClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gloss_caption_job_finalize;
  signals[CHANGED] = g_signal_new ("changed", GLOSS_TYPE_CAPTION_JOB, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[FINISHED] = g_signal_new ("finished", GLOSS_TYPE_CAPTION_JOB, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
}

static void
gloss_caption_job_init (GlossCaptionJob *job)
{
  g_mutex_init (&job->lock);
  job->cancellable = g_cancellable_new ();
  job->new_text = g_string_new (NULL);
  job->text = g_string_new (NULL);
  job->seconds_left = -1;
}

GlossCaptionJob *
gloss_caption_job_new (const char *path, GlossSharedImage *image,
                       const GlossCaptionRequest *request)
{
  GlossCaptionJob *job = g_object_new (GLOSS_TYPE_CAPTION_JOB, NULL);

  job->path = g_strdup (path);
  job->image = image ? gloss_shared_image_ref (image) : NULL;
  job->request = *request;
  job->request.prompt = g_strdup (request->prompt);
  job->request.start_with = g_strdup (request->start_with);
  return job;
}

/* Seconds until the first word, by how fast this phase went until now. */
static double
guess_seconds_left (const GlossCaptionJob *job)
{
  double elapsed = (double) (g_get_monotonic_time () - job->phase_start_usec) / 1e6;

  if (job->new_phase == GLOSS_CAPTION_WRITING || job->new_n_done == 0)
    return -1;
  if (job->new_phase == GLOSS_CAPTION_LOOKING && job->reading_seconds <= 0)
    return -1;
  return elapsed / job->new_n_done * (job->new_n_total - job->new_n_done)
         + (job->new_phase == GLOSS_CAPTION_LOOKING ? job->reading_seconds : 0);
}

static gboolean
publish (gpointer data)
{
  GlossCaptionJob *job = data;

  g_mutex_lock (&job->lock);
  job->source_id = 0;
  g_string_assign (job->text, job->new_text->str);
  job->phase = job->new_phase;
  job->n_done = job->new_n_done;
  job->n_total = job->new_n_total;
  job->is_begun = job->new_is_begun;
  job->seconds_left = guess_seconds_left (job);
  job->is_cut = job->new_is_cut;
  job->is_finished = job->new_is_finished;
  if (!job->model)
    job->model = g_strdup (job->new_model);
  if (job->new_error)
    job->error = g_steal_pointer (&job->new_error);
  g_mutex_unlock (&job->lock);

  g_signal_emit (job, signals[CHANGED], 0);
  if (job->is_finished)
    g_signal_emit (job, signals[FINISHED], 0);
  return G_SOURCE_REMOVE;
}

/* With the lock held. */
static void
schedule (GlossCaptionJob *job)
{
  /* the idle keeps the job alive, and comes after input and drawing */
  if (job->source_id == 0)
    job->source_id =
        g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, publish, g_object_ref (job), g_object_unref);
}

void
gloss_caption_job_stop (GlossCaptionJob *job)
{
  g_cancellable_cancel (job->cancellable);
}

gboolean
gloss_caption_job_is_stopped (GlossCaptionJob *job)
{
  return g_cancellable_is_cancelled (job->cancellable);
}

GCancellable *
gloss_caption_job_get_cancellable (GlossCaptionJob *job)
{
  return job->cancellable;
}

const GlossCaptionRequest *
gloss_caption_job_get_request (GlossCaptionJob *job)
{
  return &job->request;
}

gboolean
gloss_caption_job_is_begun (GlossCaptionJob *job)
{
  return job->is_begun;
}

GlossCaptionPhase
gloss_caption_job_get_phase (GlossCaptionJob *job, guint *n_done, guint *n_total)
{
  *n_done = job->n_done;
  *n_total = job->n_total;
  return job->phase;
}

double
gloss_caption_job_get_seconds_left (GlossCaptionJob *job)
{
  return job->seconds_left;
}

const char *
gloss_caption_job_get_text (GlossCaptionJob *job)
{
  return job->text->str;
}

const GError *
gloss_caption_job_get_error (GlossCaptionJob *job)
{
  return job->error;
}

gboolean
gloss_caption_job_is_cut (GlossCaptionJob *job)
{
  return job->is_cut;
}

const char *
gloss_caption_job_get_model (GlossCaptionJob *job)
{
  return job->model;
}

static void
take_text (const char *text, gpointer user_data)
{
  GlossCaptionJob *job = user_data;

  g_mutex_lock (&job->lock);
  g_string_append (job->new_text, text);
  schedule (job);
  g_mutex_unlock (&job->lock);
}

static void
take_phase (GlossCaptionPhase phase, guint n_done, guint n_total, gpointer user_data)
{
  GlossCaptionJob *job = user_data;
  gint64 now_usec = g_get_monotonic_time ();

  g_mutex_lock (&job->lock);
  if (phase == GLOSS_CAPTION_WRITING && job->new_phase == GLOSS_CAPTION_READING)
    job->reading_seconds = (double) (now_usec - job->phase_start_usec) / 1e6;
  if (!job->new_is_begun || phase != job->new_phase)
    job->phase_start_usec = now_usec;
  job->new_is_begun = TRUE;
  job->new_phase = phase;
  job->new_n_done = n_done;
  job->new_n_total = n_total;
  schedule (job);
  g_mutex_unlock (&job->lock);
}

static void
finish (GlossCaptionJob *job, GError *error)
{
  g_mutex_lock (&job->lock);
  job->new_error = error;
  job->new_is_finished = TRUE;
  schedule (job);
  g_mutex_unlock (&job->lock);
}

void
gloss_caption_job_run (GlossCaptionJob *job, GlossCaptioner *captioner, const char *model,
                       double *reading_seconds)
{
  GError *error = NULL;
  g_autoptr (GlossCaption) caption = NULL;

  g_mutex_lock (&job->lock);
  job->new_model = g_strdup (model);
  job->reading_seconds = *reading_seconds;
  g_mutex_unlock (&job->lock);

  if (!job->image)
    {
      GlossImage *image = gloss_image_load (job->path, job->cancellable, &error);

      if (image)
        job->image = gloss_shared_image_new (image);
    }
  if (job->image)
    {
      gloss_captioner_watch (captioner, take_phase, job);
      caption = gloss_captioner_run (captioner, gloss_shared_image_get (job->image), &job->request,
                                     take_text, job, job->cancellable, &error);
      gloss_captioner_watch (captioner, NULL, NULL);
    }
  g_mutex_lock (&job->lock);
  job->new_is_cut = caption && caption->is_cut;
  *reading_seconds = job->reading_seconds;
  g_mutex_unlock (&job->lock);
  finish (job, error);
}

void
gloss_caption_job_fail (GlossCaptionJob *job, GError *error)
{
  finish (job, error);
}
