/* The inner loops: each against plain arithmetic in double, and every instruction set against the
 * scalar one, bit for bit. */
#include "support/asserts.h"
#include "tensor/kernels/kernels.h"

#include "base/dtype.h"

#include <math.h>
#include <string.h>

#define LANES 16
#define EPS 5.97e-8 /* 2^-24, one rounding */

static const char *const isas[] = { "scalar", "avx2", "avx512", "avx512bf16" };

/* Around the lane counts where code paths change, and some longer ones. */
static const gsize lengths[] = { 0,  1,  2,  15, 16, 17, 31, 32,  33,  47,
                                 48, 63, 64, 65, 79, 80, 96, 127, 129, 300 };

/* Weights of @type in guarded, misaligned memory, from the same values. */
static GlossGuarded *
make_weights (GlossDtype type, gsize n, guint32 seed, guint misalign)
{
  gsize size = gloss_dtype_get_size_bytes (type);
  GlossGuarded *guarded = gloss_guarded_new (n * size, misalign);
  guint8 *data = gloss_guarded_get_data (guarded);
  g_autofree float *values = g_new (float, n + 1);

  gloss_test_fill (values, n, seed);
  for (gsize i = 0; i < n; i++)
    {
      /* halves by their bits, so that subnormals come too: sign and a small exponent from the value
       */
      guint16 half = type == GLOSS_DTYPE_F16
                         ? (guint16) (gloss_float_to_bits (values[i]) * 2654435761u >> 16)
                         : gloss_float_to_bf16 (values[i]);

      if (type == GLOSS_DTYPE_F16 && (half & 0x7c00) >= 0x4400)
        half &= 0x83ff; /* keep products small: no large, infinite or NaN halves here */
      if (type == GLOSS_DTYPE_F32)
        memcpy (data + i * 4, &values[i], 4);
      else
        memcpy (data + i * 2, &half, 2);
    }
  return guarded;
}

static float
read_weight (GlossDtype type, const guint8 *data, gsize i)
{
  guint16 half;
  float value;

  if (type == GLOSS_DTYPE_F32)
    {
      memcpy (&value, data + i * 4, 4);
      return value;
    }
  memcpy (&half, data + i * 2, 2);
  return type == GLOSS_DTYPE_F16 ? gloss_float_from_f16 (half) : gloss_float_from_bf16 (half);
}

typedef void (*Gemv) (float *out, const guint8 *w, gsize stride, const float *x, gsize n_rows,
                      gsize n);
typedef void (*Convert) (float *out, const guint8 *w, gsize n);

static Gemv
get_gemv (const GlossKernels *k, GlossDtype type, gboolean cols)
{
  if (type == GLOSS_DTYPE_F32)
    return cols ? k->gemv_cols_f32 : k->gemv_rows_f32;
  if (type == GLOSS_DTYPE_F16)
    return cols ? k->gemv_cols_f16 : k->gemv_rows_f16;
  return cols ? k->gemv_cols_bf16 : k->gemv_rows_bf16;
}

static Convert
get_convert (const GlossKernels *k, GlossDtype type)
{
  return type == GLOSS_DTYPE_F32   ? k->convert_f32
         : type == GLOSS_DTYPE_F16 ? k->convert_f16
                                   : k->convert_bf16;
}

