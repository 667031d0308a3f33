/* Products of rows with weights.
 *
 * A tile is one panel of outputs, or a few where the rows are few, for up to 504 rows. Its sums
 * stay in the worker's scratch until all inputs are done, and what follows (a bias, GELU, packing
 * for the next product) is done to them there.
 */
#include "tensor/product.h"

#include "tensor/activation.h"
#include "tensor/linear.h"
#include "tensor/panel.h"

#include <math.h>
#include <string.h>

/* A multiple of a group, whose sums for one panel take 64 KB. */
#define TILE_ROWS 504

/* Pairs of inputs at once: of bfloat16 these weights take 128 KB, which the second-level cache has
 * for all groups of rows. */
#define CHUNK_PAIRS 1024

/* With few rows a tile is a run through memory; long enough to make no matter of the next one. */
#define FEW_ROWS 16
#define FEW_ROWS_BYTES ((gsize) 512 << 10)

typedef struct
{
  float sums[2][TILE_ROWS * GLOSS_PANEL_OUT];     /* of the weights, and of "up" */
  guint32 weights[CHUNK_PAIRS * GLOSS_PANEL_OUT]; /* rounded to bfloat16 */
} Scratch;

typedef enum
{
  STORE,
  ADD,
  GELU,
  GATED,
  FIND_BEST,
} Then;

typedef struct
{
  GlossPool *pool;
  const GlossRows *x;
  const GlossProduct *products;
  guint n_products;
  Then then;
  const GlossMatrix *up; /* GATED */
  const GlossRows *out;  /* GELU and GATED */
  float softcap;         /* FIND_BEST */
  gsize panels_per_tile;
  gsize n_panels; /* of all products */
} Run;

gsize
gloss_product_get_scratch_bytes (void)
{
  return sizeof (Scratch);
}

gboolean
gloss_product_gains_by_bf16 (void)
{
  return strcmp (gloss_kernels_get ()->isa, "avx512bf16") == 0;
}

gboolean
gloss_product_gains_by_panels (GlossDtype dtype)
{
  const char *isa = gloss_kernels_get ()->isa;

  /* of sgemm's rate: AVX-512 0.92 for f16 to 1.11 for bf16; AVX2 1.01 for bf16, 0.66 and less else
   */
  return g_str_has_prefix (isa, "avx512")
         || (strcmp (isa, "avx2") == 0 && dtype == GLOSS_DTYPE_BF16);
}

static gsize
count_panels (const GlossMatrix *w)
{
  return (w->n_out + GLOSS_PANEL_OUT - 1) / GLOSS_PANEL_OUT;
}

/* sums[n_rows × 32] for the rows from @first on. */
static void
sum_panel (const Run *run, Scratch *scratch, float *sums, const GlossMatrix *w, gsize panel,
           gsize first, gsize n_rows)
{
  const GlossKernels *kernels = gloss_kernels_get ();
  const GlossRows *x = run->x;
  gsize n_pairs = (w->n_in + 1) / 2;
  gboolean is_rounded =
      x->kind == GLOSS_ROWS_PACKED_BF16 && !(w->is_packed && w->dtype == GLOSS_DTYPE_BF16);

  if (x->kind == GLOSS_ROWS_PLAIN)
    {
      gloss_panel_multiply_row (sums, w, panel, x->data);
      return;
    }
  for (gsize pair = 0; pair < n_pairs; pair += CHUNK_PAIRS)
    {
      gsize n = MIN (CHUNK_PAIRS, n_pairs - pair);
      const guint8 *weights = (const guint8 *) scratch->weights;

      if (is_rounded)
        gloss_panel_make_bf16 (scratch->weights, w, panel, pair, n);
      else
        weights = gloss_matrix_get_element (w, 2 * pair, panel * GLOSS_PANEL_OUT);
      for (gsize row = 0; row < n_rows; row += GLOSS_ROWS_GROUP)
        {
          gconstpointer group = gloss_rows_get_group (x, first + row, pair);
          gsize n_group = MIN (GLOSS_ROWS_GROUP, n_rows - row);
          float *out = sums + row * GLOSS_PANEL_OUT;

          if (x->kind == GLOSS_ROWS_PACKED_BF16)
            kernels->dot_panel (out, weights, group, n_group, n, pair > 0);
          else if (w->dtype == GLOSS_DTYPE_F32)
            kernels->gemm_panel_f32 (out, weights, group, n_group, n, pair > 0);
          else if (w->dtype == GLOSS_DTYPE_F16)
            kernels->gemm_panel_f16 (out, weights, group, n_group, n, pair > 0);
          else
            kernels->gemm_panel_bf16 (out, weights, group, n_group, n, pair > 0);
        }
    }
}

