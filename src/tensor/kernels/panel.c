/* Products with packed weights: panels of 32 outputs, the two weights of a pair of inputs beside
 * each other. panel.h draws the layout.
 *
 * A load brings the pairs of as many outputs as a register has lanes. Of bfloat16 the halves become
 * floats by a shift and a mask, which is why pairs suit every CPU, and vdpbf16ps takes them as they
 * are. Many rows share a load: with AVX-512 twelve rows by 32 outputs are 24 registers of sums, of
 * the 32 that there are.
 *
 * The order of every sum is fixed: pair after pair, in a pair the second input before the first,
 * each added by one rounding. That is the order of vdpbf16ps; products of two bfloat16 are exact,
 * so that all instruction sets give the same bits as long as nothing falls below 2⁻¹²⁶, where
 * vdpbf16ps flushes to zero and the others do not.
 *
 * The vectors here are as wide as the registers: GCC 12 keeps wider ones in memory in such loops.
 */
#include "tensor/kernels/table.h"

#include "base/dtype.h"

#if defined(__F16C__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define LANES 16
#define ROWS_AT_ONCE 12
#define CASES(X) X (1) X (2) X (3) X (4) X (5) X (6) X (7) X (8) X (9) X (10) X (11) X (12)
#define EVEN_LANES 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODD_LANES 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#elif defined(__AVX2__)
#define LANES 8
#define ROWS_AT_ONCE 4
#define CASES(X) X (1) X (2) X (3) X (4)
#define EVEN_LANES 0, 2, 4, 6, 8, 10, 12, 14
#define ODD_LANES 1, 3, 5, 7, 9, 11, 13, 15
#else
#define LANES 4
#define ROWS_AT_ONCE 6
#define CASES(X) X (1) X (2) X (3) X (4) X (5) X (6)
#define EVEN_LANES 0, 2, 4, 6
#define ODD_LANES 1, 3, 5, 7
#endif

/* Registers beside each other that a pass over the inputs has the sums of. */
#define PASS_PARTS 2
#define PASS_OUT (PASS_PARTS * LANES)
#define N_PARTS (GLOSS_PANEL_OUT / LANES)

/* Pairs of inputs in a sum before it is added to the total: shorter chains, smaller error. */
#define CHAIN_PAIRS 128

/* How far ahead of the sums weights are asked for: beyond the end of the page, where the CPU's own
 * reading ahead stops. */
#define AHEAD_BYTES 2048

#define PAIR_BYTES(size) (GLOSS_PANEL_OUT * 2 * (size))
#define PART_BYTES(size) (LANES * 2 * (size))

typedef float vf __attribute__ ((vector_size (4 * LANES)));
typedef gint32 vi __attribute__ ((vector_size (4 * LANES)));
typedef guint32 vu __attribute__ ((vector_size (4 * LANES)));
typedef guint16 vh __attribute__ ((vector_size (2 * LANES)));

#define VEC_INLINE static inline __attribute__ ((always_inline))

VEC_INLINE vf
vf_load (const void *p)
{
  vf v;

  memcpy (&v, p, sizeof v);
  return v;
}

VEC_INLINE void
vf_store (float *p, vf v)
{
  memcpy (p, &v, sizeof v);
}

/* Adding x to zeros would be an addition indeed, because of −0. */
VEC_INLINE vf
vf_all (float x)
{
#if defined(__AVX512F__)
  return (vf) _mm512_set1_ps (x);
#elif defined(__AVX2__)
  return (vf) _mm256_set1_ps (x);
#else
  return (vf){ x, x, x, x };
#endif
}

VEC_INLINE vf
vf_from_f16 (vh h)
{
#if defined(__AVX512F__)
  return (vf) _mm512_cvtph_ps ((__m256i) h);
#elif defined(__F16C__)
  return (vf) _mm256_cvtph_ps ((__m128i) h);
#else
  /* as vec.h does it, where it is explained */
  vu wide = __builtin_convertvector(h, vu);
  vu magnitude = (wide & 0x7fff) << 13;
  vu is_subnormal = (vu) ((wide & 0x7c00) == 0);
  vu is_special = (vu) ((wide & 0x7c00) == 0x7c00);
  vu is_nan = is_special & (vu) ((wide & 0x3ff) != 0);
  vu normal = magnitude + (is_special & (112u << 23)) + (112u << 23);
  vu subnormal = (vu) ((vf) (magnitude + (113u << 23)) - (vf) ((vu){ 0 } + (113u << 23)));

  return (vf) (((is_subnormal & subnormal) | (~is_subnormal & normal)) | (is_nan & 0x00400000u)
               | ((wide & 0x8000) << 16));
#endif
}