static void
check_gemv (const GlossKernels *kernels, GlossDtype type, gsize n_rows, gsize n, gboolean cols)
{
  gsize size = gloss_dtype_get_size_bytes (type);
  gsize stride = n + 3; /* rows are not dense */
  gsize n_in = cols ? n_rows : n, n_out = cols ? n : n_rows;
  g_autoptr (GlossGuarded) w = make_weights (type, n_rows * stride, (guint32) (n + 7), 1);
  g_autoptr (GlossGuarded) out = gloss_guarded_new (n_out * sizeof (float), 4);
  g_autoptr (GlossGuarded) scalar_out = gloss_guarded_new (n_out * sizeof (float), 8);
  g_autofree float *x = g_new (float, n_in + 1);
  const guint8 *data = gloss_guarded_get_data (w);
  float *got = gloss_guarded_get_data (out);
  float *scalar = gloss_guarded_get_data (scalar_out);

  gloss_test_fill (x, n_in, 99);
  get_gemv (kernels, type, cols) (got, data, stride * size, x, n_rows, n);
  get_gemv (gloss_kernels_find ("scalar"), type, cols) (scalar, data, stride * size, x, n_rows, n);
  g_assert_true (gloss_guarded_is_intact (out));
  g_assert_cmpmem (got, n_out * sizeof (float), scalar, n_out * sizeof (float));

  for (gsize j = 0; j < n_out; j++)
    {
      double sum = 0, magnitude = 0;

      for (gsize i = 0; i < n_in; i++)
        {
          double product =
              (double) x[i] * read_weight (type, data, cols ? i * stride + j : j * stride + i);

          sum += product;
          magnitude += fabs (product);
        }
      /* each term is rounded once as a product and at most n_in times in sums */
      g_assert_cmpfloat (fabs (got[j] - sum), <=, (double) (n_in + 1) * EPS * magnitude + 1e-44);
    }
}

static void
test_gemv_should_equal_plain_sums (gconstpointer data)
{
  const GlossKernels *kernels = data;
  static const GlossDtype types[] = { GLOSS_DTYPE_F32, GLOSS_DTYPE_F16, GLOSS_DTYPE_BF16 };

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
        {
          check_gemv (kernels, types[t], 3, lengths[i], FALSE);
          /* rows in fours, with a rest, and more than one chain of sums */
          check_gemv (kernels, types[t], lengths[i], 21, TRUE);
          check_gemv (kernels, types[t], 7, lengths[i], TRUE);
        }
      check_gemv (kernels, types[t], 1000, GLOSS_GEMV_MAX_COLS, TRUE);
    }
}

static void
test_convert_should_be_exact (gconstpointer data)
{
  const GlossKernels *kernels = data;
  static const GlossDtype types[] = { GLOSS_DTYPE_F32, GLOSS_DTYPE_F16, GLOSS_DTYPE_BF16 };

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
        {
          gsize n = lengths[i];
          g_autoptr (GlossGuarded) w = make_weights (types[t], n, 5, 3);
          g_autoptr (GlossGuarded) out = gloss_guarded_new (n * sizeof (float), 4);
          float *got = gloss_guarded_get_data (out);

          get_convert (kernels, types[t]) (got, gloss_guarded_get_data (w), n);
          g_assert_true (gloss_guarded_is_intact (out));
          for (gsize j = 0; j < n; j++)
            g_assert_cmpfloat (got[j], ==, read_weight (types[t], gloss_guarded_get_data (w), j));
        }
    }
}

static void
test_convert_should_know_every_half (gconstpointer data)
{
  const GlossKernels *kernels = data;
  g_autofree guint16 *halves = g_new (guint16, 65536);
  g_autofree float *f16 = g_new (float, 65536);
  g_autofree float *bf16 = g_new (float, 65536);

  for (guint i = 0; i < 65536; i++)
    halves[i] = (guint16) i;
  kernels->convert_f16 (f16, (const guint8 *) halves, 65536);
  kernels->convert_bf16 (bf16, (const guint8 *) halves, 65536);
  for (guint i = 0; i < 65536; i++)
    {
      float a = gloss_float_from_f16 ((guint16) i), b = gloss_float_from_bf16 ((guint16) i);

      g_assert_true (isnan (a) ? isnan (f16[i])
                               : gloss_float_to_bits (f16[i]) == gloss_float_to_bits (a));
      g_assert_cmpuint (gloss_float_to_bits (bf16[i]), ==, gloss_float_to_bits (b));
    }
}

static double
gelu (double u)
{
  return 0.5 * u * (1 + tanh (0.7978845608028654 * (u + 0.044715 * u * u * u)));
}

