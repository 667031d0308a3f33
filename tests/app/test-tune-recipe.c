/* How a run is done, without a widget: presets, what is changed of them, and what becomes of that
 * for another task and in settings. */
#include "app/tune-recipe.h"

#include "support/asserts.h"

static const GlossTuneTask task = {
  .config = { .width = 2304, .depth = 26 },
  .n_training = 90,
};
static const GlossTuneTask small_task = {
  .config = { .width = 192, .depth = 4 },
  .n_training = 900,
};

static void
test_presets_should_be_unchanged (void)
{
  for (guint i = 0; i < GLOSS_N_PRESETS; i++)
    {
      GlossTuneRecipe recipe;

      gloss_tune_recipe_init (&recipe, i, &task);
      g_assert_false (gloss_tune_recipe_is_changed (&recipe, &task));
      g_assert_cmpuint (recipe.train.set, ==, gloss_preset_get (i)->set);
      g_assert_cmpint (recipe.keeps_case, ==, !gloss_preset_get (i)->lower_case);
      gloss_tune_recipe_move (&recipe, &task, &small_task);
      g_assert_false (gloss_tune_recipe_is_changed (&recipe, &small_task));
    }
}

static void
test_settings_should_come_back (void)
{
  g_autoptr (GlossTuningSettings) settings = gloss_tuning_settings_new ();
  GlossTuneRecipe recipe, again;

  gloss_tune_recipe_init (&recipe, GLOSS_PRESET_QUICK, &task);
  gloss_tune_recipe_set_rank (&recipe, 16);
  gloss_tune_recipe_set_epochs (&recipe, 3, &task);
  recipe.n_tries = 10;
  recipe.trainer.seed = 7;
  gloss_tune_recipe_apply (&recipe, settings);
  g_assert_cmpstr (settings->preset, ==, "quick");
  g_assert_true (settings->trainer.keeps_best && settings->trainer.keeps_snapshot);
  g_assert_cmpuint (settings->train.seed, ==, 7);
  g_assert_cmpfloat (settings->train.alpha, ==, 32);
  g_assert_cmpuint (settings->trainer.n_steps, ==, 34);
  g_assert_cmpuint (settings->trainer.eval_steps, ==, 3);
  g_assert_cmpuint (settings->trainer.snapshot_steps, ==, 3);
  gloss_tune_recipe_read (&again, settings, &task);
  g_assert_true (gloss_tune_recipe_is_changed (&again, &task));
  g_assert_cmpuint (again.train.rank, ==, 16);
  g_assert_cmpfloat (again.epochs, ==, 3);
  g_assert_cmpuint (again.trainer.seed, ==, 7);
}

static void
test_without_tries_there_should_be_snapshots (void)
{
  g_autoptr (GlossTuningSettings) settings = gloss_tuning_settings_new ();
  GlossTuneRecipe recipe;

  gloss_tune_recipe_init (&recipe, GLOSS_PRESET_BALANCED, &task);
  recipe.n_tries = 0;
  gloss_tune_recipe_apply (&recipe, settings);
  g_assert_cmpuint (settings->trainer.eval_steps, ==, 0);
  g_assert_cmpuint (settings->trainer.snapshot_steps, ==, settings->trainer.n_steps / 4);
}

/* Settings of a run that was never changed are no change. */
static void
test_settings_of_presets_should_be_unchanged (void)
{
  for (guint i = 0; i < GLOSS_N_PRESETS; i++)
    {
      g_autoptr (GlossTuningSettings) settings = gloss_tuning_settings_new ();
      GlossTuneRecipe recipe, again;

      gloss_tune_recipe_init (&recipe, i, &task);
      gloss_tune_recipe_apply (&recipe, settings);
      gloss_tune_recipe_read (&again, settings, &task);
      g_assert_cmpuint (again.preset, ==, i);
      g_assert_false (gloss_tune_recipe_is_changed (&again, &task));
    }
}

static void
test_another_set_should_bring_its_rate (void)
{
  GlossTuneRecipe recipe, full;

  gloss_tune_recipe_init (&recipe, GLOSS_PRESET_BALANCED, &task);
  gloss_tune_recipe_init (&full, GLOSS_PRESET_FULL, &task);
  gloss_tune_recipe_set_train (&recipe, GLOSS_TRAIN_ALL, &task);
  g_assert_true (gloss_tune_recipe_is_changed (&recipe, &task));
  g_assert_cmpfloat (recipe.trainer.learning_rate, ==, full.trainer.learning_rate);
  g_assert_cmpuint (recipe.trainer.optimizer.kind, ==, GLOSS_OPTIMIZER_ADAM);
  g_assert_cmpuint (recipe.trainer.batch, ==, 8);
  gloss_tune_recipe_set_train (&recipe, GLOSS_TRAIN_LORA, &task);
  g_assert_false (gloss_tune_recipe_is_changed (&recipe, &task));
}

static void
test_the_last_of_steps_and_epochs_should_hold (void)
{
  GlossTuneRecipe recipe;

  gloss_tune_recipe_init (&recipe, GLOSS_PRESET_BALANCED, &task);
  gloss_tune_recipe_set_epochs (&recipe, 4, &task);
  g_assert_cmpuint (recipe.trainer.n_steps, ==, 45);
  gloss_tune_recipe_set_batch (&recipe, 4, &task);
  g_assert_cmpuint (recipe.trainer.n_steps, ==, 90);
  gloss_tune_recipe_set_steps (&recipe, 30);
  gloss_tune_recipe_set_batch (&recipe, 9, &task);
  g_assert_cmpuint (recipe.trainer.n_steps, ==, 30);
  g_assert_cmpfloat (gloss_tune_recipe_get_epochs (&recipe, &task), ==, 3);
}

/* Of another model and other data: what was changed stays, the rest is as it is there. */
static void
test_changes_should_move (void)
{
  GlossTuneRecipe recipe, plain;

  gloss_tune_recipe_init (&recipe, GLOSS_PRESET_BALANCED, &task);
  gloss_tune_recipe_init (&plain, GLOSS_PRESET_BALANCED, &small_task);
  recipe.max_ids = 64;
  recipe.train.n_top_layers = 9;
  gloss_tune_recipe_move (&recipe, &task, &small_task);
  g_assert_cmpuint (recipe.max_ids, ==, 64);
  g_assert_cmpuint (recipe.train.n_top_layers, ==, 4);
  g_assert_cmpuint (recipe.trainer.n_steps, ==, plain.trainer.n_steps);
  g_assert_cmpfloat (recipe.trainer.learning_rate, ==, plain.trainer.learning_rate);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tune-recipe/presets-should-be-unchanged", test_presets_should_be_unchanged);
  g_test_add_func ("/tune-recipe/settings-should-come-back", test_settings_should_come_back);
  g_test_add_func ("/tune-recipe/without-tries-there-should-be-snapshots",
                   test_without_tries_there_should_be_snapshots);
  g_test_add_func ("/tune-recipe/settings-of-presets-should-be-unchanged",
                   test_settings_of_presets_should_be_unchanged);
  g_test_add_func ("/tune-recipe/another-set-should-bring-its-rate",
                   test_another_set_should_bring_its_rate);
  g_test_add_func ("/tune-recipe/the-last-of-steps-and-epochs-should-hold",
                   test_the_last_of_steps_and_epochs_should_hold);
  g_test_add_func ("/tune-recipe/changes-should-move", test_changes_should_move);
  return g_test_run ();
}
