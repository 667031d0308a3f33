/* What runs would take, found out in threads: figures, times, who has the machine, and an end in
 * the middle of it. */
#include "app/tune-estimator.h"

#include "app/number-row.h"
#include "support/asserts.h"

#include <glib/gstdio.h>

typedef struct
{
  GlossModelSource *model;
  GlossPairs *pairs;
  GlossTurn *turn;
  GlossTuneEstimator *estimator;
} Fixture;

static gboolean
add_pairs (GlossPairsReader *reader, gpointer unused, GError **error)
{
  static const char *const words[] = { "A teapot", "A zebra", "A cup of coffee with a saucer" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autofree char *path = gloss_test_data_path ("demo/pictures/04-a-teapot.png");

      if (!gloss_pairs_reader_add (reader, words[i], path, NULL, words[i], error))
        return FALSE;
    }
  return TRUE;
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *path = gloss_test_data_path ("demo");
  g_autofree char *rates = g_build_filename (g_get_user_cache_dir (), "gloss", "rates.json", NULL);
  g_autoptr (GError) error = NULL;

  g_unlink (rates);
  fixture->model = gloss_model_source_new_for_path (path);
  fixture->pairs = gloss_pairs_make (GLOSS_LAYOUT_CSV, add_pairs, NULL, &error);
  g_assert_no_error (error);
  fixture->turn = gloss_turn_new ();
  fixture->estimator = gloss_tune_estimator_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  g_object_run_dispose (G_OBJECT (fixture->estimator));
  g_object_unref (fixture->estimator);
  gloss_turn_free (fixture->turn);
  gloss_pairs_free (fixture->pairs);
  gloss_model_source_free (fixture->model);
}

static void
wait_for_state (Fixture *fixture, GlossTuneEstimatorState state)
{
  while (gloss_tune_estimator_get_state (fixture->estimator) != state)
    g_main_context_iteration (NULL, TRUE);
}

static void
wait_for_times (Fixture *fixture, GlossTuneTimes times)
{
  while (gloss_tune_estimator_get_times (fixture->estimator) != times)
    g_main_context_iteration (NULL, TRUE);
}

static void
set_task (Fixture *fixture)
{
  gloss_tune_estimator_set_task (fixture->estimator, fixture->model, fixture->pairs, fixture->turn);
}

static void
test_figures_should_come_before_times (Fixture *fixture, gconstpointer unused)
{
  GlossTuneRecipe recipe;
  GlossTrainEstimate before, after, small;

  set_task (fixture);
  wait_for_state (fixture, GLOSS_TUNE_ESTIMATOR_READY);
  g_assert_cmpuint (gloss_tune_estimator_get_task (fixture->estimator)->n_training, ==, 3);
  gloss_tune_recipe_init (&recipe, GLOSS_PRESET_BALANCED,
                          gloss_tune_estimator_get_task (fixture->estimator));
  gloss_tune_estimator_estimate (fixture->estimator, &recipe, &before);
  g_assert_cmpuint (before.memory_bytes, >, 0);
  g_assert_cmpfloat (before.seconds, ==, 0);
  gloss_tune_estimator_measure (fixture->estimator, 1);
  wait_for_times (fixture, GLOSS_TUNE_TIMES_KNOWN);
  gloss_tune_estimator_estimate (fixture->estimator, &recipe, &after);
  g_assert_cmpuint (after.memory_bytes, ==, before.memory_bytes);
  g_assert_cmpfloat (after.seconds, >, 0);
  gloss_tune_recipe_set_steps (&recipe, recipe.trainer.n_steps / 2);
  gloss_tune_estimator_estimate (fixture->estimator, &recipe, &small);
  g_assert_cmpfloat (small.seconds, <, after.seconds);
}

static void
test_it_should_wait_for_the_machine (Fixture *fixture, gconstpointer unused)
{
  g_assert_true (gloss_turn_take (fixture->turn, FALSE, NULL, NULL));
  set_task (fixture);
  gloss_tune_estimator_measure (fixture->estimator, 1);
  wait_for_times (fixture, GLOSS_TUNE_TIMES_WAITING);
  gloss_turn_give (fixture->turn);
  wait_for_times (fixture, GLOSS_TUNE_TIMES_KNOWN);
  /* who measured has given the turn back, which else would be waited for forever */
  g_assert_true (gloss_turn_take (fixture->turn, FALSE, NULL, NULL));
  gloss_turn_give (fixture->turn);
}

