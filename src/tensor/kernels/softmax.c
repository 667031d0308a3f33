/* Softmax and the soft-cap of logits, one row. */
#include "tensor/kernels/table.h"
#include "tensor/kernels/vec.h"

#include <math.h>

void
GLOSS_KERNEL (softcap) (float *x, gsize n, float cap)
{
  gsize i = 0;

  for (; i + GLOSS_LANES <= n; i += GLOSS_LANES)
    vf_store (x + i, cap * vf_tanh (vf_load (x + i) / cap));
  if (i < n)
    vf_store_part (x + i, cap * vf_tanh (vf_load_part (x + i, n - i, 0) / cap), n - i);
}

/* max(@n values, @top) */
VEC_INLINE float
find_top (const float *x, gsize n, float top)
{
  gsize n_full = n - n % GLOSS_LANES, n_tail = n % GLOSS_LANES;
  vf max = vf_all (top);

  for (gsize i = 0; i < n_full; i += GLOSS_LANES)
    {
      vf v = vf_load (x + i);

      max = vf_select (v > max, v, max);
    }
  if (n_tail > 0)
    {
      vf v = vf_load_part (x + n_full, n_tail, -INFINITY);

      max = vf_select (v > max, v, max);
    }
  return vf_max (max);
}

/* x becomes e^(x − top); their sum */
VEC_INLINE float
raise_powers (float *x, gsize n, float top)
{
  gsize n_full = n - n % GLOSS_LANES, n_tail = n % GLOSS_LANES;
  vf sum = { 0 };

  for (gsize i = 0; i < n_full; i += GLOSS_LANES)
    {
      vf e = vf_exp (vf_load (x + i) - top);

      vf_store (x + i, e);
      sum += e;
    }
  if (n_tail > 0)
    {
      /* the lanes beyond the row hold e^(−∞ − top) = 0 */
      vf e = vf_exp (vf_load_part (x + n_full, n_tail, -INFINITY) - top);

      vf_store_part (x + n_full, e, n_tail);
      sum += e;
    }
  return vf_sum (sum);
}

void
GLOSS_KERNEL (softmax) (float *x, gsize n, float cap)
{
  gsize n_full = n - n % GLOSS_LANES;
  float total;

  if (cap > 0)
    GLOSS_KERNEL (softcap) (x, n, cap);
  total = raise_powers (x, n, find_top (x, n, -INFINITY));

  for (gsize i = 0; i < n_full; i += GLOSS_LANES)
    vf_store (x + i, vf_load (x + i) / total);
  for (gsize i = n_full; i < n; i++)
    x[i] /= total;
}

void
GLOSS_KERNEL (softmax_block) (float *x, gsize n, float cap, float *stats)
{
  float before = stats[GLOSS_SOFTMAX_MAX];
  float top;

  if (cap > 0)
    GLOSS_KERNEL (softcap) (x, n, cap);
  top = find_top (x, n, before);
  stats[GLOSS_SOFTMAX_FACTOR] = vf_exp (vf_all (before - top))[0];
  stats[GLOSS_SOFTMAX_MAX] = top;
  stats[GLOSS_SOFTMAX_SUM] =
      stats[GLOSS_SOFTMAX_SUM] * stats[GLOSS_SOFTMAX_FACTOR] + raise_powers (x, n, top);
}

void
GLOSS_KERNEL (scale) (float *x, gsize n, float factor)
{
  gsize i = 0;

  for (; i + GLOSS_LANES <= n; i += GLOSS_LANES)
    vf_store (x + i, vf_load (x + i) * factor);
  for (; i < n; i++)
    x[i] *= factor;
}
