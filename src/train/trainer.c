/*
 * A run of fine-tuning.
 *
 * Everything that happens in a step follows from the options, the number of the step and the
 * values: the order of the examples and what dropout takes away are drawn anew from the seed for
 * each. So a snapshot needs no more than the values, the moments and the step, and the run goes on
 * with the same bits.
 */
#include "train/trainer.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/random.h"
#include "train/evaluation.h"
#include "train/example-cache.h"
#include "train/read-ahead.h"
#include "train/state-file.h"

#include <math.h>

#define SMOOTHING 0.9
/* Rows at once from which matrix products gain no more. */
#define ENOUGH_ROWS 512

struct _GlossTrainer
{
  GlossTrainerParts parts; /* borrowed */
  GlossTrainerOptions options;
  GlossTrainObserver observer;
  GlossSchedule schedule;

  guint step;          /* done */
  gint evaluated_step; /* the last that was evaluated; −1: none */
  double smoothed_loss;
  double best_loss;  /* of the held-out examples; ∞: not measured */
  guint result_step; /* of the values in the folder; 0: none */
  guint wishes;      /* atomic; bits of GlossTrainerWish */

  guint first_step; /* of this process, for the time that is left */
  gint64 start_usec;
  gint64 spent_usec;         /* in steps, without evaluations */
  gint64 yielded_usec;       /* of the present step, to who wanted the model */
  GCancellable *cancellable; /* borrowed while it runs */

  /* owned */
  GlossGradient *gradient;
  GlossOptimizer *optimizer;
  GlossExampleCache *cache;
  GlossEvaluator *evaluator;
  guint *order;
  gint64 epoch; /* of which order is */
  char *checksum;
};

guint
gloss_trainer_choose_micro_batch (const GlossTrainerOptions *options,
                                  const GlossModelConfig *config)
{
  gsize n_rows = config->n_image_tokens + options->max_ids;
  gsize n = options->micro_batch > 0 ? options->micro_batch : MAX (1, ENOUGH_ROWS / n_rows);

  return (guint) MIN (MIN (n, options->batch), GLOSS_TRAINER_MAX_MICRO_BATCH);
}

/* The job ends meanwhile, since another one may come. */
static void
yield_to_others (gpointer user_data)
{
  GlossTrainer *trainer = user_data;
  gint64 start_usec = g_get_monotonic_time ();

  if (gloss_pool_is_cancelled (trainer->parts.pool))
    return;
  gloss_pool_end_job (trainer->parts.pool, NULL);
  trainer->observer.slice (trainer->observer.user_data);
  gloss_pool_begin_job (trainer->parts.pool, trainer->cancellable);
  trainer->yielded_usec += g_get_monotonic_time () - start_usec;
}

GlossTrainer *
gloss_trainer_new (const GlossTrainerParts *parts, const GlossTrainerOptions *options,
                   const GlossTrainObserver *observer, GError **error)
{
  g_autoptr (GlossTrainer) trainer = g_new0 (GlossTrainer, 1);
  GlossModel *model = gloss_trainable_get_model (parts->trainable);
  g_autofree char *training = gloss_example_set_make_checksum (parts->training);
  g_autofree char *validation = gloss_example_set_make_checksum (parts->validation);
  gsize n_vocab = gloss_tokenizer_get_n_pieces (parts->tokenizer);

  g_return_val_if_fail (parts->training->len > 0 && options->batch > 0 && options->n_steps > 0,
                        NULL);

  trainer->parts = *parts;
  trainer->options = *options;
  trainer->options.micro_batch =
      gloss_trainer_choose_micro_batch (options, gloss_model_get_config (model));
  if (observer)
    trainer->observer = *observer;
  trainer->evaluated_step = -1;
  trainer->best_loss = INFINITY;
  trainer->epoch = -1;
  trainer->order = g_new (guint, parts->training->len);
  trainer->checksum = g_strconcat (training, validation, NULL);
  gloss_schedule_init (&trainer->schedule, options->schedule, options->n_steps,
                       options->warmup_frac);
  if (!gloss_checkpoint_check_vocabulary (gloss_model_get_checkpoint (model), (guint) n_vocab,
                                          error))
    return NULL;
  trainer->gradient = gloss_gradient_new (parts->trainable, parts->pool,
                                          trainer->options.micro_batch, options->max_ids, n_vocab,
                                          options->max_kept_bytes, options->dropout > 0, error);
  if (!trainer->gradient)
    return NULL;
  if (trainer->observer.slice)
    gloss_gradient_set_yield (trainer->gradient, yield_to_others, trainer);
  trainer->optimizer = gloss_optimizer_new (parts->trainable, &options->optimizer, error);
  if (!trainer->optimizer)
    return NULL;
  trainer->cache = gloss_example_cache_new (parts->training, model, trainer->gradient, parts->pool,
                                            trainer->options.micro_batch, &options->cache_room);
  trainer->evaluator = gloss_evaluator_new (parts, trainer->gradient, options->n_captions,
                                            options->max_tokens, &options->cache_room, error);
  return trainer->evaluator ? g_steal_pointer (&trainer) : NULL;
}

