/* RMSNorm and LayerNorm of rows. */
#pragma once

#include "base/pool.h"

G_BEGIN_DECLS

/* out[n_rows × width] = x·(mean x² + eps)^-½·(1 + scale[width]), row by row. @out may be @x.
 * From the thread that runs the job. */
void gloss_rms_norm (GlossPool *pool, float *out, const float *x, const float *scale, gsize n_rows,
                     gsize width, float eps);

/* out = (x − mean)·(variance + eps)^-½·scale + bias, row by row. @out may be @x. From the thread
 * that runs the job. */
void gloss_layer_norm (GlossPool *pool, float *out, const float *x, const float *scale,
                       const float *bias, gsize n_rows, gsize width, float eps);

G_END_DECLS