static void
test_gelu_should_equal_the_formula (gconstpointer data)
{
  const GlossKernels *kernels = data;

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      gsize n = lengths[i];
      g_autoptr (GlossGuarded) out = gloss_guarded_new (n * sizeof (float), 4);
      g_autoptr (GlossGuarded) both = gloss_guarded_new (n * sizeof (float), 12);
      g_autofree float *x = g_new (float, n + 1);
      g_autofree float *y = g_new (float, n + 1);
      float *got = gloss_guarded_get_data (out), *product = gloss_guarded_get_data (both);

      gloss_test_fill (x, n, 3);
      gloss_test_fill (y, n, 4);
      for (gsize j = 0; j < n; j++)
        x[j] *= 12;
      kernels->gelu (got, x, n);
      kernels->gelu_multiply (product, x, y, n);
      g_assert_true (gloss_guarded_is_intact (out) && gloss_guarded_is_intact (both));
      for (gsize j = 0; j < n; j++)
        {
          double expected = gelu (x[j]);
          /* e^−2k is off by 2 ulp and by the rounding of k times 2k, which is at most 2·88 before
           * e^−2k overflows */
          double bound =
              (6 + 4 * fabs (0.8 * (x[j] + 0.044715 * pow (x[j], 3)))) * EPS * fabs (expected)
              + 1e-37;

          /* tanh cancels in the double formula too, but far below the bound */
          bound += 1e-15 * fabs (x[j]);
          g_assert_cmpfloat (fabs (got[j] - expected), <=, bound);
          g_assert_cmpfloat (product[j], ==, got[j] * y[j]);
        }
    }
}

static void
test_gelu_should_survive_extremes (gconstpointer data)
{
  const GlossKernels *kernels = data;
  float x[] = { 0, -0.0f, 1e30f, -1e30f, INFINITY, NAN, 1e-40f, -200, 200 };
  float out[G_N_ELEMENTS (x)];

  kernels->gelu (out, x, G_N_ELEMENTS (x));
  g_assert_cmpfloat (out[0], ==, 0);
  g_assert_cmpfloat (out[1], ==, 0);
  g_assert_cmpfloat (out[2], ==, 1e30f);
  g_assert_cmpfloat (out[3], ==, 0);
  g_assert_cmpfloat (out[4], ==, INFINITY);
  g_assert_true (isnan (out[5]));
  g_assert_cmpfloat (fabs (out[6] - 5e-41f), <=, 1e-44);
  g_assert_cmpfloat (out[7], ==, 0);
  g_assert_cmpfloat (out[8], ==, 200);
}

static void
test_softmax_rows_should_sum_to_one (gconstpointer data)
{
  const GlossKernels *kernels = data;

  for (guint i = 0; i < 2 * G_N_ELEMENTS (lengths); i++)
    {
      gsize n = lengths[i / 2];
      float cap = i % 2 ? 50 : 0;
      g_autoptr (GlossGuarded) guarded = gloss_guarded_new (n * sizeof (float), 4);
      g_autofree double *expected = g_new (double, n + 1);
      float *x = gloss_guarded_get_data (guarded);
      double max = -INFINITY, total = 0, sum = 0;

      gloss_test_fill (x, n, 8);
      for (gsize j = 0; j < n; j++)
        {
          x[j] *= 40;
          expected[j] = cap > 0 ? cap * tanh (x[j] / cap) : x[j];
          max = MAX (max, expected[j]);
        }
      for (gsize j = 0; j < n; j++)
        total += expected[j] = exp (expected[j] - max);
      kernels->softmax (x, n, cap);
      g_assert_true (gloss_guarded_is_intact (guarded));
      for (gsize j = 0; j < n; j++)
        {
          /* a score of up to 80 below the largest, rounded by 2 ulp, is off by 80·2·EPS; the
           * exponential and the division add 4 roundings, the sum at most n */
          g_assert_cmpfloat (fabs (x[j] - expected[j] / total), <=,
                             (170.0 + (double) n) * EPS * expected[j] / total + 1e-44);
          sum += x[j];
        }
      if (n > 0)
        g_assert_cmpfloat (fabs (sum - 1), <=, (double) (n + 4) * EPS);
    }
}

