/*
 * A run of fine-tuning as the main thread sees it.
 *
 * The thread leaves the lines of the run's record under the lock, and one idle brings them over;
 * its end comes the same way, after everything else.
 */
#include "app/tuning-job.h"

#include "app/tuning-worker.h"
#include "library/run-log.h"
#include "library/tuning.h"
#include "train/advice.h"

#include <glib/gi18n.h>

#define MAX_REPORT_BYTES (64 << 20)

struct _GlossTuningJob
{
  GObject parent_instance;

  GlossTuningRecord *record; /* owned; the thread reads only its folder */
  GlossTurn *turn;           /* borrowed */
  GlossTuningJobState state;
  GlossLossSeries *series; /* owned */
  GlossTrainStep step;
  gboolean has_step;
  GPtrArray *samples; /* owned GlossTuningSample */
  GPtrArray *advice;  /* owned GlossAdvice */
  json_t *report;     /* owned, or NULL */
  guint n_compared, n_to_compare;
  GThread *thread;           /* owned, or NULL */
  GlossTuningWorker *worker; /* owned; the thread's, or NULL */
  gboolean is_paused;        /* as it was asked for */
  gboolean is_keeping;       /* likewise */
  gint is_unwanted;          /* atomic; all of it goes at the end */
  gint64 since_usec;         /* when it last began to run, 0: it does not */
  gint64 elapsed_usec;       /* before that */

  GMutex lock;
  /* guarded by lock */
  GPtrArray *new_lines; /* owned json_t */
  GlossTuningStage new_stage;
  guint new_n_done, new_n_total;
  GlossTuningOutcome outcome;
  gboolean has_ended;
  guint publish_id;
};

enum
{
  CHANGED,
  SAMPLED,
  ENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossTuningJob, gloss_tuning_job, G_TYPE_OBJECT)

static void
sample_free (gpointer data)
{
  GlossTuningSample *sample = data;

  g_free (sample->image_path);
  g_free (sample->reference);
  g_free (sample->before);
  g_free (sample->now);
  g_free (sample);
}

static void
gloss_tuning_job_finalize (GObject *object)
{
  GlossTuningJob *job = GLOSS_TUNING_JOB (object);

  g_assert (!job->thread);
  gloss_tuning_record_free (job->record);
  g_clear_object (&job->series);
  g_ptr_array_unref (job->samples);
  g_ptr_array_unref (job->advice);
  g_ptr_array_unref (job->new_lines);
  g_clear_pointer (&job->report, json_decref);
  g_mutex_clear (&job->lock);
  G_OBJECT_CLASS (gloss_tuning_job_parent_class)->finalize (object);
}

