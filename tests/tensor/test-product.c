/* Products of rows with weights: every kind of rows with every layout of weights, against sums in
 * double, and what follows a product. */
#include "tensor/product.h"

#include "support/asserts.h"
#include "tensor/activation.h"
#include "tensor/log-sum-exp.h"
#include "tensor/panel.h"
#include "tensor/product-grad.h"

#include <math.h>
#include <string.h>

#define EPS 5.97e-8      /* 2^-24, one rounding to float */
#define BF16_EPS 0x1p-8f /* two roundings to bfloat16, of 2^-9 each */

typedef enum
{
  OUT_MAJOR,
  HEADS, /* in-major, in blocks of 20 outputs, which panels of 32 cut */
  PACKED,
  N_LAYOUTS
} Layout;

/* Weights in some type and layout, and what they are as floats. */
typedef struct
{
  guint8 *data;  /* owned */
  float *values; /* owned, [n_out × n_in] */
  GlossMatrix matrix;
} Weights;

static void
weights_clear (Weights *weights)
{
  g_free (weights->data);
  g_free (weights->values);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Weights, weights_clear)

static void
weights_init (Weights *weights, GlossDtype dtype, Layout layout, gsize n_in, gsize n_out,
              guint32 seed)
{
  gsize size = gloss_dtype_get_size_bytes (dtype), n = n_in * n_out;
  g_autofree guint8 *rows = g_malloc (n * size);

  weights->values = g_new (float, n);
  gloss_test_fill (weights->values, n, seed);
  for (gsize i = 0; i < n; i++)
    {
      guint16 half = dtype == GLOSS_DTYPE_BF16
                         ? gloss_float_to_bf16 (weights->values[i])
                         : (guint16) (0x2c00 + i * 40503 % 0xc00 + (i % 2 ? 0x8000 : 0));

      if (dtype == GLOSS_DTYPE_F32)
        memcpy (rows + i * 4, &weights->values[i], 4);
      else
        memcpy (rows + i * 2, &half, 2);
    }
  gloss_matrix_convert (weights->values, dtype, rows, n);
  weights->matrix = (GlossMatrix){ NULL, dtype, n_in, n_out, 1, n_in, n_out, 0, FALSE };
  weights->data = g_malloc0 (gloss_panel_count_bytes (dtype, n_in, n_out));
  weights->matrix.data = weights->data;
  if (layout == OUT_MAJOR)
    memcpy (weights->data, rows, n * size);
  else if (layout == HEADS)
    {
      weights->matrix.block_out = n_out % 20 == 0 ? 20 : n_out;
      weights->matrix.block_stride = weights->matrix.block_out * n_in;
      weights->matrix.in_stride = weights->matrix.block_out;
      weights->matrix.out_stride = 1;
    }
  else
    weights->matrix.is_packed = TRUE;
  for (gsize i = 0; layout != OUT_MAJOR && i < n; i++)
    memcpy ((guint8 *) gloss_matrix_get_element (&weights->matrix, i % n_in, i / n_in),
            rows + i * size, size);
}

static GlossRows
new_rows (GlossRowsKind kind, gsize n_rows, gsize n_cols)
{
  return (GlossRows){ kind, g_new0 (float, gloss_rows_count_floats (n_rows, n_cols)), n_rows,
                      n_cols };
}

/* Value (@row, @col), wherever it is. */
static float
read_rows (const GlossRows *rows, gsize row, gsize col)
{
  gsize group = row / GLOSS_ROWS_GROUP * GLOSS_ROWS_GROUP;
  gconstpointer pair = gloss_rows_get_group (rows, row, col / 2);

  g_assert_cmpuint (row, >=, group);
  if (rows->kind == GLOSS_ROWS_PLAIN)
    return rows->data[row * rows->n_cols + col];
  if (rows->kind == GLOSS_ROWS_PACKED_F32)
    return ((const float *) pair)[col % 2];
  return gloss_float_from_bf16 (((const guint16 *) pair)[col % 2]);
}

