/* The gradients of projections and norms, where the model's tensors are trained and where not. */
#pragma once

#include "train/trainable.h"

G_BEGIN_DECLS

/* What both towers' gradients work on; all borrowed. */
typedef struct
{
  GlossTrainable *trainable;
  GlossModel *model; /* with the trained values */
  GlossPool *pool;
  float *scratch; /* for gloss_layer_grad_count_scratch () floats */
} GlossLayerGrad;

gsize gloss_layer_grad_count_scratch (GlossTrainable *trainable, gsize n_rows);

/* Scratch that a tile takes from the pool, in bytes. */
gsize gloss_layer_grad_get_tile_bytes (void);

/*
 * out[n_rows × n_out] = x·W + bias, and d_x[n_rows × n_in] += d_y·Wᵀ: panel by panel where W is
 * packed and that is faster, else by OpenBLAS. @rows is for as many packed rows of x, or of d_y.
 */
void gloss_layer_grad_multiply (GlossPool *pool, float *out, const float *x, const GlossMatrix *w,
                                const float *bias, gsize n_rows, float *rows);
void gloss_layer_grad_multiply_backward (GlossPool *pool, float *d_x, const float *d_y,
                                         const GlossMatrix *w, gsize n_rows, float *rows);

/* Where the gradient of a whole tensor is summed, or NULL when it is frozen. */
float *gloss_layer_grad_find (const GlossLayerGrad *grad, GlossTensorRole role, gsize layer);

/* out[n_rows × n_out] = x·W, with a low-rank addition if there is one. */
void gloss_layer_grad_forward (const GlossLayerGrad *grad, float *out, const float *x,
                               GlossTensorRole role, gsize layer, const float *bias, gsize n_rows);

/* From the gradient @d_y of that: adds to @d_x (NULL: not wanted) and to the gradients of what is
 * trained. */
void gloss_layer_grad_backward (const GlossLayerGrad *grad, float *d_x, const float *x,
                                const float *d_y, GlossTensorRole role, gsize layer, gsize n_rows);

/* Of a bias of @width. */
void gloss_layer_grad_backward_bias (const GlossLayerGrad *grad, const float *d_y,
                                     GlossTensorRole role, gsize layer, gsize n_rows, gsize width);

G_END_DECLS
