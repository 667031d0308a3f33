/* The gradient of product.h with packed weights. */
#pragma once

#include "tensor/matrix.h"
#include "tensor/rows.h"

G_BEGIN_DECLS

/*
 * d_x[n_rows × n_in] += d_y[n_rows × n_out]·Wᵀ, W packed and @d_y PACKED_F32. The panels are turned
 * on the way, 32 inputs by 32 outputs in the first-level cache. Each term is added by one rounding,
 * as forward; a row's result does not depend on how many rows there are, nor on threads. No
 * overlap. From the thread that runs the job.
 */
void gloss_product_backward_x (GlossPool *pool, float *d_x, const GlossRows *d_y,
                               const GlossMatrix *w);

/* Scratch that a tile takes from the pool, in bytes. Any thread. */
gsize gloss_product_backward_get_scratch_bytes (void);

G_END_DECLS
