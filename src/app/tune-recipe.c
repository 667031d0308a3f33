/* How a run of fine-tuning is done. */
#include "app/tune-recipe.h"

#include <math.h>

/* As gloss-cli finetune does it: at the beginning, and each quarter. */
#define DEFAULT_TRIES 4

/* All that a person can change. X (place) */
#define FIELDS(X)                                                                                  \
  X (train.set)                                                                                    \
  X (train.n_top_layers)                                                                           \
  X (train.rank)                                                                                   \
  X (trainer.learning_rate)                                                                        \
  X (trainer.batch)                                                                                \
  X (trainer.n_steps)                                                                              \
  X (trainer.seed)                                                                                 \
  X (epochs)                                                                                       \
  X (max_ids)                                                                                      \
  X (n_tries)                                                                                      \
  X (keeps_case)

void
gloss_tune_recipe_init (GlossTuneRecipe *recipe, GlossPresetId preset, const GlossTuneTask *task)
{
  g_autoptr (GlossTuningSettings) defaults = gloss_tuning_settings_new ();
  const GlossPreset *p = gloss_preset_get (preset);

  *recipe = (GlossTuneRecipe){
    .preset = preset,
    .train = defaults->train,
    .trainer = defaults->trainer,
    .max_ids = defaults->max_ids,
    .n_tries = DEFAULT_TRIES,
    .keeps_case = !p->lower_case,
  };
  gloss_preset_apply (p, &task->config, task->n_training, &recipe->train, &recipe->trainer);
}

static GlossPresetId
find_preset (const GlossTuningSettings *settings)
{
  const GlossPreset *preset = settings->preset ? gloss_preset_find (settings->preset) : NULL;

  if (!preset)
    preset = gloss_preset_for_set (settings->train.set);
  return (GlossPresetId) (preset - gloss_preset_get (0));
}

void
gloss_tune_recipe_read (GlossTuneRecipe *recipe, const GlossTuningSettings *settings,
                        const GlossTuneTask *task)
{
  *recipe = (GlossTuneRecipe){
    .preset = find_preset (settings),
    .train = settings->train,
    .trainer = settings->trainer,
    .epochs = settings->epochs,
    .max_ids = settings->max_ids,
    .keeps_case = settings->keeps_case,
  };
  recipe->trainer.n_steps = gloss_tuning_settings_count_steps (settings, task->n_training);
  if (recipe->trainer.eval_steps > 0)
    recipe->n_tries =
        MIN (recipe->trainer.n_steps / recipe->trainer.eval_steps, GLOSS_TUNE_MAX_TRIES);
  recipe->train.n_top_layers = MIN (recipe->train.n_top_layers, (guint) task->config.depth);
  recipe->trainer.batch = MIN (recipe->trainer.batch, GLOSS_TUNE_MAX_BATCH);
}

static gboolean
are_same (const GlossTuneRecipe *left, const GlossTuneRecipe *right)
{
#define DIFFERS(place)                                                                             \
  if (left->place != right->place)                                                                 \
    return FALSE;
  FIELDS (DIFFERS)
#undef DIFFERS
  return TRUE;
}

gboolean
gloss_tune_recipe_is_changed (const GlossTuneRecipe *recipe, const GlossTuneTask *task)
{
  GlossTuneRecipe plain;

  gloss_tune_recipe_init (&plain, recipe->preset, task);
  return !are_same (recipe, &plain);
}

void
gloss_tune_recipe_move (GlossTuneRecipe *recipe, const GlossTuneTask *from, const GlossTuneTask *to)
{
  GlossTuneRecipe before, after;

  gloss_tune_recipe_init (&before, recipe->preset, from);
  gloss_tune_recipe_init (&after, recipe->preset, to);
  if (recipe->train.set != before.train.set)
    {
      gloss_tune_recipe_set_train (&before, recipe->train.set, from);
      gloss_tune_recipe_set_train (&after, recipe->train.set, to);
    }
#define MOVE(place)                                                                                \
  if (recipe->place == before.place)                                                               \
    recipe->place = after.place;
  FIELDS (MOVE)
#undef MOVE
  recipe->train.n_top_layers = MIN (recipe->train.n_top_layers, (guint) to->config.depth);
  if (recipe->epochs > 0)
    gloss_tune_recipe_set_epochs (recipe, recipe->epochs, to);
}

void
gloss_tune_recipe_set_train (GlossTuneRecipe *recipe, GlossTrainSet set, const GlossTuneTask *task)
{
  const GlossPreset *own = gloss_preset_get (recipe->preset);
  const GlossPreset *from = own->set == set ? own : gloss_preset_for_set (set);
  GlossTrainOptions train = recipe->train;
  GlossTrainerOptions trainer = recipe->trainer;

  if (recipe->train.set == set)
    return;
  gloss_preset_apply (from, &task->config, task->n_training, &train, &trainer);
  recipe->train = train;
  recipe->trainer.optimizer = trainer.optimizer;
  recipe->trainer.learning_rate = trainer.learning_rate;
}

void
gloss_tune_recipe_set_rank (GlossTuneRecipe *recipe, guint rank)
{
  GlossTrainOptions *train = &recipe->train;

  if (train->rank > 0)
    train->alpha = train->alpha * (float) rank / (float) train->rank;
  train->rank = rank;
}

void
gloss_tune_recipe_set_steps (GlossTuneRecipe *recipe, guint n_steps)
{
  recipe->trainer.n_steps = n_steps;
  recipe->epochs = 0;
}

void
gloss_tune_recipe_set_epochs (GlossTuneRecipe *recipe, double epochs, const GlossTuneTask *task)
{
  recipe->epochs = epochs;
  recipe->trainer.n_steps = (guint) CLAMP (rint (epochs * task->n_training / recipe->trainer.batch),
                                           1, GLOSS_TUNING_MAX_STEPS);
}

void
gloss_tune_recipe_set_batch (GlossTuneRecipe *recipe, guint batch, const GlossTuneTask *task)
{
  recipe->trainer.batch = batch;
  if (recipe->epochs > 0)
    gloss_tune_recipe_set_epochs (recipe, recipe->epochs, task);
}

double
gloss_tune_recipe_get_epochs (const GlossTuneRecipe *recipe, const GlossTuneTask *task)
{
  if (recipe->epochs > 0)
    return recipe->epochs;
  return (double) recipe->trainer.n_steps * recipe->trainer.batch / task->n_training;
}

void
gloss_tune_recipe_apply (const GlossTuneRecipe *recipe, GlossTuningSettings *settings)
{
  guint n_steps = recipe->trainer.n_steps;
  guint quarter = MAX (1, n_steps / DEFAULT_TRIES);

  g_free (settings->preset);
  settings->preset = g_strdup (gloss_preset_get (recipe->preset)->id);
  settings->train = recipe->train;
  settings->train.seed = recipe->trainer.seed;
  settings->trainer = recipe->trainer;
  settings->trainer.eval_steps = recipe->n_tries > 0 ? MAX (1, n_steps / recipe->n_tries) : 0;
  settings->trainer.snapshot_steps =
      MIN (quarter, settings->trainer.eval_steps > 0 ? settings->trainer.eval_steps : quarter);
  settings->trainer.max_tokens = MIN (recipe->max_ids, settings->trainer.max_tokens);
  settings->trainer.keeps_best = TRUE;
  settings->trainer.keeps_snapshot = TRUE;
  settings->epochs = recipe->epochs;
  settings->max_ids = recipe->max_ids;
  settings->keeps_case = recipe->keeps_case;
}
