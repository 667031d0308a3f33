/*
 * The gradients of RMSNorm and LayerNorm.
 *
 * Two loops: over rows, which gives d_x and leaves mean and r = (variance + ε)^-½ of each row, and
 * over columns, where the gradients of scale and bias are summed over the rows in their order. So
 * no sum is split between workers.
 */
#include "tensor/norm-grad.h"

#include <math.h>

#define TILE_ROWS 16
#define TILE_COLUMNS 64

typedef struct
{
  float *d_x, *d_scale, *d_bias; /* each may be NULL */
  const float *x, *scale, *d_y;
  float *roots; /* [n_rows] r */
  float *means; /* [n_rows]; NULL: RMSNorm, whose mean is 0 */
  gsize n_rows, width;
  float eps;
} Norm;

static void
run_row (const Norm *norm, gsize row)
{
  const float *x = norm->x + row * norm->width;
  const float *d_y = norm->d_y + row * norm->width;
  float offset = norm->means ? 0 : 1; /* RMSNorm multiplies by 1 + scale */
  double n = (double) norm->width, mean = 0, squares = 0, sum = 0, product = 0, r;

  for (gsize i = 0; norm->means && i < norm->width; i++)
    mean += x[i];
  mean /= n;
  for (gsize i = 0; i < norm->width; i++)
    squares += (x[i] - mean) * (x[i] - mean);
  r = 1 / sqrt (squares / n + (double) norm->eps);
  norm->roots[row] = (float) r;
  if (norm->means)
    norm->means[row] = (float) mean;
  if (!norm->d_x)
    return;

  for (gsize i = 0; i < norm->width; i++)
    {
      double g = (double) d_y[i] * (double) (offset + norm->scale[i]);

      sum += g;
      product += g * (x[i] - mean);
    }
  sum = norm->means ? sum / n : 0;
  product *= r * r / n;
  for (gsize i = 0; i < norm->width; i++)
    {
      double g = (double) d_y[i] * (double) (offset + norm->scale[i]);

      norm->d_x[row * norm->width + i] += (float) (r * (g - sum - (x[i] - mean) * product));
    }
}

static void
run_rows (gsize tile, guint worker, gpointer user_data)
{
  const Norm *norm = user_data;
  gsize end = MIN (norm->n_rows, (tile + 1) * TILE_ROWS);

  for (gsize row = tile * TILE_ROWS; row < end; row++)
    run_row (norm, row);
}

static void
run_columns (gsize tile, guint worker, gpointer user_data)
{
  const Norm *norm = user_data;
  gsize first = tile * TILE_COLUMNS, n = MIN (TILE_COLUMNS, norm->width - first);
  double scales[TILE_COLUMNS] = { 0 }, biases[TILE_COLUMNS] = { 0 };

  for (gsize row = 0; row < norm->n_rows; row++)
    {
      const float *d_y = norm->d_y + row * norm->width + first;

      for (gsize i = 0; norm->d_bias && i < n; i++)
        biases[i] += (double) d_y[i];
      if (norm->d_scale)
        {
          const float *x = norm->x + row * norm->width + first;
          double r = (double) norm->roots[row];
          double mean = norm->means ? (double) norm->means[row] : 0;

          for (gsize i = 0; i < n; i++)
            scales[i] += (double) d_y[i] * ((double) x[i] - mean) * r;
        }
    }
  for (gsize i = 0; norm->d_bias && i < n; i++)
    norm->d_bias[first + i] += (float) biases[i];
  for (gsize i = 0; norm->d_scale && i < n; i++)
    norm->d_scale[first + i] += (float) scales[i];
}

static void
run (GlossPool *pool, Norm *norm)
{
  if (norm->d_x || norm->d_scale)
    gloss_pool_run (pool, (norm->n_rows + TILE_ROWS - 1) / TILE_ROWS, run_rows, norm);
  if (norm->d_scale || norm->d_bias)
    gloss_pool_run (pool, (norm->width + TILE_COLUMNS - 1) / TILE_COLUMNS, run_columns, norm);
}

void
gloss_rms_norm_backward (GlossPool *pool, float *d_x, float *d_scale, const float *x,
                         const float *scale, const float *d_y, float *stats, gsize n_rows,
                         gsize width, float eps)
{
  Norm norm = { d_x, d_scale, NULL, x, scale, d_y, stats, NULL, n_rows, width, eps };

  run (pool, &norm);
}

void
gloss_layer_norm_backward (GlossPool *pool, float *d_x, float *d_scale, float *d_bias,
                           const float *x, const float *scale, const float *d_y, float *stats,
                           gsize n_rows, gsize width, float eps)
{
  Norm norm = { d_x, d_scale, d_bias, x, scale, d_y, stats, stats + n_rows, n_rows, width, eps };

  run (pool, &norm);
}

void
gloss_bias_backward (GlossPool *pool, float *d_bias, const float *d_y, gsize n_rows, gsize width)
{
  Norm norm = { NULL, NULL, d_bias, NULL, NULL, d_y, NULL, NULL, n_rows, width, 0 };

  run (pool, &norm);
}
