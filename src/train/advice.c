/*
 * What the curves of a run say in words.
 *
 * The loss of a step is that of a few examples and scatters, so windows of steps are compared, and
 * only what stands out of their scatter is told: somebody who is warned without cause does not
 * read the next warning.
 */
#include "train/advice.h"

#include "base/i18n.h"

#include <math.h>

#define N_WINDOWS 8
#define MIN_WINDOW 6
/* A difference is real when it is so many times what chance makes of it. */
#define SURE 5.0
#define HIGHER 1.15 /* than the lowest before: a loss that rises */
#define LOWER 0.9   /* than at first: a loss that moves */
/* The same of held-out pictures, tried so often: their lowest loss of the highest. */
#define MIN_TRIALS 4
#define STILL 0.99
/* Where there is so little loss, nothing is left to be learnt. */
#define LEARNT 0.05
/* Trials of held-out pictures without a better one, and how much worse is worse. */
#define N_WORSE 2
#define N_FLAT 4
#define WORSE 1.01
/* Captions that are one and the same: too few to tell, and the share that is too many. */
#define MIN_CAPTIONS 4
#define ALIKE 0.75

void
gloss_advice_free (GlossAdvice *advice)
{
  g_free (advice->text);
  g_free (advice);
}

const char *
gloss_advice_kind_get_name (GlossAdviceKind kind)
{
  static const char *const names[] = {
    [GLOSS_ADVICE_NOT_FINITE] = "not_finite",
    [GLOSS_ADVICE_RISES] = "rises",
    [GLOSS_ADVICE_STUCK] = "stuck",
    [GLOSS_ADVICE_VALIDATION_RISES] = "validation_rises",
    [GLOSS_ADVICE_VALIDATION_FLAT] = "validation_flat",
    [GLOSS_ADVICE_ALIKE] = "alike",
  };

  return names[kind];
}

/* Takes @text. */
static GlossAdvice *
advice_new (GlossAdviceKind kind, guint step, char *text)
{
  GlossAdvice *advice = g_new (GlossAdvice, 1);

  *advice = (GlossAdvice){ kind, step, text };
  return advice;
}

/* With one digit, which is all that such advice is worth. */
static double
round_rate (double rate)
{
  double unit = rate > 0 ? pow (10, floor (log10 (rate))) : 1;

  return round (rate / unit) * unit;
}

static double
average (const GlossCurvePoint *points, guint n)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += points[i].loss;
  return sum / n;
}

/* How far chance moves the difference of two means of @n_mean steps. The scatter is taken from
 * neighbours, which a falling curve hardly moves apart. */
static double
measure_chance (const GlossCurvePoint *points, guint n, guint n_mean)
{
  double squares = 0;

  for (guint i = 1; i < n; i++)
    squares += pow (points[i].loss - points[i - 1].loss, 2) / 2;
  return sqrt (squares / (n - 1) * 2 / n_mean);
}

static gboolean
find_not_finite (const GlossCurvePoint *points, guint n, guint *step)
{
  for (guint i = 0; i < n; i++)
    {
      if (isfinite (points[i].loss))
        continue;
      *step = points[i].step;
      return TRUE;
    }
  return FALSE;
}

/* Whether the curve is higher in the end than it was. */
static gboolean
judge_rise (GPtrArray *list, const GlossCurves *curves)
{
  guint n = MAX (MIN_WINDOW, curves->n_training / N_WINDOWS);
  const GlossCurvePoint *points = curves->training;
  double lowest = INFINITY, last, rise;

  if (curves->n_training < 3 * n)
    return FALSE;
  for (guint begin = 0; begin + 2 * n <= curves->n_training; begin += n)
    lowest = MIN (lowest, average (points + begin, n));
  last = average (points + curves->n_training - n, n);
  rise = last - lowest;
  if (last <= HIGHER * lowest
      || rise <= MAX (LEARNT, SURE * measure_chance (points, curves->n_training, n)))
    return FALSE;
  g_ptr_array_add (
      list, advice_new (GLOSS_ADVICE_RISES, 0,
                        g_strdup_printf (_ ("The loss rises: it was %.3f and is %.3f. Try a lower "
                                            "learning rate, such as %g, or a longer warm-up."),
                                         lowest, last, round_rate (curves->learning_rate / 3))));
  return TRUE;
}

/* By held-out pictures, whose loss does not scatter, where there are enough trials of them, else by
 * the steps. */
