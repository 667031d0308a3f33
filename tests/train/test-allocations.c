/* That a step takes no memory: what it needs it has from the beginning. */
#include "support/malloc-counter.h"
#include "train/optimizer.h"
#include "train/train-fixture.h"

static void
test_step_should_not_allocate (gconstpointer data)
{
  g_autoptr (TrainFixture) fixture = train_fixture_new ("paligemma2", "weights.bf16.npz");
  const GlossTrainOptions options = { .set = (GlossTrainSet) GPOINTER_TO_INT (data), .rank = 4 };
  GlossGradientOptions run = { .n_batch = 4, .label_smoothing = 0.1f, .dropout = 0.1f };
  GlossOptimizerOptions optimizer_options;
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossTrainable) trainable = gloss_trainable_new (fixture->model, &options, &error);
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autoptr (GlossGradient) gradient = gloss_gradient_new (
      trainable, pool, 2, TRAIN_FIXTURE_MAX_IDS, TRAIN_FIXTURE_N_VOCAB, 1 << 20, TRUE, &error);
  g_autoptr (GlossOptimizer) optimizer = NULL;
  gsize n_before = 0;

  gloss_optimizer_options_init (&optimizer_options, GLOSS_OPTIMIZER_ADAM);
  optimizer_options.weight_decay = 0.01f;
  optimizer_options.clip_norm = 1;
  optimizer = gloss_optimizer_new (trainable, &optimizer_options, &error);
  g_assert_no_error (error);
  for (guint step = 0; step < 3; step++)
    {
      /* kernels are chosen and OpenBLAS starts in the first */
      if (step == 1)
        n_before = gloss_malloc_count ();
      gloss_trainable_clear_gradients (trainable, pool);
      gloss_gradient_run (gradient, fixture->examples, 2, &run, NULL);
      gloss_gradient_run (gradient, fixture->examples + 2, 2, &run, NULL);
      gloss_optimizer_step (optimizer, pool, gloss_optimizer_measure_norm (optimizer, pool), 1e-4,
                            1);
    }
  g_assert_cmpuint (gloss_malloc_count (), ==, n_before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/train/allocations/attention/step-should-not-allocate",
                        GINT_TO_POINTER (GLOSS_TRAIN_ATTENTION), test_step_should_not_allocate);
  g_test_add_data_func ("/train/allocations/lora/step-should-not-allocate",
                        GINT_TO_POINTER (GLOSS_TRAIN_LORA), test_step_should_not_allocate);
  g_test_add_data_func ("/train/allocations/all/step-should-not-allocate",
                        GINT_TO_POINTER (GLOSS_TRAIN_ALL), test_step_should_not_allocate);
  return g_test_run ();
}
