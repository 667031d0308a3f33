/* Rotary position embedding, split halves. (Su et al., arXiv 2104.09864.) */
#include "tensor/rope.h"

#include <math.h>

void
gloss_rope_fill (float *cosines, float *sines, gsize first, gboolean consecutive, gsize n_rows,
                 gsize head_dim, float base)
{
  gsize half = head_dim / 2;

  for (gsize i = 0; i < half; i++)
    {
      float timescale = powf (base, 2.0f * (float) i / (float) head_dim);

      for (gsize row = 0; row < n_rows; row++)
        {
          float angle = (float) (consecutive ? first + row : first) / timescale;

          cosines[row * half + i] = cosf (angle);
          sines[row * half + i] = sinf (angle);
        }
    }
}

/* @direction 1 rotates forward, −1 back. */
static void
rotate (float *x, const float *cosines, const float *sines, gsize n_rows, gsize n_heads,
        gsize head_dim, float direction)
{
  gsize half = head_dim / 2;

  for (gsize row = 0; row < n_rows; row++)
    {
      const float *c = cosines + row * half;
      const float *s = sines + row * half;

      for (gsize head = 0; head < n_heads; head++)
        {
          float *first = x + (row * n_heads + head) * head_dim;
          float *second = first + half;

          for (gsize i = 0; i < half; i++)
            {
              float a = first[i], b = second[i];
              float sine = direction * s[i];

              first[i] = a * c[i] - b * sine;
              second[i] = b * c[i] + a * sine;
            }
        }
    }
}

void
gloss_rope (float *x, const float *cosines, const float *sines, gsize n_rows, gsize n_heads,
            gsize head_dim)
{
  rotate (x, cosines, sines, n_rows, n_heads, head_dim, 1);
}

void
gloss_rope_backward (float *d_x, const float *cosines, const float *sines, gsize n_rows,
                     gsize n_heads, gsize head_dim)
{
  rotate (d_x, cosines, sines, n_rows, n_heads, head_dim, -1);
}
