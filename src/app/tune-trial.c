/* What a thread finds out about fine-tuning. */
#include "app/tune-trial.h"

#include "app/tune-recipe.h"
#include "base/error.h"
#include "library/train-rates.h"
#include "model/tuned.h"

#include <glib/gi18n.h>
#include <sys/resource.h>

/* As that of a run: what is measured is what it will have. */
#define NICENESS 10
/* Longer texts are rare, and take no other rate. */
#define MAX_TRIAL_IDS 128

struct _GlossTuneTrial
{
  GlossModelSource *model;   /* owned */
  GCancellable *cancellable; /* owned */
  gsize n_pieces, n_ids;
  guint n_threads;

  GMutex lock;
  GCond changed;
  /* guarded by lock */
  GlossTurn *turn; /* borrowed; NULL when it may not be asked any more */
  gboolean uses_turn;
};

static guint64
count_bytes (GlossWeights *weights)
{
  guint64 n_bytes = 0;

  for (guint i = 0; i < gloss_weights_get_n_tensors (weights); i++)
    n_bytes += gloss_weights_get_tensor (weights, i)->n_bytes;
  return n_bytes;
}

static GlossCheckpoint *
open_checkpoint (const GlossModelSource *model, GError **error)
{
  g_autoptr (GlossCheckpoint) checkpoint = NULL;
  const GPtrArray *problems;

  if (gloss_tuned_model_is_there (model->path))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _ ("“%s” was fine-tuned itself. Choose the model that it was made from."),
                   model->name);
      return NULL;
    }
  if (!model->tokenizer)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("There is no tokenizer beside “%s”. Put the model’s tokenizer.model into "
                      "the same folder."),
                   model->name);
      return NULL;
    }
  checkpoint = gloss_checkpoint_open (model->path, NULL, error);
  if (!checkpoint)
    return NULL;
  problems = gloss_checkpoint_get_problems (checkpoint);
  if (problems->len > 0)
    {
      const GlossCheckpointProblem *problem = g_ptr_array_index (problems, 0);

      g_set_error_literal (error, GLOSS_ERROR, problem->code, problem->sentence);
      return NULL;
    }
  return g_steal_pointer (&checkpoint);
}

GlossTuneLook *
gloss_tune_look_new (const GlossModelSource *model, const GlossTuneTexts *texts,
                     GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossCheckpoint) checkpoint = open_checkpoint (model, error);
  g_autoptr (GlossTokenizer) tokenizer =
      checkpoint ? gloss_tokenizer_load (model->tokenizer, error) : NULL;
  g_autoptr (GlossTuneLengths) lengths =
      tokenizer ? gloss_tune_lengths_new (texts, tokenizer, cancellable, error) : NULL;
  GlossTuneLook *look;

  if (!lengths)
    return NULL;
  look = g_new0 (GlossTuneLook, 1);
  look->config = *gloss_checkpoint_get_config (checkpoint);
  look->model_bytes = count_bytes (gloss_checkpoint_get_weights (checkpoint));
  look->n_pieces = gloss_tokenizer_get_n_pieces (tokenizer);
  look->lengths = g_steal_pointer (&lengths);
  return look;
}

void
gloss_tune_look_free (GlossTuneLook *look)
{
  if (!look)
    return;
  gloss_tune_lengths_free (look->lengths);
  g_free (look);
}

GlossTuneTrial *
gloss_tune_trial_new (const GlossModelSource *model, const GlossTuneLook *look, GlossTurn *turn,
                      guint n_threads)
{
  GlossTuneTrial *trial = g_atomic_rc_box_new0 (GlossTuneTrial);

  trial->model = gloss_model_source_copy (model);
  trial->cancellable = g_cancellable_new ();
  trial->n_pieces = look->n_pieces;
  trial->n_ids =
      MAX (gloss_tune_lengths_get_longest (look->lengths, MAX_TRIAL_IDS, TRUE), GLOSS_TUNE_MIN_IDS);
  trial->n_threads = n_threads;
  trial->turn = turn;
  g_mutex_init (&trial->lock);
  g_cond_init (&trial->changed);
  return trial;
}

GlossTuneTrial *
gloss_tune_trial_ref (GlossTuneTrial *trial)
{
  return g_atomic_rc_box_acquire (trial);
}

static void
trial_clear (gpointer data)
{
  GlossTuneTrial *trial = data;

  gloss_model_source_free (trial->model);
  g_object_unref (trial->cancellable);
  g_mutex_clear (&trial->lock);
  g_cond_clear (&trial->changed);
}

void
gloss_tune_trial_unref (GlossTuneTrial *trial)
{
  g_atomic_rc_box_release_full (trial, trial_clear);
}

/* NULL when it may not be asked; else it is there until exit_turn (). */
static GlossTurn *
enter_turn (GlossTuneTrial *trial)
{
  GlossTurn *turn;

  g_mutex_lock (&trial->lock);
  turn = trial->turn;
  trial->uses_turn = turn != NULL;
  g_mutex_unlock (&trial->lock);
  return turn;
}

static void
exit_turn (GlossTuneTrial *trial)
{
  g_mutex_lock (&trial->lock);
  trial->uses_turn = FALSE;
  g_cond_broadcast (&trial->changed);
  g_mutex_unlock (&trial->lock);
}

static gboolean
measure (GlossTuneTrial *trial, GlossTurn *turn, GlossModel *model, GlossPool *pool,
         GlossTrainRates *rates, GlossTuneTrialFunc func, gpointer user_data, GError **error)
{
  gboolean is_done;

  func (GLOSS_TUNE_TRIAL_WAITS, user_data);
  if (!gloss_turn_take (turn, FALSE, trial->cancellable, error))
    return FALSE;
  func (GLOSS_TUNE_TRIAL_MEASURES, user_data);
  is_done = gloss_train_rates_get (rates, model, pool, trial->n_pieces, trial->n_ids,
                                   trial->cancellable, error);
  gloss_turn_give (turn);
  return is_done;
}

gboolean
gloss_tune_trial_run (GlossTuneTrial *trial, GlossTrainRates *rates, GlossTuneTrialFunc func,
                      gpointer user_data, GError **error)
{
  g_autoptr (GlossModel) model = NULL;
  g_autoptr (GlossPool) pool = NULL;
  GlossTurn *turn;
  gboolean is_done;

  /* of this thread alone, as Linux has it, and of those of its pool */
  setpriority (PRIO_PROCESS, 0, NICENESS);
  model = gloss_model_load (trial->model->path, NULL, error);
  if (!model)
    return FALSE;
  pool = gloss_pool_new (trial->n_threads);
  if (gloss_train_rates_look_up (rates, model, pool))
    return TRUE;
  turn = enter_turn (trial);
  if (!turn)
    {
      g_cancellable_set_error_if_cancelled (trial->cancellable, error);
      return FALSE;
    }
  is_done = measure (trial, turn, model, pool, rates, func, user_data, error);
  exit_turn (trial);
  return is_done;
}

void
gloss_tune_trial_cancel (GlossTuneTrial *trial)
{
  g_cancellable_cancel (trial->cancellable);
}

void
gloss_tune_trial_leave (GlossTuneTrial *trial)
{
  g_cancellable_cancel (trial->cancellable);
  g_mutex_lock (&trial->lock);
  trial->turn = NULL;
  while (trial->uses_turn)
    g_cond_wait (&trial->changed, &trial->lock);
  g_mutex_unlock (&trial->lock);
}
