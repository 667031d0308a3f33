/* The language tower in training: a block forward, and backward with its activations computed
 * again. */
#pragma once

#include "base/arena.h"
#include "train/layer-grad.h"
#include "train/packed.h"

G_BEGIN_DECLS

typedef struct _GlossGemmaGrad GlossGemmaGrad;

/*
 * Memory for blocks of up to @max_rows rows of examples of up to @max_length each. The activations
 * of as many of the last @n_layers blocks as find room in @max_kept_bytes are kept from the forward
 * for the backward, and computed again for the others, with the same bits. @trainable and @pool are
 * borrowed. NULL with GLOSS_ERROR_TOO_LARGE. One thread at a time; the functions below from the
 * thread that runs the job, and without result when it is cancelled.
 */
GlossGemmaGrad *gloss_gemma_grad_new (GlossTrainable *trainable, GlossPool *pool, gsize max_rows,
                                      gsize max_length, gsize n_layers, gsize max_kept_bytes,
                                      GError **error);
void gloss_gemma_grad_free (GlossGemmaGrad *grad);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossGemmaGrad, gloss_gemma_grad_free)

/* The probability with which dropout takes away outputs of attention and MLP; 0 at first. */
void gloss_gemma_grad_set_dropout (GlossGemmaGrad *grad, float rate);

/*
 * Block @layer: out[n × width] of x[packed->n_rows × width], which may be @out. In the last block
 * only the active rows are computed and come out, one after the other: n is packed->n_active there
 * and packed->n_rows elsewhere.
 */
void gloss_gemma_grad_forward (GlossGemmaGrad *grad, float *out, const float *x, gsize layer,
                               const GlossPacked *packed);

/*
 * After the forward of the same rows through this block and those behind it, from the gradient
 * @d_out of what came out: the gradients of what is trained in the block are
 * added to, and d_x[packed->n_rows × width] becomes the gradient of @x (NULL: not wanted). It may
 * be @d_out where that has as many rows.
 */
void gloss_gemma_grad_backward (GlossGemmaGrad *grad, float *d_x, const float *d_out,
                                const float *x, gsize layer, const GlossPacked *packed);

G_END_DECLS
