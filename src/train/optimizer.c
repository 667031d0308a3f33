/* From gradients to new values. (Adam: Kingma & Ba, arXiv 1412.6980; decay beside it: Loshchilov &
 * Hutter, arXiv 1711.05101.) */
#include "train/optimizer.h"

#include "base/error.h"
#include "base/i18n.h"

#include <math.h>

/* 256 KiB of values. Each tile has a sum of its own, so that threads change no bit of the norm. */
#define TILE ((gsize) 1 << 16)

typedef struct
{
  float *first, *second; /* owned; NULL for SGD */
  gboolean is_kernel;    /* what big_vision decays, which nothing of the language model is */
} Moments;

struct _GlossOptimizer
{
  GlossTrainable *trainable; /* borrowed */
  GlossOptimizerOptions options;
  guint n_updates;
  guint n_parameters;

  /* owned */
  Moments *moments; /* [n_parameters] */
  double *sums;     /* [tiles of the largest parameter] */
};

void
gloss_optimizer_options_init (GlossOptimizerOptions *options, GlossOptimizerKind kind)
{
  *options =
      (GlossOptimizerOptions){ .kind = kind, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f };
}

static gboolean
is_kernel (const GlossParameter *parameter)
{
  GlossTensorNaming naming = { 0 };
  g_autofree char *name = gloss_tensor_role_make_name (parameter->role, &naming, parameter->layer);

  return parameter->kind == GLOSS_PARAMETER_WHOLE && g_str_has_suffix (name, "/kernel");
}

static gsize
count (const GlossParameter *parameter)
{
  return parameter->n_out * parameter->n_in;
}

static gsize
count_tiles (const GlossParameter *parameter)
{
  return (count (parameter) + TILE - 1) / TILE;
}

GlossOptimizer *
gloss_optimizer_new (GlossTrainable *trainable, const GlossOptimizerOptions *options,
                     GError **error)
{
  g_autoptr (GlossOptimizer) optimizer = g_new0 (GlossOptimizer, 1);
  gsize n_tiles = 1;

  optimizer->trainable = trainable;
  optimizer->options = *options;
  optimizer->n_parameters = gloss_trainable_get_n_parameters (trainable);
  optimizer->moments = g_new0 (Moments, optimizer->n_parameters);
  for (guint i = 0; i < optimizer->n_parameters; i++)
    {
      const GlossParameter *parameter = gloss_trainable_get_parameter (trainable, i);
      Moments *moments = &optimizer->moments[i];

      n_tiles = MAX (n_tiles, count_tiles (parameter));
      moments->is_kernel = is_kernel (parameter);
      if (options->kind == GLOSS_OPTIMIZER_SGD)
        continue;
      moments->first = g_try_new0 (float, count (parameter));
      moments->second = g_try_new0 (float, count (parameter));
      if (!moments->first || !moments->second)
        {
          g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                               _ ("there is not enough memory for Adam's averages; train with "
                                  "SGD, fewer layers, or an adapter"));
          return NULL;
        }
    }
  optimizer->sums = g_new (double, n_tiles);
  return g_steal_pointer (&optimizer);
}

void
gloss_optimizer_free (GlossOptimizer *optimizer)
{
  for (guint i = 0; i < optimizer->n_parameters; i++)
    {
      g_free (optimizer->moments[i].first);
      g_free (optimizer->moments[i].second);
    }
  g_free (optimizer->moments);
  g_free (optimizer->sums);
  g_free (optimizer);
}

typedef struct
{
  const float *values;
  gsize n;
  double *sums;
} Norm;

static void
sum_tile (gsize tile, guint worker, gpointer user_data)
{
  const Norm *norm = user_data;
  gsize end = MIN (norm->n, (tile + 1) * TILE);
  double sum = 0;

  for (gsize i = tile * TILE; i < end; i++)
    sum += (double) norm->values[i] * (double) norm->values[i];
  norm->sums[tile] = sum;
}

