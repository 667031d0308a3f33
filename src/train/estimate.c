/*
 * What a run of fine-tuning will take.
 *
 * Memory follows from the shapes. Time is what is counted of a run by what the machine does in a
 * second, so that other settings need no other measurement.
 */
#include "train/estimate.h"

#include "base/error.h"
#include "base/i18n.h"
#include "model/siglip.h"
#include "tensor/linear.h"
#include "train/gradient.h"
#include "train/preset.h"
#include "train/siglip-grad.h"
#include "train/train-work.h"

#include <string.h>

/* As in gradient.c. */
#define LOGIT_ROWS 128
/* The program, its libraries and pictures that are being read. */
#define OTHER_BYTES ((guint64) 17 << 20)
/* Of a prompt like "caption en" with what is around it. */
#define N_PREFIX 4
/* Bytes that an update reads and writes for each number: value and gradient, and Adam's moments. */
#define SGD_BYTES 16
#define ADAM_BYTES 32
/* Beside that, memory that is touched for the first time counts nothing. */
#define LONG_SECONDS 2
#define UPDATE_FLOATS ((gsize) 4 << 20)

/* What gemma-block.c keeps of a block for each row. */
static gsize
count_block_floats (const GlossModelConfig *c)
{
  gsize post_norms = c->is_gemma2 ? 2 * c->width : 0;

  return 2 * c->n_heads * c->head_dim + 2 * c->n_kv_heads * c->head_dim + c->width + 2 * c->mlp_dim
         + post_norms;
}

static gsize
count_rows (const GlossTrainPlan *plan)
{
  gsize n = plan->config->n_image_tokens + plan->trainer->max_ids - 1;

  return n * gloss_trainer_choose_micro_batch (plan->trainer, plan->config);
}

/* How many of the last blocks keep their activations. */
static gsize
count_kept_blocks (const GlossTrainPlan *plan)
{
  gsize n_bytes = count_block_floats (plan->config) * count_rows (plan) * sizeof (float);
  gsize n_layers = plan->config->depth;

  if (plan->train->n_top_layers > 0)
    n_layers = MIN (n_layers, plan->train->n_top_layers);
  return MIN (n_layers, plan->trainer->max_kept_bytes / n_bytes);
}

static gboolean
trains_vision (const GlossTrainPlan *plan)
{
  return plan->train->set == GLOSS_TRAIN_ALL && plan->train->n_top_layers == 0;
}

/* What gemma-grad.c and gradient.c lay out for the rows of a micro-batch. */
static guint64
count_workspace (const GlossTrainPlan *plan)
{
  const GlossModelConfig *c = plan->config;
  guint64 rows = count_rows (plan), query = c->n_heads * c->head_dim;
  guint64 kv = c->n_kv_heads * c->head_dim, side = gloss_model_config_get_image_size_px (c);
  guint64 n_micro = gloss_trainer_choose_micro_batch (plan->trainer, c);
  gsize lowest = plan->train->n_top_layers > 0 && plan->trainer->dropout <= 0
                     ? c->depth - MIN (c->depth, plan->train->n_top_layers)
                     : 0;
  guint64 floats = rows * (11 * c->width + 4 * query + 4 * kv + 6 * c->mlp_dim);

  floats += rows * ((c->depth - lowest) * c->width + 5 * c->width);
  floats += rows * count_kept_blocks (plan) * count_block_floats (c);
  floats += 2 * MIN (rows, LOGIT_ROWS) * c->n_table_rows;
  floats += n_micro * side * side * 3;
  if (trains_vision (plan))
    floats += n_micro * gloss_siglip_grad_count_kept (c)
              + c->n_image_tokens * (14 * c->vit_width + 4 * c->vit_mlp_dim);
  return floats * sizeof (float) + gloss_siglip_get_workspace_bytes (c);
}