static void
test_softmax_should_survive_extremes (gconstpointer data)
{
  const GlossKernels *kernels = data;
  float far[] = { 0, -1000, -3e38f, -INFINITY };
  float odd[] = { 0, NAN, 1 };
  float one[] = { -3e38f };

  kernels->softmax (far, 4, 0);
  g_assert_cmpfloat (far[0], ==, 1);
  for (guint i = 1; i < 4; i++)
    g_assert_cmpfloat (far[i], ==, 0);
  kernels->softmax (odd, 3, 0);
  for (guint i = 0; i < 3; i++)
    g_assert_true (isnan (odd[i]));
  kernels->softmax (one, 1, 0);
  g_assert_cmpfloat (one[0], ==, 1);
}

/* A row in blocks: the same weights as at once, to a few roundings for each block. */
static void
test_softmax_blocks_should_make_up_the_row (gconstpointer data)
{
  static const gsize blocks[] = { 1, 17, 16, 40, 3 };
  const GlossKernels *kernels = data;
  float at_once[77], x[77], stats[GLOSS_SOFTMAX_STATS] = { -INFINITY, 0, 0 };
  gsize first = 0;

  gloss_test_fill (at_once, 77, 8);
  for (gsize i = 0; i < 77; i++)
    x[i] = at_once[i] *= 40 + (float) i; /* larger ones come late */
  kernels->softmax (at_once, 77, 50);
  for (guint b = 0; b < G_N_ELEMENTS (blocks); b++)
    {
      g_autoptr (GlossGuarded) guarded = gloss_guarded_new (blocks[b] * sizeof (float), 4);
      float *block = gloss_guarded_get_data (guarded);

      memcpy (block, x + first, blocks[b] * sizeof (float));
      kernels->softmax_block (block, blocks[b], 50, stats);
      g_assert_true (gloss_guarded_is_intact (guarded));
      kernels->scale (x, first, stats[GLOSS_SOFTMAX_FACTOR]);
      memcpy (x + first, block, blocks[b] * sizeof (float));
      first += blocks[b];
    }
  kernels->scale (x, 77, 1 / stats[GLOSS_SOFTMAX_SUM]);
  /* each factor has the 2 ulp of its power and the rounding of its product, and the powers of a
   * value with a smaller and with the largest maximum differ as the differences round: below 100
   * in size, five times half an ulp of 2⁻¹⁸ */
  gloss_assert_close (x, at_once, 77, (5 * (6 + 64) + 20) * EPS, "row in blocks");
}

static void
test_softmax_blocks_should_survive_extremes (gconstpointer data)
{
  const GlossKernels *kernels = data;
  float x[] = { -3e38f, 3e38f, NAN }, stats[GLOSS_SOFTMAX_STATS] = { -INFINITY, 0, 0 };

  kernels->softmax_block (x, 1, 0, stats);
  g_assert_cmpfloat (x[0], ==, 1);
  g_assert_cmpfloat (stats[GLOSS_SOFTMAX_FACTOR], ==, 0);
  kernels->softmax_block (x + 1, 1, 0, stats);
  g_assert_cmpfloat (x[1], ==, 1);
  g_assert_cmpfloat (stats[GLOSS_SOFTMAX_FACTOR], ==, 0);
  g_assert_cmpfloat (stats[GLOSS_SOFTMAX_SUM], ==, 1);
  kernels->softmax_block (x + 2, 1, 0, stats);
  g_assert_true (isnan (stats[GLOSS_SOFTMAX_SUM]));
}

/* The distance of @got from @expected in units of the last place of a float of that size. */
static double
count_ulp (float got, double expected)
{
  int exponent;

  frexp (expected, &exponent);
  return fabs (got - expected) / ldexp (1, MAX (exponent, -125) - 24);
}

