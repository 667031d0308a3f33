/* Element by element: GELU, sums and the soft-cap. */
#pragma once

#include "base/pool.h"

G_BEGIN_DECLS

/* x[n] = gelu(x), tanh form, in place. From the thread that runs the job. */
void gloss_gelu (GlossPool *pool, float *x, gsize n);

/* gate[n] = gelu(gate)·up[n], in place. From the thread that runs the job. */
void gloss_gelu_multiply (GlossPool *pool, float *gate, const float *up, gsize n);

/* x[n] = cap·tanh(x/cap), in place, cap > 0. From the thread that runs the job. */
void gloss_softcap (GlossPool *pool, float *x, gsize n, float cap);

/* x[n] = x + y[n]. From the thread that runs the job. */
void gloss_add (GlossPool *pool, float *x, const float *y, gsize n);

G_END_DECLS