/* The turn is freed right after: whoever still used it would be seen by the address sanitizer. */
static void
test_it_should_end_in_the_middle (Fixture *fixture, gconstpointer stage)
{
  if (GPOINTER_TO_UINT (stage) == GLOSS_TUNE_TIMES_WAITING)
    g_assert_true (gloss_turn_take (fixture->turn, FALSE, NULL, NULL));
  set_task (fixture);
  gloss_tune_estimator_measure (fixture->estimator, 1);
  wait_for_times (fixture, GPOINTER_TO_UINT (stage));
  g_object_run_dispose (G_OBJECT (fixture->estimator));
  if (GPOINTER_TO_UINT (stage) == GLOSS_TUNE_TIMES_WAITING)
    gloss_turn_give (fixture->turn);
}

static void
test_what_fits_should_be_found (Fixture *fixture, gconstpointer unused)
{
  GlossTuneRecipe recipe;
  GlossTrainEstimate quick;
  GlossPresetId preset;
  guint64 n_bytes;

  set_task (fixture);
  wait_for_state (fixture, GLOSS_TUNE_ESTIMATOR_READY);
  gloss_tune_recipe_init (&recipe, GLOSS_PRESET_QUICK,
                          gloss_tune_estimator_get_task (fixture->estimator));
  gloss_tune_estimator_estimate (fixture->estimator, &recipe, &quick);
  g_assert_true (gloss_tune_estimator_find_fitting (fixture->estimator, quick.memory_bytes, &preset,
                                                    &n_bytes));
  g_assert_cmpuint (preset, ==, GLOSS_PRESET_QUICK);
  g_assert_cmpuint (n_bytes, ==, quick.memory_bytes);
  g_assert_false (gloss_tune_estimator_find_fitting (fixture->estimator, quick.memory_bytes - 1,
                                                     &preset, &n_bytes));
}

static void
test_a_model_that_is_none_should_be_said (Fixture *fixture, gconstpointer unused)
{
  g_free (fixture->model->path);
  fixture->model->path = g_strdup ("/nowhere/at-all");
  set_task (fixture);
  wait_for_state (fixture, GLOSS_TUNE_ESTIMATOR_FAILED);
  g_assert_nonnull (gloss_tune_estimator_get_error (fixture->estimator));
  gloss_tune_estimator_set_task (fixture->estimator, NULL, NULL, fixture->turn);
  g_assert_cmpint (gloss_tune_estimator_get_state (fixture->estimator), ==,
                   GLOSS_TUNE_ESTIMATOR_NONE);
}

static void
test_numbers_should_be_read_whole (void)
{
  double value;

  g_assert_true (gloss_number_parse (" 12 ", GLOSS_NUMBER_WHOLE, &value));
  g_assert_cmpfloat (value, ==, 12);
  g_assert_true (gloss_number_parse ("2e-4", GLOSS_NUMBER_RATE, &value));
  g_assert_cmpfloat (value, ==, 2e-4);
  g_assert_false (gloss_number_parse ("1.5", GLOSS_NUMBER_WHOLE, &value));
  g_assert_false (gloss_number_parse ("12 steps", GLOSS_NUMBER_WHOLE, &value));
  g_assert_false (gloss_number_parse ("", GLOSS_NUMBER_REAL, &value));
  g_assert_false (gloss_number_parse ("nan", GLOSS_NUMBER_REAL, &value));
}

int
main (int argc, char **argv)
{
  char *home = gloss_test_folder_new ();
  int status;

  g_setenv ("XDG_CACHE_HOME", home, TRUE);
  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, func)                                                                      \
  g_test_add ("/tune-estimator/" name, Fixture, data, set_up, func, tear_down)
  ADD ("figures-should-come-before-times", NULL, test_figures_should_come_before_times);
  ADD ("it-should-wait-for-the-machine", NULL, test_it_should_wait_for_the_machine);
  ADD ("it-should-end-while-it-waits", GUINT_TO_POINTER (GLOSS_TUNE_TIMES_WAITING),
       test_it_should_end_in_the_middle);
  ADD ("it-should-end-while-it-measures", GUINT_TO_POINTER (GLOSS_TUNE_TIMES_MEASURING),
       test_it_should_end_in_the_middle);
  ADD ("what-fits-should-be-found", NULL, test_what_fits_should_be_found);
  ADD ("a-model-that-is-none-should-be-said", NULL, test_a_model_that_is_none_should_be_said);
#undef ADD
  g_test_add_func ("/number-row/numbers-should-be-read-whole", test_numbers_should_be_read_whole);
  status = g_test_run ();
  gloss_test_folder_remove (home);
  return status;
}