/* The weights of a part's outputs for both inputs of a pair. */
VEC_INLINE void
load_pair_bf16 (const guint8 *p, vf *first, vf *second)
{
  vu both = (vu) vf_load (p);

  *first = (vf) (both << 16);
  *second = (vf) (both & 0xffff0000u);
}

VEC_INLINE void
load_pair_f16 (const guint8 *p, vf *first, vf *second)
{
  vu both = (vu) vf_load (p);

  *first = vf_from_f16 (__builtin_convertvector(both & 0xffff, vh));
  *second = vf_from_f16 (__builtin_convertvector(both >> 16, vh));
}

VEC_INLINE void
load_pair_f32 (const guint8 *p, vf *first, vf *second)
{
  vf low = vf_load (p), high = vf_load (p + sizeof (vf));

  *first = __builtin_shufflevector (low, high, EVEN_LANES);
  *second = __builtin_shufflevector (low, high, ODD_LANES);
}

/* One row, which memory bounds: products and sums are rounded one by one, so that every instruction
 * set does it at its own speed. */
#define GEMV_PANEL(type, size)                                                                     \
  void GLOSS_KERNEL (gemv_panel_##type) (float *out, const guint8 *panel, const float *x,          \
                                         gsize n_in)                                               \
  {                                                                                                \
    gsize n_pairs = n_in / 2;                                                                      \
    vf total[N_PARTS] = { { 0 } }, first, second;                                                  \
                                                                                                   \
    for (gsize i = 0; i < n_pairs;)                                                                \
      {                                                                                            \
        gsize end = MIN (n_pairs, i + CHAIN_PAIRS);                                                \
        vf sum[N_PARTS] = { { 0 } };                                                               \
                                                                                                   \
        for (; i < end; i++)                                                                       \
          {                                                                                        \
            const guint8 *p = panel + i * PAIR_BYTES (size);                                       \
            vf x_first = vf_all (x[2 * i]), x_second = vf_all (x[2 * i + 1]);                      \
                                                                                                   \
            _Pragma ("GCC unroll 4") for (int k = 0; k < PAIR_BYTES (size) / 64; k++)              \
                __builtin_prefetch (p + AHEAD_BYTES + k * 64);                                     \
            _Pragma ("GCC unroll 8") for (int part = 0; part < N_PARTS; part++)                    \
            {                                                                                      \
              load_pair_##type (p + part * PART_BYTES (size), &first, &second);                    \
              sum[part] += x_first * first + x_second * second;                                    \
            }                                                                                      \
          }                                                                                        \
        _Pragma ("GCC unroll 8") for (int part = 0; part < N_PARTS; part++) total[part] +=         \
            sum[part];                                                                             \
      }                                                                                            \
    _Pragma ("GCC unroll 8") for (int part = 0; part < N_PARTS; part++)                            \
    {                                                                                              \
      if (n_in % 2)                                                                                \
        {                                                                                          \
          load_pair_##type (panel + n_pairs * PAIR_BYTES (size) + part * PART_BYTES (size),        \
                            &first, &second);                                                      \
          total[part] += x[n_in - 1] * first;                                                      \
        }                                                                                          \
      vf_store (out + part * LANES, total[part]);                                                  \
    }                                                                                              \
  }

GEMV_PANEL (f32, 4)
GEMV_PANEL (f16, 2)
GEMV_PANEL (bf16, 2)

