/* Ten training steps of the reference, made again: every loss and what became of the tensors.
 *
 * The bounds follow from how far the reference moves by itself when its start is disturbed by 1e-7:
 * losses 2e-6 relative, SGD's parameters 3e-6 of a tensor's largest value, Adam's ten times what
 * the tensor moved. */
#include "support/asserts.h"
#include "train/optimizer.h"
#include "train/schedule.h"
#include "train/train-fixture.h"

#include <math.h>

#define LOSS_BOUND 2e-6
#define SGD_BOUND 3e-6
#define ADAM_FACTOR 10
#define UPDATE_BOUND 1e-4

typedef struct
{
  const char *model;
  const char *name;
  const char *after; /* NULL: the reference kept no parameters */
  gboolean wrong;    /* with a mistake, which must be found */
} Case;

/* One run and what it is held to. */
typedef struct
{
  const Case *c;
  TrainFixture *fixture;
  json_t *replay;
  GlossTrainable *trainable;
  GlossOptimizer *optimizer;
  GlossGradient *gradient;
  GlossPool *pool;
  double worst_loss, worst_parameter;
  char *failure; /* owned: the first */
} Run;

static double
get_number (json_t *array, gsize i)
{
  return json_number_value (json_array_get (array, i));
}

static void note (Run *run, gboolean is_right, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
note (Run *run, gboolean is_right, const char *format, ...)
{
  va_list arguments;

  if (is_right || run->failure)
    return;
  va_start (arguments, format);
  run->failure = g_strdup_vprintf (format, arguments);
  va_end (arguments);
}

/* The norm of what an update changed. */
static double
measure_change (Run *run, GPtrArray *before)
{
  double sum = 0;

  for (guint i = 0; i < before->len; i++)
    {
      const GlossParameter *parameter = gloss_trainable_get_parameter (run->trainable, i);
      const float *old = g_ptr_array_index (before, i);

      for (gsize j = 0; j < parameter->n_out * parameter->n_in; j++)
        sum += ((double) parameter->value[j] - (double) old[j])
               * ((double) parameter->value[j] - (double) old[j]);
    }
  return sqrt (sum);
}

static GPtrArray *
copy_values (Run *run)
{
  GPtrArray *copies = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < gloss_trainable_get_n_parameters (run->trainable); i++)
    {
      const GlossParameter *parameter = gloss_trainable_get_parameter (run->trainable, i);

      g_ptr_array_add (copies, g_memdup2 (parameter->value,
                                          parameter->n_out * parameter->n_in * sizeof (float)));
    }
  return copies;
}

static void
run_step (Run *run, gsize step, const GlossGradientOptions *options, double rate, double schedule)
{
  GlossGradientExample examples[3];
  json_t *updates = json_object_get (run->replay, "l2_updates");
  double expected = get_number (json_object_get (run->replay, "loss"), step), loss, norm;
  g_autoptr (GPtrArray) before = copy_values (run);

  train_fixture_choose (
      run->fixture, json_array_get (json_object_get (run->replay, "batch_order"), step), examples);
  gloss_trainable_clear_gradients (run->trainable, run->pool);
  loss = gloss_gradient_run (run->gradient, examples, 2, options, NULL)
         + gloss_gradient_run (run->gradient, examples + 2, 1, options, NULL);
  run->worst_loss = MAX (run->worst_loss, fabs (loss / expected - 1));
  note (run, fabs (loss / expected - 1) <= LOSS_BOUND, "step %zu: loss %.9g, expected %.9g", step,
        loss, expected);
  norm = gloss_optimizer_measure_norm (run->optimizer, run->pool);
  gloss_optimizer_step (run->optimizer, run->pool, norm, rate, schedule);
  if (updates)
    {
      double change = measure_change (run, before), wanted = get_number (updates, step);

      note (run, fabs (change - wanted) <= UPDATE_BOUND * wanted,
            "step %zu: the update is %.7g long, expected %.7g", step, change, wanted);
    }
}

static double
get_bound (Run *run, const GlossParameter *parameter, const char *name)
{
  json_t *replay = json_object_get (run->fixture->fixture->json, "replay");
  json_t *moved;

  if (g_str_equal (run->c->name, "sgd-attention"))
    return SGD_BOUND;
  moved = json_object_get (
      json_object_get (json_object_get (json_object_get (replay, "adam-all"), "sensitivity"),
                       "parameter_max_relative"),
      name);
  g_assert_nonnull (moved);
  return ADAM_FACTOR * json_number_value (moved);
}

