/* The gradient of every tensor of both towers against the reference's. */
#include "support/asserts.h"
#include "train/train-fixture.h"

#include <math.h>
#include <string.h>

/* The references differ from each other by 5e-6 of a layer's largest value; a gradient has gone
 * through as many layers twice. */
#define BOUND_FRAC 1e-5

/* A key bias moves all scores of a row alike, so that its gradient is 0 but for noise. */
static gboolean
is_noise (GlossTensorRole role)
{
  return role == GLOSS_TENSOR_VIT_KEY_BIAS;
}

/* The name of the first tensor whose gradient differs, newly allocated, or NULL. */
static char *
find_difference (TrainFixture *fixture, GlossTrainable *trainable, double bound_frac,
                 double *out_worst)
{
  g_autoptr (GlossWeights) expected = train_fixture_open (fixture, "grads.npz");
  char *first = NULL;

  *out_worst = 0;
  for (guint i = 0; i < gloss_trainable_get_n_parameters (trainable); i++)
    {
      const GlossParameter *parameter = gloss_trainable_get_parameter (trainable, i);
      g_autofree char *name = NULL;
      g_autofree float *reference = train_fixture_get (fixture, expected, parameter, &name);
      gsize n = parameter->n_out * parameter->n_in, where;
      double largest, off;

      g_assert_nonnull (reference);
      largest = gloss_max_abs (reference, n);
      if (is_noise (parameter->role))
        continue;
      g_assert_cmpfloat (largest, >, 1e-6);
      if (!gloss_is_close (parameter->gradient, reference, n, bound_frac * largest, &off, &where)
          && !first)
        first = g_strdup_printf ("%s of layer %zu: value %zu is %g, expected %g", name,
                                 parameter->layer, where, (double) parameter->gradient[where],
                                 (double) reference[where]);
      *out_worst = MAX (*out_worst, off / largest);
    }
  return first;
}

/* All four examples at once, or in slices of which the gradients add up. */
static double
run_batch (TrainFixture *fixture, GlossTrainable *trainable, GlossPool *pool, gsize slice)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossGradient) gradient = gloss_gradient_new (
      trainable, pool, slice, TRAIN_FIXTURE_MAX_IDS, TRAIN_FIXTURE_N_VOCAB, 0, FALSE, &error);
  GlossGradientOptions options = { .n_batch = 4 };
  double loss = 0;

  g_assert_no_error (error);
  gloss_pool_begin_job (pool, NULL);
  gloss_trainable_clear_gradients (trainable, pool);
  for (gsize i = 0; i < 4; i += slice)
    loss += gloss_gradient_run (gradient, fixture->examples + i, slice, &options, NULL);
  g_assert_true (gloss_pool_end_job (pool, NULL));
  return loss;
}

static void
test_gradients_should_equal_the_reference (gconstpointer data)
{
  g_autoptr (TrainFixture) fixture = train_fixture_new (data, "weights.f32.npz");
  g_autoptr (GError) error = NULL;
  GlossTrainOptions options = { .set = GLOSS_TRAIN_ALL };
  g_autoptr (GlossTrainable) trainable = gloss_trainable_new (fixture->model, &options, &error);
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  gsize n;
  g_autofree float *expected = fixture_get_floats (fixture->fixture, "loss", &n);

  for (gsize slice = 4; slice >= 1; slice /= 2)
    {
      g_autofree char *difference = NULL;
      double loss = run_batch (fixture, trainable, pool, slice), worst;

      difference = find_difference (fixture, trainable, BOUND_FRAC, &worst);
      g_test_message ("slices of %zu: loss %.8g, expected %.8g; gradients within %.2g", slice, loss,
                      (double) expected[0], worst);
      g_assert_cmpfloat (fabs (loss / (double) expected[0] - 1), <, 2e-6);
      g_assert_cmpstr (difference, ==, NULL);
    }
}

/* A gradient that is wrong in one tensor is found, and by name. */
static void
test_comparison_should_name_the_tensor (void)
{
  g_autoptr (TrainFixture) fixture = train_fixture_new ("paligemma1", "weights.f32.npz");
  g_autoptr (GError) error = NULL;
  GlossTrainOptions options = { .set = GLOSS_TRAIN_ALL };
  g_autoptr (GlossTrainable) trainable = gloss_trainable_new (fixture->model, &options, &error);
  g_autoptr (GlossPool) pool = gloss_pool_new (1);
  g_autofree char *difference = NULL;
  GlossParameter *parameter;
  double worst;

  run_batch (fixture, trainable, pool, 4);
  parameter = gloss_trainable_find (trainable, GLOSS_TENSOR_GATE_KERNEL, 1, GLOSS_PARAMETER_WHOLE);
  for (gsize i = 0; i < parameter->n_in; i++)
    parameter->gradient[i] *= 1.001f;
  difference = find_difference (fixture, trainable, BOUND_FRAC, &worst);
  g_assert_true (g_str_has_prefix (difference, "llm/layers/mlp/gating_einsum of layer 1"));
}

