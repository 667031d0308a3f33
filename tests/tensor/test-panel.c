/* Packed weights: where each value lies, and the kernels that read them, against plain loops and
 * bit for bit against each other. */
#include "support/asserts.h"
#include "tensor/panel.h"

#include <math.h>
#include <string.h>

#define EPS 5.97e-8 /* 2^-24, one rounding */
#define MAX_ROWS 12

static const char *const isas[] = { "scalar", "avx2", "avx512", "avx512bf16" };
static const GlossDtype types[] = { GLOSS_DTYPE_F32, GLOSS_DTYPE_F16, GLOSS_DTYPE_BF16 };
static const gsize lengths[] = { 1, 2, 3, 31, 64, 255, 256, 257, 514, 2051 };

static float
read_value (GlossDtype type, const guint8 *bytes)
{
  float value;

  gloss_matrix_convert (&value, type, bytes, 1);
  return value;
}

/* n_out × n_in weights, row-major, of which no two neighbours are equal; newly allocated. */
static guint8 *
make_rows (GlossDtype type, gsize n_out, gsize n_in)
{
  gsize n = n_out * n_in, size = gloss_dtype_get_size_bytes (type);
  guint8 *rows = g_malloc (n * size);
  g_autofree float *values = g_new (float, n);

  gloss_test_fill (values, n, (guint32) n);
  for (gsize i = 0; i < n; i++)
    {
      guint16 half = type == GLOSS_DTYPE_BF16
                         ? gloss_float_to_bf16 (values[i])
                         : (guint16) (0x2000 + i * 40503 % 0x1800 + (i % 2 ? 0x8000 : 0));

      if (type == GLOSS_DTYPE_F32)
        memcpy (rows + i * 4, &values[i], 4);
      else
        memcpy (rows + i * 2, &half, 2);
    }
  return rows;
}

static guint8 *
pack (GlossDtype type, const guint8 *rows, gsize n_out, gsize n_in)
{
  gsize size = gloss_dtype_get_size_bytes (type);
  gsize panel_bytes = gloss_panel_get_size_bytes (type, n_in);
  guint8 *packed = g_malloc (gloss_panel_count_bytes (type, n_in, n_out));

  memset (packed, 0xaa, gloss_panel_count_bytes (type, n_in, n_out));
  for (gsize out = 0; out < n_out; out += GLOSS_PANEL_OUT)
    gloss_panel_pack (packed + out / GLOSS_PANEL_OUT * panel_bytes, rows + out * n_in * size,
                      MIN (GLOSS_PANEL_OUT, n_out - out), n_in, size);
  return packed;
}

static GlossMatrix
make_packed (const guint8 *packed, GlossDtype type, gsize n_in, gsize n_out)
{
  return (GlossMatrix){
    .data = packed,
    .dtype = type,
    .n_in = n_in,
    .n_out = n_out,
    .block_out = n_out,
    .is_packed = TRUE,
  };
}

/* The layout said in other words: filled with zeros where there is no weight. */
static void
test_packing_should_put_each_weight_in_its_place (void)
{
  static const gsize shapes[][2] = { { 1, 1 }, { 32, 2 }, { 33, 5 }, { 72, 131 }, { 96, 300 } };

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
        {
          gsize n_out = shapes[s][0], n_in = shapes[s][1], even = (n_in + 1) / 2 * 2;
          gsize size = gloss_dtype_get_size_bytes (types[t]), at = 0;
          g_autofree guint8 *rows = make_rows (types[t], n_out, n_in);
          g_autofree guint8 *packed = pack (types[t], rows, n_out, n_in);
          static const guint8 zeros[4];

          for (gsize panel = 0; panel * 32 < n_out; panel++)
            {
              for (gsize pair = 0; pair < even / 2; pair++)
                {
                  for (gsize k = 0; k < 64; k++, at++)
                    {
                      gsize out = panel * 32 + k / 2, in = pair * 2 + k % 2;
                      gboolean is_there = out < n_out && in < n_in;

                      g_assert_cmpmem (packed + at * size, size,
                                       is_there ? rows + (out * n_in + in) * size : zeros, size);
                      if (is_there)
                        g_assert_cmpuint (gloss_panel_find (n_in, in, out), ==, at);
                    }
                }
            }
          g_assert_cmpuint (at * size, ==, gloss_panel_count_bytes (types[t], n_in, n_out));
        }
    }
  g_assert_cmpuint (gloss_panel_count_bytes (GLOSS_DTYPE_F32, G_MAXSIZE, 1), ==, G_MAXSIZE);
  g_assert_cmpuint (gloss_panel_count_bytes (GLOSS_DTYPE_F32, 1, G_MAXSIZE), ==, G_MAXSIZE);
  g_assert_cmpuint (gloss_panel_count_bytes (GLOSS_DTYPE_F32, G_MAXSIZE / 8, 4), ==, G_MAXSIZE);
}

