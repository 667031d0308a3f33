/* The loss of next tokens: cross-entropy of softmax, with label smoothing. */
#pragma once

#include "base/pool.h"

G_BEGIN_DECLS

/*
 * losses[n_rows] = −Σ target·log softmax (logits[n_rows × n_vocab]), where the target is 1 −
 * smoothing at targets[row] and smoothing/(n_vocab − 1) at every other. Summed in double.
 * @log_sums[n_rows] gets log Σ e^logit of each row, for the backward. A logit that is not finite
 * gives a loss that is not. From the thread that runs the job.
 */
void gloss_cross_entropy (GlossPool *pool, double *losses, double *log_sums, const float *logits,
                          const gint32 *targets, gsize n_rows, gsize n_vocab, float smoothing);

/* The gradient takes the place of the logits, which are large and of no more use: each becomes
 * weights[row]·(softmax − target). From the thread that runs the job. */
void gloss_cross_entropy_backward (GlossPool *pool, float *logits, const double *log_sums,
                                   const gint32 *targets, const float *weights, gsize n_rows,
                                   gsize n_vocab, float smoothing);

G_END_DECLS
