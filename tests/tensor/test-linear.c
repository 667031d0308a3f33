/* y = x·W + b in every layout and type, for one row and many. */
#include "support/asserts.h"
#include "tensor/linear.h"

#include <math.h>
#include <string.h>

#define EPS 5.97e-8

typedef enum
{
  OUT_MAJOR, /* Hugging Face: [out, in] */
  IN_MAJOR,  /* big_vision: [in, out] */
  HEADS,     /* big_vision: [heads, in, head dim] */
} Layout;

static GlossMatrix
make_matrix (guint8 *data, GlossDtype dtype, Layout layout, gsize n_in, gsize n_out)
{
  GlossMatrix matrix = { data, dtype, n_in, n_out, 1, n_in, n_out, 0, FALSE };

  switch (layout)
    {
    case OUT_MAJOR:
      break;
    case IN_MAJOR:
      matrix.in_stride = n_out;
      matrix.out_stride = 1;
      break;
    case HEADS:
      matrix.block_out = n_out / 4;
      matrix.block_stride = n_in * matrix.block_out;
      matrix.in_stride = matrix.block_out;
      matrix.out_stride = 1;
      break;
    }
  return matrix;
}

static void
check (GlossPool *pool, GlossDtype dtype, Layout layout, gsize n_rows, gsize n_in, gsize n_out,
       gboolean has_bias)
{
  gsize size = gloss_dtype_get_size_bytes (dtype);
  g_autoptr (GlossGuarded) weights = gloss_guarded_new (n_in * n_out * size, 1);
  g_autoptr (GlossGuarded) result = gloss_guarded_new (n_rows * n_out * sizeof (float), 0);
  guint8 *data = gloss_guarded_get_data (weights);
  GlossMatrix matrix = make_matrix (data, dtype, layout, n_in, n_out);
  g_autofree float *w = g_new (float, n_in *n_out);
  g_autofree float *x = g_new (float, n_rows *n_in);
  g_autofree float *bias = g_new (float, n_out);
  float *out = gloss_guarded_get_data (result);

  gloss_test_fill (w, n_in * n_out, 1);
  gloss_test_fill (x, n_rows * n_in, 2);
  gloss_test_fill (bias, n_out, 3);
  for (gsize i = 0; i < n_in * n_out; i++)
    {
      guint16 half = gloss_float_to_bf16 (w[i]);

      if (dtype == GLOSS_DTYPE_F16)
        half = (guint16) (0x3000 + i % 0x800); /* 0.125 … 0.5 */
      if (dtype == GLOSS_DTYPE_F32)
        memcpy (data + i * 4, &w[i], 4);
      else
        memcpy (data + i * 2, &half, 2);
    }

  gloss_linear (pool, out, x, &matrix, has_bias ? bias : NULL, n_rows);
  g_assert_true (gloss_guarded_is_intact (result));
  for (gsize row = 0; row < n_rows; row++)
    {
      for (gsize o = 0; o < n_out; o++)
        {
          double sum = has_bias ? bias[o] : 0, magnitude = fabs (sum);

          for (gsize i = 0; i < n_in; i++)
            {
              const guint8 *element = gloss_matrix_get_element (&matrix, i, o);
              float value;
              guint16 half;

              memcpy (&half, element, 2);
              if (dtype == GLOSS_DTYPE_F32)
                memcpy (&value, element, 4);
              else
                value = dtype == GLOSS_DTYPE_F16 ? gloss_float_from_f16 (half)
                                                 : gloss_float_from_bf16 (half);
              sum += (double) x[row * n_in + i] * value;
              magnitude += fabs ((double) x[row * n_in + i] * value);
            }
          g_assert_cmpfloat (fabs (out[row * n_out + o] - sum), <=,
                             (double) (n_in + 2) * EPS * magnitude);
        }
    }
}

static void
test_linear_should_equal_plain_sums (void)
{
  static const GlossDtype types[] = { GLOSS_DTYPE_F32, GLOSS_DTYPE_F16, GLOSS_DTYPE_BF16 };
  static const gsize shapes[][3] = {
    { 1, 5, 8 },     { 1, 64, 1200 }, { 1, 700, 48 },   { 2, 5, 8 },
    { 7, 600, 132 }, { 3, 33, 1028 }, { 70, 520, 256 }, { 1, 1, 4 },
  };
  g_autoptr (GlossPool) pool = gloss_pool_new (3);

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
        {
          for (Layout layout = OUT_MAJOR; layout <= HEADS; layout++)
            check (pool, types[t], layout, shapes[s][0], shapes[s][1], shapes[s][2], s % 2);
        }
    }
}

static void
test_linear_should_give_the_same_bits_at_any_thread_count (void)
{
  gsize n_rows = 9, n_in = 700, n_out = 900;
  g_autofree float *w = g_new (float, n_in *n_out);
  g_autofree float *x = g_new (float, n_rows *n_in);
  g_autofree float *first = g_new (float, n_rows *n_out);
  g_autofree float *other = g_new (float, n_rows *n_out);
  GlossMatrix matrix = make_matrix ((guint8 *) w, GLOSS_DTYPE_F32, IN_MAJOR, n_in, n_out);

  gloss_test_fill (w, n_in * n_out, 1);
  gloss_test_fill (x, n_rows * n_in, 2);
  for (guint rows = 1; rows <= n_rows; rows += 8)
    {
      for (guint threads = 1; threads <= 5; threads++)
        {
          g_autoptr (GlossPool) pool = gloss_pool_new (threads);
          float *out = threads == 1 ? first : other;

          gloss_linear (pool, out, x, &matrix, NULL, rows);
          g_assert_cmpmem (out, rows * n_out * 4, first, rows * n_out * 4);
        }
    }
}

static void
test_rows_should_come_from_the_right_place (void)
{
  float table[] = { 0, 1, 2, 10, 11, 12, 20, 21, 22 };
  GlossMatrix matrix = make_matrix ((guint8 *) table, GLOSS_DTYPE_F32, OUT_MAJOR, 3, 3);
  float row[3], expected[] = { 10, 11, 12 };

  gloss_matrix_convert_row (row, &matrix, 1);
  gloss_assert_close (row, expected, 3, 0, "row 1");
}

static void
test_a_cancelled_job_should_leave_tiles_out (void)
{
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  float w[4] = { 1, 1, 1, 1 }, x[2] = { 1, 1 }, out[2] = { -7, -7 };
  GlossMatrix matrix = make_matrix ((guint8 *) w, GLOSS_DTYPE_F32, OUT_MAJOR, 2, 2);

  gloss_pool_begin_job (pool, cancellable);
  g_cancellable_cancel (cancellable);
  gloss_linear (pool, out, x, &matrix, NULL, 1);
  g_assert_cmpfloat (out[0], ==, -7);
  g_assert_false (gloss_pool_end_job (pool, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped");
  gloss_linear (pool, out, x, &matrix, NULL, 1);
  g_assert_cmpfloat (out[0], ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/linear/should-equal-plain-sums", test_linear_should_equal_plain_sums);
  g_test_add_func ("/tensor/linear/should-give-the-same-bits-at-any-thread-count",
                   test_linear_should_give_the_same_bits_at_any_thread_count);
  g_test_add_func ("/tensor/linear/rows-should-come-from-the-right-place",
                   test_rows_should_come_from_the_right_place);
  g_test_add_func ("/tensor/linear/a-cancelled-job-should-leave-tiles-out",
                   test_a_cancelled_job_should_leave_tiles_out);
  return g_test_run ();
}