static void
test_packed_matrices_should_read_like_others (void)
{
  gsize n_out = 75, n_in = 1031;

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      gsize size = gloss_dtype_get_size_bytes (types[t]);
      g_autofree guint8 *rows = make_rows (types[t], n_out, n_in);
      g_autofree guint8 *packed = pack (types[t], rows, n_out, n_in);
      GlossMatrix matrix = make_packed (packed, types[t], n_in, n_out);
      float row[1031], tile[70 * 40];

      g_assert_false (gloss_matrix_is_out_major (&matrix));
      for (gsize out = 0; out < n_out; out += 37)
        {
          gloss_matrix_convert_row (row, &matrix, out);
          for (gsize in = 0; in < n_in; in++)
            g_assert_cmpfloat (row[in], ==, read_value (types[t], rows + (out * n_in + in) * size));
        }
      gloss_matrix_convert_tile (tile, &matrix, 961, 70, 30, 40);
      for (gsize in = 0; in < 70; in++)
        {
          for (gsize out = 0; out < 40; out++)
            g_assert_cmpfloat (tile[in * 40 + out], ==,
                               read_value (types[t], rows + ((30 + out) * n_in + 961 + in) * size));
        }
    }
}

/* What the kernels multiply, for each layout that a file may have. */
static void
test_any_matrix_should_become_the_same_bf16_panels (void)
{
  gsize n_out = 72, n_in = 301;

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      gsize size = gloss_dtype_get_size_bytes (types[t]);
      g_autofree guint8 *rows = make_rows (types[t], n_out, n_in);
      g_autofree guint8 *packed = pack (types[t], rows, n_out, n_in);
      g_autofree guint8 *columns = g_malloc (n_out * n_in * size);
      GlossMatrix out_major = { rows, types[t], n_in, n_out, 1, n_in, n_out, 0, FALSE };
      GlossMatrix in_major = { columns, types[t], n_in, n_out, 8, 1, 8, 8 * n_in, FALSE };
      GlossMatrix panels = make_packed (packed, types[t], n_in, n_out);
      const GlossMatrix *const matrices[] = { &out_major, &in_major, &panels };

      for (gsize i = 0; i < n_in * n_out; i++)
        memcpy ((guint8 *) gloss_matrix_get_element (&in_major, i % n_in, i / n_in),
                rows + i * size, size);
      for (guint m = 0; m < G_N_ELEMENTS (matrices); m++)
        {
          for (gsize panel = 0; panel < 3; panel++)
            {
              guint32 got[131 * 32];

              gloss_panel_make_bf16 (got, matrices[m], panel, 20, 131);
              for (gsize i = 0; i < G_N_ELEMENTS (got); i++)
                {
                  gsize out = panel * 32 + i % 32, in = 2 * (20 + i / 32);
                  guint32 expected = 0;

                  for (gsize k = 0; k < 2; k++)
                    {
                      if (out < n_out && in + k < n_in)
                        expected |= (guint32) gloss_float_to_bf16 (
                                        read_value (types[t], rows + (out * n_in + in + k) * size))
                                    << (16 * k);
                    }
                  g_assert_cmphex (got[i], ==, expected);
                }
            }
        }
    }
}