/* Every 997th float, which is some ten thousand in each octave. */
#define SWEEP_STEP 997

/* The next 64 floats of a sweep that @bits go through up to @last, the sign apart. */
static void
fill_sweep (float *x, guint32 *bits, guint32 last)
{
  for (guint i = 0; i < 64; i++, *bits += SWEEP_STEP)
    x[i] = gloss_float_from_bits (MIN (*bits, last));
}

/* e^x of floats from −0 down to where it is no normal float any more. */
static void
test_exponential_should_be_within_one_ulp (gconstpointer data)
{
  const GlossKernels *kernels = data;
  guint32 last = gloss_float_to_bits (-87.0f);
  double worst = 0;

  for (guint32 bits = gloss_float_to_bits (-1e-10f); bits < last;)
    {
      float x[64], e[64], stats[GLOSS_SOFTMAX_STATS] = { 0, 0, 0 };

      fill_sweep (x, &bits, last);
      memcpy (e, x, sizeof e);
      kernels->softmax_block (e, 64, 0, stats);
      for (guint i = 0; i < 64; i++)
        worst = MAX (worst, count_ulp (e[i], exp ((double) x[i])));
    }
  g_test_message ("exponential: within %.3f ulp", worst);
  g_assert_cmpfloat (worst, <=, 1);
}

static void
test_tanh_should_be_within_two_ulp (gconstpointer data)
{
  const GlossKernels *kernels = data;
  guint32 last = gloss_float_to_bits (20.0f);
  double worst = 0;

  for (guint32 bits = gloss_float_to_bits (1e-10f); bits < last;)
    {
      float x[64], y[64];

      fill_sweep (x, &bits, last);
      memcpy (y, x, sizeof y);
      kernels->softcap (y, 64, 1);
      for (guint i = 0; i < 64; i++)
        worst = MAX (worst, count_ulp (y[i], tanh ((double) x[i])));
    }
  g_test_message ("tanh: within %.3f ulp", worst);
  g_assert_cmpfloat (worst, <=, 2);
}

/* Both signs: for positive x, and where negative x still matter beside what is added to them. Far
 * below, where GELU is next to nothing, the error of the exponent counts: |2k| ulp. */
static void
test_gelu_should_be_within_its_ulp (gconstpointer data)
{
  const GlossKernels *kernels = data;
  guint32 last = gloss_float_to_bits (10.0f);
  double worst[3] = { 0 };

  for (guint32 bits = gloss_float_to_bits (1e-10f); bits < last;)
    {
      float x[64], y[64];

      fill_sweep (x, &bits, last);
      kernels->gelu (y, x, 64);
      for (guint i = 0; i < 64; i++)
        worst[0] = MAX (worst[0], count_ulp (y[i], gelu (x[i])));
      for (guint i = 0; i < 64; i++)
        x[i] = -x[i];
      kernels->gelu (y, x, 64);
      for (guint i = 0; i < 64; i++)
        {
          double k = 0.7978845608028654 * (x[i] + 0.044715 * pow (x[i], 3));
          double expected = x[i] / (1 + exp (-2 * k));

          if (x[i] >= -1)
            worst[1] = MAX (worst[1], count_ulp (y[i], expected));
          else if (expected < -1e-37)
            worst[2] = MAX (worst[2], count_ulp (y[i], expected) / fabs (2 * k));
        }
    }
  g_test_message ("GELU: within %.3f ulp, from -1 to 0 %.3f, below %.3f times |2k|", worst[0],
                  worst[1], worst[2]);
  g_assert_cmpfloat (worst[0], <=, 2);
  g_assert_cmpfloat (worst[1], <=, 3);
  g_assert_cmpfloat (worst[2], <=, 3);
}

