/*
 * What runs of fine-tuning would take.
 *
 * What an older thread brings is known by its cancellable or its trial, which is not the current
 * one any more.
 */
#include "app/tune-estimator.h"

#include "app/tune-trial.h"
#include "base/memory.h"

typedef struct
{
  GlossModelSource *model; /* owned */
  GlossTuneTexts *texts;   /* owned reference */
} Work;

struct _GlossTuneEstimator
{
  GObject parent_instance;

  GlossTuneEstimatorState state;
  GlossTuneTimes times;
  GlossModelSource *model; /* owned, or NULL */
  GlossTuneTexts *texts;   /* owned reference, or NULL */
  GlossTurn *turn;         /* borrowed */
  GCancellable *looking;   /* owned, or NULL */
  GlossTuneLook *look;     /* owned, or NULL */
  GlossTuneTrial *trial;   /* owned reference; the current one, or NULL */
  GError *error;           /* owned, or NULL */
  GlossTuneTask task;      /* when READY */
  GlossTrainRates rates;   /* when KNOWN */
  guint n_threads;
  gboolean wants_times;
};

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossTuneEstimator, gloss_tune_estimator, G_TYPE_OBJECT)

static void
emit (GlossTuneEstimator *estimator)
{
  g_signal_emit (estimator, signals[CHANGED], 0);
}

/* Times. */

/* A word from the thread that measures. */
typedef struct
{
  GlossTuneEstimator *estimator; /* owned reference */
  GlossTuneTrial *trial;         /* owned reference */
  GlossTuneTimes times;
} Note;

static void
note_free (gpointer data)
{
  Note *note = data;

  g_object_unref (note->estimator);
  gloss_tune_trial_unref (note->trial);
  g_free (note);
}

static gboolean
take_note (gpointer data)
{
  const Note *note = data;

  if (note->trial == note->estimator->trial)
    {
      note->estimator->times = note->times;
      emit (note->estimator);
    }
  return G_SOURCE_REMOVE;
}

static void
pass_stage (GlossTuneTrialStage stage, gpointer user_data)
{
  GTask *task = user_data;
  Note *note = g_new (Note, 1);

  note->estimator = g_object_ref (g_task_get_source_object (task));
  note->trial = gloss_tune_trial_ref (g_task_get_task_data (task));
  note->times =
      stage == GLOSS_TUNE_TRIAL_WAITS ? GLOSS_TUNE_TIMES_WAITING : GLOSS_TUNE_TIMES_MEASURING;
  g_main_context_invoke_full (g_task_get_context (task), G_PRIORITY_DEFAULT, take_note, note,
                              note_free);
}

static gpointer
run_trial (gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autofree GlossTrainRates *rates = g_new0 (GlossTrainRates, 1);
  GError *error = NULL;

  if (gloss_tune_trial_run (g_task_get_task_data (task), rates, pass_stage, task, &error))
    g_task_return_pointer (task, g_steal_pointer (&rates), g_free);
  else
    g_task_return_error (task, error);
  return NULL;
}

static void
measured (GObject *object, GAsyncResult *result, gpointer unused)
{
  GlossTuneEstimator *estimator = GLOSS_TUNE_ESTIMATOR (object);
  gboolean is_current = g_task_get_task_data (G_TASK (result)) == estimator->trial;
  g_autofree GlossTrainRates *rates = g_task_propagate_pointer (G_TASK (result), NULL);

  if (!is_current)
    return;
  g_clear_pointer (&estimator->trial, gloss_tune_trial_unref);
  estimator->times = rates ? GLOSS_TUNE_TIMES_KNOWN : GLOSS_TUNE_TIMES_FAILED;
  if (rates)
    estimator->rates = *rates;
  emit (estimator);
}

/* What does not fit would not only fail: it would push everything else out of memory first. */
static gboolean
has_room (GlossTuneEstimator *estimator)
{
  GlossPresetId preset;
  guint64 n_bytes;

  return gloss_tune_estimator_find_fitting (estimator, gloss_memory_get_available_bytes (), &preset,
                                            &n_bytes);
}

