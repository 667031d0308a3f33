/* y = x·W + b with W as it lies in the file. */
#pragma once

#include "base/pool.h"
#include "tensor/matrix.h"

G_BEGIN_DECLS

/*
 * out[n_rows × n_out] = x[n_rows × n_in]·W + bias. @bias has n_out values, or is NULL. @out must
 * not overlap @x. One row goes straight from the mapped weights; more are multiplied by OpenBLAS,
 * tile by tile, each tile of weights first becoming floats in the worker's scratch. A row's result
 * depends on n_rows being 1 or more by rounding only. From the thread that runs the job.
 */
void gloss_linear (GlossPool *pool, float *out, const float *x, const GlossMatrix *w,
                   const float *bias, gsize n_rows);

/* Scratch that a tile takes from the pool, in bytes. Any thread. */
gsize gloss_linear_get_scratch_bytes (void);

/* Name of the instruction set that the inner loops use ("avx512"); static. Any thread. */
const char *gloss_linear_get_isa (void);

G_END_DECLS
