/* The doing of a run of fine-tuning. */
#include "app/tuning-worker.h"

#include "base/atomic-file.h"
#include "dataset/quality-report.h"
#include "library/run-log.h"
#include "library/tuning.h"
#include "model/tuned.h"

#include <glib/gi18n.h>
#include <string.h>
#include <sys/resource.h>

/* As the engine's: frames and input come first. */
#define NICENESS 10
/* Held-out pictures that are compared at most; more would take hours and tell little more. */
#define MAX_COMPARED 100

struct _GlossTuningWorker
{
  GlossTuningSettings *settings; /* owned */
  char *folder;                  /* owned */
  GlossTurn *turn;               /* borrowed */
  guint n_threads;
  GlossTuningWatcher watcher;
  GCancellable *cancellable; /* owned; of all of it */
  GCancellable *comparing;   /* owned; of the comparison */

  /* of the thread that runs it */
  GlossTuning *tuning; /* owned */
  gboolean has_turn;
  gboolean is_comparing;
  guint n_compared, n_to_compare;

  GMutex lock;
  GCond changed;
  /* guarded by lock */
  gboolean is_paused;
  GlossTrainer *trainer; /* borrowed; NULL before there is one, and after */
  guint wishes;          /* from before that */
};

GlossTuningWorker *
gloss_tuning_worker_new (const GlossTuningSettings *settings, const char *folder, GlossTurn *turn,
                         guint n_threads, const GlossTuningWatcher *watcher)
{
  GlossTuningWorker *worker = g_new0 (GlossTuningWorker, 1);

  worker->settings = gloss_tuning_settings_copy (settings);
  worker->folder = g_strdup (folder);
  worker->turn = turn;
  worker->n_threads = n_threads;
  worker->watcher = *watcher;
  worker->cancellable = g_cancellable_new ();
  worker->comparing = g_cancellable_new ();
  g_mutex_init (&worker->lock);
  g_cond_init (&worker->changed);
  return worker;
}

void
gloss_tuning_worker_free (GlossTuningWorker *worker)
{
  if (!worker)
    return;
  gloss_tuning_settings_free (worker->settings);
  g_free (worker->folder);
  g_object_unref (worker->cancellable);
  g_object_unref (worker->comparing);
  g_mutex_clear (&worker->lock);
  g_cond_clear (&worker->changed);
  g_free (worker);
}

static void
tell_stage (GlossTuningWorker *worker)
{
  if (worker->is_comparing)
    worker->watcher.stage (GLOSS_TUNING_STAGE_COMPARING, worker->n_compared, worker->n_to_compare,
                           worker->watcher.user_data);
  else
    worker->watcher.stage (GLOSS_TUNING_STAGE_TRAINING, 0, 0, worker->watcher.user_data);
}

/* Until it is to go on, or to end. What was learnt is safe meanwhile. */
static void
wait_while_paused (GlossTuningWorker *worker)
{
  if (!worker->is_comparing)
    gloss_trainer_write_snapshot (gloss_tuning_get_trainer (worker->tuning), NULL);
  worker->watcher.stage (GLOSS_TUNING_STAGE_PAUSED, 0, 0, worker->watcher.user_data);
  g_mutex_lock (&worker->lock);
  while (worker->is_paused && !g_cancellable_is_cancelled (worker->cancellable))
    g_cond_wait (&worker->changed, &worker->lock);
  g_mutex_unlock (&worker->lock);
  tell_stage (worker);
}

static void
handle_slice (gpointer user_data)
{
  GlossTuningWorker *worker = user_data;
  gboolean is_paused;

  g_mutex_lock (&worker->lock);
  is_paused = worker->is_paused;
  g_mutex_unlock (&worker->lock);
  if (!is_paused && !gloss_turn_is_wanted (worker->turn))
    return;
  gloss_turn_give (worker->turn);
  if (is_paused)
    wait_while_paused (worker);
  /* without it only when it ends */
  worker->has_turn = gloss_turn_take (worker->turn, FALSE, worker->cancellable, NULL);
}

static void
pass_line (json_t *line, gpointer user_data)
{
  GlossTuningWorker *worker = user_data;

  worker->watcher.line (line, worker->watcher.user_data);
}

static gboolean
train (GlossTuningWorker *worker, GlossTuningOutcome *out)
{
  const GlossTrainObserver observer = { .slice = handle_slice, .user_data = worker };
  g_autofree char *log = g_build_filename (worker->folder, GLOSS_TUNING_LOG_NAME, NULL);
  g_autoptr (GlossPool) pool = gloss_pool_new (worker->n_threads);
  GlossTrainer *trainer;
  gboolean is_done;

  worker->tuning = gloss_tuning_open (worker->settings, worker->folder, TRUE, pool, &observer,
                                      pass_line, worker, worker->cancellable, &out->error);
  if (!worker->tuning)
    return FALSE;
  out->n_training = gloss_tuning_get_data (worker->tuning)->training->len;
  out->n_validation = gloss_tuning_get_data (worker->tuning)->validation->len;
  gloss_run_log_read (log, pass_line, worker);
  trainer = gloss_tuning_get_trainer (worker->tuning);
  g_mutex_lock (&worker->lock);
  worker->trainer = trainer;
  if (worker->wishes != 0)
    gloss_trainer_ask (trainer, (GlossTrainerWish) worker->wishes);
  g_mutex_unlock (&worker->lock);
  worker->has_turn = gloss_turn_take (worker->turn, FALSE, worker->cancellable, &out->error);
  if (worker->has_turn)
    {
      tell_stage (worker);
      is_done = gloss_tuning_run (worker->tuning, worker->cancellable, &out->error);
    }
  else
    is_done = FALSE;
  if (worker->has_turn)
    gloss_turn_give (worker->turn);
  worker->has_turn = FALSE;
  out->is_whole =
      is_done && gloss_trainer_get_step (trainer) == gloss_tuning_get_n_steps (worker->tuning);
  out->was_kept = is_done && !out->is_whole;
  g_mutex_lock (&worker->lock);
  worker->trainer = NULL;
  g_mutex_unlock (&worker->lock);
  return is_done;
}