static void
gloss_tuning_job_class_init (GlossTuningJobClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gloss_tuning_job_finalize;
  signals[CHANGED] = g_signal_new ("changed", GLOSS_TYPE_TUNING_JOB, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[SAMPLED] = g_signal_new ("sampled", GLOSS_TYPE_TUNING_JOB, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[ENDED] = g_signal_new ("ended", GLOSS_TYPE_TUNING_JOB, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
gloss_tuning_job_init (GlossTuningJob *job)
{
  g_mutex_init (&job->lock);
  job->series = gloss_loss_series_new ();
  job->samples = g_ptr_array_new_with_free_func (sample_free);
  job->advice = g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_advice_free);
  job->new_lines = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);
}

GlossTuningJob *
gloss_tuning_job_new (GlossTuningRecord *record, GlossTurn *turn)
{
  GlossTuningJob *job = g_object_new (GLOSS_TYPE_TUNING_JOB, NULL);

  job->record = record;
  job->turn = turn;
  return job;
}

static double
get_number (json_t *line, const char *name)
{
  return json_number_value (json_object_get (line, name));
}

static guint
get_count (json_t *line, const char *name)
{
  return (guint) CLAMP (json_integer_value (json_object_get (line, name)), 0, G_MAXINT);
}

static void
take_step (GlossTuningJob *job, json_t *line)
{
  job->has_step = TRUE;
  job->step = (GlossTrainStep){
    .step = get_count (line, "step"),
    .n_steps = get_count (line, "steps"),
    .loss = get_number (line, "loss"),
    .smoothed_loss = get_number (line, "smoothed_loss"),
    .learning_rate = get_number (line, "learning_rate"),
    .gradient_norm = get_number (line, "gradient_norm"),
    .examples_per_second = get_number (line, "examples_per_second"),
    .tokens_per_second = get_number (line, "tokens_per_second"),
    .seconds_left = get_number (line, "seconds_left"),
  };
  gloss_loss_series_append (job->series, job->step.step, job->step.loss, job->step.smoothed_loss);
}

/* Adds what is said now of the picture @index. */
static void
take_caption (GlossTuningJob *job, guint index, json_t *caption)
{
  const char *text = json_string_value (json_object_get (caption, "text"));
  const char *path = json_string_value (json_object_get (caption, "path"));
  GlossTuningSample *sample;

  if (!text || !path)
    return;
  if (index >= job->samples->len)
    {
      sample = g_new0 (GlossTuningSample, 1);
      sample->image_path = g_uri_unescape_string (path, NULL);
      sample->reference = g_strdup (json_string_value (json_object_get (caption, "suffix")));
      sample->before = g_strdup (text);
      g_ptr_array_add (job->samples, sample);
    }
  sample = g_ptr_array_index (job->samples, MIN (index, job->samples->len - 1));
  g_free (sample->now);
  sample->now = g_strdup (text);
}

static void
take_evaluation (GlossTuningJob *job, json_t *line)
{
  json_t *caption;
  gsize i;

  gloss_loss_series_append_validation (job->series, get_count (line, "step"),
                                       get_number (line, "validation_loss"));
  json_array_foreach (json_object_get (line, "captions"), i, caption)
  {
    take_caption (job, (guint) i, caption);
  }
}

static void
update_advice (GlossTuningJob *job)
{
  guint n_points, n_validations;
  const GlossLossPoint *points = gloss_loss_series_get_points (job->series, &n_points);
  const GlossLossValidation *validations =
      gloss_loss_series_get_validations (job->series, &n_validations);
  g_autofree GlossCurvePoint *training = g_new (GlossCurvePoint, MAX (n_points, 1));
  g_autofree GlossCurvePoint *validation = g_new (GlossCurvePoint, MAX (n_validations, 1));
  const GlossCurves curves = {
    .training = training,
    .n_training = n_points,
    .validation = validation,
    .n_validation = n_validations,
    .learning_rate = job->record->settings->trainer.learning_rate,
  };

  for (guint i = 0; i < n_points; i++)
    training[i] = (GlossCurvePoint){ points[i].step, points[i].loss };
  for (guint i = 0; i < n_validations; i++)
    validation[i] = (GlossCurvePoint){ validations[i].step, validations[i].loss };
  g_ptr_array_unref (job->advice);
  job->advice = gloss_advice_make (&curves);
}

/* Returns whether captions came. */
static gboolean
take_lines (GlossTuningJob *job, GPtrArray *lines)
{
  gboolean is_sampled = FALSE;

  for (guint i = 0; i < lines->len; i++)
    {
      json_t *line = g_ptr_array_index (lines, i);
      const char *event = json_string_value (json_object_get (line, "event"));

      if (g_strcmp0 (event, "step") == 0)
        take_step (job, line);
      else if (g_strcmp0 (event, "evaluation") == 0)
        {
          take_evaluation (job, line);
          is_sampled = TRUE;
        }
    }
  if (is_sampled)
    update_advice (job);
  return is_sampled;
}

static void
stop_clock (GlossTuningJob *job)
{
  if (job->since_usec != 0)
    job->elapsed_usec += g_get_monotonic_time () - job->since_usec;
  job->since_usec = 0;
}

static void
set_state (GlossTuningJob *job, GlossTuningJobState state)
{
  gboolean runs = state == GLOSS_TUNING_JOB_RUNNING || state == GLOSS_TUNING_JOB_PAUSING
                  || state == GLOSS_TUNING_JOB_KEEPING;

  job->state = state;
  if (!runs)
    stop_clock (job);
  else if (job->since_usec == 0)
    job->since_usec = g_get_monotonic_time ();
}

static void
take_stage (GlossTuningJob *job, GlossTuningStage stage)
{
  if (job->is_unwanted)
    set_state (job, GLOSS_TUNING_JOB_DISCARDING);
  else if (stage == GLOSS_TUNING_STAGE_PAUSED && job->is_paused)
    set_state (job, GLOSS_TUNING_JOB_PAUSED);
  else if (stage == GLOSS_TUNING_STAGE_COMPARING)
    set_state (job, GLOSS_TUNING_JOB_COMPARING);
  else if (job->is_keeping)
    set_state (job, GLOSS_TUNING_JOB_KEEPING);
  else if (job->is_paused)
    set_state (job, GLOSS_TUNING_JOB_PAUSING);
  else
    set_state (job, stage == GLOSS_TUNING_STAGE_OPENING ? GLOSS_TUNING_JOB_OPENING
                                                        : GLOSS_TUNING_JOB_RUNNING);
}

/* What the record says from now on. */
static void
settle_record (GlossTuningJob *job, GlossTuningOutcome *outcome)
{
  GlossTuningRecord *record = job->record;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&record->message, g_free);
  if (outcome->is_whole)
    record->state = GLOSS_TUNING_FINISHED;
  else if (outcome->was_kept)
    record->state = GLOSS_TUNING_STOPPED;
  else if (g_error_matches (outcome->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    record->state = GLOSS_TUNING_INTERRUPTED;
  else
    {
      record->state = GLOSS_TUNING_FAILED;
      record->message = g_strdup (outcome->error ? outcome->error->message : _ ("it failed"));
    }
  if (outcome->n_training > 0)
    {
      record->n_training = outcome->n_training;
      record->n_validation = outcome->n_validation;
    }
  if (!gloss_tuning_record_write (record, &error) && !record->message)
    record->message = g_strdup (error->message);
}

static void
end (GlossTuningJob *job)
{
  gboolean has_worked = job->worker != NULL;

  g_thread_join (g_steal_pointer (&job->thread));
  g_clear_pointer (&job->worker, gloss_tuning_worker_free);
  job->has_ended = FALSE;
  if (job->is_unwanted)
    {
      set_state (job, GLOSS_TUNING_JOB_DISCARDED);
    }
  else
    {
      if (has_worked)
        settle_record (job, &job->outcome);
      set_state (job, GLOSS_TUNING_JOB_PAST);
    }
  if (job->outcome.report)
    {
      g_clear_pointer (&job->report, json_decref);
      job->report = g_steal_pointer (&job->outcome.report);
    }
  g_clear_error (&job->outcome.error);
  job->is_keeping = job->is_paused = FALSE;
}

static gboolean
publish (gpointer data)
{
  GlossTuningJob *job = data;
  g_autoptr (GPtrArray) lines = NULL;
  GlossTuningStage stage;
  gboolean has_ended, is_sampled;

  g_mutex_lock (&job->lock);
  job->publish_id = 0;
  lines = g_steal_pointer (&job->new_lines);
  job->new_lines = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);
  stage = job->new_stage;
  job->n_compared = job->new_n_done;
  job->n_to_compare = job->new_n_total;
  has_ended = job->has_ended;
  g_mutex_unlock (&job->lock);
  is_sampled = take_lines (job, lines);
  if (has_ended)
    end (job);
  else if (job->worker)
    take_stage (job, stage);
  if (is_sampled)
    g_signal_emit (job, signals[SAMPLED], 0);
  g_signal_emit (job, signals[CHANGED], 0);
  if (has_ended)
    g_signal_emit (job, signals[ENDED], 0);
  return G_SOURCE_REMOVE;
}

/* With the lock held. After input and drawing. */
static void
ask_to_publish (GlossTuningJob *job)
{
  if (job->publish_id == 0)
    job->publish_id =
        g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, publish, g_object_ref (job), g_object_unref);
}

static void
note_line (json_t *line, gpointer user_data)
{
  GlossTuningJob *job = user_data;

  g_mutex_lock (&job->lock);
  g_ptr_array_add (job->new_lines, json_incref (line));
  ask_to_publish (job);
  g_mutex_unlock (&job->lock);
}

static void
note_stage (GlossTuningStage stage, guint n_done, guint n_total, gpointer user_data)
{
  GlossTuningJob *job = user_data;

  g_mutex_lock (&job->lock);
  job->new_stage = stage;
  job->new_n_done = n_done;
  job->new_n_total = n_total;
  ask_to_publish (job);
  g_mutex_unlock (&job->lock);
}

static void
note_end (GlossTuningJob *job, const GlossTuningOutcome *outcome)
{
  g_mutex_lock (&job->lock);
  job->outcome = *outcome;
  job->has_ended = TRUE;
  ask_to_publish (job);
  g_mutex_unlock (&job->lock);
}

static gpointer
work (gpointer data)
{
  GlossTuningJob *job = data;
  GlossTuningOutcome outcome = { 0 };

  gloss_tuning_worker_run (job->worker, &outcome);
  if (g_atomic_int_get (&job->is_unwanted))
    gloss_tuning_record_delete (job->record, NULL);
  note_end (job, &outcome);
  return NULL;
}

static gpointer
discard (gpointer data)
{
  GlossTuningJob *job = data;
  const GlossTuningOutcome outcome = { 0 };

  gloss_tuning_record_delete (job->record, NULL);
  note_end (job, &outcome);
  return NULL;
}

static gpointer
read_past (gpointer data)
{
  GlossTuningJob *job = data;
  GlossTuningOutcome outcome = { 0 };
  g_autofree char *log = g_build_filename (job->record->folder, GLOSS_TUNING_LOG_NAME, NULL);
  g_autofree char *report = g_build_filename (job->record->folder, GLOSS_TUNING_REPORT_NAME, NULL);

  gloss_run_log_read (log, note_line, job);
  outcome.report = gloss_json_load (report, MAX_REPORT_BYTES, NULL);
  note_end (job, &outcome);
  return NULL;
}

void
gloss_tuning_job_load (GlossTuningJob *job)
{
  if (job->thread || job->has_step)
    return;
  job->state = GLOSS_TUNING_JOB_READING;
  job->thread = g_thread_new ("tuning-log", read_past, job);
}

void
gloss_tuning_job_set_waiting (GlossTuningJob *job)
{
  g_return_if_fail (!job->thread);

  set_state (job, GLOSS_TUNING_JOB_WAITING);
  g_signal_emit (job, signals[CHANGED], 0);
}

void
gloss_tuning_job_start (GlossTuningJob *job, guint n_threads)
{
  const GlossTuningWatcher watcher = { note_stage, note_line, job };

  g_return_if_fail (!job->thread);

  /* the lines of before come once more; the series forgets those that it has by itself */
  g_ptr_array_set_size (job->samples, 0);
  job->has_step = FALSE;
  job->record->state = GLOSS_TUNING_RUNNING;
  g_clear_pointer (&job->record->message, g_free);
  gloss_tuning_record_write (job->record, NULL);
  job->worker = gloss_tuning_worker_new (job->record->settings, job->record->folder, job->turn,
                                         n_threads, &watcher);
  set_state (job, GLOSS_TUNING_JOB_OPENING);
  job->thread = g_thread_new ("tuning", work, job);
  g_signal_emit (job, signals[CHANGED], 0);
}

void
gloss_tuning_job_pause (GlossTuningJob *job)
{
  if (!job->worker || job->is_paused || job->is_keeping)
    return;
  job->is_paused = TRUE;
  gloss_tuning_worker_set_paused (job->worker, TRUE);
  set_state (job, GLOSS_TUNING_JOB_PAUSING);
  g_signal_emit (job, signals[CHANGED], 0);
}

void
gloss_tuning_job_resume (GlossTuningJob *job)
{
  if (!job->worker || !job->is_paused)
    return;
  job->is_paused = FALSE;
  gloss_tuning_worker_set_paused (job->worker, FALSE);
  set_state (job, GLOSS_TUNING_JOB_RUNNING);
  g_signal_emit (job, signals[CHANGED], 0);
}

void
gloss_tuning_job_sample (GlossTuningJob *job)
{
  if (job->worker)
    gloss_tuning_worker_sample (job->worker);
}

void
gloss_tuning_job_keep (GlossTuningJob *job)
{
  if (!job->worker)
    return;
  if (job->state == GLOSS_TUNING_JOB_COMPARING)
    {
      gloss_tuning_worker_skip_comparison (job->worker);
      return;
    }
  job->is_keeping = TRUE;
  job->is_paused = FALSE;
  gloss_tuning_worker_keep (job->worker);
  set_state (job, GLOSS_TUNING_JOB_KEEPING);
  g_signal_emit (job, signals[CHANGED], 0);
}

void
gloss_tuning_job_discard (GlossTuningJob *job)
{
  g_atomic_int_set (&job->is_unwanted, TRUE);
  set_state (job, GLOSS_TUNING_JOB_DISCARDING);
  if (job->worker)
    gloss_tuning_worker_cancel (job->worker);
  else if (!job->thread)
    job->thread = g_thread_new ("tuning-discard", discard, job);
  g_signal_emit (job, signals[CHANGED], 0);
}

void
gloss_tuning_job_shut_down (GlossTuningJob *job)
{
  if (job->worker)
    gloss_tuning_worker_cancel (job->worker);
  if (!job->thread)
    return;
  end (job);
  g_mutex_lock (&job->lock);
  g_clear_handle_id (&job->publish_id, g_source_remove);
  g_mutex_unlock (&job->lock);
}

GlossTuningJobState
gloss_tuning_job_get_state (GlossTuningJob *job)
{
  return job->state;
}

gboolean
gloss_tuning_job_is_active (GlossTuningJob *job)
{
  return job->worker != NULL;
}

GlossTuningRecord *
gloss_tuning_job_get_record (GlossTuningJob *job)
{
  return job->record;
}

GlossLossSeries *
gloss_tuning_job_get_series (GlossTuningJob *job)
{
  return job->series;
}

const GlossTrainStep *
gloss_tuning_job_get_step (GlossTuningJob *job)
{
  return job->has_step ? &job->step : NULL;
}

GPtrArray *
gloss_tuning_job_get_samples (GlossTuningJob *job)
{
  return job->samples;
}

GPtrArray *
gloss_tuning_job_get_advice (GlossTuningJob *job)
{
  return job->advice;
}

json_t *
gloss_tuning_job_get_report (GlossTuningJob *job)
{
  return job->report;
}

double
gloss_tuning_job_get_fraction (GlossTuningJob *job)
{
  if (job->state == GLOSS_TUNING_JOB_COMPARING)
    return job->n_to_compare > 0 ? MIN (1.0, (double) job->n_compared / job->n_to_compare) : 0;
  return job->has_step && job->step.n_steps > 0 ? (double) job->step.step / job->step.n_steps : 0;
}

double
gloss_tuning_job_get_elapsed_seconds (GlossTuningJob *job)
{
  gint64 now = job->since_usec != 0 ? g_get_monotonic_time () - job->since_usec : 0;

  return (double) (job->elapsed_usec + now) / 1e6;
}