#define CONVERT_PANEL(type, size)                                                                  \
  void GLOSS_KERNEL (convert_panel_##type) (float *out, const guint8 *panel, gsize n_pairs)        \
  {                                                                                                \
    for (gsize i = 0; i < n_pairs; i++)                                                            \
      {                                                                                            \
        for (int part = 0; part < N_PARTS; part++)                                                 \
          {                                                                                        \
            float *place = out + 2 * i * GLOSS_PANEL_OUT + part * LANES;                           \
            vf first, second;                                                                      \
                                                                                                   \
            load_pair_##type (panel + i * PAIR_BYTES (size) + part * PART_BYTES (size), &first,    \
                              &second);                                                            \
            vf_store (place, first);                                                               \
            vf_store (place + GLOSS_PANEL_OUT, second);                                            \
          }                                                                                        \
      }                                                                                            \
  }

CONVERT_PANEL (f32, 4)
CONVERT_PANEL (f16, 2)
CONVERT_PANEL (bf16, 2)

/* The weights of two inputs and two outputs lie together in both directions: they are moved as one,
 * and the middle two of them change places. */
#define PANEL_PAIRS (GLOSS_PANEL_OUT / 2)

void
GLOSS_KERNEL (turn_panel_2) (guint8 *out, const guint8 *panel, gsize n_pairs)
{
  for (gsize i = 0; i < n_pairs; i++)
    {
      for (gsize o = 0; o < PANEL_PAIRS; o++)
        {
          guint64 four;

          memcpy (&four, panel + i * PAIR_BYTES (2) + o * sizeof four, sizeof four);
          four = (four & 0xffff00000000ffffu) | (four & 0xffff0000u) << 16
                 | (four >> 16 & 0xffff0000u);
          memcpy (out + o * PAIR_BYTES (2) + i * sizeof four, &four, sizeof four);
        }
    }
  for (gsize o = 0; n_pairs < PANEL_PAIRS && o < PANEL_PAIRS; o++)
    memset (out + o * PAIR_BYTES (2) + n_pairs * sizeof (guint64), 0,
            (PANEL_PAIRS - n_pairs) * sizeof (guint64));
}

void
GLOSS_KERNEL (turn_panel_4) (guint8 *out, const guint8 *panel, gsize n_pairs)
{
  for (gsize i = 0; i < n_pairs; i++)
    {
      for (gsize o = 0; o < PANEL_PAIRS; o++)
        {
          guint32 four[4], turned[4];

          memcpy (four, panel + i * PAIR_BYTES (4) + o * sizeof four, sizeof four);
          turned[0] = four[0];
          turned[1] = four[2];
          turned[2] = four[1];
          turned[3] = four[3];
          memcpy (out + o * PAIR_BYTES (4) + i * sizeof turned, turned, sizeof turned);
        }
    }
  for (gsize o = 0; n_pairs < PANEL_PAIRS && o < PANEL_PAIRS; o++)
    memset (out + o * PAIR_BYTES (4) + n_pairs * 16, 0, (PANEL_PAIRS - n_pairs) * 16);
}

/* a·b + c, rounded once */
VEC_INLINE vf
vf_multiply_add (vf a, vf b, vf c)
{
#if defined(__AVX512F__)
  return (vf) _mm512_fmadd_ps ((__m512) a, (__m512) b, (__m512) c);
#elif defined(__FMA__)
  return (vf) _mm256_fmadd_ps ((__m256) a, (__m256) b, (__m256) c);
#else
  for (int i = 0; i < LANES; i++)
    c[i] = __builtin_fmaf (a[i], b[i], c[i]);
  return c;
#endif
}

/* The same for products that are exact. */
VEC_INLINE vf
vf_add_exact_product (vf a, vf b, vf c)
{
#if defined(__FMA__)
  return vf_multiply_add (a, b, c);
#else
  return a * b + c;
#endif
}

#define FOR_ROWS(n) _Pragma ("GCC unroll 12") for (int row = 0; row < (n); row++)

#define ADD_ROWS(n, add, get_value, weights)                                                       \
  FOR_ROWS (n)                                                                                     \
  {                                                                                                \
    vf value = get_value (row);                                                                    \
                                                                                                   \
    sum[row][0] = add (value, (weights)[0], sum[row][0]);                                          \
    sum[row][1] = add (value, (weights)[1], sum[row][1]);                                          \
  }

