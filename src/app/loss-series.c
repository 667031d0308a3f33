/*
 * The loss of a run of fine-tuning, step by step.
 *
 * Above the points of each curve stands a pyramid: level 1 summarizes each 16 points, level 2 each
 * 16 summaries of level 1, and so on, of whole blocks only. So a point costs at most one summary
 * a level, forgetting is cutting each level short, and any stretch is a few dozen summaries.
 */
#include "app/loss-series.h"

#include <math.h>

#define FAN_OUT 16
#define N_LEVELS 7 /* 16 to the 8th is 2 to the 32nd: more points than can be counted */

struct _GlossLossSeries
{
  GObject parent_instance;

  GArray *points;                                /* owned; of GlossLossPoint */
  GArray *validations;                           /* owned; of GlossLossValidation */
  GArray *levels[GLOSS_N_LOSS_CURVES][N_LEVELS]; /* owned; of GlossLossSummary, the finest first */
  int best;                                      /* index of a validation, or −1 */
  guint n_rewinds;
};

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossLossSeries, gloss_loss_series, G_TYPE_OBJECT)

static const GlossLossPoint *
get_point (GlossLossSeries *series, guint index)
{
  return &g_array_index (series->points, GlossLossPoint, index);
}

static const GlossLossValidation *
get_validation (GlossLossSeries *series, guint index)
{
  return &g_array_index (series->validations, GlossLossValidation, index);
}

static void
add_summary (GlossLossSummary *sum, const GlossLossSummary *next)
{
  if (next->n == 0)
    return;
  if (sum->n == 0)
    {
      *sum = *next;
      return;
    }
  sum->n += next->n;
  sum->min = MIN (sum->min, next->min);
  sum->max = MAX (sum->max, next->max);
  sum->min_positive = MIN (sum->min_positive, next->min_positive);
  sum->last = next->last;
}

static void
add_value (GlossLossSummary *sum, double value)
{
  const GlossLossSummary one = { 1, value, value, value, value, value > 0 ? value : INFINITY };

  if (isfinite (value))
    add_summary (sum, &one);
}

static void
add_point (GlossLossSeries *series, GlossLossCurve curve, guint index, GlossLossSummary *sum)
{
  const GlossLossPoint *point = get_point (series, index);

  add_value (sum, curve == GLOSS_LOSS_RAW ? point->loss : point->smoothed);
}

/* The points from @begin on that are before @end, by the largest blocks that fit. */
static void
summarize (GlossLossSeries *series, GlossLossCurve curve, guint begin, guint end,
           GlossLossSummary *out)
{
  *out = (GlossLossSummary){ 0 };
  while (begin < end)
    {
      guint64 size = 1;
      guint level = 0;

      while (level < N_LEVELS && begin % (size * FAN_OUT) == 0 && end - begin >= size * FAN_OUT)
        {
          size *= FAN_OUT;
          level++;
        }
      if (level == 0)
        add_point (series, curve, begin, out);
      else
        add_summary (
            out, &g_array_index (series->levels[curve][level - 1], GlossLossSummary, begin / size));
      begin += (guint) size;
    }
}

/* After a point was added: each level whose block became whole gets it. */
static void
build_levels (GlossLossSeries *series)
{
  guint n = series->points->len;
  guint64 size = FAN_OUT;

  for (guint level = 0; level < N_LEVELS && n % size == 0; level++, size *= FAN_OUT)
    for (guint curve = 0; curve < GLOSS_N_LOSS_CURVES; curve++)
      {
        GlossLossSummary sum = { 0 };

        for (guint i = 0; i < FAN_OUT; i++)
          {
            if (level == 0)
              add_point (series, curve, n - FAN_OUT + i, &sum);
            else
              {
                GArray *below = series->levels[curve][level - 1];

                add_summary (&sum,
                             &g_array_index (below, GlossLossSummary, below->len - FAN_OUT + i));
              }
          }
        g_array_append_val (series->levels[curve][level], sum);
      }
}

/* The index of the first point at or after @step, from @begin on. */
static guint
find_begin (GlossLossSeries *series, double step, guint begin)
{
  guint end = series->points->len;

  while (begin < end)
    {
      guint middle = begin + (end - begin) / 2;

      if (get_point (series, middle)->step < step)
        begin = middle + 1;
      else
        end = middle;
    }
  return begin;
}

static guint
find_validation_begin (GlossLossSeries *series, double step)
{
  guint begin = 0, end = series->validations->len;

  while (begin < end)
    {
      guint middle = begin + (end - begin) / 2;

      if (get_validation (series, middle)->step < step)
        begin = middle + 1;
      else
        end = middle;
    }
  return begin;
}

static void
update_best (GlossLossSeries *series, guint index)
{
  double loss = get_validation (series, index)->loss;

  if (isfinite (loss)
      && (series->best < 0 || loss < get_validation (series, (guint) series->best)->loss))
    series->best = (int) index;
}

static void
forget_points (GlossLossSeries *series, guint step)
{
  guint n = find_begin (series, step, 0);
  guint64 size = FAN_OUT;

  if (n == series->points->len)
    return;
  g_array_set_size (series->points, n);
  for (guint level = 0; level < N_LEVELS; level++, size *= FAN_OUT)
    for (guint curve = 0; curve < GLOSS_N_LOSS_CURVES; curve++)
      g_array_set_size (series->levels[curve][level], (guint) (n / size));
  series->n_rewinds++;
}

static void
forget_validations (GlossLossSeries *series, guint step)
{
  guint n = find_validation_begin (series, step);

  if (n == series->validations->len)
    return;
  g_array_set_size (series->validations, n);
  series->best = -1;
  for (guint i = 0; i < n; i++)
    update_best (series, i);
  series->n_rewinds++;
}