static double
gelu (double u)
{
  return 0.5 * u * (1 + tanh (0.7978845608028654 * (u + 0.044715 * u * u * u)));
}

/* One output and how far it may be off. */
static double
compute (const Weights *w, const float *x, const float *bias, gsize row, gsize out, double eps,
         double *bound)
{
  gsize n_in = w->matrix.n_in;
  double sum = bias ? bias[out] : 0, magnitude = fabs (sum);

  for (gsize i = 0; i < n_in; i++)
    {
      double product = (double) x[row * n_in + i] * w->values[out * n_in + i];

      sum += product;
      magnitude += fabs (product);
    }
  *bound = ((double) (n_in + 3) * EPS + eps) * magnitude;
  return sum;
}

static void
check (GlossPool *pool, GlossRowsKind kind, GlossDtype dtype, Layout layout, gsize n_rows,
       gsize n_in, gsize n_out)
{
  double eps = kind == GLOSS_ROWS_PACKED_BF16 ? BF16_EPS : 0, bound, up_bound;
  g_auto (Weights) w = { 0 }, up = { 0 };
  g_autofree float *x = g_new (float, n_rows *n_in);
  g_autofree float *bias = g_new (float, n_out);
  g_autofree float *scratch = g_new (float, n_rows *n_out);
  g_autoptr (GlossGuarded) first = gloss_guarded_new (n_rows * n_out * sizeof (float), 4);
  g_autoptr (GlossGuarded) second = gloss_guarded_new (n_rows * n_out * sizeof (float), 4);
  float *plain = gloss_guarded_get_data (first), *added = gloss_guarded_get_data (second);
  GlossRows rows = new_rows (kind, n_rows, n_in);
  GlossRows bent = new_rows (kind, n_rows, n_out), gated = new_rows (kind, n_rows, n_out);
  g_autofree float *owned[] = { rows.data }, *bent_data = bent.data, *gated_data = gated.data;

  weights_init (&w, dtype, layout, n_in, n_out, 1);
  weights_init (&up, dtype, layout, n_in, n_out, 2);
  gloss_test_fill (x, n_rows * n_in, 3);
  gloss_test_fill (bias, n_out, 4);
  for (gsize i = 0; i < n_rows * n_out; i++)
    added[i] = 1;
  gloss_rows_pack (pool, &rows, x);
  gloss_products (pool, &rows,
                  (GlossProduct[]){ { &w.matrix, bias, plain }, { &up.matrix, NULL, scratch } }, 2);
  for (gsize i = 0; i < n_rows; i += 7)
    g_assert_cmpfloat (fabs (scratch[i * n_out] - compute (&up, x, NULL, i, 0, eps, &bound)), <=,
                       bound);
  gloss_product_add (pool, &rows, &w.matrix, bias, added, scratch);
  gloss_product_gelu (pool, &rows, &w.matrix, bias, &bent);
  gloss_product_gated (pool, &rows, &w.matrix, &up.matrix, &gated, scratch);
  g_assert_true (gloss_guarded_is_intact (first) && gloss_guarded_is_intact (second));
  for (gsize row = 0; row < n_rows; row++)
    {
      for (gsize o = 0; o < n_out; o++)
        {
          double y = compute (&w, x, bias, row, o, eps, &bound);
          double g = compute (&w, x, NULL, row, o, eps, &bound);
          double u = compute (&up, x, NULL, row, o, eps, &up_bound);
          /* GELU is nowhere steeper than 1.13; its own error and that of the rows it goes into */
          double stored = 2 * eps + 8 * EPS;

          g_assert_cmpfloat (fabs (plain[row * n_out + o] - y), <=, bound + 2 * EPS);
          g_assert_cmpfloat (fabs (added[row * n_out + o] - 1 - y), <=,
                             bound + 4 * EPS * (1 + fabs (y)));
          g_assert_cmpfloat (fabs (read_rows (&bent, row, o) - gelu (y)), <=,
                             1.13 * bound + 4 * EPS + stored * (fabs (gelu (y)) + bound));
          g_assert_cmpfloat (fabs (read_rows (&gated, row, o) - gelu (g) * u), <=,
                             1.13 * bound * (fabs (u) + up_bound) + fabs (gelu (g)) * up_bound
                                 + stored * (fabs (gelu (g) * u) + bound + up_bound));
        }
    }
}