static void
test_softcap_should_equal_the_formula (gconstpointer data)
{
  const GlossKernels *kernels = data;
  g_autofree float *x = g_new (float, 4001);
  g_autofree float *out = g_new (float, 4001);

  for (gsize i = 0; i < 4001; i++)
    x[i] = ((float) i - 2000) / 10;
  memcpy (out, x, 4001 * sizeof (float));
  kernels->softcap (out, 4001, 50);
  for (gsize i = 0; i < 4001; i++)
    {
      double expected = 50 * tanh (x[i] / 50.0);

      g_assert_cmpfloat (fabs (out[i] - expected), <=, 5 * EPS * fabs (expected));
    }
  g_assert_cmpfloat (fabs (out[3000] - 48.201379), <, 5e-6);
  out[0] = INFINITY, out[1] = -INFINITY, out[2] = NAN;
  kernels->softcap (out, 3, 30);
  g_assert_cmpfloat (out[0], ==, 30);
  g_assert_cmpfloat (out[1], ==, -30);
  g_assert_true (isnan (out[2]));
}

static void
check_norm (const GlossKernels *kernels, gsize n, gboolean layer)
{
  g_autoptr (GlossGuarded) guarded = gloss_guarded_new (n * sizeof (float), 4);
  g_autofree float *x = g_new (float, n);
  g_autofree float *scale = g_new (float, n);
  g_autofree float *bias = g_new (float, n);
  float *got = gloss_guarded_get_data (guarded);
  double mean = 0, square = 0, r, largest;

  gloss_test_fill (x, n, 21);
  gloss_test_fill (scale, n, 22);
  gloss_test_fill (bias, n, 23);
  for (gsize i = 0; i < n; i++)
    mean += layer ? (double) x[i] / (double) n : 0;
  for (gsize i = 0; i < n; i++)
    square += (x[i] - mean) * (x[i] - mean) / (double) n;
  r = 1 / sqrt (square + 1e-6);
  if (layer)
    kernels->layer_norm (got, x, scale, bias, n, 1e-6f);
  else
    kernels->rms_norm (got, x, scale, n, 1e-6f);
  g_assert_true (gloss_guarded_is_intact (guarded));
  /* the sums have at most n/16 + 4 roundings in a row; the mean's is divided by the deviation, r
   * times */
  largest = ((double) n / 16 + 4) * EPS * (1 + r) + 8 * EPS;
  for (gsize i = 0; i < n; i++)
    {
      double expected =
          layer ? (x[i] - mean) * r * scale[i] + bias[i] : x[i] * r * (1 + (double) scale[i]);

      g_assert_cmpfloat (fabs (got[i] - expected), <=,
                         largest * (fabs (expected) + 2 * r + fabs (bias[i])));
    }
}

/* Where the values are as small as the epsilon it decides: zeros stay zeros, and 1e-4 becomes
 * 1e-4 / √(1e-8 + 1e-6). */
static void
test_norms_should_have_their_epsilon (gconstpointer data)
{
  const GlossKernels *kernels = data;
  float zeros[20] = { 0 }, small[20], scale[20] = { 0 }, out[20];

  for (guint i = 0; i < 20; i++)
    small[i] = i % 2 ? 1e-4f : -1e-4f;
  kernels->rms_norm (out, zeros, scale, 20, 1e-6f);
  gloss_assert_close (out, zeros, 20, 0, "zeros");
  kernels->rms_norm (out, small, scale, 20, 1e-6f);
  g_assert_cmpfloat (fabs (out[1] - 1e-4 / sqrt (1.01e-6)), <=, 10 * EPS);
  for (guint i = 0; i < 20; i++)
    scale[i] = 1;
  kernels->layer_norm (out, small, scale, zeros, 20, 1e-6f);
  g_assert_cmpfloat (fabs (out[1] - 1e-4 / sqrt (1.01e-6)), <=, 10 * EPS);
}

static void
test_norms_should_equal_the_formulas (gconstpointer data)
{
  for (guint i = 1; i < G_N_ELEMENTS (lengths); i++)
    {
      check_norm (data, lengths[i], FALSE);
      check_norm (data, lengths[i], TRUE);
    }
}

