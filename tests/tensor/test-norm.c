/* Norms of rows: the specification's numbers, and rows beyond one tile. */
#include "support/asserts.h"
#include "tensor/norm.h"

static void
test_rms_norm_should_equal_the_worked_example (void)
{
  g_autoptr (GlossPool) pool = gloss_pool_new (1);
  float x[] = { 1, 2, 3, 4 };
  const float scale[] = { 0, 0.5f, -0.5f, 1 };
  const float expected[] = { 0.36514835f, 1.09544504f, 0.54772252f, 2.92118678f };

  gloss_rms_norm (pool, x, x, scale, 1, 4, 1e-6f);
  gloss_assert_close (x, expected, 4, 5e-7, "RMSNorm");
}

static void
test_layer_norm_should_equal_the_worked_example (void)
{
  g_autoptr (GlossPool) pool = gloss_pool_new (1);
  float x[] = { 1, 2, 3, 4 };
  const float scale[] = { 1, 1, 1, 1 }, bias[] = { 0, 0, 0, 0 };
  const float expected[] = { -1.34164025f, -0.44721342f, 0.44721342f, 1.34164025f };

  gloss_layer_norm (pool, x, x, scale, bias, 1, 4, 1e-6f);
  gloss_assert_close (x, expected, 4, 2e-7, "LayerNorm");
}

static void
test_rows_should_be_normed_alone (void)
{
  g_autoptr (GlossPool) pool = gloss_pool_new (3);
  gsize n_rows = 37, width = 19;
  g_autofree float *x = g_new (float, n_rows *width);
  g_autofree float *out = g_new (float, n_rows *width);
  g_autofree float *scale = g_new (float, width);
  float row[19];

  gloss_test_fill (x, n_rows * width, 1);
  gloss_test_fill (scale, width, 2);
  for (int layer = 0; layer < 2; layer++)
    {
      if (layer)
        gloss_layer_norm (pool, out, x, scale, scale, n_rows, width, 1e-6f);
      else
        gloss_rms_norm (pool, out, x, scale, n_rows, width, 1e-6f);
      for (gsize i = 0; i < n_rows; i++)
        {
          if (layer)
            gloss_layer_norm (pool, row, x + i * width, scale, scale, 1, width, 1e-6f);
          else
            gloss_rms_norm (pool, row, x + i * width, scale, 1, width, 1e-6f);
          gloss_assert_close (out + i * width, row, width, 0, "row");
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/norm/rms-norm-should-equal-the-worked-example",
                   test_rms_norm_should_equal_the_worked_example);
  g_test_add_func ("/tensor/norm/layer-norm-should-equal-the-worked-example",
                   test_layer_norm_should_equal_the_worked_example);
  g_test_add_func ("/tensor/norm/rows-should-be-normed-alone", test_rows_should_be_normed_alone);
  return g_test_run ();
}
