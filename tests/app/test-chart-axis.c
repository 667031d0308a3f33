/* The axis of a chart: ranges, ticks and labels, also of values that make no sense. */
#include "app/chart-axis.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The labels of the ticks that have one, with spaces between. */
static char *
get_labels (GlossChartScale scale, double min, double max, guint max_labels)
{
  GlossChartAxis axis;
  GString *labels = g_string_new (NULL);

  gloss_chart_axis_init (&axis, scale, min, max, max_labels);
  for (guint i = 0; i < axis.n_ticks; i++)
    if (axis.ticks[i].is_major)
      {
        g_autofree char *label = gloss_chart_axis_format (&axis, axis.ticks[i].value);

        g_string_append_printf (labels, "%s%s", labels->len > 0 ? " " : "", label);
      }
  return g_string_free (labels, FALSE);
}

static void
assert_labels (GlossChartScale scale, double min, double max, guint max_labels,
               const char *expected)
{
  g_autofree char *labels = get_labels (scale, min, max, max_labels);

  g_assert_cmpstr (labels, ==, expected);
}

static void
test_linear_ticks_should_be_round (void)
{
  assert_labels (GLOSS_CHART_LINEAR, 0.83, 3.2, 5, "0 1 2 3 4");
  assert_labels (GLOSS_CHART_LINEAR, 1.31, 1.38, 5, "1.30 1.32 1.34 1.36 1.38");
  assert_labels (GLOSS_CHART_LINEAR, 0.1, 0.3, 6, "0.10 0.15 0.20 0.25 0.30");
  assert_labels (GLOSS_CHART_LINEAR, 98, 101, 5, "98 99 100 101");
  assert_labels (GLOSS_CHART_LINEAR, -3, 7, 4, "-5 0 5 10");
}

static void
test_whole_ticks_should_be_whole (void)
{
  assert_labels (GLOSS_CHART_WHOLE, 0, 3, 10, "0 1 2 3");
  assert_labels (GLOSS_CHART_WHOLE, 0, 640, 8, "0 100 200 300 400 500 600");
  assert_labels (GLOSS_CHART_WHOLE, 0, 1, 5, "0 1");
  assert_labels (GLOSS_CHART_WHOLE, 7, 7, 5, "6 7 8");
}

static void
test_logarithmic_ticks_should_be_decades (void)
{
  assert_labels (GLOSS_CHART_LOGARITHMIC, 0.02, 700, 6, "0.1 1 10 100 1000");
  assert_labels (GLOSS_CHART_LOGARITHMIC, 0.7, 11, 8, "0.5 1 2 5 10 20");
  assert_labels (GLOSS_CHART_LOGARITHMIC, 1.02, 1.07, 6, "1.02 1.03 1.04 1.05 1.06 1.07");
  assert_labels (GLOSS_CHART_LOGARITHMIC, 1e-9, 1e9, 5, "10⁻⁸ 10⁻⁴ 10⁰ 10⁴ 10⁸");
}

static void
test_logarithmic_ticks_should_have_minor_ones (void)
{
  GlossChartAxis axis;
  guint n_minor = 0;

  gloss_chart_axis_init (&axis, GLOSS_CHART_LOGARITHMIC, 1, 100, 4);
  for (guint i = 0; i < axis.n_ticks; i++)
    n_minor += !axis.ticks[i].is_major;
  g_assert_cmpuint (n_minor, ==, 16);
  g_assert_cmpuint (axis.n_ticks, ==, 19);
}

static void
test_zero_should_have_a_place_on_a_logarithmic_scale (void)
{
  GlossChartAxis axis;

  gloss_chart_axis_init (&axis, GLOSS_CHART_LOGARITHMIC, 0, 10, 5);
  g_assert_cmpfloat (axis.from, >, 0);
  g_assert_cmpfloat (gloss_chart_axis_get_position (&axis, 0), ==, 0);
  g_assert_cmpfloat (gloss_chart_axis_get_position (&axis, -3), ==, 0);
  g_assert_cmpfloat (gloss_chart_axis_get_position (&axis, INFINITY), ==, 1);
  g_assert_true (isnan (gloss_chart_axis_get_position (&axis, NAN)));
}

