/* The gradients of y = x·W with W as it lies in the file. */
#include "tensor/linear-grad.h"

#include "tensor/gemm.h"

/* As in linear.c: a tile of weights stays in the second-level cache, and small matrices still give
 * some tiles to share out. */
#define TILE_IN 256
#define TILE_OUT 256
#define MIN_TILE 32
#define WANTED_TILES 8

static gsize
choose_tile (gsize n, gsize max)
{
  gsize share = (n / WANTED_TILES + MIN_TILE - 1) / MIN_TILE * MIN_TILE;

  return CLAMP (share, MIN_TILE, max);
}

typedef struct
{
  GlossPool *pool;
  float *d_x;
  const float *d_y;
  const GlossMatrix *w;
  gsize n_rows;
  gsize tile_in;
} InputGradient;

static void
run_input_tile (gsize tile, guint worker, gpointer user_data)
{
  const InputGradient *g = user_data;
  const GlossMatrix *w = g->w;
  gboolean out_major = gloss_matrix_is_out_major (w);
  float *weights = gloss_pool_get_scratch (g->pool, worker, TILE_IN * TILE_OUT * sizeof (float));
  gsize first_in = tile * g->tile_in, n_in = MIN (g->tile_in, w->n_in - first_in);

  for (gsize block = 0; block < w->n_out; block += w->block_out)
    {
      for (gsize out = 0; out < w->block_out; out += TILE_OUT)
        {
          gsize n_out = MIN (TILE_OUT, w->block_out - out);

          /* a column of a vocabulary's table is long */
          if (gloss_pool_is_cancelled (g->pool))
            return;
          gloss_matrix_convert_tile (weights, w, first_in, n_in, block + out, n_out);
          gloss_gemm (g->d_x + first_in, w->n_in, g->d_y + block + out, w->n_out, weights,
                      out_major ? n_in : n_out, !out_major, g->n_rows, n_in, n_out, 1, 1);
        }
    }
}

void
gloss_linear_backward_x (GlossPool *pool, float *d_x, const float *d_y, const GlossMatrix *w,
                         gsize n_rows)
{
  InputGradient g = { pool, d_x, d_y, w, n_rows, choose_tile (w->n_in, TILE_IN) };
  GLOSS_PROFILE (pool, "linear, backward", n_rows, w->n_out, w->n_in);

  if (n_rows > 0)
    gloss_pool_run (pool, (w->n_in + g.tile_in - 1) / g.tile_in, run_input_tile, &g);
}

typedef struct
{
  float *d_w;
  const float *x;
  const float *d_y;
  gsize n_rows;
  gsize n_in;
  gsize n_out;
  gsize tile_in;
  gsize tile_out;
  gsize tiles_per_row;
} WeightGradient;

static void
run_weight_tile (gsize tile, guint worker, gpointer user_data)
{
  const WeightGradient *g = user_data;
  gsize in = tile % g->tiles_per_row * g->tile_in;
  gsize out = tile / g->tiles_per_row * g->tile_out;

  gloss_gemm_transposed (g->d_w + out * g->n_in + in, g->n_in, g->d_y + out, g->n_out, g->x + in,
                         g->n_in, MIN (g->tile_out, g->n_out - out), MIN (g->tile_in, g->n_in - in),
                         g->n_rows, 1, 1);
}

void
gloss_linear_backward_w (GlossPool *pool, float *d_w, const float *x, const float *d_y,
                         gsize n_rows, gsize n_in, gsize n_out)
{
  WeightGradient g = { d_w, x, d_y, n_rows, n_in, n_out, 2 * TILE_IN, 0, 0 };
  GLOSS_PROFILE (pool, "weights, backward", n_rows, n_in, n_out);

  if (n_rows == 0)
    return;
  g.tile_out = choose_tile (n_out, TILE_OUT);
  g.tiles_per_row = (n_in + g.tile_in - 1) / g.tile_in;
  gloss_pool_run (pool, g.tiles_per_row * ((n_out + g.tile_out - 1) / g.tile_out), run_weight_tile,
                  &g);
}

void
gloss_embedding_backward (float *d_table, const float *d_y, const gint32 *ids, gsize n, gsize width,
                          float scale)
{
  for (gsize i = 0; i < n; i++)
    {
      float *row = d_table + (gsize) ids[i] * width;

      for (gsize j = 0; j < width; j++)
        row[j] += scale * d_y[i * width + j];
    }
}
