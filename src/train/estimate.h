/* What a run of fine-tuning will take, told before it begins. */
#pragma once

#include "train/trainer.h"

G_BEGIN_DECLS

/* How fast this machine is with a model, measured once. */
typedef struct
{
  double encoder_seconds; /* a picture through the vision tower */
  double language_flops;  /* per second, forward and backward */
  double adapter_flops;   /* the same of low-rank additions, which are thin */
  double update_bytes;    /* per second: memory that is read and written */
} GlossTrainRates;

/* A run that may be; all borrowed. */
typedef struct
{
  const GlossModelConfig *config;
  guint64 model_bytes;                /* of its files, which are mapped */
  const GlossTrainOptions *train;     /* with rank and alpha of an adapter */
  const GlossTrainerOptions *trainer; /* with max_ids and eval_steps */
  guint n_training;
  guint n_validation;
  double mean_ids; /* of an example's text */
} GlossTrainPlan;

typedef struct
{
  guint64 memory_bytes; /* at its peak: model, what is trained, and all that is computed */
  guint64 trained_values;
  double step_seconds; /* when nothing has to be computed for the first time */
  double seconds;      /* of the whole run */
} GlossTrainEstimate;

/*
 * Measures with one micro-batch of made-up text and a grey picture, forward and backward. Takes as
 * long as a small step. Fails with GLOSS_ERROR_TOO_LARGE, or when @cancellable is. The pool must be
 * idle. Blocks.
 */
gboolean gloss_train_rates_measure (GlossTrainRates *rates, GlossModel *model, GlossPool *pool,
                                    gsize n_vocab, gsize n_ids, GCancellable *cancellable,
                                    GError **error);

/* What else the rates of a model depend on, in one word: host, instruction set and threads. Newly
 * allocated. Any thread. */
char *gloss_train_rates_name_machine (GlossPool *pool);

/* From figures alone, at once. @rates may be NULL: no times then. Any thread. */
void gloss_train_estimate (GlossTrainEstimate *estimate, const GlossTrainPlan *plan,
                           const GlossTrainRates *rates);

/*
 * Whether the run fits into @available_bytes of memory. FALSE with GLOSS_ERROR_TOO_LARGE, both
 * figures, and the largest of the presets that would fit, with its own. Any thread.
 */
gboolean gloss_train_estimate_check (const GlossTrainPlan *plan, guint64 available_bytes,
                                     GError **error);

G_END_DECLS
