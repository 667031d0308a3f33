/* Drawing a token from logits. (Nucleus: Holtzman et al., arXiv 1904.09751.) */
#include "model/sampler.h"

#include <math.h>

static gint32
find_largest (const float *logits, gsize n)
{
  gsize best = 0;

  for (gsize i = 1; i < n; i++)
    {
      if (logits[i] > logits[best])
        best = i;
    }
  return (gint32) best;
}

/* Moves the values of x[n] above @pivot to the front, those equal to it behind them. The two
 * counts. */
static void
partition (float *x, gsize n, float pivot, gsize *n_above, gsize *n_equal)
{
  gsize above = 0, end = n;

  for (gsize i = 0; i < end;)
    {
      float value = x[i];

      if (value > pivot)
        {
          x[i++] = x[above];
          x[above++] = value;
        }
      else if (value < pivot)
        {
          x[i] = x[--end];
          x[end] = value;
        }
      else
        i++;
    }
  *n_above = above;
  *n_equal = end - above;
}

static double
sum_exp (const float *x, gsize n, float max)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += expf (x[i] - max);
  return sum;
}

/* Sorting a quarter of a million logits for each token would cost as much as some layers; this
 * looks only into the part where the threshold must be, as quickselect does. */
float
gloss_nucleus_get_threshold (const float *logits, gsize n, float top_p, float *scratch)
{
  float max = logits[find_largest (logits, n)];
  double wanted, before = 0;

  for (gsize i = 0; i < n; i++)
    scratch[i] = logits[i];
  wanted = (double) top_p * sum_exp (scratch, n, max);

  while (n > 0)
    {
      /* the middle of three, so that sorted logits are no worst case */
      float a = scratch[0], b = scratch[n / 2], c = scratch[n - 1];
      float pivot = MAX (MIN (a, b), MIN (MAX (a, b), c));
      gsize n_above, n_equal;
      double above, equal;

      partition (scratch, n, pivot, &n_above, &n_equal);
      above = sum_exp (scratch, n_above, max);
      equal = (double) n_equal * expf (pivot - max);
      if (before + above >= wanted && n_above > 0)
        n = n_above;
      else if (before + above + equal >= wanted || n_equal == 0)
        return n_equal > 0 ? pivot : -INFINITY;
      else
        {
          before += above + equal;
          scratch += n_above + n_equal;
          n -= n_above + n_equal;
        }
    }
  return -INFINITY;
}

gint32
gloss_sampling_draw (const GlossSampling *sampling, GlossRandom *random, const float *logits,
                     gsize n, float *scratch)
{
  gint32 id = find_largest (logits, n);
  float *tempered = scratch, *weights = scratch + n;
  float threshold = -INFINITY, max;
  double total = 0, sum = 0, drawn;

  if (sampling->temperature <= 0)
    return id;

  for (gsize i = 0; i < n; i++)
    tempered[i] = logits[i] / sampling->temperature;
  max = tempered[id];
  if (sampling->top_p > 0 && sampling->top_p < 1)
    threshold = gloss_nucleus_get_threshold (tempered, n, sampling->top_p, weights);
  for (gsize i = 0; i < n; i++)
    {
      weights[i] = tempered[i] >= threshold ? expf (tempered[i] - max) : 0;
      total += weights[i];
    }

  drawn = gloss_random_next_double (random) * total;
  for (gsize i = 0; i < n; i++)
    {
      sum += weights[i];
      if (weights[i] > 0 && drawn < sum)
        return (gint32) i;
    }
  /* unreached but for NaN: the sum is the total, added in the same order */
  return id;
}