double
gloss_optimizer_measure_norm (GlossOptimizer *optimizer, GlossPool *pool)
{
  double sum = 0;

  for (guint p = 0; p < optimizer->n_parameters; p++)
    {
      const GlossParameter *parameter = gloss_trainable_get_parameter (optimizer->trainable, p);
      Norm norm = { parameter->gradient, count (parameter), optimizer->sums };

      gloss_pool_run (pool, count_tiles (parameter), sum_tile, &norm);
      for (gsize tile = 0; tile < count_tiles (parameter); tile++)
        sum += optimizer->sums[tile];
    }
  return sqrt (sum);
}

typedef struct
{
  const GlossOptimizerOptions *options;
  float *value;
  const float *gradient;
  Moments moments;
  gsize n;
  float shrink; /* clipping multiplies gradients by it */
  float rate;
  float decay;
  float correction1, correction2; /* 1 − βᵗ */
} Update;

static void
update_tile (gsize tile, guint worker, gpointer user_data)
{
  const Update *u = user_data;
  float beta1 = u->options->beta1, beta2 = u->options->beta2;
  gsize end = MIN (u->n, (tile + 1) * TILE);

  if (!u->moments.first)
    {
      for (gsize i = tile * TILE; i < end; i++)
        u->value[i] -= u->rate * (u->gradient[i] * u->shrink) + u->decay * u->value[i];
      return;
    }
  for (gsize i = tile * TILE; i < end; i++)
    {
      float g = u->gradient[i] * u->shrink;
      float m = u->moments.first[i] = beta1 * u->moments.first[i] + (1 - beta1) * g;
      float v = u->moments.second[i] = beta2 * u->moments.second[i] + (1 - beta2) * g * g;
      float step = (m / u->correction1) / (sqrtf (v / u->correction2) + u->options->epsilon);

      u->value[i] -= u->rate * step + u->decay * u->value[i];
    }
}

static double
get_decay (const GlossOptimizerOptions *options, const Moments *moments, double learning_rate,
           double schedule)
{
  double decay = (double) options->weight_decay * schedule;

  if (options->kind == GLOSS_OPTIMIZER_ADAMW)
    return decay * learning_rate;
  return moments->is_kernel ? decay : 0;
}

void
gloss_optimizer_step (GlossOptimizer *optimizer, GlossPool *pool, double norm, double learning_rate,
                      double schedule)
{
  const GlossOptimizerOptions *options = &optimizer->options;
  double t = ++optimizer->n_updates;
  Update update = {
    .options = options,
    .shrink = 1,
    .rate = (float) (learning_rate * schedule),
    .correction1 = (float) (1 - pow ((double) options->beta1, t)),
    .correction2 = (float) (1 - pow ((double) options->beta2, t)),
  };

  if (options->clip_norm > 0 && norm > (double) options->clip_norm)
    update.shrink = (float) ((double) options->clip_norm / norm);
  for (guint i = 0; i < optimizer->n_parameters; i++)
    {
      GlossParameter *parameter = gloss_trainable_get_parameter (optimizer->trainable, i);

      update.value = parameter->value;
      update.gradient = parameter->gradient;
      update.moments = optimizer->moments[i];
      update.n = count (parameter);
      update.decay = (float) get_decay (options, &optimizer->moments[i], learning_rate, schedule);
      gloss_pool_run (pool, count_tiles (parameter), update_tile, &update);
    }
}

float *
gloss_optimizer_get_moment (GlossOptimizer *optimizer, guint index, gboolean is_second)
{
  return is_second ? optimizer->moments[index].second : optimizer->moments[index].first;
}

guint
gloss_optimizer_get_n_updates (GlossOptimizer *optimizer)
{
  return optimizer->n_updates;
}

void
gloss_optimizer_set_n_updates (GlossOptimizer *optimizer, guint n_updates)
{
  optimizer->n_updates = n_updates;
}
