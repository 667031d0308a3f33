/* The table of positions at another resolution. */
#include "model/positions.h"

#include <math.h>

/* Where new coordinate @o of @m falls among @n old ones: the lower neighbour, and how far beyond
 * it. */
static void
place (gsize o, gsize m, gsize n, gsize *lower, double *fraction)
{
  double x = m > 1 ? (double) o * (double) (n - 1) / (double) (m - 1) : 0;

  *lower = MIN ((gsize) floor (x), n - 1);
  *fraction = x - (double) *lower;
}

float *
gloss_positions_resample (const GlossMatrix *positions, gsize side)
{
  gsize width = positions->n_in;
  gsize old_side = (gsize) (sqrt ((double) positions->n_out) + 0.5);
  g_autofree float *old = g_new (float, positions->n_out *width);
  float *out = g_new (float, side *side *width);

  for (gsize i = 0; i < positions->n_out; i++)
    gloss_matrix_convert_row (old + i * width, positions, i);

  for (gsize y = 0; y < side; y++)
    {
      gsize y0, y1;
      double fy;

      place (y, side, old_side, &y0, &fy);
      y1 = MIN (y0 + 1, old_side - 1);
      for (gsize x = 0; x < side; x++)
        {
          gsize x0, x1;
          double fx;

          place (x, side, old_side, &x0, &fx);
          x1 = MIN (x0 + 1, old_side - 1);
          for (gsize i = 0; i < width; i++)
            {
              double top = old[(y0 * old_side + x0) * width + i] * (1 - fx)
                           + old[(y0 * old_side + x1) * width + i] * fx;
              double bottom = old[(y1 * old_side + x0) * width + i] * (1 - fx)
                              + old[(y1 * old_side + x1) * width + i] * fx;

              out[(y * side + x) * width + i] = (float) (top * (1 - fy) + bottom * fy);
            }
        }
    }
  return out;
}
