/* GELU, tanh form: ½u(1 + tanh k) = u / (1 + e^{−2k}) with k = √(2/π)·(u + 0.044715u³).
 *
 * The second form has one exponential and keeps its relative accuracy where 1 + tanh k cancels:
 * within 2 ulp for positive u, 3 ulp down to −1, and below 3·|2k| ulp, where the rounding of k
 * counts. (Hendrycks & Gimpel, arXiv 1606.08415.)
 */
#include "tensor/kernels/table.h"
#include "tensor/kernels/vec.h"

VEC_INLINE vf
vf_gelu (vf u)
{
  vf k = 0.7978845608028654f * (u + 0.044715f * (u * u * u));

  return u / (1.0f + vf_exp (-2.0f * k));
}

void
GLOSS_KERNEL (gelu) (float *out, const float *x, gsize n)
{
  gsize i = 0;

  for (; i + GLOSS_LANES <= n; i += GLOSS_LANES)
    vf_store (out + i, vf_gelu (vf_load (x + i)));
  if (i < n)
    vf_store_part (out + i, vf_gelu (vf_load_part (x + i, n - i, 0)), n - i);
}

void
GLOSS_KERNEL (gelu_multiply) (float *out, const float *x, const float *y, gsize n)
{
  gsize i = 0;

  for (; i + GLOSS_LANES <= n; i += GLOSS_LANES)
    vf_store (out + i, vf_gelu (vf_load (x + i)) * vf_load (y + i));
  if (i < n)
    {
      vf product = vf_gelu (vf_load_part (x + i, n - i, 0)) * vf_load_part (y + i, n - i, 0);

      vf_store_part (out + i, product, n - i);
    }
}
