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
#define MIN_WINDOW 5
/* A difference is real when it is so many times what chance makes of it. */
#define SURE 4.0
#define HIGHER 1.15 /* than the lowest before: a loss that rises */
#define LOWER 0.95  /* than at first: a loss that moves */
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

/* The mean of some steps, and how far chance may have moved it. */
typedef struct
{
  double mean;
  double error;
} Window;

/* The scatter is taken from neighbours, which a falling curve hardly moves apart. */
static Window
measure (const GlossCurvePoint *points, guint n)
{
  double sum = 0, squares = 0;

  for (guint i = 0; i < n; i++)
    {
      sum += points[i].loss;
      if (i > 0)
        squares += pow (points[i].loss - points[i - 1].loss, 2) / 2;
    }
  return (Window){ sum / n, sqrt (squares / (n - 1) / n) };
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

/* A curve that rises or does not move. */
static void
judge_training (GPtrArray *list, const GlossCurves *curves)
{
  guint n = MAX (MIN_WINDOW, curves->n_training / N_WINDOWS);
  const GlossCurvePoint *points = curves->training;
  double rate = curves->learning_rate;
  Window first, last, lowest;
  double by_chance;

  if (curves->n_training < 3 * n)
    return;
  first = lowest = measure (points, n);
  for (guint begin = n; begin + 2 * n <= curves->n_training; begin += n)
    {
      Window window = measure (points + begin, n);

      if (window.mean < lowest.mean)
        lowest = window;
    }
  last = measure (points + curves->n_training - n, n);
  by_chance = SURE * hypot (last.error, lowest.error);
  if (last.mean > HIGHER * lowest.mean && last.mean - lowest.mean > MAX (by_chance, LEARNT))
    {
      g_ptr_array_add (
          list,
          advice_new (GLOSS_ADVICE_RISES, 0,
                      g_strdup_printf (_ ("The loss rises: it was %.3f and is %.3f. Try a lower "
                                          "learning rate, such as %.1g, or a longer warm-up."),
                                       lowest.mean, last.mean, rate / 3)));
      return;
    }
  by_chance = SURE * hypot (last.error, first.error);
  if (first.mean > LEARNT && last.mean > LOWER * first.mean
      && first.mean - last.mean + by_chance / 2 < (1 - LOWER) * 2 * first.mean)
    g_ptr_array_add (
        list, advice_new (GLOSS_ADVICE_STUCK, 0,
                          g_strdup_printf (_ ("The loss does not move: it was %.3f and is %.3f. "
                                              "Try a higher learning rate, such as %.1g, or more "
                                              "steps, and see whether the captions fit the "
                                              "pictures."),
                                           first.mean, last.mean, rate * 3)));
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
                                    "such as %.1g, or more and other pictures."),
                                 points[best].loss, last, curves->learning_rate / 3)
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
                                                "a lower learning rate, such as %.1g, a longer "
                                                "warm-up, or shorter gradients."),
                                             step, curves->learning_rate / 10)));
      return list;
    }
  judge_training (list, curves);
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
