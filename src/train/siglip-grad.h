/* The vision tower in training: one picture forward, its block inputs kept, and backward. */
#pragma once

#include "base/arena.h"
#include "train/layer-grad.h"

G_BEGIN_DECLS

typedef struct _GlossSiglipGrad GlossSiglipGrad;

/* Memory for one block. @trainable and @pool are borrowed. NULL with GLOSS_ERROR_TOO_LARGE. One
 * thread at a time; the functions below from the thread that runs the job, and without result when
 * it is cancelled. */
GlossSiglipGrad *gloss_siglip_grad_new (GlossTrainable *trainable, GlossPool *pool, GError **error);
void gloss_siglip_grad_free (GlossSiglipGrad *grad);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossSiglipGrad, gloss_siglip_grad_free)

/* Floats that a forward leaves for its backward. */
gsize gloss_siglip_grad_count_kept (const GlossModelConfig *config);

/* out[n_image_tokens × width] = the image tokens of image[side × side × 3], as gloss_siglip_encode
 * () makes them; @kept gets the inputs of the blocks. */
void gloss_siglip_grad_forward (GlossSiglipGrad *grad, float *out, float *kept, const float *image);

/* From the gradient @d_out of the image tokens: adds to the gradients of what is trained. */
void gloss_siglip_grad_backward (GlossSiglipGrad *grad, const float *d_out, const float *kept,
                                 const float *image);

G_END_DECLS
