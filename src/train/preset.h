/* Recipes to choose from, each with all it takes. */
#pragma once

#include "train/trainer.h"

G_BEGIN_DECLS

typedef enum
{
#define GLOSS_PRESET(enumerator, ...) GLOSS_PRESET_##enumerator,
#include "train/presets.inc"
#undef GLOSS_PRESET
  GLOSS_N_PRESETS
} GlossPresetId;

typedef struct
{
  const char *id;       /* for options and files */
  const char *title;    /* to be translated, with _ (); so is the next */
  const char *sentence; /* what it does and what it is for */

  GlossTrainSet set;
  guint top_share; /* the last 1/top_share of the layers; 0: all */
  guint rank;
  float alpha;
  GlossOptimizerOptions optimizer; /* kind, clip_norm and weight_decay */
  double learning_rate;
  gboolean is_rate_by_width; /* see gloss_preset_get_learning_rate () */
  double warmup_frac;
  guint batch;
  double epochs; /* 0: min_steps, however many pictures there are */
  guint min_steps;
  gboolean lower_case; /* of captions */
} GlossPreset;

/* Static. Any thread. */
const GlossPreset *gloss_preset_get (GlossPresetId id);

/* The preset with that id, NULL if none has. */
const GlossPreset *gloss_preset_find (const char *id);

/* The preset to take the recipe from where only that is known: what trains @set. */
const GlossPreset *gloss_preset_for_set (GlossTrainSet set);

/* @rate as that of @preset is meant, for a model of that configuration: narrower models than the
 * published ones, as the demo, take more, in proportion. */
double gloss_preset_scale_rate (double rate, const GlossModelConfig *config);
double gloss_preset_get_learning_rate (const GlossPreset *preset, const GlossModelConfig *config);

/* How many last layers are trained, 0: all. */
guint gloss_preset_get_n_top_layers (const GlossPreset *preset, const GlossModelConfig *config);

guint gloss_preset_count_steps (const GlossPreset *preset, guint n_examples);

/*
 * Sets what @preset says in @train and @trainer, for @n_examples to learn from; what it says
 * nothing about (seed, evaluations, snapshots, memory) stays. Any thread.
 */
void gloss_preset_apply (const GlossPreset *preset, const GlossModelConfig *config,
                         guint n_examples, GlossTrainOptions *train, GlossTrainerOptions *trainer);

G_END_DECLS
