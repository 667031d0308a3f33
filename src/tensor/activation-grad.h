/* The gradients of activation.h. Each adds to its outputs, which overlap nothing. */
#pragma once

#include "base/pool.h"

G_BEGIN_DECLS

/* d_x[n] += gelu'(x)·d_y. From the thread that runs the job. */
void gloss_gelu_backward (GlossPool *pool, float *d_x, const float *x, const float *d_y, gsize n);

/* Of y[n] = gelu(gate)·up: both gradients. From the thread that runs the job. */
void gloss_gelu_multiply_backward (GlossPool *pool, float *d_gate, float *d_up, const float *gate,
                                   const float *up, const float *d_y, gsize n);

/* d_x[n] += (1 − (y/cap)²)·d_y, where y[n] is what gloss_softcap () gave. From the thread that runs
 * the job. */
void gloss_softcap_backward (GlossPool *pool, float *d_x, const float *y, const float *d_y, gsize n,
                             float cap);

G_END_DECLS