/* What is known of a tile's outputs; it stands where the first of them would. */
typedef struct
{
  double sum; /* of e^(value − largest value) */
  float value;
  guint32 index;
} Partial;

/* of one output too */
G_STATIC_ASSERT (sizeof (Partial) <= (1 + GLOSS_BEST_MORE_FLOATS) * sizeof (float));

static void
add_to_partial (Partial *partial, const float *values, gsize first, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      if (values[i] > partial->value)
        {
          partial->sum *= expf (partial->value - values[i]);
          partial->value = values[i];
          partial->index = (guint32) (first + i);
        }
      /* a NaN is never the largest, but makes the sum one */
      partial->sum += expf (values[i] - partial->value);
    }
}

static void
find_best (const Run *run, float *sums, const GlossProduct *product, gsize first_out, gsize n_out)
{
  gsize tile_out = run->panels_per_tile * GLOSS_PANEL_OUT;
  float *place = product->out + first_out / tile_out * tile_out;
  Partial partial = { 0, -INFINITY, 0 };

  if (run->softcap > 0)
    gloss_kernels_get ()->softcap (sums, n_out, run->softcap);
  if (first_out % tile_out != 0)
    memcpy (&partial, place, sizeof partial);
  add_to_partial (&partial, sums, first_out, n_out);
  memcpy (place, &partial, sizeof partial);
}

/* Puts the first @n_out sums of each row where they belong. */
static void
store_sums (const Run *run, const float *sums, const GlossProduct *product, gsize first_out,
            gsize n_out, gsize first_row, gsize n_rows)
{
  gsize width = product->w->n_out;

  for (gsize row = 0; row < n_rows; row++)
    {
      const float *from = sums + row * GLOSS_PANEL_OUT;
      float *to;

      if (run->then == GELU || run->then == GATED)
        {
          gloss_rows_store (run->out, first_row + row, first_out, from, n_out);
          continue;
        }
      to = product->out + (first_row + row) * width + first_out;
      for (gsize k = 0; k < n_out; k++)
        to[k] = run->then == ADD ? to[k] + from[k] : from[k];
    }
}

static void
run_panel (const Run *run, Scratch *scratch, const GlossProduct *product, gsize panel,
           gsize first_row, gsize n_rows)
{
  const GlossKernels *kernels = gloss_kernels_get ();
  gsize first_out = panel * GLOSS_PANEL_OUT;
  gsize n_out = MIN (GLOSS_PANEL_OUT, product->w->n_out - first_out);
  float *sums = scratch->sums[0];

  sum_panel (run, scratch, sums, product->w, panel, first_row, n_rows);
  for (gsize row = 0; product->bias && row < n_rows; row++)
    {
      for (gsize k = 0; k < n_out; k++)
        sums[row * GLOSS_PANEL_OUT + k] += product->bias[first_out + k];
    }
  if (run->then == GELU)
    kernels->gelu (sums, sums, n_rows * GLOSS_PANEL_OUT);
  if (run->then == GATED)
    {
      sum_panel (run, scratch, scratch->sums[1], run->up, panel, first_row, n_rows);
      kernels->gelu_multiply (sums, sums, scratch->sums[1], n_rows * GLOSS_PANEL_OUT);
    }
  if (run->then == FIND_BEST)
    find_best (run, sums, product, first_out, n_out);
  else
    store_sums (run, sums, product, first_out, n_out, first_row, n_rows);
}

static void
run_tile (gsize tile, guint worker, gpointer user_data)
{
  const Run *run = user_data;
  gsize tiles_per_block = (run->n_panels + run->panels_per_tile - 1) / run->panels_per_tile;
  gsize first_row = tile / tiles_per_block * TILE_ROWS;
  gsize n_rows = MIN (TILE_ROWS, run->x->n_rows - first_row);
  gsize panel = tile % tiles_per_block * run->panels_per_tile;
  gsize end = MIN (run->n_panels, panel + run->panels_per_tile);
  Scratch *scratch = gloss_pool_get_scratch (run->pool, worker, sizeof *scratch);

  for (; panel < end; panel++)
    {
      const GlossProduct *product = run->products;
      gsize inside = panel;

      while (inside >= count_panels (product->w))
        inside -= count_panels (product++->w);
      run_panel (run, scratch, product, inside, first_row, n_rows);
    }
}

/* Whether all is done panel by panel, or by gloss_linear (). */
static gboolean
is_by_panels (const GlossRows *x, const GlossProduct *products, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      if (x->kind == GLOSS_ROWS_PACKED_F32)
        g_assert (products[i].w->is_packed);
      if (x->kind == GLOSS_ROWS_PLAIN && (x->n_rows != 1 || !products[i].w->is_packed))
        return FALSE;
    }
  return TRUE;
}

