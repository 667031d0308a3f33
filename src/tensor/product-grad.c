/* The gradient of products with packed weights. */
#include "tensor/product-grad.h"

#include "tensor/panel.h"

#include <string.h>

/* As in product.c: the sums of a tile take 64 KB, and the turned weights at once 128 KB. */
#define TILE_ROWS 504
#define CHUNK_BYTES ((gsize) 128 << 10)

#define PANEL_PAIRS (GLOSS_PANEL_OUT / 2)

typedef struct
{
  float sums[TILE_ROWS * GLOSS_PANEL_OUT];
  guint8 weights[CHUNK_BYTES];
} Scratch;

typedef struct
{
  GlossPool *pool;
  float *d_x;
  const GlossRows *d_y;
  const GlossMatrix *w;
  gsize n_tiles_in;
} Backward;

gsize
gloss_product_backward_get_scratch_bytes (void)
{
  return sizeof (Scratch);
}

/* The weights of the inputs from @first_in on for the outputs of @n_panels panels. */
static void
turn_panels (guint8 *out, const GlossMatrix *w, gsize first_in, gsize panel, gsize n_panels)
{
  const GlossKernels *kernels = gloss_kernels_get ();
  gsize size_bytes = gloss_dtype_get_size_bytes (w->dtype);
  gsize n_pairs = MIN (PANEL_PAIRS, (w->n_in + 1) / 2 - first_in / 2);
  gsize piece_bytes = GLOSS_PANEL_OUT * GLOSS_PANEL_OUT * size_bytes;
  gsize panel_bytes = gloss_panel_get_size_bytes (w->dtype, w->n_in);
  const guint8 *from = gloss_matrix_get_element (w, first_in, panel * GLOSS_PANEL_OUT);

  for (gsize i = 0; i < n_panels; i++)
    {
      const guint8 *next = from + (i + 1 < n_panels ? panel_bytes : 0);

      /* it lies elsewhere in memory, where nothing expects us */
      for (gsize k = 0; k < n_pairs * 2 * GLOSS_PANEL_OUT * size_bytes; k += 64)
        __builtin_prefetch (next + k);
      if (size_bytes == 2)
        kernels->turn_panel_2 (out + i * piece_bytes, from, n_pairs);
      else
        kernels->turn_panel_4 (out + i * piece_bytes, from, n_pairs);
      from += panel_bytes;
    }
}

/* sums[n_rows × 32] for @n_pairs pairs of outputs from @pair on. */
static void
add_outputs (const Backward *b, Scratch *scratch, gsize pair, gsize n_pairs, gsize first_row,
             gsize n_rows)
{
  const GlossKernels *kernels = gloss_kernels_get ();

  for (gsize row = 0; row < n_rows; row += GLOSS_ROWS_GROUP)
    {
      gconstpointer group = gloss_rows_get_group (b->d_y, first_row + row, pair);
      gsize n_group = MIN (GLOSS_ROWS_GROUP, n_rows - row);
      float *out = scratch->sums + row * GLOSS_PANEL_OUT;

      if (b->w->dtype == GLOSS_DTYPE_F32)
        kernels->gemm_panel_f32 (out, scratch->weights, group, n_group, n_pairs, pair > 0);
      else if (b->w->dtype == GLOSS_DTYPE_F16)
        kernels->gemm_panel_f16 (out, scratch->weights, group, n_group, n_pairs, pair > 0);
      else
        kernels->gemm_panel_bf16 (out, scratch->weights, group, n_group, n_pairs, pair > 0);
    }
}

static void
run_tile (gsize tile, guint worker, gpointer user_data)
{
  const Backward *b = user_data;
  const GlossMatrix *w = b->w;
  Scratch *scratch = gloss_pool_get_scratch (b->pool, worker, sizeof *scratch);
  gsize first_in = tile % b->n_tiles_in * GLOSS_PANEL_OUT;
  gsize n_in = MIN (GLOSS_PANEL_OUT, w->n_in - first_in);
  gsize first_row = tile / b->n_tiles_in * TILE_ROWS;
  gsize n_rows = MIN (TILE_ROWS, b->d_y->n_rows - first_row);
  gsize n_pairs = (w->n_out + 1) / 2;
  gsize chunk = CHUNK_BYTES / (2 * GLOSS_PANEL_OUT * (gsize) gloss_dtype_get_size_bytes (w->dtype));

  for (gsize pair = 0; pair < n_pairs; pair += chunk)
    {
      gsize n_now = MIN (chunk, n_pairs - pair);

      /* a column of a vocabulary's table is long */
      if (gloss_pool_is_cancelled (b->pool))
        return;
      turn_panels (scratch->weights, w, first_in, pair / PANEL_PAIRS,
                   (n_now + PANEL_PAIRS - 1) / PANEL_PAIRS);
      add_outputs (b, scratch, pair, n_now, first_row, n_rows);
    }
  for (gsize row = 0; row < n_rows; row++)
    {
      float *to = b->d_x + (first_row + row) * w->n_in + first_in;

      for (gsize k = 0; k < n_in; k++)
        to[k] += scratch->sums[row * GLOSS_PANEL_OUT + k];
    }
}

void
gloss_product_backward_x (GlossPool *pool, float *d_x, const GlossRows *d_y, const GlossMatrix *w)
{
  Backward b = { pool, d_x, d_y, w, (w->n_in + GLOSS_PANEL_OUT - 1) / GLOSS_PANEL_OUT };
  GLOSS_PROFILE (pool, "product, backward", d_y->n_rows, w->n_out, w->n_in);

  g_assert (w->is_packed && d_y->kind == GLOSS_ROWS_PACKED_F32 && d_y->n_cols == w->n_out);
  gloss_pool_run (pool, b.n_tiles_in * ((d_y->n_rows + TILE_ROWS - 1) / TILE_ROWS), run_tile, &b);
}