/* What is kept of one example between the times that it is used. */
static double
count_kept_bytes (const GlossTrainPlan *plan)
{
  double side = (double) gloss_model_config_get_image_size_px (plan->config);

  if (trains_vision (plan))
    return side * side * 3 * sizeof (float);
  return ((double) plan->config->n_image_tokens + plan->mean_ids - 1) * (double) plan->config->width
         * sizeof (float);
}

static double
count_kept (const GlossTrainPlan *plan, guint n_examples)
{
  double n = (double) plan->trainer->cache_room.memory_bytes / count_kept_bytes (plan);

  return MIN (n, n_examples);
}

static guint64
count_memory (const GlossTrainPlan *plan, guint64 n_values)
{
  gboolean has_moments = plan->trainer->optimizer.kind != GLOSS_OPTIMIZER_SGD;
  double kept = count_kept_bytes (plan)
                * (count_kept (plan, plan->n_training) + count_kept (plan, plan->n_validation));

  return plan->model_bytes + n_values * sizeof (float) * (has_moments ? 4 : 2)
         + count_workspace (plan) + (guint64) kept + OTHER_BYTES;
}

static GlossSequence
make_sequence (double n_ids)
{
  return (GlossSequence){ .n_ids = (gsize) MAX (n_ids + 0.5, N_PREFIX + 1), .n_prefix = N_PREFIX };
}

/* Of a forward alone, which is what remains when nothing is trained. */
static double
count_forward_flop (const GlossTrainPlan *plan, const GlossSequence *sequence)
{
  GlossTrainOptions none = { .set = GLOSS_TRAIN_ATTENTION, .n_top_layers = 1 };

  return gloss_train_work_count_all_flop (plan->config, &none, sequence, FALSE, 1);
}

static guint
count_evaluations (const GlossTrainerOptions *trainer)
{
  guint n = 1 + (trainer->eval_steps > 0 ? trainer->n_steps / trainer->eval_steps : 0);

  return trainer->eval_steps > 0 && trainer->n_steps % trainer->eval_steps == 0 ? n : n + 1;
}

/* Forward again and again, and for each caption its words one by one, which takes some as long. */
static double
count_evaluation_seconds (const GlossTrainPlan *plan, const GlossTrainRates *rates,
                          const GlossSequence *sequence)
{
  double forward = count_forward_flop (plan, sequence) / rates->language_flops;
  double n_said = MIN (plan->trainer->n_captions, plan->n_validation);
  double n_made = trains_vision (plan) ? count_evaluations (plan->trainer) : 1;
  double each = plan->n_validation * forward + n_said * (2 * forward + rates->encoder_seconds);

  if (plan->n_validation == 0)
    return 0;
  return count_evaluations (plan->trainer) * each
         + n_made * plan->n_validation * rates->encoder_seconds;
}

static void
count_time (GlossTrainEstimate *estimate, const GlossTrainPlan *plan, const GlossTrainRates *rates)
{
  const GlossTrainerOptions *trainer = plan->trainer;
  GlossSequence sequence = make_sequence (plan->mean_ids);
  gboolean has_states = !trains_vision (plan), has_dropout = trainer->dropout > 0;
  gsize n_kept = count_kept_blocks (plan);
  gboolean is_sgd = trainer->optimizer.kind == GLOSS_OPTIMIZER_SGD;
  double kept_share =
      plan->n_training > 0 ? count_kept (plan, plan->n_training) / plan->n_training : 1;
  double flop = gloss_train_work_count_all_flop (plan->config, plan->train, &sequence,
                                                 has_states && !has_dropout, n_kept);
  double whole =
      gloss_train_work_count_all_flop (plan->config, plan->train, &sequence, FALSE, n_kept);
  double first = (whole - flop) / rates->language_flops + rates->encoder_seconds;
  double n_drawn = (double) trainer->n_steps * trainer->batch;
  double n_first = MIN (n_drawn, plan->n_training) * kept_share + n_drawn * (1 - kept_share);
  double update =
      (double) estimate->trained_values * (is_sgd ? SGD_BYTES : ADAM_BYTES) / rates->update_bytes;

  double adapter = gloss_train_work_count_adapter_flop (plan->config, plan->train, &sequence);

  estimate->step_seconds =
      trainer->batch * (flop / rates->language_flops + adapter / rates->adapter_flops) + update;
  estimate->seconds = trainer->n_steps * estimate->step_seconds + (has_states ? n_first * first : 0)
                      + count_evaluation_seconds (plan, rates, &sequence);
}