static void
compare_parameters (Run *run)
{
  g_autoptr (GlossWeights) after = train_fixture_open (run->fixture, run->c->after);

  for (guint i = 0; i < gloss_trainable_get_n_parameters (run->trainable); i++)
    {
      const GlossParameter *parameter = gloss_trainable_get_parameter (run->trainable, i);
      g_autofree char *name = NULL;
      g_autofree float *expected = train_fixture_get (run->fixture, after, parameter, &name);
      gsize n = parameter->n_out * parameter->n_in;
      double largest, bound, off;

      /* its gradient is noise, and Adam moves it by noise */
      if (parameter->role == GLOSS_TENSOR_VIT_KEY_BIAS)
        continue;
      g_assert_nonnull (expected);
      largest = gloss_max_abs (expected, n);
      bound = get_bound (run, parameter, name);
      note (run, gloss_is_close (parameter->value, expected, n, bound * largest, &off, NULL),
            "%s of layer %zu: off by %.3g of its largest value, bound %.3g", name, parameter->layer,
            off / largest, bound);
      run->worst_parameter = MAX (run->worst_parameter, off / largest / bound);
    }
}

static void
check (const Case *c)
{
  g_autoptr (TrainFixture) fixture = train_fixture_new (c->model, "weights.f32.npz");
  gboolean is_recipe = g_str_equal (c->name, "captioning-recipe");
  gboolean is_sgd = g_str_equal (c->name, "sgd-attention");
  GlossTrainOptions train = { .set = is_sgd ? GLOSS_TRAIN_ATTENTION : GLOSS_TRAIN_ALL,
                              .freeze_stem = is_recipe };
  GlossGradientOptions options = { .n_batch = 3, .label_smoothing = is_recipe ? 0.1f : 0 };
  GlossSchedule schedule = { GLOSS_SCHEDULE_COSINE, 10, 2 };
  GlossOptimizerOptions optimizer;
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossTrainable) trainable = gloss_trainable_new (fixture->model, &train, &error);
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autoptr (GlossGradient) gradient = gloss_gradient_new (
      trainable, pool, 2, TRAIN_FIXTURE_MAX_IDS, TRAIN_FIXTURE_N_VOCAB, 1 << 30, FALSE, &error);
  g_autoptr (GlossOptimizer) stepper = NULL;
  Run run = { c, fixture, NULL, trainable, NULL, gradient, pool, 0, 0, NULL };

  gloss_optimizer_options_init (&optimizer, is_sgd ? GLOSS_OPTIMIZER_SGD : GLOSS_OPTIMIZER_ADAM);
  optimizer.clip_norm = is_sgd ? 0 : 1;
  optimizer.weight_decay = is_recipe ? 0.003f : 0;
  if (c->wrong)
    optimizer.beta2 = 0.9991f;
  run.optimizer = stepper = gloss_optimizer_new (trainable, &optimizer, &error);
  run.replay = json_object_get (json_object_get (fixture->fixture->json, "replay"), c->name);
  g_assert_nonnull (run.replay);
  for (gsize step = 0; step < 10; step++)
    {
      json_t *rates = json_object_get (run.replay, "lr");

      if (is_recipe)
        run_step (&run, step, &options, 0.0002, gloss_schedule_get (&schedule, (guint) step));
      else
        run_step (&run, step, &options, get_number (rates, step), 1);
    }
  if (c->after)
    compare_parameters (&run);
  g_test_message ("%s %s: losses within %.2g (bound %.2g), parameters within %.2f of their bounds",
                  c->model, c->name, run.worst_loss, LOSS_BOUND, run.worst_parameter);
  if (c->wrong)
    g_assert_nonnull (run.failure);
  else
    g_assert_cmpstr (run.failure, ==, NULL);
  g_free (run.failure);
}

static void
test_replay (gconstpointer data)
{
  check (data);
}

static const Case cases[] = {
  { "paligemma1", "sgd-attention", "after-sgd-attention.npz", FALSE },
  { "paligemma2", "sgd-attention", "after-sgd-attention.npz", FALSE },
  { "paligemma2-27b-like", "sgd-attention", "after-sgd-attention.npz", FALSE },
  { "paligemma1", "adam-all", "after-adam-all.npz", FALSE },
  { "paligemma2", "adam-all", "after-adam-all.npz", FALSE },
  { "paligemma2-27b-like", "adam-all", NULL, FALSE },
  { "paligemma1", "captioning-recipe", "after-recipe.npz", FALSE },
  { "paligemma2", "captioning-recipe", "after-recipe.npz", FALSE },
  { "paligemma1", "adam-all", "after-adam-all.npz", TRUE },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/train/replay/%s/%s%s", cases[i].model, cases[i].name,
                           cases[i].wrong ? "/mistake-should-be-found" : "");

      g_test_add_data_func (path, &cases[i], test_replay);
    }
  return g_test_run ();
}