/* The backward ones, which write nothing beside their rows. */
static void
check_backward_bits (const GlossKernels *kernels, const GlossKernels *scalar, const float *x,
                     const float *y, gsize n)
{
  gsize n_bytes = n * sizeof (float);
  g_autoptr (GlossGuarded) guarded = gloss_guarded_new (n_bytes, 4);
  g_autoptr (GlossGuarded) second = gloss_guarded_new (n_bytes, 8);
  g_autofree float *b = g_new0 (float, n + 1);
  g_autofree float *b2 = g_new0 (float, n + 1);
  float *a = gloss_guarded_get_data (guarded), *a2 = gloss_guarded_get_data (second);

  kernels->gelu_backward (a, x, y, n), scalar->gelu_backward (b, x, y, n);
  g_assert_cmpmem (a, n_bytes, b, n_bytes);
  kernels->gelu_multiply_backward (a, a2, x, y, y, n);
  scalar->gelu_multiply_backward (b, b2, x, y, y, n);
  g_assert_cmpmem (a, n_bytes, b, n_bytes);
  g_assert_cmpmem (a2, n_bytes, b2, n_bytes);
  kernels->softmax_backward (a, x, y, 0.25f, n, 2), scalar->softmax_backward (b, x, y, 0.25f, n, 2);
  g_assert_cmpmem (a, n_bytes, b, n_bytes);
  if (n > 0)
    {
      float max[2], total[2];

      memcpy (a, x, n_bytes), memcpy (b, x, n_bytes);
      kernels->softmax_stats (a, n, &max[0], &total[0]);
      scalar->softmax_stats (b, n, &max[1], &total[1]);
      g_assert_cmpfloat (max[0], ==, max[1]);
      g_assert_cmpfloat (total[0], ==, total[1]);
      kernels->softmax_by_stats (a, n, max[0], total[0]), scalar->softmax (b, n, 0);
      g_assert_cmpmem (a, n_bytes, b, n_bytes);
    }
  g_assert_true (gloss_guarded_is_intact (guarded) && gloss_guarded_is_intact (second));
}

/* Every kernel of this instruction set gives the scalar one's bits. gemv is compared where it is
 * tested. */
static void
test_bits_should_equal_scalar (gconstpointer data)
{
  const GlossKernels *kernels = data, *scalar = gloss_kernels_find ("scalar");

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      gsize n = lengths[i], n_bytes = n * sizeof (float);
      g_autofree float *x = g_new (float, n + 1);
      g_autofree float *y = g_new (float, n + 1);
      g_autofree float *a = g_new (float, n + 1);
      g_autofree float *b = g_new (float, n + 1);

      gloss_test_fill (x, n, 31);
      gloss_test_fill (y, n, 32);
      for (gsize j = 0; j < n; j++)
        x[j] *= 30;
      kernels->gelu (a, x, n), scalar->gelu (b, x, n);
      g_assert_cmpmem (a, n_bytes, b, n_bytes);
      kernels->gelu_multiply (a, x, y, n), scalar->gelu_multiply (b, x, y, n);
      g_assert_cmpmem (a, n_bytes, b, n_bytes);
      kernels->rms_norm (a, x, y, n, 1e-6f), scalar->rms_norm (b, x, y, n, 1e-6f);
      g_assert_cmpmem (a, n_bytes, b, n_bytes);
      kernels->layer_norm (a, x, y, y, n, 1e-6f), scalar->layer_norm (b, x, y, y, n, 1e-6f);
      g_assert_cmpmem (a, n_bytes, b, n_bytes);
      memcpy (a, x, n_bytes), memcpy (b, x, n_bytes);
      kernels->softmax (a, n, 50), scalar->softmax (b, n, 50);
      g_assert_cmpmem (a, n_bytes, b, n_bytes);
      memcpy (a, x, n_bytes), memcpy (b, x, n_bytes);
      kernels->softcap (a, n, 30), scalar->softcap (b, n, 30);
      g_assert_cmpmem (a, n_bytes, b, n_bytes);
      memcpy (a, x, n_bytes), memcpy (b, x, n_bytes);
      float a_stats[GLOSS_SOFTMAX_STATS] = { 7, 3, 0 }, b_stats[GLOSS_SOFTMAX_STATS] = { 7, 3, 0 };

      kernels->softmax_block (a, n, 0, a_stats), scalar->softmax_block (b, n, 0, b_stats);
      g_assert_cmpmem (a, n_bytes, b, n_bytes);
      g_assert_cmpmem (a_stats, sizeof a_stats, b_stats, sizeof b_stats);
      kernels->scale (a, n, 0.3f), scalar->scale (b, n, 0.3f);
      g_assert_cmpmem (a, n_bytes, b, n_bytes);
      check_backward_bits (kernels, scalar, x, y, n);
    }
}

