/* Looking at all values of a tensor. */
#include "model/values.h"

#include "tensor/matrix.h"

#include <math.h>

/* 256 kB of floats in each worker's scratch. */
#define TILE 65536

typedef struct
{
  GlossPool *pool;
  GlossMatrix vector; /* one output for each value */
  GlossValues *workers;
} Look;

static void
run_tile (gsize tile, guint worker, gpointer user_data)
{
  Look *look = user_data;
  GlossValues *found = &look->workers[worker];
  float *values = gloss_pool_get_scratch (look->pool, worker, TILE * sizeof (float));
  gsize first = tile * TILE, n = MIN (TILE, look->vector.n_out - first);

  gloss_matrix_convert_tile (values, &look->vector, 0, 1, first, n);
  for (gsize i = 0; i < n; i++)
    {
      if (isnan (values[i]))
        found->n_nan++;
      else if (isinf (values[i]))
        found->n_infinite++;
      else
        found->max_abs = MAX (found->max_abs, fabs ((double) values[i]));
    }
}

void
gloss_values_look (GlossValues *out, GlossPool *pool, const GlossTensorView *view)
{
  guint n_workers = gloss_pool_get_n_threads (pool);
  g_autofree GlossValues *workers = g_new0 (GlossValues, n_workers);
  gsize n = view->n_bytes / gloss_dtype_get_size_bytes (view->dtype);
  Look look = { pool, { view->data, view->dtype, 1, n, n, 1, n, 0 }, workers };

  *out = (GlossValues){ 0 };
  if (!gloss_dtype_is_weight (view->dtype))
    return;
  /* a matrix of one row and one column would look out-major */
  look.vector.in_stride = MAX (2, n);
  gloss_pool_run (pool, (n + TILE - 1) / TILE, run_tile, &look);
  for (guint i = 0; i < n_workers; i++)
    {
      out->n_nan += workers[i].n_nan;
      out->n_infinite += workers[i].n_infinite;
      out->max_abs = MAX (out->max_abs, workers[i].max_abs);
    }
}
