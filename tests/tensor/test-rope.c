/* Rotary positions: the specification's numbers, and what must hold for any. */
#include "support/asserts.h"
#include "tensor/rope.h"

#include <math.h>

static void
test_rope_should_equal_the_worked_example (void)
{
  float x[] = { 1, 2, 3, 4 }, c[2], s[2];
  const float expected[] = { -1.41335252f, 1.87911807f, -2.82885748f, 4.05819114f };

  gloss_rope_fill (c, s, 3, TRUE, 1, 4, 10000);
  gloss_rope (x, c, s, 1, 1, 4);
  gloss_assert_close (x, expected, 4, 1e-6, "rotated");
}

static void
test_timescales_should_equal_the_table (void)
{
  float c[128], s[128];
  const struct
  {
    guint i;
    double timescale;
  } table[] = { { 1, 1.07460783 }, { 64, 100 }, { 127, 9305.72041 } };

  gloss_rope_fill (c, s, 1, TRUE, 1, 256, 10000);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    g_assert_cmpfloat (fabs (asin (s[table[i].i]) - 1 / table[i].timescale), <, 2e-7);
}

/* Divided by the timescale, as the reference does, and not multiplied by its inverse: the bits
 * tell. */
static void
test_angles_should_be_divided (void)
{
  float c[128], s[128];

  for (guint position = 1; position <= 4400; position += 733)
    {
      gloss_rope_fill (c, s, position, TRUE, 1, 256, 10000);
      for (guint i = 0; i < 128; i++)
        g_assert_cmpfloat (c[i], ==, cosf ((float) position / powf (10000, (float) i / 128)));
    }
}

static void
test_rows_should_have_their_positions (void)
{
  float c[5 * 4], s[5 * 4], one_c[4], one_s[4];

  gloss_rope_fill (c, s, 7, TRUE, 5, 8, 10000);
  for (gsize row = 0; row < 5; row++)
    {
      gloss_rope_fill (one_c, one_s, 7 + row, FALSE, 1, 8, 10000);
      gloss_assert_close (c + row * 4, one_c, 4, 0, "cosines");
      gloss_assert_close (s + row * 4, one_s, 4, 0, "sines");
    }
  gloss_rope_fill (c, s, 7, FALSE, 5, 8, 10000);
  gloss_assert_close (c + 16, c, 4, 0, "beams share a position");
}

/* Products of queries and keys depend on the distance of their positions alone. */
static void
test_products_should_depend_on_distance (void)
{
  float c[4], s[4];
  double products[2];

  for (guint i = 0; i < 2; i++)
    {
      float q[8], k[8];

      gloss_test_fill (q, 8, 1);
      gloss_test_fill (k, 8, 2);
      gloss_rope_fill (c, s, i ? 105 : 5, TRUE, 1, 8, 10000);
      gloss_rope (q, c, s, 1, 1, 8);
      gloss_rope_fill (c, s, i ? 102 : 2, TRUE, 1, 8, 10000);
      gloss_rope (k, c, s, 1, 1, 8);
      products[i] = 0;
      for (guint j = 0; j < 8; j++)
        products[i] += (double) q[j] * k[j];
    }
  /* an angle of 105 has an error of half an ulp of 64 … 128, 4e-6 */
  g_assert_cmpfloat (fabs (products[0] - products[1]), <, 8 * 2 * 4e-6);
  g_assert_cmpfloat (fabs (products[0]), >, 1e-3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/rope/should-equal-the-worked-example",
                   test_rope_should_equal_the_worked_example);
  g_test_add_func ("/tensor/rope/timescales-should-equal-the-table",
                   test_timescales_should_equal_the_table);
  g_test_add_func ("/tensor/rope/angles-should-be-divided", test_angles_should_be_divided);
  g_test_add_func ("/tensor/rope/rows-should-have-their-positions",
                   test_rows_should_have_their_positions);
  g_test_add_func ("/tensor/rope/products-should-depend-on-distance",
                   test_products_should_depend_on_distance);
  return g_test_run ();
}