static void
run_products (Run *run)
{
  static const char *const names[] = { [STORE] = "product",
                                       [ADD] = "product, added",
                                       [GELU] = "product, gelu",
                                       [GATED] = "products, gated",
                                       [FIND_BEST] = "product, best" };
  const GlossRows *x = run->x;
  gsize n_out = run->up ? run->up->n_out : 0;
  gsize n_blocks = (x->n_rows + TILE_ROWS - 1) / TILE_ROWS;
  gsize panel_bytes = gloss_panel_get_size_bytes (run->products[0].w->dtype, x->n_cols);

  for (guint i = 0; i < run->n_products; i++)
    {
      g_assert (run->products[i].w->n_in == x->n_cols);
      run->n_panels += count_panels (run->products[i].w);
      n_out += run->products[i].w->n_out;
    }
  run->panels_per_tile = 1;
  if (x->n_rows <= FEW_ROWS)
    run->panels_per_tile = MAX (1, FEW_ROWS_BYTES / panel_bytes);

  GLOSS_PROFILE (run->pool, names[run->then], x->n_rows, x->n_cols, n_out);

  gloss_pool_run (run->pool,
                  n_blocks * ((run->n_panels + run->panels_per_tile - 1) / run->panels_per_tile),
                  run_tile, run);
}

void
gloss_products (GlossPool *pool, const GlossRows *x, const GlossProduct *products, guint n)
{
  Run run = { .pool = pool, .x = x, .products = products, .n_products = n, .then = STORE };

  if (is_by_panels (x, products, n))
    run_products (&run);
  else
    {
      for (guint i = 0; i < n; i++)
        gloss_linear (pool, products[i].out, x->data, products[i].w, products[i].bias, x->n_rows);
    }
}

void
gloss_product_add (GlossPool *pool, const GlossRows *x, const GlossMatrix *w, const float *bias,
                   float *out, float *scratch)
{
  GlossProduct product = { w, bias, out };
  Run run = { .pool = pool, .x = x, .products = &product, .n_products = 1, .then = ADD };

  if (is_by_panels (x, &product, 1))
    run_products (&run);
  else
    {
      gloss_linear (pool, scratch, x->data, w, bias, x->n_rows);
      gloss_add (pool, out, scratch, x->n_rows * w->n_out);
    }
}

void
gloss_product_gelu (GlossPool *pool, const GlossRows *x, const GlossMatrix *w, const float *bias,
                    const GlossRows *out)
{
  GlossProduct product = { w, bias, NULL };
  Run run = {
    .pool = pool, .x = x, .products = &product, .n_products = 1, .then = GELU, .out = out
  };

  if (is_by_panels (x, &product, 1))
    run_products (&run);
  else
    {
      gloss_linear (pool, out->data, x->data, w, bias, x->n_rows);
      gloss_gelu (pool, out->data, x->n_rows * w->n_out);
    }
}

void
gloss_product_gated (GlossPool *pool, const GlossRows *x, const GlossMatrix *gate,
                     const GlossMatrix *up, const GlossRows *out, float *scratch)
{
  GlossProduct product = { gate, NULL, NULL };
  Run run = {
    .pool = pool, .x = x, .products = &product, .n_products = 1, .then = GATED, .up = up, .out = out
  };

  g_assert (up->n_in == gate->n_in && up->n_out == gate->n_out);
  if (is_by_panels (x, &product, 1))
    run_products (&run);
  else
    {
      gloss_linear (pool, out->data, x->data, gate, NULL, x->n_rows);
      gloss_linear (pool, scratch, x->data, up, NULL, x->n_rows);
      gloss_gelu_multiply (pool, out->data, scratch, x->n_rows * gate->n_out);
    }
}

GlossBest
gloss_product_find_best (GlossPool *pool, const GlossRows *x, const GlossMatrix *w, float softcap,
                         float *scratch)
{
  GlossProduct product = { w, NULL, scratch };
  Run run = { .pool = pool,
              .x = x,
              .products = &product,
              .n_products = 1,
              .then = FIND_BEST,
              .softcap = softcap };
  GlossBest best = { 0, -INFINITY, 0 };
  double sum = 0;

  g_assert (x->n_rows == 1 && is_by_panels (x, &product, 1));
  run_products (&run);
  if (gloss_pool_is_cancelled (pool))
    return best;
  for (gsize first = 0; first < w->n_out; first += run.panels_per_tile * GLOSS_PANEL_OUT)
    {
      Partial partial;

      memcpy (&partial, scratch + first, sizeof partial);
      if (partial.value > best.value)
        {
          sum *= exp ((double) best.value - partial.value);
          best.value = partial.value;
          best.index = partial.index;
        }
      sum += partial.sum * exp ((double) partial.value - best.value);
    }
  best.log_sum_exp = best.value + log (sum);
  return best;
}