void
gloss_trainer_free (GlossTrainer *trainer)
{
  g_clear_pointer (&trainer->evaluator, gloss_evaluator_free);
  g_clear_pointer (&trainer->cache, gloss_example_cache_free);
  g_clear_pointer (&trainer->optimizer, gloss_optimizer_free);
  g_clear_pointer (&trainer->gradient, gloss_gradient_free);
  g_free (trainer->order);
  g_free (trainer->checksum);
  g_free (trainer);
}

gint
gloss_trainer_get_evaluated_step (GlossTrainer *trainer)
{
  return trainer->evaluated_step;
}

guint
gloss_trainer_get_step (GlossTrainer *trainer)
{
  return trainer->step;
}

guint
gloss_trainer_get_result_step (GlossTrainer *trainer)
{
  return trainer->result_step;
}

void
gloss_trainer_ask (GlossTrainer *trainer, GlossTrainerWish wish)
{
  g_atomic_int_or (&trainer->wishes, (guint) wish);
}

/* What must be the same for a run to be continued. */
static json_t *
describe_settings (GlossTrainer *trainer)
{
  const GlossTrainerOptions *o = &trainer->options;
  const GlossTrainOptions *t = gloss_trainable_get_options (trainer->parts.trainable);

  return json_pack (
      "{s:i, s:i, s:i, s:f, s:i, s:f, s:i, s:f, s:f, s:f, s:f, s:I, s:i, s:i, s:f, "
      "s:i, s:s}",
      "steps", (int) o->n_steps, "batch", (int) o->batch, "micro_batch", (int) o->micro_batch,
      "learning_rate", o->learning_rate, "schedule", (int) o->schedule, "warmup", o->warmup_frac,
      "optimizer", (int) o->optimizer.kind, "weight_decay", (double) o->optimizer.weight_decay,
      "clip_norm", (double) o->optimizer.clip_norm, "label_smoothing", (double) o->label_smoothing,
      "dropout", (double) o->dropout, "seed", (json_int_t) o->seed, "set", (int) t->set, "rank",
      (int) t->rank, "alpha", (double) t->alpha, "top_layers", (int) t->n_top_layers, "examples",
      trainer->checksum);
}

/* Infinity has no place in JSON. */
static double
to_json (double loss)
{
  return isfinite (loss) ? loss : -1;
}

gboolean
gloss_trainer_write_snapshot (GlossTrainer *trainer, GError **error)
{
  g_autoptr (json_t) state =
      json_pack ("{s:i, s:i, s:f, s:f, s:i, s:o}", "step", (int) trainer->step, "evaluated_step",
                 trainer->evaluated_step, "smoothed_loss", trainer->smoothed_loss, "best_loss",
                 to_json (trainer->best_loss), "result_step", (int) trainer->result_step,
                 "settings", describe_settings (trainer));

  return gloss_snapshot_write (trainer->parts.trainable, trainer->optimizer, trainer->parts.folder,
                               state, error);
}

/* A run that has come to its end may be made longer; in the middle of it that would change the
 * learning rates of what is to come. */
static void
allow_longer (GlossTrainer *trainer, json_t *state)
{
  json_t *settings = json_object_get (state, "settings");
  json_int_t n_steps = json_integer_value (json_object_get (settings, "steps"));

  if (json_integer_value (json_object_get (state, "step")) == n_steps
      && n_steps < trainer->options.n_steps)
    json_object_set_new (settings, "steps", json_integer (trainer->options.n_steps));
}

gboolean
gloss_trainer_resume (GlossTrainer *trainer, GError **error)
{
  g_autoptr (json_t) state = gloss_snapshot_read (trainer->parts.trainable, trainer->optimizer,
                                                  trainer->parts.folder, error);
  g_autoptr (json_t) settings = NULL;
  json_int_t step;
  double best;

  if (!state)
    return FALSE;
  settings = describe_settings (trainer);
  allow_longer (trainer, state);
  if (!json_equal (settings, json_object_get (state, "settings")))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH,
                   _ ("%s: the run was begun with other options or other examples; use those, or "
                      "begin again"),
                   GLOSS_SNAPSHOT_NAME);
      return FALSE;
    }
  step = json_integer_value (json_object_get (state, "step"));
  trainer->step = (guint) CLAMP (step, 0, (json_int_t) trainer->options.n_steps);
  trainer->evaluated_step = (gint) json_integer_value (json_object_get (state, "evaluated_step"));
  trainer->smoothed_loss = json_number_value (json_object_get (state, "smoothed_loss"));
  best = json_number_value (json_object_get (state, "best_loss"));
  trainer->best_loss = best < 0 ? INFINITY : best;
  trainer->result_step = (guint) json_integer_value (json_object_get (state, "result_step"));
  return TRUE;
}

