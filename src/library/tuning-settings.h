/* What a run of fine-tuning is to do, as a person chose it and as it is kept with the run. */
#pragma once

#include "base/json.h"
#include "train/trainer.h"

G_BEGIN_DECLS

typedef struct
{
  /* owned */
  char *base_path;  /* the model that is taught */
  char *base_name;  /* for people */
  char *tokenizer;  /* its path */
  char *data_path;  /* in any layout of dataset/pairs.h; NULL: the captions that were edited */
  char *validation; /* likewise, all of it held out; NULL: a share of the data is */
  char *preset;     /* its name; NULL: none */
  char *prompt;     /* for pairs that name none; NULL: GLOSS_CAPTION_DEFAULT_PROMPT */

  double validation_share;
  double epochs; /* 0: trainer.n_steps says it */
  guint max_ids; /* of an example; longer ones are cut */
  gboolean keeps_case;
  GlossTrainOptions train;
  GlossTrainerOptions trainer; /* n_steps 0 and epochs 0: GLOSS_TUNING_DEFAULT_STEPS; max_ids
                                  follows from the data */
} GlossTuningSettings;

#define GLOSS_TUNING_DEFAULT_STEPS 64
#define GLOSS_TUNING_MAX_STEPS 10000000

/* Defaults that make sense without a preset: the notebook's. Paths are NULL. */
GlossTuningSettings *gloss_tuning_settings_new (void);
GlossTuningSettings *gloss_tuning_settings_copy (const GlossTuningSettings *settings);
void gloss_tuning_settings_free (GlossTuningSettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossTuningSettings, gloss_tuning_settings_free)

/* How many steps that is for @n_examples; at least 1. */
guint gloss_tuning_settings_count_steps (const GlossTuningSettings *settings, guint n_examples);

/* To JSON, a new object, and back. The second never fails: what is not there or out of range is as
 * in gloss_tuning_settings_new (). Any thread. */
json_t *gloss_tuning_settings_to_json (const GlossTuningSettings *settings);
GlossTuningSettings *gloss_tuning_settings_from_json (json_t *object);

G_END_DECLS