/* Adds the sums of @n rows to @out, or puts them there. */
#define STORE_ROWS(n)                                                                              \
  FOR_ROWS (n)                                                                                     \
  {                                                                                                \
    for (int part = 0; part < PASS_PARTS; part++)                                                  \
      {                                                                                            \
        float *place = out + row * GLOSS_PANEL_OUT + part * LANES;                                 \
                                                                                                   \
        vf_store (place, is_added ? vf_load (place) + sum[row][part] : sum[row][part]);            \
      }                                                                                            \
  }

/* PASS_OUT outputs of @n rows, a constant, of the @stride that lie beside each other in @a. */
#define FIRST_OF(row) vf_all (x[2 * (row)])
#define SECOND_OF(row) vf_all (x[2 * (row) + 1])
#define GEMM_ROWS(type, size)                                                                      \
  VEC_INLINE void gemm_rows_##type (float *out, const guint8 *panel, const float *a, gsize stride, \
                                    gsize n_pairs, gboolean is_added, const int n)                 \
  {                                                                                                \
    vf sum[ROWS_AT_ONCE][PASS_PARTS] = { { { 0 } } };                                              \
                                                                                                   \
    for (gsize i = 0; i < n_pairs; i++)                                                            \
      {                                                                                            \
        const guint8 *p = panel + i * PAIR_BYTES (size);                                           \
        const float *x = a + i * stride * 2;                                                       \
        vf first[PASS_PARTS], second[PASS_PARTS];                                                  \
                                                                                                   \
        load_pair_##type (p, &first[0], &second[0]);                                               \
        load_pair_##type (p + PART_BYTES (size), &first[1], &second[1]);                           \
        ADD_ROWS (n, vf_multiply_add, SECOND_OF, second)                                           \
        ADD_ROWS (n, vf_multiply_add, FIRST_OF, first)                                             \
      }                                                                                            \
    STORE_ROWS (n)                                                                                 \
  }

GEMM_ROWS (f32, 4)
GEMM_ROWS (f16, 2)
GEMM_ROWS (bf16, 2)

/* The same with rows of bfloat16. */
#define LOW_OF(row) (vf) (((vu){ 0 } + x[row]) << 16)
#define HIGH_OF(row) (vf) (((vu){ 0 } + x[row]) & 0xffff0000u)
VEC_INLINE void
dot_rows (float *out, const guint8 *panel, const guint32 *a, gsize stride, gsize n_pairs,
          gboolean is_added, const int n)
{
  vf sum[ROWS_AT_ONCE][PASS_PARTS] = { { { 0 } } };

  for (gsize i = 0; i < n_pairs; i++)
    {
      const guint8 *p = panel + i * PAIR_BYTES (2);
      const guint32 *x = a + i * stride;
#if defined(__AVX512BF16__)
      __m512bh left = (__m512bh) vf_load (p);
      __m512bh right = (__m512bh) vf_load (p + PART_BYTES (2));

      FOR_ROWS (n)
      {
        __m512bh value = (__m512bh) _mm512_set1_epi32 ((int) x[row]);

        sum[row][0] = (vf) _mm512_dpbf16_ps ((__m512) sum[row][0], value, left);
        sum[row][1] = (vf) _mm512_dpbf16_ps ((__m512) sum[row][1], value, right);
      }
#else
      vf first[PASS_PARTS], second[PASS_PARTS];

      load_pair_bf16 (p, &first[0], &second[0]);
      load_pair_bf16 (p + PART_BYTES (2), &first[1], &second[1]);
      ADD_ROWS (n, vf_add_exact_product, HIGH_OF, second)
      ADD_ROWS (n, vf_add_exact_product, LOW_OF, first)
#endif
    }
  STORE_ROWS (n)
}

/* All outputs of all rows, as many at once as there are registers for. */
#define CALL(n)                                                                                    \
  case n:                                                                                          \
    CALLED (place, weights, x, n_rows, n_pairs, is_added, n);                                      \
    break;
