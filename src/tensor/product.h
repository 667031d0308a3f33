/* Products of rows with weights, and what follows them at once while their sums are at hand. */
#pragma once

#include "tensor/matrix.h"
#include "tensor/rows.h"

G_BEGIN_DECLS

/*
 * All of these compute y = x·W + bias, with bias[n_out] or NULL:
 *
 *   x is PLAIN        floats, as gloss_linear () does it, W in any layout
 *   x is PACKED_F32   floats, W packed; each term of a sum is added by one rounding
 *   x is PACKED_BF16  bfloat16 times bfloat16, W in any layout and rounded to it, in floats
 *
 * Packed rows are summed 2048 inputs at a time, in the order that kernels/panel.c states, and the
 * sums added up; a row's result does not depend on how many rows there are, nor on threads. Outputs
 * overlap no inputs. From the thread that runs the job.
 */

/* One of several products of the same rows. */
typedef struct
{
  const GlossMatrix *w;
  const float *bias; /* or NULL */
  float *out;        /* [n_rows × n_out] */
} GlossProduct;

#define GLOSS_MAX_PRODUCTS 3

void gloss_products (GlossPool *pool, const GlossRows *x, const GlossProduct *products, guint n);

/* out[n_rows × n_out] += y; @scratch is as large as @out. */
void gloss_product_add (GlossPool *pool, const GlossRows *x, const GlossMatrix *w,
                        const float *bias, float *out, float *scratch);

/* out = gelu(y), rows of n_out columns. */
void gloss_product_gelu (GlossPool *pool, const GlossRows *x, const GlossMatrix *w,
                         const float *bias, const GlossRows *out);

/* out = gelu(x·gate)·(x·up), rows of n_out columns; @scratch is as large as PLAIN ones. */
void gloss_product_gated (GlossPool *pool, const GlossRows *x, const GlossMatrix *gate,
                          const GlossMatrix *up, const GlossRows *out, float *scratch);

/* The largest of some values, the first of equals, and the logarithm of the sum of all their
 * exponentials, which is no number when one of them is none. */
typedef struct
{
  gsize index;
  float value;
  double log_sum_exp;
} GlossBest;

/* That of y, after each became softcap·tanh(y/softcap) where @softcap is above 0. @x is one PLAIN
 * row and @w packed; @scratch has n_out +
 * GLOSS_BEST_MORE_FLOATS floats, and of y nothing is kept. */
#define GLOSS_BEST_MORE_FLOATS 3
GlossBest gloss_product_find_best (GlossPool *pool, const GlossRows *x, const GlossMatrix *w,
                                   float softcap, float *scratch);

/* Whether this CPU multiplies bfloat16 faster than floats, and packed floats faster than OpenBLAS
 * does plain ones. Any thread. */
gboolean gloss_product_gains_by_bf16 (void);
gboolean gloss_product_gains_by_panels (GlossDtype dtype);

/* Scratch that a tile takes from the pool, in bytes. Any thread. */
gsize gloss_product_get_scratch_bytes (void);

G_END_DECLS