void
gloss_train_estimate (GlossTrainEstimate *estimate, const GlossTrainPlan *plan,
                      const GlossTrainRates *rates)
{
  *estimate = (GlossTrainEstimate){ 0 };
  estimate->trained_values = gloss_train_work_count_values (plan->config, plan->train);
  estimate->memory_bytes = count_memory (plan, estimate->trained_values);
  if (rates)
    count_time (estimate, plan, rates);
}

gboolean
gloss_train_estimate_check (const GlossTrainPlan *plan, guint64 available_bytes, GError **error)
{
  GlossTrainEstimate estimate, best = { 0 };
  const GlossPreset *fitting = NULL;
  g_autofree char *needed = NULL, *available = g_format_size (available_bytes);

  gloss_train_estimate (&estimate, plan, NULL);
  if (estimate.memory_bytes <= available_bytes)
    return TRUE;
  for (guint i = 0; i < GLOSS_N_PRESETS; i++)
    {
      GlossTrainOptions train = *plan->train;
      GlossTrainerOptions trainer = *plan->trainer;
      GlossTrainPlan other = *plan;
      GlossTrainEstimate would;

      other.train = &train;
      other.trainer = &trainer;
      gloss_preset_apply (gloss_preset_get (i), plan->config, plan->n_training, &train, &trainer);
      gloss_train_estimate (&would, &other, NULL);
      if (would.memory_bytes > available_bytes || would.memory_bytes < best.memory_bytes)
        continue;
      fitting = gloss_preset_get (i);
      best = would;
    }
  needed = g_format_size (estimate.memory_bytes);
  if (fitting)
    {
      g_autofree char *less = g_format_size (best.memory_bytes);

      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("this needs %s of memory, but %s are free; the preset %s needs %s"), needed,
                   available, _ (fitting->title), less);
    }
  else
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                 _ ("this needs %s of memory, but %s are free, and no preset needs less than that; "
                    "choose a smaller model, or close other programs"),
                 needed, available);
  return FALSE;
}

/* What an update does to memory: read two arrays and write one of them. */
static double
measure_update (void)
{
  g_autofree float *value = g_new0 (float, UPDATE_FLOATS);
  g_autofree float *gradient = g_new0 (float, UPDATE_FLOATS);
  gint64 start = g_get_monotonic_time ();

  for (gsize i = 0; i < UPDATE_FLOATS; i++)
    value[i] -= 0.5f * gradient[i];
  return (double) (3 * UPDATE_FLOATS * sizeof (float))
         / MAX (1e-6, (double) (g_get_monotonic_time () - start) / 1e6);
}

/* One micro-batch of what is measured with. */
typedef struct
{
  GlossModel *model;
  GlossPool *pool;
  gsize n_vocab;
  guint n;
  GlossSequence sequence;
  const float *image;
} Trial;

