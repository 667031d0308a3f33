/* The normaliser of logits. */
#include "tensor/log-sum-exp.h"

#include <math.h>

double
gloss_log_sum_exp (const float *x, gsize n)
{
  float max = -INFINITY;
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    max = x[i] > max ? x[i] : max;
  /* a NaN was never the largest, but makes the sum one */
  for (gsize i = 0; i < n; i++)
    sum += expf (x[i] - max);
  return max + log (sum);
}