static gboolean
write_result (GlossTrainer *trainer, GError **error)
{
  g_autoptr (json_t) about =
      json_pack ("{s:i, s:f, s:o}", "step", (int) trainer->step, "best_loss",
                 to_json (trainer->best_loss), "settings", describe_settings (trainer));

  if (trainer->parts.about)
    json_object_update (about, trainer->parts.about);
  if (!gloss_result_write (trainer->parts.trainable, trainer->parts.folder,
                           trainer->parts.base_path, about, error))
    return FALSE;
  trainer->result_step = trainer->step;
  return TRUE;
}

static gboolean
evaluate (GlossTrainer *trainer, GCancellable *cancellable, GError **error)
{
  GlossTrainEvaluation evaluation = { .step = trainer->step };

  if (trainer->parts.validation->len > 0)
    {
      if (!gloss_evaluator_run (trainer->evaluator, &evaluation, &trainer->observer, cancellable,
                                error))
        return FALSE;
      evaluation.is_best = evaluation.loss < trainer->best_loss;
      if (evaluation.is_best)
        {
          trainer->best_loss = evaluation.loss;
          /* before the first step the best is the base itself */
          if (trainer->step > 0 && !write_result (trainer, error))
            return FALSE;
        }
      if (trainer->observer.evaluation)
        trainer->observer.evaluation (&evaluation, trainer->observer.user_data);
    }
  trainer->evaluated_step = (gint) trainer->step;
  return TRUE;
}

/* Has those pictures read that come from number @first on, as far as this time through the set
 * goes: another would be another order. */
static void
expect_examples (GlossTrainer *trainer, guint64 first)
{
  guint64 n = trainer->parts.training->len;
  guint64 end = (guint64) trainer->options.n_steps * trainer->options.batch;

  if (trainer->options.reads_when_due)
    return;
  for (guint64 number = first;
       number < MIN (end, first + GLOSS_READ_AHEAD_MAX) && number / n == first / n; number++)
    gloss_example_cache_expect (trainer->cache,
                                gloss_example_order_get (trainer->order, &trainer->epoch, n,
                                                         trainer->options.seed, number));
}

/* The gradients and the loss of the next step; FALSE when it was stopped. */
static gboolean
accumulate (GlossTrainer *trainer, double *loss, gsize *n_tokens, GCancellable *cancellable,
            GError **error)
{
  const GlossTrainerOptions *o = &trainer->options;
  GlossPool *pool = trainer->parts.pool;
  GlossGradientOptions options = { o->batch, o->label_smoothing, o->dropout, FALSE };
  gsize n_image =
      gloss_model_get_config (gloss_trainable_get_base (trainer->parts.trainable))->n_image_tokens;

  *loss = 0;
  *n_tokens = 0;
  gloss_trainable_clear_gradients (trainer->parts.trainable, pool);
  for (guint first = 0; first < o->batch; first += o->micro_batch)
    {
      GlossGradientExample examples[GLOSS_TRAINER_MAX_MICRO_BATCH];
      guint n = MIN (o->micro_batch, o->batch - first);
      gboolean is_there = TRUE;

      gloss_pool_begin_job (pool, cancellable);
      for (guint i = 0; i < n && is_there; i++)
        {
          guint64 number = (guint64) trainer->step * o->batch + first + i;
          gsize index = gloss_example_order_get (trainer->order, &trainer->epoch,
                                                 trainer->parts.training->len, o->seed, number);
          GlossRandom random = { o->seed ^ (number << 20) };

          is_there =
              gloss_example_cache_get (trainer->cache, index, i, gloss_random_next (&random) >> 24,
                                       &examples[i], cancellable, error);
          if (is_there)
            *n_tokens += gloss_packed_count_rows (&examples[i].sequence, n_image);
        }
      expect_examples (trainer, (guint64) trainer->step * o->batch + first + n);
      if (is_there)
        *loss += gloss_gradient_run (trainer->gradient, examples, n, &options, NULL);
      if (!gloss_pool_end_job (pool, is_there ? error : NULL) || !is_there)
        return FALSE;
    }
  return TRUE;
}

