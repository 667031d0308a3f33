/* The learning rates of big_vision's notebook, every one of them. */
#include "train/schedule.h"

#include <math.h>

/* Of steps 1 to 65 with a base of 0.03 and 64 steps, as the notebook prints them and further. */
static const double notebook[] = {
  0.00500000, 0.01000000, 0.01500000, 0.02000000, 0.02500000, 0.03000000, 0.02997874, 0.02991502,
  0.02980903, 0.02966105, 0.02947152, 0.02924096, 0.02897004, 0.02865952, 0.02831028, 0.02792331,
  0.02749971, 0.02704067, 0.02654751, 0.02602161, 0.02546447, 0.02487767, 0.02426287, 0.02362181,
  0.02295631, 0.02226826, 0.02155961, 0.02083236, 0.02008858, 0.01933038, 0.01855990, 0.01777933,
  0.01699088, 0.01619679, 0.01539931, 0.01460069, 0.01380321, 0.01300912, 0.01222067, 0.01144010,
  0.01066962, 0.00991142, 0.00916764, 0.00844039, 0.00773174, 0.00704369, 0.00637819, 0.00573713,
  0.00512233, 0.00453553, 0.00397839, 0.00345249, 0.00295933, 0.00250029, 0.00207669, 0.00168972,
  0.00134048, 0.00102996, 0.00075904, 0.00052848, 0.00033895, 0.00019097, 0.00008498, 0.00002126,
  0.00000000,
};

static void
test_cosine_should_equal_the_notebook (void)
{
  GlossSchedule schedule;

  gloss_schedule_init (&schedule, GLOSS_SCHEDULE_COSINE, 64, 0.1);
  g_assert_cmpuint (schedule.n_total, ==, 65);
  g_assert_cmpuint (schedule.n_warmup, ==, 6);
  for (guint step = 1; step <= G_N_ELEMENTS (notebook); step++)
    g_assert_cmpfloat (fabs (0.03 * gloss_schedule_get (&schedule, step) - notebook[step - 1]), <=,
                       5.001e-9);
}

/* Python's round (): half to even; and a warm-up that is asked for has a step. */
static void
test_warmup_should_round_to_even (void)
{
  static const struct
  {
    guint n_steps;
    double frac;
    guint n_warmup;
  } cases[] = { { 64, 0.1, 6 }, { 74, 0.1, 8 }, { 9, 0.01, 1 },
                { 9, 0, 0 },    { 9, 0.25, 2 }, { 2, 1, 2 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GlossSchedule schedule;

      gloss_schedule_init (&schedule, GLOSS_SCHEDULE_LINEAR, cases[i].n_steps, cases[i].frac);
      g_assert_cmpuint (schedule.n_warmup, ==, cases[i].n_warmup);
    }
}

static void
test_kinds_should_have_their_shapes (void)
{
  GlossSchedule linear = { GLOSS_SCHEDULE_LINEAR, 10, 0 };
  GlossSchedule constant = { GLOSS_SCHEDULE_CONSTANT, 10, 4 };

  g_assert_cmpfloat (gloss_schedule_get (&linear, 0), ==, 1);
  g_assert_cmpfloat (fabs (gloss_schedule_get (&linear, 4) - 0.6), <, 1e-12);
  g_assert_cmpfloat (gloss_schedule_get (&linear, 10), ==, 0);
  g_assert_cmpfloat (gloss_schedule_get (&linear, 11), ==, 0);
  g_assert_cmpfloat (gloss_schedule_get (&constant, 0), ==, 0);
  g_assert_cmpfloat (gloss_schedule_get (&constant, 1), ==, 0.25);
  g_assert_cmpfloat (gloss_schedule_get (&constant, 9), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/schedule/cosine/should-equal-the-notebook",
                   test_cosine_should_equal_the_notebook);
  g_test_add_func ("/train/schedule/warmup/should-round-to-even", test_warmup_should_round_to_even);
  g_test_add_func ("/train/schedule/kinds/should-have-their-shapes",
                   test_kinds_should_have_their_shapes);
  return g_test_run ();
}