/* The first @n_used outputs only, as of an embedding table with more rows than the tokenizer has.
 */
static void
check_backward (GlossPool *pool, GlossDtype dtype, gsize n_rows, gsize n_in, gsize n_out,
                gsize n_used)
{
  g_auto (Weights) w = { 0 };
  g_autofree float *d_y = g_new (float, n_rows *n_used);
  g_autofree float *single = g_new (float, n_in);
  g_autoptr (GlossGuarded) guarded = gloss_guarded_new (n_rows * n_in * sizeof (float), 4);
  float *d_x = gloss_guarded_get_data (guarded);
  GlossRows rows = new_rows (GLOSS_ROWS_PACKED_F32, n_rows, n_used);
  GlossRows one = new_rows (GLOSS_ROWS_PACKED_F32, 1, n_used);
  g_autofree float *rows_data = rows.data, *one_data = one.data;

  weights_init (&w, dtype, PACKED, n_in, n_out, 1);
  w.matrix.n_out = n_used;
  gloss_test_fill (d_y, n_rows * n_used, 3);
  for (gsize i = 0; i < n_rows * n_in; i++)
    d_x[i] = 1;
  for (gsize i = 0; i < n_in; i++)
    single[i] = 1;
  gloss_rows_pack (pool, &rows, d_y);
  gloss_product_backward_x (pool, d_x, &rows, &w.matrix);
  g_assert_true (gloss_guarded_is_intact (guarded));
  for (gsize row = 0; row < n_rows; row++)
    {
      for (gsize i = 0; i < n_in; i++)
        {
          double sum = 1, magnitude = 1;

          for (gsize o = 0; o < n_used; o++)
            {
              double product = (double) d_y[row * n_used + o] * w.values[o * n_in + i];

              sum += product;
              magnitude += fabs (product);
            }
          g_assert_cmpfloat (fabs (d_x[row * n_in + i] - sum), <=,
                             (double) (n_used + 3) * EPS * magnitude);
        }
    }
  /* the last row has the same bits alone */
  gloss_rows_pack (pool, &one, d_y + (n_rows - 1) * n_used);
  gloss_product_backward_x (pool, single, &one, &w.matrix);
  g_assert_cmpmem (single, n_in * sizeof (float), d_x + (n_rows - 1) * n_in, n_in * sizeof (float));
}

static void
test_the_backward_should_equal_plain_sums (void)
{
  static const GlossDtype types[] = { GLOSS_DTYPE_F32, GLOSS_DTYPE_F16, GLOSS_DTYPE_BF16 };
  static const gsize shapes[][4] = {
    { 1, 40, 64, 64 },  { 5, 33, 70, 61 },     { 13, 7, 5, 5 },
    { 40, 32, 32, 32 }, { 3, 20, 2150, 2117 }, { 510, 70, 40, 40 },
  };
  g_autoptr (GlossPool) pool = gloss_pool_new (3);

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
        check_backward (pool, types[t], shapes[s][0], shapes[s][1], shapes[s][2], shapes[s][3]);
    }
}

