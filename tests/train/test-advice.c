/* What is said about curves, and about those that need no word. */
#include "train/advice.h"

#include "base/random.h"

#include <math.h>
#include <string.h>

#define N 64

/* A curve of @n steps from @first to @last with some @scatter. */
static void
draw (GlossCurvePoint *points, guint n, double first, double last, double scatter, guint64 seed)
{
  GlossRandom random;

  gloss_random_init (&random, seed);
  for (guint i = 0; i < n; i++)
    {
      double t = (double) i / (n - 1);

      /* most is learnt early */
      points[i] =
          (GlossCurvePoint){ i + 1, last + (first - last) * exp (-4 * t)
                                        + scatter * (gloss_random_next_double (&random) - 0.5) };
    }
}

static GPtrArray *
judge (const GlossCurvePoint *training, guint n_training, const double *validation,
       guint n_validation)
{
  GlossCurvePoint held_out[16];

  for (guint i = 0; i < n_validation; i++)
    held_out[i] = (GlossCurvePoint){ i * 10, validation[i] };
  return gloss_advice_make (&(GlossCurves){ training, n_training, held_out, n_validation, 0.03 });
}

static void
assert_says (GPtrArray *list, GlossAdviceKind kind, const char *part)
{
  const GlossAdvice *advice;

  g_assert_cmpuint (list->len, ==, 1);
  advice = g_ptr_array_index (list, 0);
  g_assert_cmpstr (gloss_advice_kind_get_name (advice->kind), ==,
                   gloss_advice_kind_get_name (kind));
  if (!strstr (advice->text, part))
    g_error ("\"%s\" does not say \"%s\"", advice->text, part);
  g_ptr_array_unref (list);
}

static void
test_good_runs_should_get_no_advice (void)
{
  static const double falls[] = { 3, 2, 1.5, 1.2, 1.1 };
  static const double wavers[] = { 3, 1.2, 1.21, 1.15, 1.18 };
  GlossCurvePoint points[N];

  for (guint64 seed = 0; seed < 200; seed++)
    {
      g_autoptr (GPtrArray) list = NULL;
      g_autoptr (GPtrArray) noisy = NULL;
      g_autoptr (GPtrArray) learnt = NULL;

      draw (points, N, 3, 1, 0.5, seed);
      list = judge (points, N, seed % 2 ? falls : wavers, 5);
      g_assert_cmpuint (list->len, ==, 0);
      draw (points, N, 2, 1.2, 1, seed);
      noisy = judge (points, seed % N, falls, 5); /* at every moment of it */
      g_assert_cmpuint (noisy->len, ==, 0);
      draw (points, N, 0.02, 0.02, 0.01, seed); /* a run that goes on */
      learnt = judge (points, N, NULL, 0);
      g_assert_cmpuint (learnt->len, ==, 0);
    }
}

static void
test_what_is_short_should_get_no_advice (void)
{
  static const double one[] = { 3, 4 };
  GlossCurvePoint points[N];
  g_autoptr (GPtrArray) nothing = judge (NULL, 0, NULL, 0);
  g_autoptr (GPtrArray) beginning = NULL;

  draw (points, N, 3, 9, 0.1, 1);
  beginning = judge (points, 10, one, 2);
  g_assert_cmpuint (nothing->len, ==, 0);
  g_assert_cmpuint (beginning->len, ==, 0);
}

static void
test_a_loss_that_rises_should_be_told (void)
{
  GlossCurvePoint points[N];

  draw (points, N, 3, 7, 0.5, 1);
  assert_says (judge (points, N, NULL, 0), GLOSS_ADVICE_RISES, "such as 0.01");
  /* down, and then up */
  draw (points, N / 2, 3, 1, 0.3, 2);
  draw (points + N / 2, N / 2, 1, 3, 0.3, 3);
  assert_says (judge (points, N, NULL, 0), GLOSS_ADVICE_RISES, "lower learning rate");
}

static void
test_a_loss_that_does_not_move_should_be_told (void)
{
  static const double still[] = { 6.577, 6.576, 6.577, 6.58, 6.57 };
  GlossCurvePoint points[N];

  for (guint64 seed = 0; seed < 200; seed++)
    {
      draw (points, N, 3, 3, 0.3, seed);
      assert_says (judge (points, N, NULL, 0), GLOSS_ADVICE_STUCK, "such as 0.09");
      /* a batch scatters, held-out pictures do not */
      draw (points, N, 7, 7, 6, seed);
      assert_says (judge (points, N, still, 5), GLOSS_ADVICE_STUCK, "was 6.577 and is 6.570");
    }
}

static void
test_what_is_no_number_should_be_told_alone (void)
{
  GlossCurvePoint points[N];

  draw (points, N, 3, 7, 0.5, 1);
  points[40].loss = NAN;
  assert_says (judge (points, N, NULL, 0), GLOSS_ADVICE_NOT_FINITE, "step 41");
  assert_says (judge (NULL, 0, (const double[]){ 3, INFINITY }, 2), GLOSS_ADVICE_NOT_FINITE,
               "such as 0.003");
}

static void
test_validation_should_name_the_best_step (void)
{
  static const double rises[] = { 3, 2, 1.5, 1.6, 1.9 };
  static const double never[] = { 3, 3.2, 3.5 };
  static const double flat[] = { 3, 1.5, 1.501, 1.502, 1.5015, 1.5012 };
  GlossCurvePoint points[N];

  draw (points, N, 3, 0.1, 0.2, 1);
  assert_says (judge (points, N, rises, 5), GLOSS_ADVICE_VALIDATION_RISES, "Try 20 steps");
  assert_says (judge (points, N, never, 3), GLOSS_ADVICE_VALIDATION_RISES, "before the first step");
  assert_says (judge (points, N, flat, 6), GLOSS_ADVICE_VALIDATION_FLAT, "since step 10");
}

static void
test_captions_all_alike_should_be_told (void)
{
  g_autoptr (GlossAdvice) alike = gloss_advice_make_for_captions (10, 9, 2);

  g_assert_nonnull (strstr (alike->text, "9 of 10"));
  g_assert_null (gloss_advice_make_for_captions (10, 3, 0));
  g_assert_null (gloss_advice_make_for_captions (10, 9, 9)); /* as they should be */
  g_assert_null (gloss_advice_make_for_captions (3, 3, 0));
  g_assert_null (gloss_advice_make_for_captions (0, 0, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/advice/good-runs-should-get-none", test_good_runs_should_get_no_advice);
  g_test_add_func ("/train/advice/what-is-short-should-get-none",
                   test_what_is_short_should_get_no_advice);
  g_test_add_func ("/train/advice/rising-should-be-told", test_a_loss_that_rises_should_be_told);
  g_test_add_func ("/train/advice/not-moving-should-be-told",
                   test_a_loss_that_does_not_move_should_be_told);
  g_test_add_func ("/train/advice/no-number-should-be-told-alone",
                   test_what_is_no_number_should_be_told_alone);
  g_test_add_func ("/train/advice/validation-should-name-the-best-step",
                   test_validation_should_name_the_best_step);
  g_test_add_func ("/train/advice/captions-all-alike-should-be-told",
                   test_captions_all_alike_should_be_told);
  return g_test_run ();
}
