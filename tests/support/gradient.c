/* Gradients against central differences of fourth order, whose error falls as h⁴. */
#include "support/gradient.h"

#include <math.h>

#define STEP 0x1p-7f

static double
difference (GlossLossFunc func, gpointer user_data, float *x, float step)
{
  float before = *x;
  double up, down;

  *x = before + step;
  up = func (user_data);
  *x = before - step;
  down = func (user_data);
  *x = before;
  return (up - down) / (2 * (double) step);
}

gboolean
gloss_is_gradient (GlossLossFunc func, gpointer user_data, float *x, const float *gradient, gsize n,
                   double bound_frac, double *out_max_frac)
{
  double largest = 0, deviation = 0;

  for (gsize i = 0; i < n; i++)
    {
      double one = difference (func, user_data, &x[i], STEP);
      double two = difference (func, user_data, &x[i], 2 * STEP);
      double expected = (4 * one - two) / 3;
      double off = fabs ((double) gradient[i] - expected);

      largest = MAX (largest, fabs (expected));
      deviation = isnan (off) ? INFINITY : MAX (deviation, off);
    }
  if (out_max_frac)
    *out_max_frac = deviation / largest;
  return largest > 0 && deviation <= bound_frac * largest;
}

void
gloss_assert_gradient (GlossLossFunc func, gpointer user_data, float *x, const float *gradient,
                       gsize n, double bound_frac, const char *what)
{
  double off;

  if (!gloss_is_gradient (func, user_data, x, gradient, n, bound_frac, &off))
    g_error ("%s: the gradient is off by %.3g of its largest value, bound %.3g", what, off,
             bound_frac);
  g_test_message ("%s: off by %.2g", what, off);
}