static void
test_products_should_equal_plain_sums (void)
{
  static const GlossDtype types[] = { GLOSS_DTYPE_F32, GLOSS_DTYPE_F16, GLOSS_DTYPE_BF16 };
  static const gsize shapes[][3] = {
    { 1, 64, 40 }, { 1, 2053, 33 }, { 2, 5, 7 }, { 13, 131, 60 }, { 12, 32, 32 }, { 40, 2100, 20 },
  };
  g_autoptr (GlossPool) pool = gloss_pool_new (3);

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
        {
          for (Layout layout = 0; layout < N_LAYOUTS; layout++)
            {
              for (GlossRowsKind kind = 0; kind <= GLOSS_ROWS_PACKED_BF16; kind++)
                {
                  if (kind != GLOSS_ROWS_PACKED_F32 || layout == PACKED)
                    check (pool, kind, types[t], layout, shapes[s][0], shapes[s][1], shapes[s][2]);
                }
            }
        }
    }
}

/* More rows than a tile has, in any number of threads; and a row alone is what it is among others.
 */
static void
test_bits_should_depend_on_nothing_else (gconstpointer data)
{
  GlossRowsKind kind = GPOINTER_TO_INT (data);
  gsize n_rows = 530, n_in = 2200, n_out = 70;
  g_auto (Weights) w = { 0 };
  g_autofree float *x = g_new (float, n_rows *n_in);
  g_autofree float *expected = g_new (float, n_rows *n_out);
  g_autofree float *got = g_new (float, n_rows *n_out);
  GlossRows rows = new_rows (kind, n_rows, n_in);
  g_autofree float *owned = rows.data;

  weights_init (&w, GLOSS_DTYPE_BF16, PACKED, n_in, n_out, 1);
  gloss_test_fill (x, n_rows * n_in, 3);
  for (guint threads = 1; threads <= 4; threads++)
    {
      g_autoptr (GlossPool) pool = gloss_pool_new (threads);
      GlossProduct product = { &w.matrix, NULL, threads == 1 ? expected : got };

      gloss_rows_pack (pool, &rows, x);
      gloss_products (pool, &rows, &product, 1);
      g_assert_cmpmem (product.out, n_rows * n_out * 4, expected, n_rows * n_out * 4);
    }
  for (gsize row = 0; row < n_rows; row += 67)
    {
      g_autoptr (GlossPool) pool = gloss_pool_new (1);
      GlossRows one = { kind, rows.data, 1, n_in };
      GlossProduct product = { &w.matrix, NULL, got };

      gloss_rows_pack (pool, &one, x + row * n_in);
      gloss_products (pool, &one, &product, 1);
      g_assert_cmpmem (got, n_out * 4, expected + row * n_out, n_out * 4);
    }
}

static void
test_slices_should_share_their_rows (void)
{
  gsize n_rows = 41, n_cols = 9;
  g_autofree float *x = g_new (float, n_rows *n_cols);
  g_autoptr (GlossPool) pool = gloss_pool_new (1);

  for (gsize i = 0; i < n_rows * n_cols; i++)
    x[i] = (float) (i % 256);
  for (GlossRowsKind kind = 0; kind <= GLOSS_ROWS_PACKED_BF16; kind++)
    {
      GlossRows rows = new_rows (kind, n_rows, n_cols);
      g_autofree float *owned = rows.data;
      GlossRows middle, end;

      gloss_rows_pack (pool, &rows, x);
      middle = gloss_rows_slice (&rows, 12, 24);
      end = gloss_rows_slice (&rows, 36, 5);
      for (gsize col = 0; col < n_cols; col++)
        {
          g_assert_cmpfloat (read_rows (&rows, 40, col), ==, x[40 * n_cols + col]);
          g_assert_cmpfloat (read_rows (&middle, 23, col), ==, x[35 * n_cols + col]);
          g_assert_cmpfloat (read_rows (&end, 4, col), ==, x[40 * n_cols + col]);
        }
    }
  g_assert_cmpuint (gloss_rows_count_floats (G_MAXSIZE, 3), ==, G_MAXSIZE);
  g_assert_cmpuint (gloss_rows_count_floats (3, G_MAXSIZE), ==, G_MAXSIZE);
}

