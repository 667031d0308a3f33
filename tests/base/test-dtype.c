/* Element types and the half floats, all of them. */
#include "base/dtype.h"
#include "support/asserts.h"

#include <math.h>

static void
test_names_and_sizes_should_agree (void)
{
  static const struct
  {
    const char *name;
    GlossDtype dtype;
    gsize size_bytes;
    gboolean is_weight;
  } expected[] = {
    { "F32", GLOSS_DTYPE_F32, 4, TRUE },   { "F16", GLOSS_DTYPE_F16, 2, TRUE },
    { "BF16", GLOSS_DTYPE_BF16, 2, TRUE }, { "F64", GLOSS_DTYPE_F64, 8, FALSE },
    { "I64", GLOSS_DTYPE_I64, 8, FALSE },  { "I32", GLOSS_DTYPE_I32, 4, FALSE },
    { "I16", GLOSS_DTYPE_I16, 2, FALSE },  { "I8", GLOSS_DTYPE_I8, 1, FALSE },
    { "U8", GLOSS_DTYPE_U8, 1, FALSE },    { "BOOL", GLOSS_DTYPE_BOOL, 1, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      GlossDtype dtype;

      g_assert_true (gloss_dtype_from_name (expected[i].name, &dtype));
      g_assert_cmpint (dtype, ==, expected[i].dtype);
      g_assert_cmpstr (gloss_dtype_get_name (dtype), ==, expected[i].name);
      g_assert_cmpuint (gloss_dtype_get_size_bytes (dtype), ==, expected[i].size_bytes);
      g_assert_cmpint (gloss_dtype_is_weight (dtype), ==, expected[i].is_weight);
    }
}

static void
test_unknown_names_should_be_refused (void)
{
  static const char *const names[] = { "", "f32", "F8_E4M3", "F32 ", "U16" };
  GlossDtype dtype;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_false (gloss_dtype_from_name (names[i], &dtype));
}

/* The definition in IEEE 754, in double precision. */
static double
value_of_f16 (guint bits)
{
  double sign = bits & 0x8000 ? -1 : 1;
  int exponent = (bits >> 10) & 31;
  double mantissa = bits & 1023;

  if (exponent == 31)
    return mantissa != 0 ? NAN : sign * INFINITY;
  if (exponent == 0)
    return sign * ldexp (mantissa / 1024, -14);
  return sign * ldexp (1 + mantissa / 1024, exponent - 15);
}

static void
test_f16_should_be_exact_for_all_patterns (void)
{
  for (guint bits = 0; bits <= G_MAXUINT16; bits++)
    {
      double expected = value_of_f16 (bits);
      float got = gloss_float_from_f16 ((guint16) bits);

      if (isnan (expected))
        g_assert_true (isnan (got));
      else
        g_assert_cmpfloat (got, ==, expected);
      g_assert_cmpint (signbit (got) != 0, ==, (bits & 0x8000) != 0);
    }
}

static void
test_bf16_should_come_back_for_all_patterns (void)
{
  for (guint bits = 0; bits <= G_MAXUINT16; bits++)
    {
      float value = gloss_float_from_bf16 ((guint16) bits);
      guint16 back = gloss_float_to_bf16 (value);

      if (isnan (value))
        {
          g_assert_true (isnan (gloss_float_from_bf16 (back)));
          g_assert_cmphex (back, ==, bits | 0x40);
        }
      else
        g_assert_cmphex (back, ==, bits);
    }
}

static void
test_bf16_should_round_to_nearest_even (void)
{
  static const struct
  {
    guint32 bits;
    guint16 expected;
  } cases[] = {
    { 0x3f800000, 0x3f80 }, { 0x3f807fff, 0x3f80 }, { 0x3f808000, 0x3f80 }, /* tie, stays even */
    { 0x3f808001, 0x3f81 }, { 0x3f818000, 0x3f82 },                         /* tie, goes up */
    { 0xbf818000, 0xbf82 }, { 0xbf808000, 0xbf80 }, { 0x00000000, 0x0000 },
    { 0x80000000, 0x8000 }, { 0x00008000, 0x0000 }, { 0x00018000, 0x0002 }, /* subnormal */
    { 0x3fffffff, 0x4000 },                         /* carries into the exponent */
    { 0x7f7f7fff, 0x7f7f }, { 0x7f7f8000, 0x7f80 }, /* beyond the largest: infinity */
    { 0x7f7fffff, 0x7f80 }, { 0xff7fffff, 0xff80 }, { 0x7f800000, 0x7f80 },
    { 0xff800000, 0xff80 }, { 0x7f800001, 0x7fc0 }, /* a NaN whose upper half is that of infinity */
    { 0xffffffff, 0xffff },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmphex (gloss_float_to_bf16 (gloss_float_from_bits (cases[i].bits)), ==,
                     cases[i].expected);
}

/* Between two neighbours the nearer one is taken, and in the middle the even one. */
static void
test_bf16_should_choose_the_nearer_neighbour (void)
{
  static const guint32 offsets[] = { 0x0001, 0x1234, 0x7fff, 0x8000, 0x8001, 0xedcb, 0xffff };

  for (guint upper = 0; upper < 0x7f7f; upper++)
    {
      double below = gloss_float_from_bf16 ((guint16) upper);
      double above = gloss_float_from_bf16 ((guint16) (upper + 1));

      for (guint i = 0; i < G_N_ELEMENTS (offsets); i++)
        {
          float value = gloss_float_from_bits (upper << 16 | offsets[i]);
          guint16 got = gloss_float_to_bf16 (value);
          double down = (double) value - below, up = above - (double) value;
          guint expected = down < up || (down == up && upper % 2 == 0) ? upper : upper + 1;

          g_assert_cmphex (got, ==, expected);
          g_assert_cmphex (gloss_float_to_bf16 (-value), ==, expected | 0x8000);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/dtype/names-and-sizes-should-agree", test_names_and_sizes_should_agree);
  g_test_add_func ("/base/dtype/unknown-names-should-be-refused",
                   test_unknown_names_should_be_refused);
  g_test_add_func ("/base/dtype/f16-should-be-exact-for-all-patterns",
                   test_f16_should_be_exact_for_all_patterns);
  g_test_add_func ("/base/dtype/bf16-should-come-back-for-all-patterns",
                   test_bf16_should_come_back_for_all_patterns);
  g_test_add_func ("/base/dtype/bf16-should-round-to-nearest-even",
                   test_bf16_should_round_to_nearest_even);
  g_test_add_func ("/base/dtype/bf16-should-choose-the-nearer-neighbour",
                   test_bf16_should_choose_the_nearer_neighbour);
  return g_test_run ();
}
