/* The loss of a run: appending, forgetting, looking up, and columns held to a plain loop. */
#include "app/loss-series.h"

#include <math.h>

static void
count_change (guint *n_changes)
{
  (*n_changes)++;
}

/* Points with gaps between their steps, and among them values that are not finite. */
static GlossLossSeries *
new_random_series (GRand *random, guint n_points)
{
  GlossLossSeries *series = gloss_loss_series_new ();
  guint step = 0;

  for (guint i = 0; i < n_points; i++)
    {
      double loss = g_rand_double_range (random, -0.2, 4);

      step += g_rand_int_range (random, 0, 10) == 0 ? (guint) g_rand_int_range (random, 1, 50) : 1;
      if (g_rand_int_range (random, 0, 20) == 0)
        loss = g_rand_boolean (random) ? NAN : INFINITY;
      gloss_loss_series_append (series, step, loss, g_rand_double_range (random, 0, 2));
    }
  return series;
}

/* The plain way to do what gloss_loss_series_reduce () does for one column. */
static GlossLossSummary
summarize_plainly (GlossLossSeries *series, GlossLossCurve curve, double from, double to, guint c,
                   guint n_columns)
{
  double begin = from + (to - from) * c / n_columns;
  double end = from + (to - from) * (c + 1) / n_columns;
  GlossLossSummary sum = { .min_positive = INFINITY };
  guint n;
  const GlossLossPoint *points = gloss_loss_series_get_points (series, &n);

  for (guint i = 0; i < n; i++)
    {
      double value = curve == GLOSS_LOSS_RAW ? points[i].loss : points[i].smoothed;
      guint step = points[i].step;

      if (step < begin || (c + 1 == n_columns ? step > to : step >= end) || !isfinite (value))
        continue;
      sum.first = sum.n == 0 ? value : sum.first;
      sum.min = sum.n == 0 ? value : MIN (sum.min, value);
      sum.max = sum.n == 0 ? value : MAX (sum.max, value);
      if (value > 0)
        sum.min_positive = MIN (sum.min_positive, value);
      sum.last = value;
      sum.n++;
    }
  return sum;
}

static gboolean
is_same_summary (const GlossLossSummary *a, const GlossLossSummary *b)
{
  return a->n == b->n
         && (a->n == 0
             || (a->min == b->min && a->max == b->max && a->first == b->first && a->last == b->last
                 && a->min_positive == b->min_positive));
}

static gboolean
is_reduced_rightly (GlossLossSeries *series, double from, double to, guint n_columns,
                    double said_from)
{
  g_autofree GlossLossSummary *columns = g_new (GlossLossSummary, n_columns);

  for (guint curve = 0; curve < GLOSS_N_LOSS_CURVES; curve++)
    {
      gloss_loss_series_reduce (series, curve, from, to, n_columns, columns);
      for (guint c = 0; c < n_columns; c++)
        {
          GlossLossSummary expected =
              summarize_plainly (series, curve, said_from, to, c, n_columns);

          if (!is_same_summary (&columns[c], &expected))
            return FALSE;
        }
    }
  return TRUE;
}

static void
test_columns_should_be_those_of_a_plain_loop (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  const guint sizes[] = { 0, 1, 2, 15, 16, 17, 255, 256, 257, 1000, 4097, 9000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GlossLossSeries) series = new_random_series (random, sizes[i]);
      guint first = 0, last = 10;

      gloss_loss_series_get_steps (series, &first, &last);
      g_assert_true (is_reduced_rightly (series, 0, last, 1, 0));
      g_assert_true (is_reduced_rightly (series, 0, last, 7, 0));
      g_assert_true (is_reduced_rightly (series, first, last, 97, first));
      g_assert_true (is_reduced_rightly (series, 0, last, 333, 0));
      g_assert_true (is_reduced_rightly (series, last / 3.0, last / 1.5, 50, last / 3.0));
    }
}

static void
test_wrong_columns_should_be_found (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  g_autoptr (GlossLossSeries) series = new_random_series (random, 1000);

  g_assert_true (is_reduced_rightly (series, 0, 900, 50, 0));
  g_assert_false (is_reduced_rightly (series, 0, 900, 50, 1));
}