#define CALL_ROWS(value_type, values_per_pair, size)                                               \
  for (gsize row = 0; row < n_rows; row += ROWS_AT_ONCE)                                           \
    {                                                                                              \
      const value_type *x = a + row * (values_per_pair);                                           \
                                                                                                   \
      for (gsize o = 0; o < GLOSS_PANEL_OUT; o += PASS_OUT)                                        \
        {                                                                                          \
          float *place = out + row * GLOSS_PANEL_OUT + o;                                          \
          const guint8 *weights = panel + o * 2 * (size);                                          \
                                                                                                   \
          switch (MIN (ROWS_AT_ONCE, n_rows - row))                                                \
            {                                                                                      \
              CASES (CALL)                                                                         \
            }                                                                                      \
        }                                                                                          \
    }

#define CALLED gemm_rows_f32
void
GLOSS_KERNEL (gemm_panel_f32) (float *out, const guint8 *panel, const float *a, gsize n_rows,
                               gsize n_pairs, gboolean is_added)
{
  CALL_ROWS (float, 2, 4)
}
#undef CALLED

#define CALLED gemm_rows_f16
void
GLOSS_KERNEL (gemm_panel_f16) (float *out, const guint8 *panel, const float *a, gsize n_rows,
                               gsize n_pairs, gboolean is_added)
{
  CALL_ROWS (float, 2, 2)
}
#undef CALLED

#define CALLED gemm_rows_bf16
void
GLOSS_KERNEL (gemm_panel_bf16) (float *out, const guint8 *panel, const float *a, gsize n_rows,
                                gsize n_pairs, gboolean is_added)
{
  CALL_ROWS (float, 2, 2)
}
#undef CALLED

#define CALLED dot_rows
void
GLOSS_KERNEL (dot_panel) (float *out, const guint8 *panel, const guint32 *a, gsize n_rows,
                          gsize n_pairs, gboolean is_added)
{
  CALL_ROWS (guint32, 1, 2)
}
#undef CALLED

/* Rounds as vcvtneps2bf16 does: to nearest, ties to even, and what is below the normal numbers to
 * zero; a NaN stays one. */
VEC_INLINE guint32
to_bf16 (float value)
{
  guint32 bits = gloss_float_to_bits (value);

  if ((bits & 0x7f800000u) == 0)
    return (bits & 0x80000000u) >> 16;
  return gloss_float_to_bf16 (value);
}

#if !defined(__AVX512BF16__)
/* The same, in the upper halves. */
VEC_INLINE vu
round_to_bf16 (vf values)
{
  vu bits = (vu) values;
  vu is_small = (vu) ((bits & 0x7f800000u) == 0);
  vu is_nan = (vu) ((bits & 0x7fffffffu) > 0x7f800000u);
  vu rounded = bits + 0x7fffu + ((bits >> 16) & 1);

  rounded = (is_nan & (bits | 0x400000u)) | (~is_nan & rounded);
  return ((is_small & 0x80000000u & bits) | (~is_small & rounded)) & 0xffff0000u;
}
#endif

void
GLOSS_KERNEL (pack_bf16) (guint32 *out, gsize stride, const float *x, gsize n)
{
  gsize i = 0;

  for (; i + 2 * LANES <= n; i += 2 * LANES)
    {
      guint32 pairs[LANES];
#if defined(__AVX512BF16__)
      vf both =
          (vf) _mm512_cvtne2ps_pbh ((__m512) vf_load (x + i + LANES), (__m512) vf_load (x + i));
#else
      vf first, second, both;

      load_pair_f32 ((const guint8 *) (x + i), &first, &second);
      both = (vf) ((round_to_bf16 (first) >> 16) | round_to_bf16 (second));
#endif
      memcpy (pairs, &both, sizeof pairs);
      if (stride == 1)
        memcpy (out + i / 2, pairs, sizeof pairs);
      else
        {
          for (gsize k = 0; k < LANES; k++)
            out[(i / 2 + k) * stride] = pairs[k];
        }
    }
  for (; i + 2 <= n; i += 2)
    out[i / 2 * stride] = to_bf16 (x[i]) | to_bf16 (x[i + 1]) << 16;
  if (i < n)
    out[i / 2 * stride] = to_bf16 (x[i]);
}
