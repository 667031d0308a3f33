/* How a run of fine-tuning is done, as a person chooses it: a preset, and what of it is changed. */
#pragma once

#include "library/tuning-settings.h"
#include "train/preset.h"

G_BEGIN_DECLS

/* Plain values; all functions: any thread. */
typedef struct
{
  GlossPresetId preset;
  GlossTrainOptions train;
  GlossTrainerOptions trainer; /* n_steps always says how many */
  double epochs;               /* 0: the steps were chosen */
  guint max_ids;
  guint n_tries; /* how often held-out pictures are tried on the way */
  gboolean keeps_case;
} GlossTuneRecipe;

/* What a recipe is for. */
typedef struct
{
  GlossModelConfig config;
  guint n_training; /* examples, at least 1 */
} GlossTuneTask;

#define GLOSS_TUNE_MAX_BATCH 256
#define GLOSS_TUNE_MAX_STEPS 1000000
#define GLOSS_TUNE_MAX_EPOCHS 10000
#define GLOSS_TUNE_MAX_TRIES 100
#define GLOSS_TUNE_MIN_IDS 8
#define GLOSS_TUNE_MAX_IDS 4096

/* The preset as it is. */
void gloss_tune_recipe_init (GlossTuneRecipe *recipe, GlossPresetId preset,
                             const GlossTuneTask *task);

/* That of earlier settings. */
void gloss_tune_recipe_read (GlossTuneRecipe *recipe, const GlossTuningSettings *settings,
                             const GlossTuneTask *task);

/* Whether anything that a person can change differs from the preset. */
gboolean gloss_tune_recipe_is_changed (const GlossTuneRecipe *recipe, const GlossTuneTask *task);

/* The same for another task: what was changed stays, the rest is the preset's for it. */
void gloss_tune_recipe_move (GlossTuneRecipe *recipe, const GlossTuneTask *from,
                             const GlossTuneTask *to);

/* Trains something else, with what goes with that: optimizer, rate, layers and rank. */
void gloss_tune_recipe_set_train (GlossTuneRecipe *recipe, GlossTrainSet set,
                                  const GlossTuneTask *task);

/* An adapter's; how strong its additions are stays the same. */
void gloss_tune_recipe_set_rank (GlossTuneRecipe *recipe, guint rank);

/* Steps and epochs say the same in two ways; the last that was set holds when the batch changes. */
void gloss_tune_recipe_set_steps (GlossTuneRecipe *recipe, guint n_steps);
void gloss_tune_recipe_set_epochs (GlossTuneRecipe *recipe, double epochs,
                                   const GlossTuneTask *task);
void gloss_tune_recipe_set_batch (GlossTuneRecipe *recipe, guint batch, const GlossTuneTask *task);
double gloss_tune_recipe_get_epochs (const GlossTuneRecipe *recipe, const GlossTuneTask *task);

/* Puts it into @settings, whose paths and share stay. */
void gloss_tune_recipe_apply (const GlossTuneRecipe *recipe, GlossTuningSettings *settings);

G_END_DECLS
