/* The options of gloss-cli finetune. */
#pragma once

#include "train/trainer.h"

G_BEGIN_DECLS

typedef struct
{
  char **data; /* owned: one path */

  /* owned, NULL where not given */
  char *model;
  char *tokenizer;
  char *folder;
  char *validation;
  char *prompt;
  char *train_name;
  char *optimizer_name;
  char *schedule_name;
  char *projections_name;

  int n_steps; /* 0: by epochs */
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
  int cache_file_megabytes;
  int n_threads;
  gboolean freeze_stem;
  gboolean keeps_case;
  gboolean resumes;
  gboolean prints_json;
  gboolean quiet;

  /* made of these */
  GlossTrainOptions train;
  GlossTrainerOptions trainer; /* without n_steps, which depends on the data */
} GlossFinetuneOptions;

/* FALSE after a sentence about what is wrong. */
gboolean gloss_finetune_options_parse (GlossFinetuneOptions *options, int argc, char **argv);
void gloss_finetune_options_clear (GlossFinetuneOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlossFinetuneOptions, gloss_finetune_options_clear)

/* How many steps that is for @n_examples. */
guint gloss_finetune_options_count_steps (const GlossFinetuneOptions *options, guint n_examples);

G_END_DECLS