static void
begin_trial (GlossTuneEstimator *estimator)
{
  GTask *task;

  if (estimator->state != GLOSS_TUNE_ESTIMATOR_READY || !estimator->wants_times
      || estimator->times != GLOSS_TUNE_TIMES_UNASKED || !has_room (estimator))
    return;
  estimator->times = GLOSS_TUNE_TIMES_LOOKING_UP;
  estimator->trial = gloss_tune_trial_new (estimator->model, estimator->look, estimator->turn,
                                           estimator->n_threads);
  task = g_task_new (estimator, NULL, measured, NULL);
  g_task_set_task_data (task, gloss_tune_trial_ref (estimator->trial),
                        (GDestroyNotify) gloss_tune_trial_unref);
  g_thread_unref (g_thread_new ("measure-training", run_trial, task));
  emit (estimator);
}

static void
give_up_trial (GlossTuneEstimator *estimator)
{
  if (!estimator->trial)
    return;
  gloss_tune_trial_cancel (estimator->trial);
  g_clear_pointer (&estimator->trial, gloss_tune_trial_unref);
  estimator->times = GLOSS_TUNE_TIMES_UNASKED;
}

void
gloss_tune_estimator_measure (GlossTuneEstimator *estimator, guint n_threads)
{
  if (n_threads != estimator->n_threads)
    {
      give_up_trial (estimator);
      estimator->times = GLOSS_TUNE_TIMES_UNASKED;
    }
  estimator->n_threads = n_threads;
  estimator->wants_times = TRUE;
  begin_trial (estimator);
}

void
gloss_tune_estimator_stop (GlossTuneEstimator *estimator)
{
  estimator->wants_times = FALSE;
  if (!estimator->trial)
    return;
  give_up_trial (estimator);
  emit (estimator);
}

/* The model and the texts. */

static void
work_free (gpointer data)
{
  Work *work = data;

  gloss_model_source_free (work->model);
  gloss_tune_texts_unref (work->texts);
  g_free (work);
}

static void
look (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Work *work = task_data;
  GError *error = NULL;
  GlossTuneLook *found = gloss_tune_look_new (work->model, work->texts, cancellable, &error);

  if (found)
    g_task_return_pointer (task, found, (GDestroyNotify) gloss_tune_look_free);
  else
    g_task_return_error (task, error);
}

static void
looked (GObject *object, GAsyncResult *result, gpointer unused)
{
  GlossTuneEstimator *estimator = GLOSS_TUNE_ESTIMATOR (object);
  gboolean is_current = g_task_get_cancellable (G_TASK (result)) == estimator->looking;
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossTuneLook) found = g_task_propagate_pointer (G_TASK (result), &error);

  if (!is_current)
    return;
  g_clear_object (&estimator->looking);
  estimator->state = found ? GLOSS_TUNE_ESTIMATOR_READY : GLOSS_TUNE_ESTIMATOR_FAILED;
  estimator->error = g_steal_pointer (&error);
  estimator->look = g_steal_pointer (&found);
  if (estimator->look)
    estimator->task = (GlossTuneTask){ estimator->look->config,
                                       gloss_tune_texts_get_n_training (estimator->texts) };
  emit (estimator);
  begin_trial (estimator);
}

static void
forget_look (GlossTuneEstimator *estimator)
{
  if (estimator->looking)
    g_cancellable_cancel (estimator->looking);
  g_clear_object (&estimator->looking);
  give_up_trial (estimator);
  g_clear_pointer (&estimator->look, gloss_tune_look_free);
  g_clear_error (&estimator->error);
  estimator->times = GLOSS_TUNE_TIMES_UNASKED;
}

static void
forget (GlossTuneEstimator *estimator)
{
  forget_look (estimator);
  g_clear_pointer (&estimator->model, gloss_model_source_free);
  g_clear_pointer (&estimator->texts, gloss_tune_texts_unref);
  estimator->state = GLOSS_TUNE_ESTIMATOR_NONE;
}

void
gloss_tune_estimator_try_again (GlossTuneEstimator *estimator)
{
  g_autoptr (GTask) task = NULL;
  Work *work;

  if (!estimator->model)
    return;
  forget_look (estimator);
  estimator->state = GLOSS_TUNE_ESTIMATOR_LOOKING;
  estimator->looking = g_cancellable_new ();
  work = g_new (Work, 1);
  *work =
      (Work){ gloss_model_source_copy (estimator->model), gloss_tune_texts_ref (estimator->texts) };
  task = g_task_new (estimator, estimator->looking, looked, NULL);
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, look);
  emit (estimator);
}

