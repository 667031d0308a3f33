/* Rows of activations in the order in which a product with weights reads them. */
#include "tensor/rows.h"

#include "tensor/kernels/kernels.h"

#include <string.h>

gsize
gloss_rows_count_floats (gsize n_rows, gsize n_cols)
{
  gsize n;

  return n_cols < G_MAXSIZE && g_size_checked_mul (&n, n_rows, (n_cols + 1) / 2 * 2) ? n
                                                                                     : G_MAXSIZE;
}

/* Where pair @pair of @row is, counted in pairs; @stride gets the rows of its group. */
static gsize
find_pair (const GlossRows *rows, gsize row, gsize pair, gsize *stride)
{
  gsize n_pairs = (rows->n_cols + 1) / 2;
  gsize first = row / GLOSS_ROWS_GROUP * GLOSS_ROWS_GROUP;

  *stride = MIN (GLOSS_ROWS_GROUP, rows->n_rows - first);
  return first * n_pairs + pair * *stride + row - first;
}

GlossRows
gloss_rows_slice (const GlossRows *rows, gsize first, gsize n)
{
  GlossRows slice = { rows->kind, rows->data, n, rows->n_cols };
  gsize n_pairs = (rows->n_cols + 1) / 2;

  g_assert (first % GLOSS_ROWS_GROUP == 0
            && (n % GLOSS_ROWS_GROUP == 0 || first + n == rows->n_rows));
  switch (rows->kind)
    {
    case GLOSS_ROWS_PLAIN:
      slice.data += first * rows->n_cols;
      break;
    case GLOSS_ROWS_PACKED_F32:
      slice.data += first * n_pairs * 2;
      break;
    case GLOSS_ROWS_PACKED_BF16:
      slice.data += first * n_pairs;
      break;
    }
  return slice;
}

gconstpointer
gloss_rows_get_group (const GlossRows *rows, gsize row, gsize pair)
{
  gsize stride, at = find_pair (rows, row, pair, &stride);

  return rows->data + (rows->kind == GLOSS_ROWS_PACKED_F32 ? 2 * at : at);
}

static void
store_f32 (float *out, gsize stride, const float *x, gsize n)
{
  for (gsize i = 0; i + 2 <= n; i += 2)
    memcpy (out + i * stride, x + i, 2 * sizeof (float));
  if (n % 2)
    {
      out[(n - 1) * stride] = x[n - 1];
      out[(n - 1) * stride + 1] = 0;
    }
}

void
gloss_rows_store (const GlossRows *rows, gsize row, gsize first, const float *x, gsize n)
{
  gsize stride, at;

  if (rows->kind == GLOSS_ROWS_PLAIN)
    {
      memcpy (rows->data + row * rows->n_cols + first, x, n * sizeof (float));
      return;
    }
  at = find_pair (rows, row, first / 2, &stride);
  if (rows->kind == GLOSS_ROWS_PACKED_F32)
    store_f32 (rows->data + 2 * at, stride, x, n);
  else
    gloss_kernels_get ()->pack_bf16 ((guint32 *) rows->data + at, stride, x, n);
}

typedef struct
{
  const GlossRows *rows;
  const float *x;
} Pack;

static void
run_tile (gsize tile, guint worker, gpointer user_data)
{
  const Pack *pack = user_data;
  const GlossRows *rows = pack->rows;
  gsize end = MIN (rows->n_rows, (tile + 1) * GLOSS_ROWS_GROUP);

  for (gsize row = tile * GLOSS_ROWS_GROUP; row < end; row++)
    gloss_rows_store (rows, row, 0, pack->x + row * rows->n_cols, rows->n_cols);
}

void
gloss_rows_pack (GlossPool *pool, const GlossRows *rows, const float *x)
{
  Pack pack = { rows, x };

  gloss_pool_run (pool, (rows->n_rows + GLOSS_ROWS_GROUP - 1) / GLOSS_ROWS_GROUP, run_tile, &pack);
}
