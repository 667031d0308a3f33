/* RMSNorm and LayerNorm of rows. */
#pragma once

#include "tensor/rows.h"

G_BEGIN_DECLS

/* out[n_rows × width] = x·(mean x² + eps)^-½·(1 + scale[width]), row by row. @out may be @x.
 * From the thread that runs the job. */
void gloss_rms_norm (GlossPool *pool, float *out, const float *x, const float *scale, gsize n_rows,
                     gsize width, float eps);

/* out = (x − mean)·(variance + eps)^-½·scale + bias, row by row. @out may be @x. From the thread
 * that runs the job. */
void gloss_layer_norm (GlossPool *pool, float *out, const float *x, const float *scale,
                       const float *bias, gsize n_rows, gsize width, float eps);

/* The same into rows of any kind, which have n_rows and the width. */
void gloss_rms_norm_rows (GlossPool *pool, const GlossRows *out, const float *x, const float *scale,
                          float eps);
void gloss_layer_norm_rows (GlossPool *pool, const GlossRows *out, const float *x,
                            const float *scale, const float *bias, float eps);

/* Scratch that these take from the pool, in bytes. Any thread. */
gsize gloss_norm_get_scratch_bytes (gsize width);

G_END_DECLS
