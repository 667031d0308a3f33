/* A run of fine-tuning: steps, validation, snapshots, the result. */
#pragma once

#include "train/example-cache.h"
#include "train/optimizer.h"
#include "train/schedule.h"
#include "train/trainable.h"

G_BEGIN_DECLS

/* The loss of captions is measured on all held-out examples, and so many are said. */
#define GLOSS_TRAINER_DEFAULT_N_CAPTIONS 4
#define GLOSS_TRAINER_MAX_MICRO_BATCH 64

typedef struct
{
  guint n_steps;
  guint batch;
  guint micro_batch; /* examples at once; 0: as many as keep the processor busy, by the shapes */
  double learning_rate;
  GlossScheduleKind schedule;
  double warmup_frac;
  GlossOptimizerOptions optimizer;
  float label_smoothing;
  float dropout;
  guint64 seed;         /* of the order of examples and of dropout */
  guint eval_steps;     /* validation each so many steps; 0: at the beginning and the end only */
  guint snapshot_steps; /* a snapshot each so many; 0: only when stopped */
  guint n_captions;
  guint max_tokens;                 /* of a caption that is said */
  gsize max_ids;                    /* the longest example has no more */
  GlossExampleCacheRoom cache_room; /* of examples from step to step; 0: nothing is kept */
  gsize max_kept_bytes;    /* of activations from forward to backward; 0: nothing is kept */
  gboolean reads_when_due; /* no picture is read ahead; the bits are the same */
  gboolean keeps_best;     /* the result is the best by the held-out examples, not the last */
  gboolean keeps_snapshot; /* one is there at the end too, so that the run can be made longer */
} GlossTrainerOptions;

typedef struct
{
  guint step;
  guint n_steps;
  double loss;
  double smoothed_loss; /* a running mean over some ten steps */
  double learning_rate;
  double gradient_norm;
  double examples_per_second;
  double tokens_per_second; /* image tokens and text */
  double seconds_left;
} GlossTrainStep;

/* One held-out picture; borrowed. */
typedef struct
{
  const GlossTrainExample *example;
  const char *text; /* what the model says */
} GlossTrainCaption;

typedef struct
{
  guint step; /* after so many */
  double loss;
  gboolean is_best; /* so far */
  const GlossTrainCaption *captions;
  guint n_captions;
} GlossTrainEvaluation;

/* What hears of a run, from the thread that runs it; each may be NULL. */
typedef struct
{
  void (*step) (const GlossTrainStep *step, gpointer user_data);
  void (*evaluation) (const GlossTrainEvaluation *evaluation, gpointer user_data);
  /* Between held-out examples, and several times within a step, before each block of the language
   * model, of PaliGemma 3B more than once a second: pool and model are free, and whatever else
   * wants them may use them first. It may take its time, also until a person goes on after a pause;
   * its time does not count in what is reported. A run that was stopped meanwhile ends when it
   * returns. */
  void (*slice) (gpointer user_data);
  gpointer user_data;
} GlossTrainObserver;

/* What a run works with; all borrowed, and to outlive the trainer. */
typedef struct
{
  GlossTrainable *trainable;
  GlossTokenizer *tokenizer;
  GlossPool *pool;
  const GArray *training;   /* of GlossTrainExample, at least one */
  const GArray *validation; /* may be empty */
  const char *folder;       /* where the result goes; it is there */
  const char *base_path;    /* where the base model is */
  json_t *about;            /* an object that the result tells too, NULL: none */
} GlossTrainerParts;

/* How many examples are worked on at once. Any thread. */
guint gloss_trainer_choose_micro_batch (const GlossTrainerOptions *options,
                                        const GlossModelConfig *config);

typedef struct _GlossTrainer GlossTrainer;

/* NULL with GLOSS_ERROR_TOO_LARGE, or GLOSS_ERROR_MISMATCH when the tokenizer is not the model's.
 * One thread at a time. */
GlossTrainer *gloss_trainer_new (const GlossTrainerParts *parts, const GlossTrainerOptions *options,
                                 const GlossTrainObserver *observer, GError **error);
void gloss_trainer_free (GlossTrainer *trainer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossTrainer, gloss_trainer_free)

/* What whoever watches a run may wish for. */
typedef enum
{
  GLOSS_TRAINER_WISH_SAMPLE = 1 << 0, /* that the held-out examples are tried after this step */
  GLOSS_TRAINER_WISH_FINISH = 1 << 1, /* that it ends after this step, as if it were the last, with
                                         a snapshot */
} GlossTrainerWish;

/* Any thread. */
void gloss_trainer_ask (GlossTrainer *trainer, GlossTrainerWish wish);

/*
 * Takes up the run of which the folder has a snapshot: it goes on as if it had never ended; where
 * options.n_steps are more than that run had, and those were done, it is made longer. Fails as
 * gloss_snapshot_read () does, or with GLOSS_ERROR_MISMATCH when that run has other options or
 * examples.
 */
gboolean gloss_trainer_resume (GlossTrainer *trainer, GError **error);

/* Steps that are done. */
guint gloss_trainer_get_step (GlossTrainer *trainer);

/* Writes one now. From the thread that runs it, also in the middle of a step. */
gboolean gloss_trainer_write_snapshot (GlossTrainer *trainer, GError **error);

/* The step after which the values in the folder are; 0: it has none yet. */
guint gloss_trainer_get_result_step (GlossTrainer *trainer);

/* The last step after which the held-out examples were tried, −1: none. */
gint gloss_trainer_get_evaluated_step (GlossTrainer *trainer);

/*
 * Runs to the end and writes the result. While it runs the folder has the best so far, by
 * the loss on the held-out examples. Fails with G_IO_ERROR_CANCELLED, after a snapshot of the last
 * whole step; with GLOSS_ERROR_DIVERGED when the loss is not a number any more, the best stays
 * then; or as pictures and files do, after a snapshot too where one can be written. Blocks.
 */
gboolean gloss_trainer_run (GlossTrainer *trainer, GCancellable *cancellable, GError **error);

G_END_DECLS