/* The last of @n_rounds, of which the first brings pages from the disk; in seconds. */
static gboolean
time_trial (const Trial *trial, const GlossTrainOptions *options, guint n_rounds, double *encoder,
            double *language, GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossTrainable) trainable = gloss_trainable_new (trial->model, options, error);
  g_autoptr (GlossGradient) gradient =
      trainable ? gloss_gradient_new (trainable, trial->pool, trial->n, trial->sequence.n_ids,
                                      trial->n_vocab, GLOSS_GRADIENT_KEPT_BYTES, FALSE, error)
                : NULL;
  const GlossGradientOptions gradient_options = { .n_batch = trial->n };
  GlossGradientExample examples[GLOSS_TRAINER_MAX_MICRO_BATCH];
  g_autofree float *states = NULL;

  if (!gradient)
    return FALSE;
  states = g_new0 (float, gloss_gradient_count_states (gradient, &trial->sequence));
  for (guint round = 0; round < n_rounds; round++)
    {
      gint64 start, middle, end;

      gloss_pool_begin_job (trial->pool, cancellable);
      start = g_get_monotonic_time ();
      examples[0] = (GlossGradientExample){ trial->sequence, trial->image, NULL };
      gloss_gradient_make_states (gradient, states, &examples[0]);
      middle = g_get_monotonic_time ();
      for (guint i = 0; i < trial->n; i++)
        examples[i] = (GlossGradientExample){ trial->sequence, NULL, states };
      gloss_gradient_run (gradient, examples, trial->n, &gradient_options, NULL);
      end = g_get_monotonic_time ();
      if (!gloss_pool_end_job (trial->pool, error))
        return FALSE;
      *encoder = MAX (1e-6, (double) (middle - start) / 1e6);
      *language = MAX (1e-6, (double) (end - middle) / 1e6);
    }
  return TRUE;
}

gboolean
gloss_train_rates_measure (GlossTrainRates *rates, GlossModel *model, GlossPool *pool,
                           gsize n_vocab, gsize n_ids, GCancellable *cancellable, GError **error)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  /* next to nothing is added, and what adapters usually are */
  const GlossTrainOptions plain = { .set = GLOSS_TRAIN_LORA,
                                    .rank = 1,
                                    .projections = 1u << GLOSS_PROJECTION_QUERY };
  const GlossTrainOptions usual = { .set = GLOSS_TRAIN_LORA, .rank = 8 };
  const GlossTrainerOptions trainer = { .batch = 8,
                                        .max_ids = n_ids,
                                        .max_kept_bytes = GLOSS_GRADIENT_KEPT_BYTES };
  gsize side = gloss_model_config_get_image_size_px (config);
  g_autofree gint32 *ids = g_new (gint32, n_ids);
  g_autofree float *image = g_new0 (float, side *side * 3);
  const Trial trial = {
    .model = model,
    .pool = pool,
    .n_vocab = n_vocab,
    .n = gloss_trainer_choose_micro_batch (&trainer, config),
    .sequence = { .ids = ids, .n_ids = n_ids, .n_prefix = N_PREFIX },
    .image = image,
  };
  const GlossTrainPlan plan = { .config = config, .train = &plain, .trainer = &trainer };
  double encoder, without, with;

  for (gsize i = 0; i < n_ids; i++)
    ids[i] = (gint32) (i % (n_vocab - 1)) + 1;
  if (!time_trial (&trial, &plain, 2, &encoder, &without, cancellable, error)
      || !time_trial (&trial, &usual, without < LONG_SECONDS ? 2 : 1, &encoder, &with, cancellable,
                      error))
    return FALSE;
  rates->encoder_seconds = encoder;
  rates->language_flops = trial.n
                          * gloss_train_work_count_all_flop (config, &plain, &trial.sequence, TRUE,
                                                             count_kept_blocks (&plan))
                          / without;
  rates->adapter_flops = trial.n
                         * gloss_train_work_count_adapter_flop (config, &usual, &trial.sequence)
                         / MAX (with - without, 0.01 * with);
  rates->update_bytes = measure_update ();
  return TRUE;
}

char *
gloss_train_rates_name_machine (GlossPool *pool)
{
  return g_strdup_printf ("%s/%s/%u", g_get_host_name (), gloss_linear_get_isa (),
                          gloss_pool_get_n_threads (pool));
}
