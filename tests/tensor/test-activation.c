/* GELU and sums over more than one tile. */
#include "support/asserts.h"
#include "tensor/activation.h"

#include <math.h>
#include <string.h>

#define N 20001

static void
test_gelu_should_equal_the_worked_example (void)
{
  g_autoptr (GlossPool) pool = gloss_pool_new (1);
  float x[] = { -3, -1, -0.5f, 0.5f, 1, 3 };
  const float expected[] = { -0.0036373921f, -0.15880801f, -0.15428599f,
                             0.34571401f,    0.84119199f,  2.9963626f };

  gloss_gelu (pool, x, 6);
  gloss_assert_close (x, expected, 6, 3e-7, "GELU");
}

static void
test_tiles_should_cover_everything_once (void)
{
  g_autoptr (GlossPool) pool = gloss_pool_new (3);
  g_autofree float *x = g_new (float, N);
  g_autofree float *y = g_new (float, N);
  g_autofree float *gelu = g_new (float, N);
  g_autofree float *out = g_new (float, N);

  gloss_test_fill (x, N, 1);
  gloss_test_fill (y, N, 2);
  memcpy (gelu, x, N * sizeof (float));
  for (gsize i = 0; i < N; i++)
    gloss_gelu (pool, gelu + i, 1);

  memcpy (out, x, N * sizeof (float));
  gloss_gelu (pool, out, N);
  gloss_assert_close (out, gelu, N, 0, "gelu");

  memcpy (out, x, N * sizeof (float));
  gloss_gelu_multiply (pool, out, y, N);
  for (gsize i = 0; i < N; i++)
    g_assert_cmpfloat (out[i], ==, gelu[i] * y[i]);

  memcpy (out, x, N * sizeof (float));
  gloss_softcap (pool, out, N, 2);
  for (gsize i = 0; i < N; i++)
    g_assert_cmpfloat (fabs (out[i] - 2 * tanh (x[i] / 2.0)), <=, 2 * 4 * 5.97e-8);

  memcpy (out, x, N * sizeof (float));
  gloss_add (pool, out, y, N);
  for (gsize i = 0; i < N; i++)
    g_assert_cmpfloat (out[i], ==, x[i] + y[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/activation/gelu-should-equal-the-worked-example",
                   test_gelu_should_equal_the_worked_example);
  g_test_add_func ("/tensor/activation/tiles-should-cover-everything-once",
                   test_tiles_should_cover_everything_once);
  return g_test_run ();
}
