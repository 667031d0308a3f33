/* RMSNorm (Zhang & Sennrich, arXiv 1910.07467) and LayerNorm (Ba et al., arXiv 1607.06450) of rows.
 */
#include "tensor/norm.h"

#include "tensor/kernels/kernels.h"

#define TILE_ROWS 16

typedef struct
{
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

  for (gsize row = tile * TILE_ROWS; row < end; row++)
    {
      float *out = norm->out + row * norm->width;
      const float *x = norm->x + row * norm->width;

      if (norm->bias)
        kernels->layer_norm (out, x, norm->scale, norm->bias, norm->width, norm->eps);
      else
        kernels->rms_norm (out, x, norm->scale, norm->width, norm->eps);
    }
}

void
gloss_rms_norm (GlossPool *pool, float *out, const float *x, const float *scale, gsize n_rows,
                gsize width, float eps)
{
  Norm norm = { out, x, scale, NULL, n_rows, width, eps };
  GLOSS_PROFILE (pool, "rms_norm", n_rows, width, 0);

  gloss_pool_run (pool, (n_rows + TILE_ROWS - 1) / TILE_ROWS, run_tile, &norm);
}

void
gloss_layer_norm (GlossPool *pool, float *out, const float *x, const float *scale,
                  const float *bias, gsize n_rows, gsize width, float eps)
{
  Norm norm = { out, x, scale, bias, n_rows, width, eps };
  GLOSS_PROFILE (pool, "layer_norm", n_rows, width, 0);

  gloss_pool_run (pool, (n_rows + TILE_ROWS - 1) / TILE_ROWS, run_tile, &norm);
}