void
gloss_loss_series_append (GlossLossSeries *series, guint step, double loss, double smoothed)
{
  const GlossLossPoint point = { step, loss, smoothed };

  g_return_if_fail (GLOSS_IS_LOSS_SERIES (series));

  if (series->points->len > 0 && step <= get_point (series, series->points->len - 1)->step)
    {
      forget_points (series, step);
      forget_validations (series, step);
    }
  g_array_append_val (series->points, point);
  build_levels (series);
  g_signal_emit (series, signals[CHANGED], 0);
}

void
gloss_loss_series_append_validation (GlossLossSeries *series, guint step, double loss)
{
  const GlossLossValidation validation = { step, loss };

  g_return_if_fail (GLOSS_IS_LOSS_SERIES (series));

  forget_validations (series, step);
  g_array_append_val (series->validations, validation);
  update_best (series, series->validations->len - 1);
  g_signal_emit (series, signals[CHANGED], 0);
}

guint
gloss_loss_series_get_n_rewinds (GlossLossSeries *series)
{
  return series->n_rewinds;
}

const GlossLossPoint *
gloss_loss_series_get_points (GlossLossSeries *series, guint *n_points)
{
  *n_points = series->points->len;
  return (gconstpointer) series->points->data;
}

const GlossLossValidation *
gloss_loss_series_get_validations (GlossLossSeries *series, guint *n_validations)
{
  *n_validations = series->validations->len;
  return (gconstpointer) series->validations->data;
}

int
gloss_loss_series_get_best (GlossLossSeries *series)
{
  return series->best;
}

int
gloss_loss_series_find_nearest (GlossLossSeries *series, double step)
{
  guint after = find_begin (series, step, 0);

  if (series->points->len == 0)
    return -1;
  if (after == series->points->len
      || (after > 0
          && step - get_point (series, after - 1)->step < get_point (series, after)->step - step))
    after--;
  return (int) after;
}

int
gloss_loss_series_find_point (GlossLossSeries *series, guint step)
{
  guint index = find_begin (series, step, 0);

  return index < series->points->len && get_point (series, index)->step == step ? (int) index : -1;
}

int
gloss_loss_series_find_validation_before (GlossLossSeries *series, guint step)
{
  return (int) find_validation_begin (series, step + 1.0) - 1;
}

int
gloss_loss_series_find_validation (GlossLossSeries *series, guint step)
{
  int index = gloss_loss_series_find_validation_before (series, step);

  return index >= 0 && get_validation (series, (guint) index)->step == step ? index : -1;
}

gboolean
gloss_loss_series_get_steps (GlossLossSeries *series, guint *out_first, guint *out_last)
{
  guint n = series->points->len, n_validations = series->validations->len;

  if (n == 0 && n_validations == 0)
    return FALSE;
  *out_first = n > 0 ? get_point (series, 0)->step : G_MAXUINT;
  *out_last = n > 0 ? get_point (series, n - 1)->step : 0;
  if (n_validations > 0)
    {
      *out_first = MIN (*out_first, get_validation (series, 0)->step);
      *out_last = MAX (*out_last, get_validation (series, n_validations - 1)->step);
    }
  return TRUE;
}

void
gloss_loss_series_get_range (GlossLossSeries *series, GlossLossSummary *out)
{
  GlossLossSummary smoothed;

  summarize (series, GLOSS_LOSS_RAW, 0, series->points->len, out);
  summarize (series, GLOSS_LOSS_SMOOTHED, 0, series->points->len, &smoothed);
  add_summary (out, &smoothed);
  for (guint i = 0; i < series->validations->len; i++)
    add_value (out, get_validation (series, i)->loss);
}

void
gloss_loss_series_reduce (GlossLossSeries *series, GlossLossCurve curve, double from, double to,
                          guint n_columns, GlossLossSummary *out)
{
  guint begin = find_begin (series, from, 0);

  for (guint c = 0; c < n_columns; c++)
    {
      gboolean is_last = c + 1 == n_columns;
      double edge = from + (to - from) * (c + 1) / n_columns;
      /* steps are whole numbers */
      guint end = find_begin (series, is_last ? floor (to) + 1 : edge, begin);

      summarize (series, curve, begin, end, &out[c]);
      begin = end;
    }
}

static void
gloss_loss_series_finalize (GObject *object)
{
  GlossLossSeries *series = GLOSS_LOSS_SERIES (object);

  g_array_unref (series->points);
  g_array_unref (series->validations);
  for (guint i = 0; i < GLOSS_N_LOSS_CURVES * N_LEVELS; i++)
    g_array_unref (series->levels[i / N_LEVELS][i % N_LEVELS]);
  G_OBJECT_CLASS (gloss_loss_series_parent_class)->finalize (object);
}

static void
gloss_loss_series_class_init (GlossLossSeriesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gloss_loss_series_finalize;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
gloss_loss_series_init (GlossLossSeries *series)
{
  series->points = g_array_new (FALSE, FALSE, sizeof (GlossLossPoint));
  series->validations = g_array_new (FALSE, FALSE, sizeof (GlossLossValidation));
  for (guint i = 0; i < GLOSS_N_LOSS_CURVES * N_LEVELS; i++)
    series->levels[i / N_LEVELS][i % N_LEVELS] =
        g_array_new (FALSE, FALSE, sizeof (GlossLossSummary));
  series->best = -1;
}

GlossLossSeries *
gloss_loss_series_new (void)
{
  return g_object_new (GLOSS_TYPE_LOSS_SERIES, NULL);
}
