/* y = x·W + b with W as it lies in the file. */
#include "tensor/linear.h"

#include "tensor/gemm.h"
#include "tensor/panel.h"

#include <string.h>

/* A tile of weights is at most 256 × 256 floats, 256 KiB: with OpenBLAS's own copy of it and the
 * rows it stays in a second-level cache of 1 MiB. Narrower for small matrices, so that there are
 * some eight tiles to share out. */
#define TILE_IN 256
#define TILE_OUT 256
#define MIN_TILE_OUT 32
#define WANTED_TILES 8

/* Outputs of one tile of a single row. Wide for in-major weights, whose rows are then read in
 * runs of 512; narrow for out-major ones, where a tile is whole rows anyway. */
#define ROW_TILE_IN_MAJOR GLOSS_GEMV_MAX_COLS
#define ROW_TILE_OUT_MAJOR 32

gsize
gloss_linear_get_scratch_bytes (void)
{
  return TILE_IN * TILE_OUT * sizeof (float);
}

typedef struct
{
  GlossPool *pool;
  float *out;
  const float *x;
  const GlossMatrix *w;
  const float *bias;
  gsize n_rows;
  gsize tile_out;
  gsize tiles_per_block;
} Linear;

/* The outputs of @tile, which stay inside one block. */
static void
get_outputs (const Linear *linear, gsize tile, gsize *first, gsize *n)
{
  const GlossMatrix *w = linear->w;
  gsize inside = tile % linear->tiles_per_block * linear->tile_out;

  *first = tile / linear->tiles_per_block * w->block_out + inside;
  *n = MIN (linear->tile_out, w->block_out - inside);
}

static void
run_row_tile (gsize tile, guint worker, gpointer user_data)
{
  const Linear *linear = user_data;
  const GlossMatrix *w = linear->w;
  const GlossKernels *kernels = gloss_kernels_get ();
  gsize size_bytes = gloss_dtype_get_size_bytes (w->dtype);
  gsize first, n;

  get_outputs (linear, tile, &first, &n);

  if (w->is_packed)
    {
      float sums[GLOSS_PANEL_OUT];

      gloss_panel_multiply_row (sums, w, first / GLOSS_PANEL_OUT, linear->x);
      for (gsize j = 0; j < n; j++)
        linear->out[first + j] = linear->bias ? sums[j] + linear->bias[first + j] : sums[j];
      return;
    }

  float *out = linear->out + first;
  const guint8 *start = gloss_matrix_get_element (w, 0, first);

  if (gloss_matrix_is_out_major (w))
    {
      gsize stride = w->out_stride * size_bytes;

      if (w->dtype == GLOSS_DTYPE_F32)
        kernels->gemv_rows_f32 (out, start, stride, linear->x, n, w->n_in);
      else if (w->dtype == GLOSS_DTYPE_F16)
        kernels->gemv_rows_f16 (out, start, stride, linear->x, n, w->n_in);
      else
        kernels->gemv_rows_bf16 (out, start, stride, linear->x, n, w->n_in);
    }
  else
    {
      gsize stride = w->in_stride * size_bytes;

      if (w->dtype == GLOSS_DTYPE_F32)
        kernels->gemv_cols_f32 (out, start, stride, linear->x, w->n_in, n);
      else if (w->dtype == GLOSS_DTYPE_F16)
        kernels->gemv_cols_f16 (out, start, stride, linear->x, w->n_in, n);
      else
        kernels->gemv_cols_bf16 (out, start, stride, linear->x, w->n_in, n);
    }

  for (gsize j = 0; linear->bias && j < n; j++)
    out[j] += linear->bias[first + j];
}

static void
run_rows_tile (gsize tile, guint worker, gpointer user_data)
{
  const Linear *linear = user_data;
  const GlossMatrix *w = linear->w;
  gboolean out_major = gloss_matrix_is_out_major (w);
  float *weights =
      gloss_pool_get_scratch (linear->pool, worker, TILE_IN * TILE_OUT * sizeof (float));
  gsize first, n;

  get_outputs (linear, tile, &first, &n);
  for (gsize in = 0; in < w->n_in; in += TILE_IN)
    {
      gsize n_in = MIN (TILE_IN, w->n_in - in);

      /* at 4096 rows a tile takes long enough to be missed by who wants to stop */
      if (gloss_pool_is_cancelled (linear->pool))
        return;
      gloss_matrix_convert_tile (weights, w, in, n_in, first, n);
      gloss_gemm (linear->out + first, w->n_out, linear->x + in, w->n_in, weights,
                  out_major ? n_in : n, out_major, linear->n_rows, n, n_in, 1, in == 0 ? 0 : 1);
    }

  for (gsize row = 0; linear->bias && row < linear->n_rows; row++)
    {
      for (gsize j = 0; j < n; j++)
        linear->out[row * w->n_out + first + j] += linear->bias[first + j];
    }
}

void
gloss_linear (GlossPool *pool, float *out, const float *x, const GlossMatrix *w, const float *bias,
              gsize n_rows)
{
  Linear linear = { pool, out, x, w, bias, n_rows, 0, 0 };
  GLOSS_PROFILE (pool, "linear", n_rows, w->n_in, w->n_out);
  gsize share = (w->n_out / WANTED_TILES + MIN_TILE_OUT - 1) / MIN_TILE_OUT * MIN_TILE_OUT;

  if (n_rows == 0 || w->n_out == 0)
    return;
  linear.tile_out = CLAMP (share, MIN_TILE_OUT, TILE_OUT);
  if (n_rows == 1)
    linear.tile_out = w->is_packed                    ? GLOSS_PANEL_OUT
                      : gloss_matrix_is_out_major (w) ? ROW_TILE_OUT_MAJOR
                                                      : ROW_TILE_IN_MAJOR;
  linear.tiles_per_block = (w->block_out + linear.tile_out - 1) / linear.tile_out;
  gloss_pool_run (pool, linear.tiles_per_block * (w->n_out / w->block_out),
                  n_rows == 1 ? run_row_tile : run_rows_tile, &linear);
}

const char *
gloss_linear_get_isa (void)
{
  return gloss_kernels_get ()->isa;
}