static gboolean
find_stuck (const GlossCurves *curves, double *first, double *last)
{
  guint n = curves->n_training / 3;
  double lowest = INFINITY, highest = 0;

  for (guint i = 0; i < curves->n_validation; i++)
    {
      lowest = MIN (lowest, curves->validation[i].loss);
      highest = MAX (highest, curves->validation[i].loss);
    }
  if (curves->n_validation >= MIN_TRIALS)
    {
      *first = curves->validation[0].loss;
      *last = curves->validation[curves->n_validation - 1].loss;
      return *first > LEARNT && lowest > STILL * highest;
    }
  if (n < MIN_WINDOW)
    return FALSE;
  *first = average (curves->training, n);
  *last = average (curves->training + curves->n_training - n, n);
  /* not even as far as chance would let it seem */
  return *first > LEARNT
         && *first - *last + 2 * measure_chance (curves->training, curves->n_training, n)
                < (1 - LOWER) * *first;
}

static gboolean
judge_stuck (GPtrArray *list, const GlossCurves *curves)
{
  double first, last;

  if (!find_stuck (curves, &first, &last))
    return FALSE;
  g_ptr_array_add (
      list, advice_new (GLOSS_ADVICE_STUCK, 0,
                        g_strdup_printf (_ ("The loss does not move: it was %.3f and is %.3f. Try "
                                            "a higher learning rate, such as %g, or more steps, "
                                            "and see whether the captions fit the pictures."),
                                         first, last, round_rate (curves->learning_rate * 3))));
  return TRUE;
}

static void
judge_validation (GPtrArray *list, const GlossCurves *curves)
{
  const GlossCurvePoint *points = curves->validation;
  guint best = 0, n_since;
  double last;

  if (curves->n_validation == 0)
    return;
  for (guint i = 1; i < curves->n_validation; i++)
    {
      if (points[i].loss < points[best].loss)
        best = i;
    }
  n_since = curves->n_validation - 1 - best;
  last = points[curves->n_validation - 1].loss;
  if (n_since >= N_WORSE && last > WORSE * points[best].loss)
    {
      char *text =
          points[best].step == 0
              ? g_strdup_printf (_ ("Held-out pictures never fared better than before the first "
                                    "step (a loss of %.3f, now %.3f). Try a lower learning rate, "
                                    "such as %g, or more and other pictures."),
                                 points[best].loss, last, round_rate (curves->learning_rate / 3))
              : g_strdup_printf (_ ("Held-out pictures fared best after step %u (a loss of %.3f, "
                                    "now %.3f): since then the captions are learnt by heart. Try "
                                    "%u steps, or more and other pictures."),
                                 points[best].step, points[best].loss, last, points[best].step);

      g_ptr_array_add (list, advice_new (GLOSS_ADVICE_VALIDATION_RISES, points[best].step, text));
    }
  else if (n_since >= N_FLAT)
    g_ptr_array_add (
        list,
        advice_new (GLOSS_ADVICE_VALIDATION_FLAT, points[best].step,
                    g_strdup_printf (_ ("Held-out pictures gain nothing since step %u (a loss of "
                                        "%.3f). More steps will hardly help; more and other "
                                        "pictures may."),
                                     points[best].step, points[best].loss)));
}

GPtrArray *
gloss_advice_make (const GlossCurves *curves)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_advice_free);
  guint step;

  if (find_not_finite (curves->training, curves->n_training, &step)
      || find_not_finite (curves->validation, curves->n_validation, &step))
    {
      g_ptr_array_add (
          list, advice_new (GLOSS_ADVICE_NOT_FINITE, step,
                            g_strdup_printf (_ ("The loss of step %u is not a number any more. Try "
                                                "a lower learning rate, such as %g, a longer "
                                                "warm-up, or shorter gradients."),
                                             step, round_rate (curves->learning_rate / 10))));
      return list;
    }
  if (!judge_rise (list, curves) && judge_stuck (list, curves))
    return list; /* a best step would mean nothing */
  judge_validation (list, curves);
  return list;
}

GlossAdvice *
gloss_advice_make_for_captions (guint n, guint n_most_common, guint n_most_common_reference)
{
  /* pictures that are alike may well be called the same */
  if (n < MIN_CAPTIONS || n_most_common < ALIKE * n
      || n_most_common <= MAX (n_most_common_reference, 1))
    return NULL;
  return advice_new (
      GLOSS_ADVICE_ALIKE, 0,
      g_strdup_printf (
          _ ("Captions are all alike: %u of %u are the same. The model hardly looks at "
             "the pictures; try fewer steps or a lower learning rate, and more and "
             "other pictures."),
          n_most_common, n));
}
