/* A low-rank addition to a matrix that stays as it is: y += scale·(x·Aᵀ)·Bᵀ. */
#pragma once

#include "base/pool.h"

G_BEGIN_DECLS

#define GLOSS_LORA_MAX_RANK 1024

/* A view; it owns nothing. */
typedef struct
{
  const float *a; /* [rank × n_in] */
  const float *b; /* [n_out × rank] */
  gsize rank;     /* 1 … GLOSS_LORA_MAX_RANK */
  gsize n_in;
  gsize n_out;
  float scale;
} GlossLora;

/* Scratch that a tile takes from the pool, in bytes. Any thread. */
gsize gloss_lora_get_scratch_bytes (gsize rank);

/* y[n_rows × n_out] += scale·(x[n_rows × n_in]·Aᵀ)·Bᵀ; no overlap. From the thread that runs the
 * job. */
void gloss_lora_add (GlossPool *pool, float *y, const float *x, const GlossLora *lora,
                     gsize n_rows);

/*
 * Its gradients, each added to, NULL when it is not wanted: @d_x, @d_a and @d_b of the shapes
 * above.
 * @scratch is for 2·n_rows·rank floats. From the thread that runs the job.
 */
void gloss_lora_backward (GlossPool *pool, float *d_x, float *d_a, float *d_b, const float *x,
                          const float *d_y, const GlossLora *lora, float *scratch, gsize n_rows);

G_END_DECLS