void
gloss_tune_estimator_set_task (GlossTuneEstimator *estimator, const GlossModelSource *model,
                               const GlossPairs *pairs, GlossTurn *turn)
{
  g_autoptr (GlossModelSource) copy = model ? gloss_model_source_copy (model) : NULL;
  g_autoptr (GlossTuneTexts) texts = pairs ? gloss_tune_texts_new (pairs) : NULL;

  forget (estimator);
  estimator->turn = turn;
  if (copy && texts && gloss_tune_texts_get_n_training (texts) > 0)
    {
      estimator->model = g_steal_pointer (&copy);
      estimator->texts = g_steal_pointer (&texts);
      gloss_tune_estimator_try_again (estimator);
    }
  else
    emit (estimator);
}

static void
gloss_tune_estimator_dispose (GObject *object)
{
  GlossTuneEstimator *estimator = GLOSS_TUNE_ESTIMATOR (object);

  if (estimator->trial)
    gloss_tune_trial_leave (estimator->trial);
  forget (estimator);
  G_OBJECT_CLASS (gloss_tune_estimator_parent_class)->dispose (object);
}

static void
gloss_tune_estimator_class_init (GlossTuneEstimatorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gloss_tune_estimator_dispose;
  signals[CHANGED] = g_signal_new ("changed", GLOSS_TYPE_TUNE_ESTIMATOR, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
gloss_tune_estimator_init (GlossTuneEstimator *estimator)
{
}

GlossTuneEstimator *
gloss_tune_estimator_new (void)
{
  return g_object_new (GLOSS_TYPE_TUNE_ESTIMATOR, NULL);
}

GlossTuneEstimatorState
gloss_tune_estimator_get_state (GlossTuneEstimator *estimator)
{
  return estimator->state;
}

GlossTuneTimes
gloss_tune_estimator_get_times (GlossTuneEstimator *estimator)
{
  return estimator->times;
}

const GError *
gloss_tune_estimator_get_error (GlossTuneEstimator *estimator)
{
  return estimator->error;
}

const GlossTuneTask *
gloss_tune_estimator_get_task (GlossTuneEstimator *estimator)
{
  return &estimator->task;
}

guint
gloss_tune_estimator_get_least_ids (GlossTuneEstimator *estimator)
{
  return gloss_tune_lengths_get_least (estimator->look->lengths);
}

void
gloss_tune_estimator_estimate (GlossTuneEstimator *estimator, const GlossTuneRecipe *recipe,
                               GlossTrainEstimate *out)
{
  g_autoptr (GlossTuningSettings) settings = gloss_tuning_settings_new ();
  const GlossTuneLengths *lengths = estimator->look->lengths;
  const GlossTrainPlan plan = {
    .config = &estimator->task.config,
    .model_bytes = estimator->look->model_bytes,
    .train = &settings->train,
    .trainer = &settings->trainer,
    .n_training = estimator->task.n_training,
    .n_validation = gloss_tune_texts_get_n_validation (estimator->texts),
    .mean_ids = gloss_tune_lengths_get_mean (lengths, recipe->max_ids, recipe->keeps_case),
  };

  gloss_tune_recipe_apply (recipe, settings);
  settings->trainer.max_ids =
      MAX (2, gloss_tune_lengths_get_longest (lengths, recipe->max_ids, recipe->keeps_case));
  gloss_train_estimate (out, &plan,
                        estimator->times == GLOSS_TUNE_TIMES_KNOWN ? &estimator->rates : NULL);
}

gboolean
gloss_tune_estimator_find_fitting (GlossTuneEstimator *estimator, guint64 available_bytes,
                                   GlossPresetId *out_preset, guint64 *out_bytes)
{
  gboolean has_one = FALSE;

  *out_bytes = 0;
  for (guint i = 0; i < GLOSS_N_PRESETS; i++)
    {
      GlossTuneRecipe recipe;
      GlossTrainEstimate would;

      gloss_tune_recipe_init (&recipe, i, &estimator->task);
      gloss_tune_estimator_estimate (estimator, &recipe, &would);
      if (would.memory_bytes > available_bytes || would.memory_bytes < *out_bytes)
        continue;
      *out_preset = i;
      *out_bytes = would.memory_bytes;
      has_one = TRUE;
    }
  return has_one;
}