static void
test_choice_should_follow_the_environment (void)
{
  if (g_test_subprocess ())
    {
      g_setenv ("GLOSS_ISA", "scalar", TRUE);
      g_assert_cmpstr (gloss_kernels_get ()->isa, ==, "scalar");
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_assert_null (gloss_kernels_find ("sse9"));
}

static void
skip_instruction_set (gconstpointer data)
{
  g_test_skip ("this CPU does not have the instruction set");
}

/* As many as the list has, so that a new one does not go without a test unnoticed. */
static void
test_every_kernel_should_be_known_here (void)
{
  guint n = 0;

#define K(name, arguments) n++;
#include "tensor/kernels/kernels.inc"
#undef K
  /* three of convert, six of gemv, two of softmax and scale, softcap, two of gelu, two norms; of
   * the backward two of gelu and three of softmax, whose values test-gradients.c has; and in
   * test-panel.c three of gemv, convert and gemm, two of turn, dot and pack */
  g_assert_cmpuint (n, ==, 35);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (gconstpointer);
  } tests[] = {
    { "gemv-should-equal-plain-sums", test_gemv_should_equal_plain_sums },
    { "convert-should-be-exact", test_convert_should_be_exact },
    { "convert-should-know-every-half", test_convert_should_know_every_half },
    { "gelu-should-equal-the-formula", test_gelu_should_equal_the_formula },
    { "gelu-should-survive-extremes", test_gelu_should_survive_extremes },
    { "softmax-rows-should-sum-to-one", test_softmax_rows_should_sum_to_one },
    { "softmax-should-survive-extremes", test_softmax_should_survive_extremes },
    { "softmax-blocks-should-make-up-the-row", test_softmax_blocks_should_make_up_the_row },
    { "softmax-blocks-should-survive-extremes", test_softmax_blocks_should_survive_extremes },
    { "exponential-should-be-within-one-ulp", test_exponential_should_be_within_one_ulp },
    { "tanh-should-be-within-two-ulp", test_tanh_should_be_within_two_ulp },
    { "gelu-should-be-within-its-ulp", test_gelu_should_be_within_its_ulp },
    { "softcap-should-equal-the-formula", test_softcap_should_equal_the_formula },
    { "norms-should-equal-the-formulas", test_norms_should_equal_the_formulas },
    { "norms-should-have-their-epsilon", test_norms_should_have_their_epsilon },
    { "bits-should-equal-scalar", test_bits_should_equal_scalar },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (isas); i++)
    {
      const GlossKernels *kernels = gloss_kernels_find (isas[i]);

      for (guint t = 0; t < G_N_ELEMENTS (tests); t++)
        {
          g_autofree char *path = g_strdup_printf ("/tensor/kernels/%s/%s", isas[i], tests[t].name);

          g_test_add_data_func (path, kernels, kernels ? tests[t].func : skip_instruction_set);
        }
    }
  g_test_add_func ("/tensor/kernels/every-kernel-should-be-known-here",
                   test_every_kernel_should_be_known_here);
  g_test_add_func ("/tensor/kernels/choice/should-follow-the-environment",
                   test_choice_should_follow_the_environment);
  return g_test_run ();
}