static void
run_gemv (const GlossKernels *k, GlossDtype type, float *out, const guint8 *panel, const float *x,
          gsize n_in)
{
  if (type == GLOSS_DTYPE_F32)
    k->gemv_panel_f32 (out, panel, x, n_in);
  else if (type == GLOSS_DTYPE_F16)
    k->gemv_panel_f16 (out, panel, x, n_in);
  else
    k->gemv_panel_bf16 (out, panel, x, n_in);
}

static void
run_gemm (const GlossKernels *k, GlossDtype type, float *out, const guint8 *panel, const float *a,
          gsize n_rows, gsize n_pairs, gboolean is_added)
{
  if (type == GLOSS_DTYPE_F32)
    k->gemm_panel_f32 (out, panel, a, n_rows, n_pairs, is_added);
  else if (type == GLOSS_DTYPE_F16)
    k->gemm_panel_f16 (out, panel, a, n_rows, n_pairs, is_added);
  else
    k->gemm_panel_bf16 (out, panel, a, n_rows, n_pairs, is_added);
}

static void
test_one_row_should_equal_plain_sums (gconstpointer data)
{
  const GlossKernels *kernels = data;

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      for (guint l = 0; l < G_N_ELEMENTS (lengths); l++)
        {
          gsize n_in = lengths[l], size = gloss_dtype_get_size_bytes (types[t]);
          g_autofree guint8 *rows = make_rows (types[t], 32, n_in);
          g_autofree guint8 *panel = pack (types[t], rows, 32, n_in);
          g_autoptr (GlossGuarded) guarded = gloss_guarded_new (32 * sizeof (float), 4);
          g_autofree float *x = g_new (float, n_in);
          float *out = gloss_guarded_get_data (guarded), scalar[32];

          gloss_test_fill (x, n_in, 5);
          run_gemv (kernels, types[t], out, panel, x, n_in);
          run_gemv (gloss_kernels_find ("scalar"), types[t], scalar, panel, x, n_in);
          g_assert_true (gloss_guarded_is_intact (guarded));
          g_assert_cmpmem (out, sizeof scalar, scalar, sizeof scalar);
          for (gsize o = 0; o < 32; o++)
            {
              double sum = 0, magnitude = 0;

              for (gsize i = 0; i < n_in; i++)
                {
                  double product =
                      (double) x[i] * read_value (types[t], rows + (o * n_in + i) * size);

                  sum += product;
                  magnitude += fabs (product);
                }
              g_assert_cmpfloat (fabs (out[o] - sum), <=, (double) (n_in + 1) * EPS * magnitude);
            }
        }
    }
}

static void
test_panels_should_convert_exactly (gconstpointer data)
{
  const GlossKernels *kernels = data;

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      gsize n_in = 62, size = gloss_dtype_get_size_bytes (types[t]);
      g_autofree guint8 *rows = make_rows (types[t], 32, n_in);
      g_autofree guint8 *panel = pack (types[t], rows, 32, n_in);
      g_autoptr (GlossGuarded) guarded = gloss_guarded_new (32 * n_in * sizeof (float), 4);
      float *out = gloss_guarded_get_data (guarded);

      if (types[t] == GLOSS_DTYPE_F32)
        kernels->convert_panel_f32 (out, panel, n_in / 2);
      else if (types[t] == GLOSS_DTYPE_F16)
        kernels->convert_panel_f16 (out, panel, n_in / 2);
      else
        kernels->convert_panel_bf16 (out, panel, n_in / 2);
      g_assert_true (gloss_guarded_is_intact (guarded));
      for (gsize i = 0; i < n_in * 32; i++)
        g_assert_cmpfloat (out[i], ==,
                           read_value (types[t], rows + (i % 32 * n_in + i / 32) * size));
    }
}