static void
note_picture (guint n_done, guint n_all, const GlossQualityRecord *record, gpointer user_data)
{
  GlossTuningWorker *worker = user_data;

  worker->n_compared++;
  tell_stage (worker);
  handle_slice (worker);
}

static GlossQuality *
measure (GlossTuningWorker *worker, GlossModel *model, GlossPool *pool, GError **error)
{
  const GlossTuningSettings *settings = worker->settings;
  const GlossTuningData *data = gloss_tuning_get_data (worker->tuning);
  const GlossQualityOptions options = {
    .prompt = settings->prompt,
    .max_tokens = settings->trainer.max_tokens,
    .max_ids = settings->max_ids,
    .lower_case = !settings->keeps_case,
    .takes_all = data->held_out != NULL,
    .limit = MAX_COMPARED,
  };
  const GlossPairs *pairs = data->held_out ? data->held_out : data->pairs;
  g_autoptr (GlossCaptioner) captioner =
      gloss_captioner_new (model, gloss_tuning_get_tokenizer (worker->tuning), pool, error);

  if (!captioner)
    return NULL;
  worker->n_to_compare = 2 * gloss_quality_count_records (pairs, &options);
  return gloss_quality_measure (pairs, captioner, &options, note_picture, worker, worker->comparing,
                                error);
}

static void
write_report (GlossTuningWorker *worker, json_t *report)
{
  g_autofree char *path = g_build_filename (worker->folder, GLOSS_TUNING_REPORT_NAME, NULL);
  char *text = json_dumps (report, JSON_INDENT (1));

  /* the run is none the worse without it */
  gloss_atomic_file_write (path, text, strlen (text), NULL);
  free (text);
}

/* What of it fails costs the comparison and not the result. */
static void
compare (GlossTuningWorker *worker, GlossTuningOutcome *out)
{
  g_autoptr (GlossPool) pool = gloss_pool_new (worker->n_threads);
  g_autoptr (GlossModel) tuned = gloss_model_load (worker->folder, NULL, NULL);
  g_autoptr (GlossQuality) base = NULL;
  g_autoptr (GlossQuality) quality = NULL;

  worker->is_comparing = TRUE;
  worker->n_compared = 0;
  if (!tuned)
    return;
  tell_stage (worker);
  worker->has_turn = gloss_turn_take (worker->turn, FALSE, worker->cancellable, NULL);
  if (!worker->has_turn)
    return;
  base = measure (worker, gloss_tuning_get_base (worker->tuning), pool, NULL);
  if (base)
    quality = measure (worker, tuned, pool, NULL);
  if (worker->has_turn)
    gloss_turn_give (worker->turn);
  worker->has_turn = FALSE;
  if (quality)
    {
      const GlossQualityReport report = {
        .quality = quality,
        .model = _ ("Fine-tuned"),
        .base = base,
        .base_model = worker->settings->base_name,
        .data = worker->settings->data_path,
      };

      out->report = gloss_quality_report_make_json (&report);
      write_report (worker, out->report);
    }
}

void
gloss_tuning_worker_run (GlossTuningWorker *worker, GlossTuningOutcome *out)
{
  /* of this thread alone, as Linux has it, and of those of its pools */
  setpriority (PRIO_PROCESS, 0, NICENESS);
  worker->watcher.stage (GLOSS_TUNING_STAGE_OPENING, 0, 0, worker->watcher.user_data);
  if (train (worker, out) && out->n_validation > 0)
    {
      g_autofree char *result = g_build_filename (worker->folder, GLOSS_TUNED_NAME, NULL);

      if (g_file_test (result, G_FILE_TEST_EXISTS))
        compare (worker, out);
    }
  g_clear_pointer (&worker->tuning, gloss_tuning_free);
}

void
gloss_tuning_worker_set_paused (GlossTuningWorker *worker, gboolean is_paused)
{
  g_mutex_lock (&worker->lock);
  worker->is_paused = is_paused;
  g_cond_broadcast (&worker->changed);
  g_mutex_unlock (&worker->lock);
}

static void
ask (GlossTuningWorker *worker, GlossTrainerWish wish)
{
  g_mutex_lock (&worker->lock);
  if (worker->trainer)
    gloss_trainer_ask (worker->trainer, wish);
  else
    worker->wishes |= (guint) wish;
  g_mutex_unlock (&worker->lock);
}

void
gloss_tuning_worker_sample (GlossTuningWorker *worker)
{
  ask (worker, GLOSS_TRAINER_WISH_SAMPLE);
}

void
gloss_tuning_worker_keep (GlossTuningWorker *worker)
{
  ask (worker, GLOSS_TRAINER_WISH_FINISH);
  gloss_tuning_worker_set_paused (worker, FALSE);
}

void
gloss_tuning_worker_skip_comparison (GlossTuningWorker *worker)
{
  g_cancellable_cancel (worker->comparing);
  gloss_tuning_worker_set_paused (worker, FALSE);
}

void
gloss_tuning_worker_cancel (GlossTuningWorker *worker)
{
  g_cancellable_cancel (worker->cancellable);
  g_cancellable_cancel (worker->comparing);
  gloss_tuning_worker_set_paused (worker, FALSE);
}
