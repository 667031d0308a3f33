/* Sixteen floats at a time, in GCC's vector types.
 *
 * The kernels are written once over these types and compiled for each instruction set; the compiler
 * splits a vector into as many registers as the CPU needs. The order of every sum is that of the
 * sixteen lanes, whatever the register width, and -ffp-contract=off keeps a × b + c two roundings
 * everywhere, so all instruction sets give the same bits.
 */
#pragma once

#include "base/dtype.h"

#if defined(__F16C__)
#include <immintrin.h>
#endif

#define GLOSS_LANES 16

typedef float vf __attribute__ ((vector_size (64)));
typedef gint32 vi __attribute__ ((vector_size (64)));
typedef guint32 vu __attribute__ ((vector_size (64)));
typedef guint16 vh __attribute__ ((vector_size (32)));

#define VEC_INLINE static inline __attribute__ ((always_inline))

VEC_INLINE vf
vf_all (float x)
{
  return (vf){ 0 } + x;
}

VEC_INLINE vi
vi_all (gint32 x)
{
  return (vi){ 0 } + x;
}

/* mask ? a : b, lane by lane; @mask has all bits of a lane set or none */
VEC_INLINE vf
vf_select (vi mask, vf a, vf b)
{
  return (vf) ((mask & (vi) a) | (~mask & (vi) b));
}

VEC_INLINE vf
vf_load (const float *p)
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

/* the first @n < 16 lanes; the others are @fill */
VEC_INLINE vf
vf_load_part (const float *p, gsize n, float fill)
{
  vf v = vf_all (fill);

  memcpy (&v, p, n * sizeof (float));
  return v;
}

VEC_INLINE void
vf_store_part (float *p, vf v, gsize n)
{
  memcpy (p, &v, n * sizeof (float));
}

/* The sum of all lanes, halves onto halves. */
VEC_INLINE float
vf_sum (vf v)
{
  float x[GLOSS_LANES];

  vf_store (x, v);
  for (int width = GLOSS_LANES / 2; width > 0; width /= 2)
    {
      for (int i = 0; i < width; i++)
        x[i] += x[i + width];
    }
  return x[0];
}

VEC_INLINE float
vf_max (vf v)
{
  float max = v[0];

  for (int i = 1; i < GLOSS_LANES; i++)
    max = v[i] > max ? v[i] : max;
  return max;
}

/* Weights of each type to floats; exact. */
VEC_INLINE vf
vf_from_bf16 (vh h)
{
  return (vf) (__builtin_convertvector(h, vu) << 16);
}

VEC_INLINE vf
vf_from_f16 (vh h)
{
#if defined(__AVX512F__)
  return (vf) _mm512_cvtph_ps ((__m256i) h);
#elif defined(__F16C__)
  union
  {
    vf v;
    __m256 half[2];
  } out;
  union
  {
    vh v;
    __m128i half[2];
  } in = { h };

  out.half[0] = _mm256_cvtph_ps (in.half[0]);
  out.half[1] = _mm256_cvtph_ps (in.half[1]);
  return out.v;
#else
  /* rebias the exponent; a subnormal gets one more and loses it again by a subtraction, which
   * normalises it; the top exponent means ∞ or NaN */
  vu wide = __builtin_convertvector(h, vu);
  vu magnitude = (wide & 0x7fff) << 13;
  vi is_subnormal = (vi) ((wide & 0x7c00) == 0);
  vi is_special = (vi) ((wide & 0x7c00) == 0x7c00);
  vf normal = (vf) (magnitude + ((vu) is_special & (112u << 23)) + (112u << 23));
  vf subnormal = (vf) (magnitude + (113u << 23)) - (vf) ((vu) vi_all (113 << 23));
  /* a signalling NaN becomes quiet, as the hardware does */
  vi is_nan = is_special & (vi) ((wide & 0x3ff) != 0);
  vu bits = (vu) vf_select (is_subnormal, subnormal, normal) | ((vu) is_nan & 0x00400000u);

  return (vf) (bits | ((wide & 0x8000) << 16));
#endif
}

VEC_INLINE vf
vf_load_f32 (const guint8 *p)
{
  vf v;

  memcpy (&v, p, sizeof v);
  return v;
}

VEC_INLINE vf
vf_load_bf16 (const guint8 *p)
{
  vh h;

  memcpy (&h, p, sizeof h);
  return vf_from_bf16 (h);
}

VEC_INLINE vf
vf_load_f16 (const guint8 *p)
{
  vh h;

  memcpy (&h, p, sizeof h);
  return vf_from_f16 (h);
}

/*
 * e^x. x = n·ln 2 + r, |r| ≤ ½ ln 2; e^r = 1 + r + r²·p(r), p fitted to a relative error of 3.1e-9
 * (Lawson's iterations on 4001 Chebyshev points). With the roundings the result is within 1 ulp.
 * Below −104 it is 0, above 89 ∞; a NaN stays.
 */
VEC_INLINE vf
vf_exp (vf x)
{
  const vf low = vf_all (-104.0f), high = vf_all (89.0f);
  const float shift = 12582912.0f; /* 1.5·2²³: adding it rounds to an integer */

  x = vf_select (x < low, low, x);
  x = vf_select (x > high, high, x);

  vf shifted = x * 1.44269504f + shift;
  vf n = shifted - shift;
  vf r =
      x - n * 0x1.62e4p-1f; /* ln 2 in two parts; the first has 15 bits, so n times it is exact */
  vf p;
  vi exponent = (vi) shifted - vi_all (0x4b400000);
  vi half = exponent >> 1;

  r = r - n * 0x1.7f7d1cp-20f;
  p = vf_all (0.001381459878757596f);
  p = p * r + 0.008368716575205326f;
  p = p * r + 0.04166838899254799f;
  p = p * r + 0.1666652113199234f;
  p = p * r + 0.4999999403953552f;
  p = (p * r) * r + r + 1.0f;

  /* 2ⁿ in two factors, so that results near the ends of the range come out right */
  return p * (vf) ((half + 127) << 23) * (vf) ((exponent - half + 127) << 23);
}

/*
 * tanh, within 2 ulp. |y| < 0.625: y + y³·q(y²), q fitted to a relative error of 4.4e-9; else 1 −
 * 2/(e^{2|y|} + 1).
 */
VEC_INLINE vf
vf_tanh (vf y)
{
  vi sign = (vi) y & vi_all ((gint32) 0x80000000);
  vf magnitude = (vf) ((vi) y ^ sign);
  vf z = y * y;
  vf q, large;

  q = vf_all (-0.0057049463503062725f);
  q = q * z + 0.020639052614569664f;
  q = q * z - 0.05373970419168472f;
  q = q * z + 0.13331441581249237f;
  q = q * z - 0.3333328068256378f;
  q = q * z * y + y;

  large = 1.0f - 2.0f / (vf_exp (2.0f * magnitude) + 1.0f);
  large = (vf) ((vi) large | sign);
  return vf_select (magnitude < 0.625f, q, large);
}