/* Also a panel that ends with fewer inputs than are turned at once. */
static void
test_panels_should_be_turned (gconstpointer data)
{
  const GlossKernels *kernels = data;

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      for (gsize n_in = 2; n_in <= 32; n_in += 10)
        {
          gsize size = gloss_dtype_get_size_bytes (types[t]);
          g_autofree guint8 *rows = make_rows (types[t], 32, n_in);
          g_autofree guint8 *panel = pack (types[t], rows, 32, n_in);
          g_autoptr (GlossGuarded) guarded = gloss_guarded_new (32 * 32 * size, 4);
          guint8 *out = gloss_guarded_get_data (guarded);
          static const guint8 nothing[4];

          if (size == 4)
            kernels->turn_panel_4 (out, panel, n_in / 2);
          else
            kernels->turn_panel_2 (out, panel, n_in / 2);
          g_assert_true (gloss_guarded_is_intact (guarded));
          for (gsize o = 0; o < 32; o++)
            {
              for (gsize i = 0; i < 32; i++)
                g_assert_cmpmem (out + (o / 2 * 64 + i * 2 + o % 2) * size, size,
                                 i < n_in ? rows + (o * n_in + i) * size : nothing, size);
            }
        }
    }
}

/* The order that the kernels promise, rounded where they round. */
static float
sum_in_order (float sum, const float *a, gsize stride, const float *w, gsize n_pairs)
{
  float chain = 0;

  for (gsize i = 0; i < n_pairs; i++)
    {
      chain = fmaf (a[i * stride * 2 + 1], w[2 * i + 1], chain);
      chain = fmaf (a[i * stride * 2], w[2 * i], chain);
    }
  return sum + chain;
}

static void
check_rows (const GlossKernels *kernels, GlossDtype type, gsize n_rows, gsize n_pairs,
            gboolean is_added)
{
  gsize n_in = 2 * n_pairs, n_a = n_in * n_rows, size = gloss_dtype_get_size_bytes (type);
  g_autofree guint8 *rows = make_rows (type, 32, n_in);
  g_autofree guint8 *panel = pack (type, rows, 32, n_in);
  g_autoptr (GlossGuarded) guarded = gloss_guarded_new (n_rows * 32 * sizeof (float), 4);
  g_autoptr (GlossGuarded) dotted = gloss_guarded_new (n_rows * 32 * sizeof (float), 8);
  g_autofree float *a = g_new (float, n_a);
  g_autofree float *rounded = g_new (float, n_a);
  g_autofree guint32 *halves = g_new (guint32, n_a / 2);
  g_autofree float *w = g_new (float, n_in);
  float *out = gloss_guarded_get_data (guarded), *dot = gloss_guarded_get_data (dotted);

  gloss_test_fill (a, n_a, 7);
  gloss_kernels_find ("scalar")->pack_bf16 (halves, 1, a, n_a);
  gloss_matrix_convert (rounded, GLOSS_DTYPE_BF16, (const guint8 *) halves, n_a);
  gloss_test_fill (out, n_rows * 32, 8);
  memcpy (dot, out, n_rows * 32 * sizeof (float));
  run_gemm (kernels, type, out, panel, a, n_rows, n_pairs, is_added);
  if (type == GLOSS_DTYPE_BF16)
    kernels->dot_panel (dot, panel, halves, n_rows, n_pairs, is_added);
  g_assert_true (gloss_guarded_is_intact (guarded) && gloss_guarded_is_intact (dotted));
  for (gsize o = 0; o < 32; o++)
    {
      g_autofree float *before = g_new (float, n_rows * 32);

      gloss_test_fill (before, n_rows * 32, 8);
      gloss_matrix_convert (w, type, rows + o * n_in * size, n_in);
      for (gsize row = 0; row < n_rows; row++)
        {
          float start = is_added ? before[row * 32 + o] : 0;

          g_assert_cmpfloat (out[row * 32 + o], ==,
                             sum_in_order (start, a + 2 * row, n_rows, w, n_pairs));
          if (type == GLOSS_DTYPE_BF16)
            g_assert_cmpfloat (dot[row * 32 + o], ==,
                               sum_in_order (start, rounded + 2 * row, n_rows, w, n_pairs));
        }
    }
}

static void
test_many_rows_should_be_summed_in_order (gconstpointer data)
{
  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      for (gsize n_rows = 1; n_rows <= MAX_ROWS; n_rows++)
        {
          check_rows (data, types[t], n_rows, 1, FALSE);
          check_rows (data, types[t], n_rows, 37, n_rows % 2);
        }
      check_rows (data, types[t], MAX_ROWS, 513, TRUE);
    }
}

