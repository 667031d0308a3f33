/* What the backward of activations and of attention needs, one row. */
#include "tensor/kernels/table.h"
#include "tensor/kernels/vec.h"

#include <math.h>

/* gelu = u·s and its derivative s + u·s·(1 − s)·2k', where s = 1/(1 + e^{−2k}), as in gelu.c. */
VEC_INLINE vf
vf_gelu_derivative (vf u, vf *gelu)
{
  vf square = u * u;
  vf k = 0.7978845608028654f * (u + 0.044715f * (square * u));
  vf s = 1.0f / (1.0f + vf_exp (-2.0f * k));
  vf slope = 1.5957691216057308f * (1.0f + 0.134145f * square);

  *gelu = u * s;
  return s + *gelu * (1.0f - s) * slope;
}

/* With a constant @n = 16 the partial loads become whole ones. */
VEC_INLINE void
add_gelu_backward (float *d_x, const float *x, const float *d_y, gsize n)
{
  vf gelu;
  vf slope = vf_gelu_derivative (vf_load_part (x, n, 0), &gelu);

  vf_store_part (d_x, vf_load_part (d_x, n, 0) + slope * vf_load_part (d_y, n, 0), n);
}

void
GLOSS_KERNEL (gelu_backward) (float *d_x, const float *x, const float *d_y, gsize n)
{
  gsize i = 0;

  for (; i + GLOSS_LANES <= n; i += GLOSS_LANES)
    add_gelu_backward (d_x + i, x + i, d_y + i, GLOSS_LANES);
  if (i < n)
    add_gelu_backward (d_x + i, x + i, d_y + i, n - i);
}

VEC_INLINE void
add_gelu_multiply_backward (float *d_gate, float *d_up, const float *gate, const float *up,
                            const float *d_y, gsize n)
{
  vf d = vf_load_part (d_y, n, 0);
  vf gelu;
  vf slope = vf_gelu_derivative (vf_load_part (gate, n, 0), &gelu);

  vf_store_part (d_gate, vf_load_part (d_gate, n, 0) + slope * vf_load_part (up, n, 0) * d, n);
  vf_store_part (d_up, vf_load_part (d_up, n, 0) + gelu * d, n);
}

void
GLOSS_KERNEL (gelu_multiply_backward) (float *d_gate, float *d_up, const float *gate,
                                       const float *up, const float *d_y, gsize n)
{
  gsize i = 0;

  for (; i + GLOSS_LANES <= n; i += GLOSS_LANES)
    add_gelu_multiply_backward (d_gate + i, d_up + i, gate + i, up + i, d_y + i, GLOSS_LANES);
  if (i < n)
    add_gelu_multiply_backward (d_gate + i, d_up + i, gate + i, up + i, d_y + i, n - i);
}

void
GLOSS_KERNEL (softmax_stats) (const float *x, gsize n, float *max, float *total)
{
  gsize n_full = n - n % GLOSS_LANES, n_tail = n % GLOSS_LANES;
  vf largest = vf_all (-INFINITY);
  vf sum = { 0 };

  for (gsize i = 0; i < n_full; i += GLOSS_LANES)
    {
      vf v = vf_load (x + i);

      largest = vf_select (v > largest, v, largest);
    }
  if (n_tail > 0)
    {
      vf v = vf_load_part (x + n_full, n_tail, -INFINITY);

      largest = vf_select (v > largest, v, largest);
    }
  *max = vf_max (largest);
  for (gsize i = 0; i < n_full; i += GLOSS_LANES)
    sum += vf_exp (vf_load (x + i) - *max);
  if (n_tail > 0)
    sum += vf_exp (vf_load_part (x + n_full, n_tail, -INFINITY) - *max);
  *total = vf_sum (sum);
}

void
GLOSS_KERNEL (softmax_by_stats) (float *x, gsize n, float max, float total)
{
  gsize i = 0;

  for (; i + GLOSS_LANES <= n; i += GLOSS_LANES)
    vf_store (x + i, vf_exp (vf_load (x + i) - max) / total);
  if (i < n)
    vf_store_part (x + i, vf_exp (vf_load_part (x + i, n - i, 0) - max) / total, n - i);
}

VEC_INLINE void
make_softmax_backward (float *d, const float *p, const float *capped, float row_sum, float cap,
                       gsize n)
{
  vf v = vf_load_part (p, n, 0) * (vf_load_part (d, n, 0) - row_sum);

  if (cap > 0)
    {
      vf share = vf_load_part (capped, n, 0) / cap;

      v *= 1.0f - share * share;
    }
  vf_store_part (d, v, n);
}

void
GLOSS_KERNEL (softmax_backward) (float *d, const float *p, const float *capped, float row_sum,
                                 gsize n, float cap)
{
  gsize i = 0;

  for (; i + GLOSS_LANES <= n; i += GLOSS_LANES)
    make_softmax_backward (d + i, p + i, capped + i, row_sum, cap, GLOSS_LANES);
  if (i < n)
    make_softmax_backward (d + i, p + i, capped + i, row_sum, cap, n - i);
}