/* What is trained decides neither the bits of the loss nor those of a gradient that both have; nor
 * do threads, nor whether what lies below was computed before. */
static void
test_bits_should_be_the_same (gconstpointer data)
{
  g_autoptr (TrainFixture) fixture = train_fixture_new (data, "weights.bf16.npz");
  static const GlossTrainOptions options[] = {
    { .set = GLOSS_TRAIN_ATTENTION },
    { .set = GLOSS_TRAIN_ATTENTION, .n_top_layers = 1 },
    { .set = GLOSS_TRAIN_LORA, .rank = 3, .seed = 5, .n_top_layers = 2 },
    { .set = GLOSS_TRAIN_ALL },
  };
  /* of activations: none, all, those of some blocks */
  static const gsize n_kept_bytes[] = { 0, 1 << 30, 40000, 1 << 30 };

  for (guint o = 0; o < G_N_ELEMENTS (options); o++)
    {
      g_autoptr (GByteArray) first = NULL;
      double first_loss = 0;

      for (guint variant = 0; variant < 4; variant++)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (GlossTrainable) trainable =
              gloss_trainable_new (fixture->model, &options[o], &error);
          g_autoptr (GlossPool) pool = gloss_pool_new (variant % 2 ? 3 : 1);
          g_autoptr (GlossGradient) gradient =
              gloss_gradient_new (trainable, pool, 2, TRAIN_FIXTURE_MAX_IDS, TRAIN_FIXTURE_N_VOCAB,
                                  n_kept_bytes[variant], FALSE, &error);
          g_autoptr (GByteArray) bytes = g_byte_array_new ();
          GlossGradientOptions run = { .n_batch = 2 };
          GlossGradientExample examples[2] = { fixture->examples[0], fixture->examples[3] };
          float *states[2] = { NULL, NULL };
          double loss;

          gloss_pool_begin_job (pool, NULL);
          for (guint i = 0; variant >= 2 && gloss_gradient_has_states (gradient) && i < 2; i++)
            {
              states[i] =
                  g_new (float, gloss_gradient_count_states (gradient, &examples[i].sequence));
              gloss_gradient_make_states (gradient, states[i], &examples[i]);
              examples[i].states = states[i];
              examples[i].image = NULL;
            }
          loss = gloss_gradient_run (gradient, examples, 2, &run, NULL);
          g_assert_true (gloss_pool_end_job (pool, NULL));
          for (guint i = 0; i < gloss_trainable_get_n_parameters (trainable); i++)
            {
              const GlossParameter *parameter = gloss_trainable_get_parameter (trainable, i);

              g_byte_array_append (bytes, (const guint8 *) parameter->gradient,
                                   (guint) (parameter->n_out * parameter->n_in * sizeof (float)));
            }
          if (!first)
            {
              first = g_steal_pointer (&bytes);
              first_loss = loss;
            }
          else
            {
              g_assert_cmpfloat (loss, ==, first_loss);
              g_assert_cmpmem (bytes->data, bytes->len, first->data, first->len);
            }
          g_free (states[0]);
          g_free (states[1]);
        }
    }
}

/* B = 0: the adapter does nothing yet. The folder has its matrices as they are kept for training,
 * so that the products are the same too. */
static void
test_fresh_adapter_should_equal_the_base (void)
{
  g_autoptr (TrainFixture) fixture = train_fixture_new ("paligemma1", "hf");
  GlossTrainOptions lora = { .set = GLOSS_TRAIN_LORA },
                    attention = { .set = GLOSS_TRAIN_ATTENTION };
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossTrainable) a = gloss_trainable_new (fixture->model, &lora, &error);
  g_autoptr (GlossTrainable) b = gloss_trainable_new (fixture->model, &attention, &error);
  g_autoptr (GlossPool) pool = gloss_pool_new (2);

  g_assert_cmpfloat (run_batch (fixture, a, pool, 4), ==, run_batch (fixture, b, pool, 4));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/train/grads/paligemma1/should-equal-the-reference", "paligemma1",
                        test_gradients_should_equal_the_reference);
  g_test_add_data_func ("/train/grads/paligemma2/should-equal-the-reference", "paligemma2",
                        test_gradients_should_equal_the_reference);
  g_test_add_func ("/train/grads/comparison/should-name-the-tensor",
                   test_comparison_should_name_the_tensor);
  g_test_add_data_func ("/train/grads/paligemma1/bits-should-be-the-same", "paligemma1",
                        test_bits_should_be_the_same);
  g_test_add_data_func ("/train/grads/paligemma2/bits-should-be-the-same", "paligemma2",
                        test_bits_should_be_the_same);
  g_test_add_func ("/train/grads/adapter/should-equal-the-base-when-fresh",
                   test_fresh_adapter_should_equal_the_base);
  return g_test_run ();
}