static gboolean
refuse_divergence (GlossTrainer *trainer, GError **error)
{
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_DIVERGED,
               _ ("the loss of step %u is not a number any more; use a lower learning rate than "
                  "%g, a longer warm-up, or --clip-norm 1%s"),
               trainer->step + 1, trainer->options.learning_rate,
               isfinite (trainer->best_loss) && trainer->step > 0
                   ? _ ("; the best result so far is kept")
                   : "");
  return FALSE;
}

static void
report (GlossTrainer *trainer, double loss, double norm, gsize n_tokens, gint64 usec)
{
  const GlossTrainerOptions *o = &trainer->options;
  guint n_done = trainer->step - trainer->first_step;
  double seconds = MAX ((double) usec / 1e6, 1e-9);
  GlossTrainStep step = {
    .step = trainer->step,
    .n_steps = o->n_steps,
    .loss = loss,
    .smoothed_loss = trainer->smoothed_loss,
    .learning_rate = o->learning_rate * gloss_schedule_get (&trainer->schedule, trainer->step),
    .gradient_norm = norm,
    .examples_per_second = o->batch / seconds,
    .tokens_per_second = (double) n_tokens / seconds,
  };

  trainer->spent_usec += usec;
  step.seconds_left =
      (double) trainer->spent_usec / 1e6 / MAX (1, n_done) * (o->n_steps - trainer->step);
  if (trainer->observer.step)
    trainer->observer.step (&step, trainer->observer.user_data);
}

static gboolean
run_step (GlossTrainer *trainer, GCancellable *cancellable, GError **error)
{
  const GlossTrainerOptions *o = &trainer->options;
  gint64 start_usec = g_get_monotonic_time ();
  double loss, norm;
  gsize n_tokens;

  trainer->yielded_usec = 0;
  if (!accumulate (trainer, &loss, &n_tokens, cancellable, error))
    return FALSE;
  norm = gloss_optimizer_measure_norm (trainer->optimizer, trainer->parts.pool);
  if (!isfinite (loss) || !isfinite (norm))
    return refuse_divergence (trainer, error);
  gloss_optimizer_step (trainer->optimizer, trainer->parts.pool, norm, o->learning_rate,
                        gloss_schedule_get (&trainer->schedule, trainer->step + 1));
  trainer->smoothed_loss =
      trainer->step == 0 ? loss : SMOOTHING * trainer->smoothed_loss + (1 - SMOOTHING) * loss;
  trainer->step++;
  report (trainer, loss, norm, n_tokens,
          g_get_monotonic_time () - start_usec - trainer->yielded_usec);
  return TRUE;
}

static gboolean
is_due (guint step, guint every)
{
  return every > 0 && step % every == 0;
}

static gboolean
finish (GlossTrainer *trainer, GError **error)
{
  const GlossTrainerOptions *o = &trainer->options;
  gboolean has_best = o->keeps_best && trainer->result_step > 0 && isfinite (trainer->best_loss);

  if (!has_best && !write_result (trainer, error))
    return FALSE;
  return (!o->keeps_snapshot && trainer->step == o->n_steps)
         || gloss_trainer_write_snapshot (trainer, error);
}

static gboolean
run_all (GlossTrainer *trainer, GCancellable *cancellable, GError **error)
{
  const GlossTrainerOptions *o = &trainer->options;

  trainer->first_step = trainer->step;
  for (;;)
    {
      guint wishes = g_atomic_int_and (&trainer->wishes, 0);
      gboolean is_last = trainer->step == o->n_steps || (wishes & GLOSS_TRAINER_WISH_FINISH);
      gboolean wants_evaluation = trainer->step == 0 || is_last
                                  || (wishes & GLOSS_TRAINER_WISH_SAMPLE)
                                  || is_due (trainer->step, o->eval_steps);

      if (wants_evaluation && trainer->evaluated_step != (gint) trainer->step
          && !evaluate (trainer, cancellable, error))
        return FALSE;
      if (is_last)
        return finish (trainer, error);
      if (trainer->step > trainer->first_step && is_due (trainer->step, o->snapshot_steps)
          && !gloss_trainer_write_snapshot (trainer, error))
        return FALSE;
      if (!run_step (trainer, cancellable, error))
        return FALSE;
    }
}

gboolean
gloss_trainer_run (GlossTrainer *trainer, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  GlossModel *model = gloss_trainable_get_base (trainer->parts.trainable);

  if (!gloss_model_check_files (model, error))
    return FALSE;
  trainer->cancellable = cancellable;
  if (run_all (trainer, cancellable, &local_error))
    return gloss_model_check_files (model, error);
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      if (!gloss_trainer_write_snapshot (trainer, error))
        return FALSE;
    }
  else if (!g_error_matches (local_error, GLOSS_ERROR, GLOSS_ERROR_DIVERGED))
    /* a picture that cannot be read, say, may be put right; what was learnt is not to be lost */
    gloss_trainer_write_snapshot (trainer, NULL);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}