static void
check_best (GlossPool *pool, const GlossRows *row, const GlossMatrix *w, float softcap)
{
  g_autofree float *y = g_new (float, w->n_out);
  g_autoptr (GlossGuarded) guarded =
      gloss_guarded_new ((w->n_out + GLOSS_BEST_MORE_FLOATS) * sizeof (float), 4);
  GlossProduct product = { w, NULL, y };
  GlossBest best;
  gsize index = 0;

  gloss_products (pool, row, &product, 1);
  if (softcap > 0)
    gloss_softcap (pool, y, w->n_out, softcap);
  for (gsize i = 1; i < w->n_out; i++)
    index = y[i] > y[index] ? i : index;
  best = gloss_product_find_best (pool, row, w, softcap, gloss_guarded_get_data (guarded));
  g_assert_true (gloss_guarded_is_intact (guarded));
  g_assert_cmpuint (best.index, ==, index);
  g_assert_cmpfloat (best.value, ==, y[index]);
  g_assert_cmpfloat (fabs (best.log_sum_exp - gloss_log_sum_exp (y, w->n_out)), <=, 1e-6);
}

static void
test_the_best_should_be_the_first_of_the_largest (void)
{
  static const gsize shapes[][2] = { { 64, 4000 }, { 2048, 1000 }, { 2048, 257 }, { 3, 1 } };
  g_autoptr (GlossPool) pool = gloss_pool_new (3);

  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    {
      gsize n_in = shapes[s][0], n_out = shapes[s][1];
      g_auto (Weights) w = { 0 };
      g_autofree float *x = g_new (float, n_in);
      GlossRows row = { GLOSS_ROWS_PLAIN, x, 1, n_in };

      weights_init (&w, GLOSS_DTYPE_BF16, PACKED, n_in, n_out, 1);
      for (guint seed = 0; seed < 20; seed++)
        {
          gloss_test_fill (x, n_in, seed);
          check_best (pool, &row, &w.matrix, seed % 2 ? 3 : 0);
        }
      /* all are equal */
      memset (x, 0, n_in * sizeof (float));
      check_best (pool, &row, &w.matrix, 0);
    }
}

static void
test_the_best_of_no_numbers_should_be_none (void)
{
  static const float bad[] = { NAN, INFINITY };
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autofree float *scratch = g_new (float, 600);
  g_auto (Weights) w = { 0 };
  float x[8] = { 0 };
  GlossRows row = { GLOSS_ROWS_PLAIN, x, 1, 8 };

  weights_init (&w, GLOSS_DTYPE_F32, PACKED, 8, 500, 1);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      x[3] = bad[i];
      g_assert_false (
          isfinite (gloss_product_find_best (pool, &row, &w.matrix, 0, scratch).log_sum_exp));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/product/products-should-equal-plain-sums",
                   test_products_should_equal_plain_sums);
  g_test_add_func ("/tensor/product/the-backward-should-equal-plain-sums",
                   test_the_backward_should_equal_plain_sums);
  g_test_add_data_func ("/tensor/product/packed-f32/bits-should-depend-on-nothing-else",
                        GINT_TO_POINTER (GLOSS_ROWS_PACKED_F32),
                        test_bits_should_depend_on_nothing_else);
  g_test_add_data_func ("/tensor/product/packed-bf16/bits-should-depend-on-nothing-else",
                        GINT_TO_POINTER (GLOSS_ROWS_PACKED_BF16),
                        test_bits_should_depend_on_nothing_else);
  g_test_add_func ("/tensor/product/best/should-be-the-first-of-the-largest",
                   test_the_best_should_be_the_first_of_the_largest);
  g_test_add_func ("/tensor/product/best/of-no-numbers-should-be-none",
                   test_the_best_of_no_numbers_should_be_none);
  g_test_add_func ("/tensor/product/slices-should-share-their-rows",
                   test_slices_should_share_their_rows);
  return g_test_run ();
}
