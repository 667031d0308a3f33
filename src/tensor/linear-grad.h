/* The gradients of linear.h, and of rows taken from a table. Each adds to its output. */
#pragma once

#include "base/pool.h"
#include "tensor/matrix.h"

G_BEGIN_DECLS

/*
 * d_x[n_rows × n_in] += d_y[n_rows × n_out]·Wᵀ, with W as it lies in the file: each tile of it
 * becomes floats in the worker's scratch, of which it takes gloss_linear_get_scratch_bytes (). No
 * overlap. From the thread that runs the job.
 */
void gloss_linear_backward_x (GlossPool *pool, float *d_x, const float *d_y, const GlossMatrix *w,
                              gsize n_rows);

/* d_w[n_out × n_in] += d_yᵀ·x, out-major and dense. No overlap. From the thread that runs the job.
 */
void gloss_linear_backward_w (GlossPool *pool, float *d_w, const float *x, const float *d_y,
                              gsize n_rows, gsize n_in, gsize n_out);

/* d_table[ids[i]] += scale·d_y[i], row by row, n rows of @width; in order, so that the same id may
 * come twice. Any thread. */
void gloss_embedding_backward (float *d_table, const float *d_y, const gint32 *ids, gsize n,
                               gsize width, float scale);

G_END_DECLS
