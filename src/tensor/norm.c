/* RMSNorm (Zhang & Sennrich, arXiv 1910.07467) and LayerNorm (Ba et al., arXiv 1607.06450) of rows.
 */
#include "tensor/norm.h"

#include "tensor/kernels/kernels.h"

#define TILE_ROWS 16

typedef struct
{
  GlossPool *pool;
  const GlossRows *rows; /* packed ones: NULL for out */
  float *out;
  const float *x;
  const float *scale;
  const float *bias; /* NULL: RMSNorm */
  gsize n_rows;
  gsize width;
  float eps;
} Norm;

static void
run_tile (gsize tile, guint worker, gpointer user_data)
{
  const Norm *norm = user_data;
  const GlossKernels *kernels = gloss_kernels_get ();
  gsize end = MIN (norm->n_rows, (tile + 1) * TILE_ROWS);
  float *scratch = NULL;

  if (norm->rows)
    scratch = gloss_pool_get_scratch (norm->pool, worker, norm->width * sizeof (float));

  for (gsize row = tile * TILE_ROWS; row < end; row++)
    {
      float *out = scratch ? scratch : norm->out + row * norm->width;
      const float *x = norm->x + row * norm->width;

      if (norm->bias)
        kernels->layer_norm (out, x, norm->scale, norm->bias, norm->width, norm->eps);
      else
        kernels->rms_norm (out, x, norm->scale, norm->width, norm->eps);
      if (norm->rows)
        gloss_rows_store (norm->rows, row, 0, out, norm->width);
    }
}

gsize
gloss_norm_get_scratch_bytes (gsize width)
{
  return width * sizeof (float);
}

static void
run (const Norm *norm)
{
  gloss_pool_run (norm->pool, (norm->n_rows + TILE_ROWS - 1) / TILE_ROWS, run_tile,
                  (gpointer) norm);
}

void
gloss_rms_norm (GlossPool *pool, float *out, const float *x, const float *scale, gsize n_rows,
                gsize width, float eps)
{
  GLOSS_PROFILE (pool, "rms_norm", n_rows, width, 0);

  run (&(Norm){ pool, NULL, out, x, scale, NULL, n_rows, width, eps });
}

void
gloss_layer_norm (GlossPool *pool, float *out, const float *x, const float *scale,
                  const float *bias, gsize n_rows, gsize width, float eps)
{
  GLOSS_PROFILE (pool, "layer_norm", n_rows, width, 0);

  run (&(Norm){ pool, NULL, out, x, scale, bias, n_rows, width, eps });
}

void
gloss_rms_norm_rows (GlossPool *pool, const GlossRows *out, const float *x, const float *scale,
                     float eps)
{
  gloss_layer_norm_rows (pool, out, x, scale, NULL, eps);
}

void
gloss_layer_norm_rows (GlossPool *pool, const GlossRows *out, const float *x, const float *scale,
                       const float *bias, float eps)
{
  const GlossRows *rows = out->kind == GLOSS_ROWS_PLAIN ? NULL : out;
  GLOSS_PROFILE (pool, bias ? "layer_norm" : "rms_norm", out->n_rows, out->n_cols, 0);

  run (&(Norm){ pool, rows, out->data, x, scale, bias, out->n_rows, out->n_cols, eps });
}