static void
test_a_step_that_comes_again_should_replace_what_followed (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  g_autoptr (GlossLossSeries) series = gloss_loss_series_new ();
  guint n, n_validations, step = 0;

  for (guint i = 0; i < 40; i++)
    {
      guint back = (guint) g_rand_int_range (random, 0, 400);

      step = step > back ? step - back : 0;
      for (guint end = step + (guint) g_rand_int_range (random, 1, 700); step < end;)
        {
          step++;
          gloss_loss_series_append (series, step, step + i, i);
          if (step % 50 == 0)
            gloss_loss_series_append_validation (series, step, 1000.0 - step);
        }
      g_assert_true (is_reduced_rightly (series, 0, step, 61, 0));
    }
  /* steps are whole again */
  const GlossLossPoint *points = gloss_loss_series_get_points (series, &n);

  g_assert_cmpuint (n, ==, step);
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (points[i].step, ==, i + 1);
  gloss_loss_series_get_validations (series, &n_validations);
  g_assert_cmpuint (n_validations, ==, step / 50);
  g_assert_cmpint (gloss_loss_series_get_best (series), ==, (int) step / 50 - 1);
  g_assert_cmpuint (gloss_loss_series_get_n_rewinds (series), >, 0);
}

static void
test_the_best_should_be_the_least_that_is_known (void)
{
  g_autoptr (GlossLossSeries) series = gloss_loss_series_new ();
  const double losses[] = { NAN, 3, 2, 2, INFINITY, 2.5, 1, 7 };
  const int bests[] = { -1, 1, 2, 2, 2, 2, 6, 6 };
  guint n_changes = 0;

  g_signal_connect_swapped (series, "changed", G_CALLBACK (count_change), &n_changes);
  for (guint i = 0; i < G_N_ELEMENTS (losses); i++)
    {
      gloss_loss_series_append_validation (series, i * 10, losses[i]);
      g_assert_cmpint (gloss_loss_series_get_best (series), ==, bests[i]);
    }
  g_assert_cmpuint (n_changes, ==, G_N_ELEMENTS (losses));
  /* the best is measured again, and is not the best */
  gloss_loss_series_append_validation (series, 60, 4);
  g_assert_cmpint (gloss_loss_series_get_best (series), ==, 2);
}

static void
test_steps_should_be_found (void)
{
  g_autoptr (GlossLossSeries) series = gloss_loss_series_new ();
  guint first, last;

  g_assert_cmpint (gloss_loss_series_find_nearest (series, 3), ==, -1);
  g_assert_false (gloss_loss_series_get_steps (series, &first, &last));
  gloss_loss_series_append_validation (series, 0, 2);
  for (guint step = 10; step <= 50; step += 10)
    gloss_loss_series_append (series, step, 1, 1);
  gloss_loss_series_append_validation (series, 50, 2);

  g_assert_cmpint (gloss_loss_series_find_nearest (series, -5), ==, 0);
  g_assert_cmpint (gloss_loss_series_find_nearest (series, 14.9), ==, 0);
  g_assert_cmpint (gloss_loss_series_find_nearest (series, 15.1), ==, 1);
  g_assert_cmpint (gloss_loss_series_find_nearest (series, 1e9), ==, 4);
  g_assert_cmpint (gloss_loss_series_find_point (series, 30), ==, 2);
  g_assert_cmpint (gloss_loss_series_find_point (series, 31), ==, -1);
  g_assert_cmpint (gloss_loss_series_find_validation_before (series, 49), ==, 0);
  g_assert_cmpint (gloss_loss_series_find_validation_before (series, 50), ==, 1);
  g_assert_cmpint (gloss_loss_series_find_validation (series, 49), ==, -1);
  g_assert_cmpint (gloss_loss_series_find_validation (series, 0), ==, 0);
  g_assert_true (gloss_loss_series_get_steps (series, &first, &last));
  g_assert_cmpuint (first, ==, 0);
  g_assert_cmpuint (last, ==, 50);
}

static void
test_the_range_should_be_that_of_all_curves (void)
{
  g_autoptr (GlossLossSeries) series = gloss_loss_series_new ();
  GlossLossSummary range;

  gloss_loss_series_get_range (series, &range);
  g_assert_cmpuint (range.n, ==, 0);
  gloss_loss_series_append (series, 1, 3, 2);
  gloss_loss_series_append (series, 2, 0, NAN);
  gloss_loss_series_append_validation (series, 2, 5);
  gloss_loss_series_get_range (series, &range);
  g_assert_cmpuint (range.n, ==, 4);
  g_assert_cmpfloat (range.min, ==, 0);
  g_assert_cmpfloat (range.max, ==, 5);
  g_assert_cmpfloat (range.min_positive, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/app/loss-series/" name, function)
  ADD ("columns-should-be-those-of-a-plain-loop", test_columns_should_be_those_of_a_plain_loop);
  ADD ("wrong-columns-should-be-found", test_wrong_columns_should_be_found);
  ADD ("a-step-that-comes-again-should-replace-what-followed",
       test_a_step_that_comes_again_should_replace_what_followed);
  ADD ("the-best-should-be-the-least-that-is-known",
       test_the_best_should_be_the_least_that_is_known);
  ADD ("steps-should-be-found", test_steps_should_be_found);
  ADD ("the-range-should-be-that-of-all-curves", test_the_range_should_be_that_of_all_curves);
  return g_test_run ();
}
