/* Low-rank additions. (Hu et al., arXiv 2106.09685.)
 *
 * With u = x·Aᵀ: d_b = scale·d_yᵀ·u, d_u = scale·d_y·B, d_a = d_uᵀ·x, d_x = d_u·A. */
#include "tensor/lora.h"

#include "tensor/gemm.h"

#define TILE_ROWS 64
#define TILE_COLUMNS 256

gsize
gloss_lora_get_scratch_bytes (gsize rank)
{
  return TILE_ROWS * rank * sizeof (float);
}

typedef struct
{
  GlossPool *pool;
  const GlossLora *lora;
  const float *x;
  gsize n_rows;
  float *y; /* forward */

  /* backward */
  float *d_x, *d_a, *d_b;
  const float *d_y;
  float *u, *d_u;
  gsize tiles_in;
} Lora;

static void
run_forward (gsize tile, guint worker, gpointer user_data)
{
  const Lora *run = user_data;
  const GlossLora *lora = run->lora;
  gsize first = tile * TILE_ROWS, n = MIN (TILE_ROWS, run->n_rows - first);
  float *u = gloss_pool_get_scratch (run->pool, worker, gloss_lora_get_scratch_bytes (lora->rank));

  gloss_gemm (u, lora->rank, run->x + first * lora->n_in, lora->n_in, lora->a, lora->n_in, TRUE, n,
              lora->rank, lora->n_in, 1, 0);
  gloss_gemm (run->y + first * lora->n_out, lora->n_out, u, lora->rank, lora->b, lora->rank, TRUE,
              n, lora->n_out, lora->rank, lora->scale, 1);
}

void
gloss_lora_add (GlossPool *pool, float *y, const float *x, const GlossLora *lora, gsize n_rows)
{
  Lora run = { .pool = pool, .lora = lora, .x = x, .n_rows = n_rows, .y = y };

  gloss_pool_run (pool, (n_rows + TILE_ROWS - 1) / TILE_ROWS, run_forward, &run);
}

static void
run_rows (gsize tile, guint worker, gpointer user_data)
{
  const Lora *run = user_data;
  const GlossLora *lora = run->lora;
  gsize first = tile * TILE_ROWS, n = MIN (TILE_ROWS, run->n_rows - first);
  float *d_u = run->d_u + first * lora->rank;

  gloss_gemm (run->u + first * lora->rank, lora->rank, run->x + first * lora->n_in, lora->n_in,
              lora->a, lora->n_in, TRUE, n, lora->rank, lora->n_in, 1, 0);
  gloss_gemm (d_u, lora->rank, run->d_y + first * lora->n_out, lora->n_out, lora->b, lora->rank,
              FALSE, n, lora->rank, lora->n_out, lora->scale, 0);
  if (run->d_x)
    gloss_gemm (run->d_x + first * lora->n_in, lora->n_in, d_u, lora->rank, lora->a, lora->n_in,
                FALSE, n, lora->n_in, lora->rank, 1, 1);
}

/* Columns of d_a, then rows of d_b, each summed over all rows of x. */
static void
run_weights (gsize tile, guint worker, gpointer user_data)
{
  const Lora *run = user_data;
  const GlossLora *lora = run->lora;

  if (tile < run->tiles_in)
    {
      gsize first = tile * TILE_COLUMNS, n = MIN (TILE_COLUMNS, lora->n_in - first);

      if (run->d_a)
        gloss_gemm_transposed (run->d_a + first, lora->n_in, run->d_u, lora->rank, run->x + first,
                               lora->n_in, lora->rank, n, run->n_rows, 1, 1);
    }
  else
    {
      gsize first = (tile - run->tiles_in) * TILE_COLUMNS;
      gsize n = MIN (TILE_COLUMNS, lora->n_out - first);

      if (run->d_b)
        gloss_gemm_transposed (run->d_b + first * lora->rank, lora->rank, run->d_y + first,
                               lora->n_out, run->u, lora->rank, n, lora->rank, run->n_rows,
                               lora->scale, 1);
    }
}

void
gloss_lora_backward (GlossPool *pool, float *d_x, float *d_a, float *d_b, const float *x,
                     const float *d_y, const GlossLora *lora, float *scratch, gsize n_rows)
{
  Lora run = {
    .pool = pool,
    .lora = lora,
    .x = x,
    .n_rows = n_rows,
    .d_x = d_x,
    .d_a = d_a,
    .d_b = d_b,
    .d_y = d_y,
    .u = scratch,
    .d_u = scratch + n_rows * lora->rank,
    .tiles_in = (lora->n_in + TILE_COLUMNS - 1) / TILE_COLUMNS,
  };

  gloss_pool_run (pool, (n_rows + TILE_ROWS - 1) / TILE_ROWS, run_rows, &run);
  if (d_a || d_b)
    gloss_pool_run (pool, run.tiles_in + (lora->n_out + TILE_COLUMNS - 1) / TILE_COLUMNS,
                    run_weights, &run);
}
