/* The options of gloss-cli finetune. */
#pragma once

#include "train/preset.h"

G_BEGIN_DECLS

typedef struct
{
  char **data; /* owned: one path; NULL with is_edited */

  /* owned, NULL where not given */
  char *model;
  char *tokenizer;
  char *folder;
  char *validation;
  char *prompt;
  char *preset_name;
  char *train_name;
  char *optimizer_name;
  char *schedule_name;
  char *projections_name;

  /* −1, of steps, epochs, rate and alpha 0: as the preset has it */
  int n_steps;
  double epochs;
  int batch;
  int micro_batch;
  double learning_rate;
  double weight_decay;
  double clip_norm;
  double warmup;
  double label_smoothing;
  double dropout;
  int rank;
  double alpha;
  int n_top_layers;
  gint64 seed;
  int max_ids;
  int eval_steps;
  int snapshot_steps;
  int n_captions;
  double validation_share;
  int cache_megabytes;
  int n_threads;
  gboolean is_edited; /* learns from the captions that the person edited */
  gboolean freeze_stem;
  gboolean lower_case;
  gboolean keeps_case;
  gboolean resumes;
  gboolean prints_json;
  gboolean quiet;

  /* made of these */
  const GlossPreset *preset;
  GlossOptimizerKind optimizer;
  guint32 projections;
  GlossTrainOptions train; /* whole after gloss_finetune_options_fit () */
  GlossTrainerOptions trainer;
} GlossFinetuneOptions;

/* FALSE after a sentence about what is wrong. */
gboolean gloss_finetune_options_parse (GlossFinetuneOptions *options, int argc, char **argv);
void gloss_finetune_options_clear (GlossFinetuneOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlossFinetuneOptions, gloss_finetune_options_clear)

/* Fills in what depends on the model and on how many examples there are to learn from. */
void gloss_finetune_options_fit (GlossFinetuneOptions *options, const GlossModelConfig *config,
                                 guint n_examples);

G_END_DECLS
