/* Recipes to choose from. */
#include "train/preset.h"

#include "base/i18n.h"

#include <math.h>
#include <string.h>

/* The narrowest published model. */
#define USUAL_WIDTH 2048
/* Fewer learn next to nothing. */
#define MIN_TOP_LAYERS 2
#define MAX_STEPS 10000000

static const GlossPreset presets[GLOSS_N_PRESETS] = {
#define GLOSS_PRESET(enumerator, id, title, sentence, ...) { id, title, sentence, __VA_ARGS__ },
#include "train/presets.inc"
#undef GLOSS_PRESET
};

const GlossPreset *
gloss_preset_get (GlossPresetId id)
{
  return &presets[id];
}

const GlossPreset *
gloss_preset_find (const char *id)
{
  for (guint i = 0; i < GLOSS_N_PRESETS; i++)
    {
      if (strcmp (presets[i].id, id) == 0)
        return &presets[i];
    }
  return NULL;
}

const GlossPreset *
gloss_preset_for_set (GlossTrainSet set)
{
  static const GlossPresetId ids[] = {
    [GLOSS_TRAIN_ATTENTION] = GLOSS_PRESET_NOTEBOOK,
    [GLOSS_TRAIN_LORA] = GLOSS_PRESET_BALANCED,
    [GLOSS_TRAIN_ALL] = GLOSS_PRESET_FULL,
  };

  return &presets[ids[set]];
}

/* The best rate of Adam falls with the width (Yang et al., arXiv 2203.03466); that of SGD does not,
 * nor is it known to be one over all published sizes. */
double
gloss_preset_scale_rate (double rate, const GlossModelConfig *config)
{
  return config->width < USUAL_WIDTH ? rate * USUAL_WIDTH / (double) config->width : rate;
}

double
gloss_preset_get_learning_rate (const GlossPreset *preset, const GlossModelConfig *config)
{
  return preset->is_rate_by_width ? gloss_preset_scale_rate (preset->learning_rate, config)
                                  : preset->learning_rate;
}

guint
gloss_preset_get_n_top_layers (const GlossPreset *preset, const GlossModelConfig *config)
{
  if (preset->top_share == 0)
    return 0;
  return (guint) MIN (MAX (config->depth / preset->top_share, MIN_TOP_LAYERS), config->depth);
}

guint
gloss_preset_count_steps (const GlossPreset *preset, guint n_examples)
{
  double n = rint (preset->epochs * n_examples / preset->batch);

  return (guint) CLAMP (n, preset->min_steps, MAX_STEPS);
}

void
gloss_preset_apply (const GlossPreset *preset, const GlossModelConfig *config, guint n_examples,
                    GlossTrainOptions *train, GlossTrainerOptions *trainer)
{
  train->set = preset->set;
  train->n_top_layers = gloss_preset_get_n_top_layers (preset, config);
  train->rank = preset->rank;
  train->alpha = preset->alpha;
  train->projections = 0;
  train->freeze_stem = FALSE;
  gloss_optimizer_options_init (&trainer->optimizer, preset->optimizer.kind);
  trainer->optimizer.clip_norm = preset->optimizer.clip_norm;
  trainer->optimizer.weight_decay = preset->optimizer.weight_decay;
  trainer->learning_rate = gloss_preset_get_learning_rate (preset, config);
  trainer->schedule = GLOSS_SCHEDULE_COSINE;
  trainer->warmup_frac = preset->warmup_frac;
  trainer->batch = preset->batch;
  trainer->n_steps = gloss_preset_count_steps (preset, n_examples);
  trainer->label_smoothing = 0;
  trainer->dropout = 0;
}
