/* The recipes: each is whole, findable, and the notebook's is the notebook's. */
#include "train/preset.h"

#include "support/asserts.h"

#include <math.h>
#include <string.h>

static const GlossModelConfig wide = { .width = 2304, .depth = 26 };
static const GlossModelConfig demo = { .width = 192, .depth = 4 };

static void
test_all_should_be_whole (void)
{
  for (guint i = 0; i < GLOSS_N_PRESETS; i++)
    {
      const GlossPreset *preset = gloss_preset_get (i);
      GlossTrainOptions train = { .seed = 3 };
      GlossTrainerOptions trainer = { .eval_steps = 7, .seed = 5 };

      g_assert_true (gloss_preset_find (preset->id) == preset);
      g_assert_cmpuint (strlen (preset->title), >, 0);
      g_assert_true (g_str_has_suffix (preset->sentence, "."));
      gloss_preset_apply (preset, &wide, 90, &train, &trainer);
      g_assert_cmpuint (trainer.batch, >, 0);
      g_assert_cmpuint (trainer.n_steps, >, 0);
      g_assert_cmpfloat (trainer.learning_rate, >, 0);
      g_assert_cmpfloat (trainer.warmup_frac, >, 0);
      g_assert_cmpfloat (trainer.optimizer.beta2, >, 0);
      g_assert_true ((train.set == GLOSS_TRAIN_LORA) == (train.rank > 0 && train.alpha > 0));
      /* what a recipe says nothing about stays */
      g_assert_cmpuint (train.seed, ==, 3);
      g_assert_cmpuint (trainer.eval_steps, ==, 7);
      g_assert_cmpuint (trainer.seed, ==, 5);
    }
  g_assert_null (gloss_preset_find ("best"));
  for (guint set = 0; set <= GLOSS_TRAIN_ALL; set++)
    g_assert_cmpint (gloss_preset_for_set (set)->set, ==, set);
}

static void
test_notebook_should_be_the_notebooks (void)
{
  const GlossPreset *preset = gloss_preset_get (GLOSS_PRESET_NOTEBOOK);
  GlossTrainOptions train = { 0 };
  GlossTrainerOptions trainer = { 0 };

  gloss_preset_apply (preset, &demo, 5000, &train, &trainer);
  g_assert_cmpint (train.set, ==, GLOSS_TRAIN_ATTENTION);
  g_assert_cmpuint (train.n_top_layers, ==, 0);
  g_assert_cmpint (trainer.optimizer.kind, ==, GLOSS_OPTIMIZER_SGD);
  g_assert_cmpfloat (trainer.optimizer.clip_norm, ==, 0);
  g_assert_cmpfloat (trainer.learning_rate, ==, 0.03);
  g_assert_cmpfloat (trainer.warmup_frac, ==, 0.1);
  g_assert_cmpuint (trainer.batch, ==, 8);
  g_assert_cmpuint (trainer.n_steps, ==, 64);
  g_assert_true (preset->lower_case);
  for (guint i = 0; i < GLOSS_N_PRESETS; i++)
    g_assert_true (gloss_preset_get (i)->lower_case == (i == GLOSS_PRESET_NOTEBOOK));
}

/* big_vision's transfers/forkme.py with its 90 pictures. */
static void
test_full_should_be_big_visions (void)
{
  const GlossPreset *preset = gloss_preset_get (GLOSS_PRESET_FULL);

  g_assert_cmpfloat (gloss_preset_get_learning_rate (preset, &wide), ==, 1e-5);
  g_assert_cmpuint (gloss_preset_count_steps (preset, 90), ==, 42);
}

static void
test_sizes_should_count (void)
{
  const GlossPreset *quick = gloss_preset_get (GLOSS_PRESET_QUICK);

  g_assert_cmpuint (gloss_preset_get_n_top_layers (quick, &wide), ==, 6);
  g_assert_cmpuint (gloss_preset_get_n_top_layers (quick, &demo), ==, 2);
  g_assert_cmpuint (gloss_preset_get_n_top_layers (quick, &(GlossModelConfig){ .depth = 1 }), ==,
                    1);
  g_assert_cmpfloat (gloss_preset_get_learning_rate (quick, &wide), ==, 4e-4);
  g_assert_cmpfloat (fabs (gloss_preset_get_learning_rate (quick, &demo) - 4e-4 * 2048 / 192), <,
                     1e-12);
  g_assert_cmpuint (gloss_preset_count_steps (quick, 10), ==, 64);
  g_assert_cmpuint (gloss_preset_count_steps (quick, 4000), ==, 1000);
  g_assert_cmpuint (gloss_preset_count_steps (quick, G_MAXUINT), ==, 10000000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/preset/all-should-be-whole", test_all_should_be_whole);
  g_test_add_func ("/train/preset/notebook-should-be-the-notebooks",
                   test_notebook_should_be_the_notebooks);
  g_test_add_func ("/train/preset/full-should-be-big-visions", test_full_should_be_big_visions);
  g_test_add_func ("/train/preset/sizes-should-count", test_sizes_should_count);
  return g_test_run ();
}