/* Everything that an axis promises, whatever it is made for. */
static void
assert_sound (const GlossChartAxis *axis, guint max_labels)
{
  guint n_major = 0;
  g_autofree char *last = NULL;

  g_assert_true (isfinite (axis->from) && isfinite (axis->to) && axis->from < axis->to);
  g_assert_true (axis->scale != GLOSS_CHART_LOGARITHMIC || axis->from > 0);
  g_assert_cmpuint (axis->n_ticks, <=, GLOSS_CHART_MAX_TICKS);
  for (guint i = 0; i < axis->n_ticks; i++)
    {
      const GlossChartTick *tick = &axis->ticks[i];
      g_autofree char *label = gloss_chart_axis_format (axis, tick->value);

      g_assert_true (tick->position >= 0 && tick->position <= 1);
      g_assert_true (i == 0 || tick->value > axis->ticks[i - 1].value);
      g_assert_true (g_utf8_validate (label, -1, NULL));
      g_assert_cmpuint (strlen (label), <, 40);
      if (!tick->is_major)
        continue;
      n_major++;
      g_assert_cmpstr (label, !=, last);
      g_free (last);
      last = g_steal_pointer (&label);
    }
  g_assert_cmpuint (n_major, >, 0);
  g_assert_cmpuint (n_major, <=, MAX (max_labels, 3));
  for (double position = 0; position <= 1; position += 0.125)
    g_assert_cmpfloat_with_epsilon (
        gloss_chart_axis_get_position (axis, gloss_chart_axis_get_value (axis, position)), position,
        1e-6);
}

static void
test_an_axis_should_be_sound_for_any_values (void)
{
  const double values[] = { 0,         1,           -1,      1.5,       NAN,    INFINITY,
                            -INFINITY, DBL_MAX,     DBL_MIN, 4.9e-324,  1e-310, 1e-300,
                            1e300,     -DBL_MAX,    1e-7,    123456789, 1e16,   1e16 + 2,
                            0.3,       0.3 + 1e-16, 9.99,    10,        1e5,    G_MAXUINT };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    for (guint j = 0; j < G_N_ELEMENTS (values); j++)
      for (guint scale = GLOSS_CHART_LINEAR; scale <= GLOSS_CHART_LOGARITHMIC; scale++)
        for (guint max_labels = 0; max_labels < 12; max_labels++)
          {
            GlossChartAxis axis;

            if (scale == GLOSS_CHART_WHOLE
                && !(fabs (values[i]) <= G_MAXUINT && fabs (values[j]) <= G_MAXUINT))
              continue;
            gloss_chart_axis_init (&axis, scale, values[i], values[j], max_labels);
            if (scale == GLOSS_CHART_WHOLE)
              g_assert_cmpfloat (axis.unit, >=, 1);
            else
              assert_sound (&axis, max_labels);
          }
}

static void
test_an_axis_should_be_sound_for_random_values (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (11);

  for (guint i = 0; i < 20000; i++)
    {
      double min = exp (g_rand_double_range (random, -20, 20));
      double max = min * (1 + exp (g_rand_double_range (random, -12, 20)));
      guint max_labels = (guint) g_rand_int_range (random, 2, 12);
      GlossChartAxis axis;

      gloss_chart_axis_init (&axis, i % 2 ? GLOSS_CHART_LOGARITHMIC : GLOSS_CHART_LINEAR, min, max,
                             max_labels);
      assert_sound (&axis, max_labels);
      g_assert_cmpfloat (axis.from, <=, min * (1 + 1e-5));
      g_assert_cmpfloat (axis.to, >=, max * (1 - 1e-5));
    }
}

static void
test_values_should_have_the_digits_that_matter (void)
{
  const struct
  {
    double value;
    const char *text;
  } cases[] = {
    { 1.03, "1.03" },        { 0.98134, "0.981" },    { 12.345, "12.35" },     { 0, "0.00" },
    { 0.00123, "0.00123" },  { 1.5e-7, "1.50×10⁻⁷" }, { 9.999e8, "1.00×10⁹" }, { INFINITY, "∞" },
    { NAN, "not a number" }, { -0.0, "0.00" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = gloss_chart_format_value (cases[i].value);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/app/chart-axis/" name, function)
  ADD ("linear-ticks-should-be-round", test_linear_ticks_should_be_round);
  ADD ("whole-ticks-should-be-whole", test_whole_ticks_should_be_whole);
  ADD ("logarithmic-ticks-should-be-decades", test_logarithmic_ticks_should_be_decades);
  ADD ("logarithmic-ticks-should-have-minor-ones", test_logarithmic_ticks_should_have_minor_ones);
  ADD ("zero-should-have-a-place-on-a-logarithmic-scale",
       test_zero_should_have_a_place_on_a_logarithmic_scale);
  ADD ("an-axis-should-be-sound-for-any-values", test_an_axis_should_be_sound_for_any_values);
  ADD ("an-axis-should-be-sound-for-random-values", test_an_axis_should_be_sound_for_random_values);
  ADD ("values-should-have-the-digits-that-matter", test_values_should_have_the_digits_that_matter);
  return g_test_run ();
}