static void
test_rounding_should_go_to_the_nearest_even (gconstpointer data)
{
  const GlossKernels *kernels = data;
  gsize n = 65536 * 4;
  g_autofree float *x = g_new (float, n);
  g_autofree guint32 *got = g_new (guint32, n / 2);

  /* every upper half with a lower half below, at and above the middle */
  for (gsize i = 0; i < n; i++)
    {
      static const guint32 low[] = { 0, 0x7fff, 0x8000, 0x8001 };

      x[i] = gloss_float_from_bits ((guint32) (i / 4) << 16 | low[i % 4]);
    }
  kernels->pack_bf16 (got, 1, x, n);
  for (gsize i = 0; i < n; i++)
    {
      guint32 bits = gloss_float_to_bits (x[i]);
      guint16 half = (guint16) (got[i / 2] >> (i % 2 * 16));

      if (isnan (x[i]))
        g_assert_true (isnan (gloss_float_from_bf16 (half)));
      else if ((bits & 0x7f800000u) == 0)
        g_assert_cmphex (half, ==, bits >> 16 & 0x8000);
      else
        g_assert_cmphex (half, ==, gloss_float_to_bf16 (x[i]));
    }
}

static void
test_packing_rows_should_keep_to_its_places (gconstpointer data)
{
  const GlossKernels *kernels = data;

  for (gsize n = 0; n < 100; n++)
    {
      for (gsize stride = 1; stride <= 12; stride += 11)
        {
          gsize n_pairs = (n + 1) / 2, n_words = n_pairs > 0 ? (n_pairs - 1) * stride + 1 : 0;
          g_autoptr (GlossGuarded) guarded = gloss_guarded_new (n_words * 4, 4);
          g_autofree float *x = g_new (float, n + 1);
          guint32 *out = gloss_guarded_get_data (guarded);

          gloss_test_fill (x, n, 3);
          for (gsize i = 0; i < n_words; i++)
            out[i] = 0xabababab;
          kernels->pack_bf16 (out, stride, x, n);
          g_assert_true (gloss_guarded_is_intact (guarded));
          for (gsize i = 0; i < n_words; i++)
            {
              gsize pair = i / stride;
              guint32 expected = 0xabababab;

              if (i % stride == 0)
                {
                  expected = gloss_float_to_bf16 (x[2 * pair]);
                  if (2 * pair + 1 < n)
                    expected |= (guint32) gloss_float_to_bf16 (x[2 * pair + 1]) << 16;
                }
              g_assert_cmphex (out[i], ==, expected);
            }
        }
    }
}

static void
skip_instruction_set (gconstpointer data)
{
  g_test_skip ("this CPU does not have the instruction set");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (gconstpointer);
  } tests[] = {
    { "one-row-should-equal-plain-sums", test_one_row_should_equal_plain_sums },
    { "panels-should-convert-exactly", test_panels_should_convert_exactly },
    { "panels-should-be-turned", test_panels_should_be_turned },
    { "many-rows-should-be-summed-in-order", test_many_rows_should_be_summed_in_order },
    { "rounding-should-go-to-the-nearest-even", test_rounding_should_go_to_the_nearest_even },
    { "packing-rows-should-keep-to-its-places", test_packing_rows_should_keep_to_its_places },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/panel/packing-should-put-each-weight-in-its-place",
                   test_packing_should_put_each_weight_in_its_place);
  g_test_add_func ("/tensor/panel/packed-matrices-should-read-like-others",
                   test_packed_matrices_should_read_like_others);
  g_test_add_func ("/tensor/panel/any-matrix-should-become-the-same-bf16-panels",
                   test_any_matrix_should_become_the_same_bf16_panels);
  for (guint i = 0; i < G_N_ELEMENTS (isas); i++)
    {
      const GlossKernels *kernels = gloss_kernels_find (isas[i]);

      for (guint t = 0; t < G_N_ELEMENTS (tests); t++)
        {
          g_autofree char *path = g_strdup_printf ("/tensor/panel/%s/%s", isas[i], tests[t].name);

          g_test_add_data_func (path, kernels, kernels ? tests[t].func : skip_instruction_set);
        }
    }
  return g_test_run ();
}
