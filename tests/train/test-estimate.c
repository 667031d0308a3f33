/* The estimate: what is counted is what a run has, and what will not fit is said. */
#include "train/estimate.h"

#include "base/error.h"
#include "support/asserts.h"
#include "train/preset.h"
#include "train/train-work.h"

/* PaliGemma 2 3B at 224 px. */
static const GlossModelConfig big = {
  .patch_size_px = 14,
  .n_image_tokens = 256,
  .vit_width = 1152,
  .vit_depth = 27,
  .vit_mlp_dim = 4304,
  .vit_n_heads = 16,
  .vit_head_dim = 72,
  .is_gemma2 = TRUE,
  .width = 2304,
  .depth = 26,
  .mlp_dim = 9216,
  .n_heads = 8,
  .n_kv_heads = 4,
  .head_dim = 256,
  .n_table_rows = 257152,
};

static void
estimate (GlossTrainEstimate *out, GlossPresetId id, guint64 available, GError **error)
{
  GlossTrainOptions train = { 0 };
  GlossTrainerOptions trainer = { .max_ids = 128,
                                  .cache_room = { .memory_bytes = 2000000000 },
                                  .max_kept_bytes = 1000000000 };
  const GlossTrainRates rates = { 1, 1e11, 1e11, 1e10 };
  const GlossTrainPlan plan = { .config = &big,
                                .model_bytes = 6064189920,
                                .train = &train,
                                .trainer = &trainer,
                                .n_training = 90,
                                .n_validation = 10,
                                .mean_ids = 30 };

  gloss_preset_apply (gloss_preset_get (id), &big, 90, &train, &trainer);
  gloss_train_estimate (out, &plan, &rates);
  gloss_train_estimate_check (&plan, available, error);
}

/* What is counted from settings is what a run of them trains. */
static void
test_values_should_be_those_of_a_run (void)
{
  g_autofree char *path = gloss_test_data_path ("demo");
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossModel) model = gloss_model_load (path, NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < GLOSS_N_PRESETS; i++)
    {
      GlossTrainOptions train = { 0 };
      GlossTrainerOptions trainer = { 0 };
      g_autoptr (GlossTrainable) trainable = NULL;

      gloss_preset_apply (gloss_preset_get (i), gloss_model_get_config (model), 90, &train,
                          &trainer);
      trainable = gloss_trainable_new (model, &train, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (gloss_train_work_count_values (gloss_model_get_config (model), &train), ==,
                        gloss_trainable_count_values (trainable));
    }
}

static void
test_sizes_should_be_in_order (void)
{
  GlossTrainEstimate quick, balanced, notebook, full;
  g_autoptr (GError) error = NULL;

  estimate (&quick, GLOSS_PRESET_QUICK, G_MAXUINT64, &error);
  estimate (&balanced, GLOSS_PRESET_BALANCED, G_MAXUINT64, &error);
  estimate (&notebook, GLOSS_PRESET_NOTEBOOK, G_MAXUINT64, &error);
  estimate (&full, GLOSS_PRESET_FULL, G_MAXUINT64, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (notebook.trained_values, ==, 368050176);
  g_assert_cmpuint (full.trained_values, ==, 3032094960);
  g_assert_cmpuint (quick.memory_bytes, <, balanced.memory_bytes);
  g_assert_cmpuint (balanced.memory_bytes, <, notebook.memory_bytes);
  g_assert_cmpuint (full.memory_bytes, >, 6064189920 + 16 * G_GUINT64_CONSTANT (3032094960));
  g_assert_cmpfloat (quick.step_seconds, <, balanced.step_seconds);
  g_assert_cmpfloat (quick.seconds, <, balanced.seconds);
}

static void
test_what_fits_should_be_said (void)
{
  GlossTrainEstimate quick, full;
  g_autoptr (GError) error = NULL;

  estimate (&quick, GLOSS_PRESET_QUICK, G_MAXUINT64, NULL);
  estimate (&full, GLOSS_PRESET_FULL, quick.memory_bytes, &error);
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, "the preset Quick needs");
  estimate (&full, GLOSS_PRESET_FULL, quick.memory_bytes - 1, &error);
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, "no preset needs less");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/estimate/values-should-be-those-of-a-run",
                   test_values_should_be_those_of_a_run);
  g_test_add_func ("/train/estimate/sizes-should-be-in-order", test_sizes_should_be_in_order);
  g_test_add_func ("/train/estimate/what-fits-should-be-said", test_what_fits_should_be_said);
  return g_test_run ();
}
