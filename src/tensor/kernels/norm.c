/* RMSNorm and LayerNorm, one row. */
#include "tensor/kernels/table.h"
#include "tensor/kernels/vec.h"

#include <math.h>

void
GLOSS_KERNEL (rms_norm) (float *out, const float *x, const float *scale, gsize n, float eps)
{
  gsize n_full = n - n % GLOSS_LANES, n_tail = n % GLOSS_LANES;
  vf sum = { 0 };
  float r;

  for (gsize i = 0; i < n_full; i += GLOSS_LANES)
    sum += vf_load (x + i) * vf_load (x + i);
  if (n_tail > 0)
    {
      vf v = vf_load_part (x + n_full, n_tail, 0);

      sum += v * v;
    }
  r = 1.0f / sqrtf (vf_sum (sum) / (float) n + eps);

  for (gsize i = 0; i < n_full; i += GLOSS_LANES)
    vf_store (out + i, vf_load (x + i) * r * (1.0f + vf_load (scale + i)));
  for (gsize i = n_full; i < n; i++)
    out[i] = x[i] * r * (1.0f + scale[i]);
}

void
GLOSS_KERNEL (layer_norm) (float *out, const float *x, const float *scale, const float *bias,
                           gsize n, float eps)
{
  gsize n_full = n - n % GLOSS_LANES, n_tail = n % GLOSS_LANES;
  vf sum = { 0 };
  vf squares = { 0 };
  float mean, r;

  for (gsize i = 0; i < n_full; i += GLOSS_LANES)
    sum += vf_load (x + i);
  if (n_tail > 0)
    sum += vf_load_part (x + n_full, n_tail, 0);
  mean = vf_sum (sum) / (float) n;

  /* the second pass costs little and does not cancel, as E[x²] − E[x]² would */
  for (gsize i = 0; i < n_full; i += GLOSS_LANES)
    {
      vf d = vf_load (x + i) - mean;

      squares += d * d;
    }
  if (n_tail > 0)
    {
      vf d = vf_load_part (x + n_full, n_tail, mean) - mean;

      squares += d * d;
    }
  r = 1.0f / sqrtf (vf_sum (squares) / (float) n + eps);

  for (gsize i = 0; i < n_full; i += GLOSS_LANES)
    vf_store (out + i, (vf_load (x + i) - mean) * (r * vf_load (scale + i)) + vf_load (bias + i));
  for (gsize i = n_full; i < n; i++)
    out[i] = (x[i] - mean) * (r * scale[i]) + bias[i];
}
