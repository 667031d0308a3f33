/* The gradients of norm.h. Each adds to its outputs, which overlap nothing. */
#pragma once

#include "base/pool.h"

G_BEGIN_DECLS

/*
 * Of y[n_rows × width] = x·r·(1 + scale): @d_x (NULL: not wanted) and @d_scale[width] (NULL: not
 * wanted). @stats is scratch for n_rows floats. From the thread that runs the job.
 */
void gloss_rms_norm_backward (GlossPool *pool, float *d_x, float *d_scale, const float *x,
                              const float *scale, const float *d_y, float *stats, gsize n_rows,
                              gsize width, float eps);

/*
 * Of y[n_rows × width] = x̂·scale + bias: @d_x (NULL: not wanted), @d_scale[width] and
 * @d_bias[width] (each NULL: not wanted). @stats is scratch for 2·n_rows floats. From the thread
 * that runs the job.
 */
void gloss_layer_norm_backward (GlossPool *pool, float *d_x, float *d_scale, float *d_bias,
                                const float *x, const float *scale, const float *d_y, float *stats,
                                gsize n_rows, gsize width, float eps);

/* d_bias[width] += the sum of the rows of d_y[n_rows × width]. From the thread that runs the job.
 */
void gloss_bias_backward (GlossPool *pool, float *d_bias, const float *d_y, gsize n_rows,
                          gsize width);

G_END_DECLS
