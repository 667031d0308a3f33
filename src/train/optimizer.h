/* From gradients to new values: SGD, Adam and AdamW. */
#pragma once

#include "train/trainable.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_OPTIMIZER_SGD,
  GLOSS_OPTIMIZER_ADAM,  /* weight decay as in big_vision: of the vision tower's and the head's
                            kernels, and not times the learning rate */
  GLOSS_OPTIMIZER_ADAMW, /* as in PyTorch: of all, times the learning rate */
} GlossOptimizerKind;

typedef struct
{
  GlossOptimizerKind kind;
  float weight_decay;
  float clip_norm; /* gradients are made shorter where their norm over all is larger; 0: never */
  float beta1, beta2, epsilon; /* of Adam */
} GlossOptimizerOptions;

/* β 0.9 and 0.999, ε 1e-8, nothing clipped, no decay. */
void gloss_optimizer_options_init (GlossOptimizerOptions *options, GlossOptimizerKind kind);

typedef struct _GlossOptimizer GlossOptimizer;

/* @trainable is borrowed. NULL with GLOSS_ERROR_TOO_LARGE. One thread at a time. */
GlossOptimizer *gloss_optimizer_new (GlossTrainable *trainable,
                                     const GlossOptimizerOptions *options, GError **error);
void gloss_optimizer_free (GlossOptimizer *optimizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossOptimizer, gloss_optimizer_free)

/* The root of the sum of squares of all gradients; in a fixed order, whatever the threads. */
double gloss_optimizer_measure_norm (GlossOptimizer *optimizer, GlossPool *pool);

/*
 * One update with the gradients as they are, whose norm is @norm: the learning rate is
 * @learning_rate times @schedule. Not to be cancelled half way: outside of a job. From the thread
 * that uses the pool.
 */
void gloss_optimizer_step (GlossOptimizer *optimizer, GlossPool *pool, double norm,
                           double learning_rate, double schedule);

/* Adam's moments of parameter @index, one value for each of its own, NULL for SGD; and how many
 * updates they have seen. For snapshots. */
float *gloss_optimizer_get_moment (GlossOptimizer *optimizer, guint index, gboolean is_second);
guint gloss_optimizer_get_n_updates (GlossOptimizer *optimizer);
void gloss_optimizer_set_n_updates (GlossOptimizer *optimizer, guint n_updates);

G_END_DECLS
