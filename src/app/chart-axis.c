/* The axis of a chart. */
#include "app/chart-axis.h"

#include "base/i18n.h"

#include <float.h>
#include <math.h>

/* Beyond these there is no room for the arithmetic between them. */
#define LEAST 1e-300
#define GREATEST 1e300

/* Values that differ by less are shown as equal ones. */
#define NARROWEST 1e-9

/* A quotient so near to a whole number is meant to be one. */
#define SLACK 1e-6

/* Under half a decade a logarithmic scale is nearly linear, and has its ticks. */
#define FEW_DECADES 0.5

static double
get_power (double exponent)
{
  return pow (10, exponent);
}

/* The exponent of the first digit of @value, above 0. */
static double
get_exponent (double value)
{
  return floor (log10 (value) + 1e-12);
}

/* 1, 2 or 5 times a power of ten: the least that is at least @value, or the greatest at most. */
static double
round_up (double value)
{
  double power = get_power (get_exponent (value));
  double digit = value / power;

  return power * (digit <= 1 + SLACK ? 1 : digit <= 2 + SLACK ? 2 : digit <= 5 + SLACK ? 5 : 10);
}

static double
round_down (double value)
{
  double power = get_power (get_exponent (value));
  double digit = value / power;

  return power * (digit >= 5 - SLACK ? 5 : digit >= 2 - SLACK ? 2 : 1);
}

static void
add_tick (GlossChartAxis *axis, double value, gboolean is_major)
{
  double position = gloss_chart_axis_get_position (axis, value);

  if (axis->n_ticks < GLOSS_CHART_MAX_TICKS)
    axis->ticks[axis->n_ticks++] = (GlossChartTick){ value, position, is_major };
}

static void
make_linear (GlossChartAxis *axis, double min, double max, guint max_labels)
{
  gboolean is_whole = axis->scale == GLOSS_CHART_WHOLE;
  double step = round_up ((max - min) / max_labels);
  double first, last;

  if (is_whole)
    step = MAX (step, 1);
  for (;;)
    {
      /* inside the range, or around it */
      first = is_whole ? ceil (min / step - SLACK) : floor (min / step + SLACK);
      last = is_whole ? floor (max / step + SLACK) : ceil (max / step - SLACK);
      if (last - first + 1 <= max_labels)
        break;
      step = round_up (step * 1.5);
    }
  axis->from = is_whole ? min : first * step;
  axis->to = is_whole ? max : last * step;
  if (axis->scale == GLOSS_CHART_LOGARITHMIC && axis->from <= 0)
    axis->from = min;
  axis->unit = step;
  for (double i = first; i <= last; i++)
    if (i * step >= axis->from - step * SLACK)
      add_tick (axis, i * step, TRUE);
}

static void
make_logarithmic (GlossChartAxis *axis, double min, double max, guint max_labels)
{
  double n_decades, stride;
  gboolean has_steps, has_minor;

  if (log10 (max) - log10 (min) < FEW_DECADES)
    {
      make_linear (axis, min, max, max_labels);
      return;
    }
  axis->from = round_down (min);
  axis->to = round_up (max);
  axis->unit = 0;
  n_decades = log10 (axis->to) - log10 (axis->from);
  has_steps = 3 * n_decades + 1 <= max_labels;
  stride = MAX (ceil ((n_decades + 1) / max_labels), 1);
  has_minor = 10 * n_decades < GLOSS_CHART_MAX_TICKS - 10;
  for (double e = get_exponent (axis->from); e <= get_exponent (axis->to); e++)
    for (guint digit = 1; digit < 10; digit++)
      {
        double value = digit * get_power (e);
        gboolean is_major =
            (digit == 1 && fmod (e, stride) == 0) || (has_steps && (digit == 2 || digit == 5));

        if (value >= axis->from * (1 - SLACK) && value <= axis->to * (1 + SLACK)
            && (is_major || has_minor))
          add_tick (axis, value, is_major);
      }
}

void
gloss_chart_axis_init (GlossChartAxis *axis, GlossChartScale scale, double min, double max,
                       guint max_labels)
{
  gboolean is_log = scale == GLOSS_CHART_LOGARITHMIC;
  double largest;

  *axis = (GlossChartAxis){ .scale = scale };
  /* around 0 there are no fewer than three */
  max_labels = CLAMP (max_labels, 3, GLOSS_CHART_MAX_TICKS);
  max = isfinite (max) ? max : isfinite (min) ? min : 1;
  min = isfinite (min) ? min : MIN (max, 0);
  max = CLAMP (max, -GREATEST, GREATEST);
  min = CLAMP (min, -GREATEST, GREATEST);
  if (min > max)
    {
      double other = min;

      min = max;
      max = other;
    }
  if (is_log)
    {
      max = max < LEAST ? 1 : max;
      min = min < LEAST ? MAX (max / 1000, LEAST) : min;
    }
  largest = MAX (fabs (min), fabs (max));
  if (largest < LEAST)
    {
      min = 0;
      max = 1;
    }
  else if (max - min < largest * NARROWEST)
    {
      double room = scale == GLOSS_CHART_WHOLE ? 1 : largest / 10;

      min -= room;
      max += room;
    }
  if (scale == GLOSS_CHART_LINEAR && min > 0 && min <= (max - min) / 2)
    min = 0;

  if (is_log)
    make_logarithmic (axis, min, max, max_labels);
  else
    make_linear (axis, min, max, max_labels);
  largest = MAX (fabs (axis->from), fabs (axis->to));
  axis->is_scientific = largest >= 1e7 || (is_log ? axis->from : largest) < 9.9e-5;
  for (guint i = 0; i < axis->n_ticks; i++)
    axis->ticks[i].position = gloss_chart_axis_get_position (axis, axis->ticks[i].value);
}

double
gloss_chart_axis_get_position (const GlossChartAxis *axis, double value)
{
  if (isnan (value))
    return NAN;
  value = CLAMP (value, axis->from, axis->to);
  if (axis->scale == GLOSS_CHART_LOGARITHMIC)
    return CLAMP ((log (value) - log (axis->from)) / (log (axis->to) - log (axis->from)), 0, 1);
  return CLAMP ((value - axis->from) / (axis->to - axis->from), 0, 1);
}

double
gloss_chart_axis_get_value (const GlossChartAxis *axis, double position)
{
  if (axis->scale == GLOSS_CHART_LOGARITHMIC)
    return exp (log (axis->from) * (1 - position) + log (axis->to) * position);
  return axis->from + (axis->to - axis->from) * position;
}

/* @value as 2×10⁻⁷, the first factor with @n_decimals, or as 10⁻⁷. */
static char *
format_scientific (double value, int n_decimals)
{
  static const char *const digits[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
  double exponent = value == 0 ? 0 : get_exponent (fabs (value));
  double factor = value / get_power (exponent);
  GString *text = g_string_new (NULL);
  g_autofree char *number = NULL;

  /* 9.999 with two decimals is 10 */
  if (fabs (factor) + 0.5 * get_power (-n_decimals) >= 10)
    {
      exponent++;
      factor /= 10;
    }
  if (n_decimals > 0 || fabs (factor - 1) > SLACK)
    g_string_append_printf (text, "%.*f×", n_decimals, factor);
  g_string_append (text, exponent < 0 ? "10⁻" : "10");
  number = g_strdup_printf ("%.0f", fabs (exponent));
  for (const char *p = number; *p; p++)
    g_string_append (text, digits[*p - '0']);
  return g_string_free (text, FALSE);
}

/* What makes %' write thousands as the locale has them. */
static char *
format_fixed (double value, int n_decimals)
{
  return g_strdup_printf ("%'.*f", n_decimals, value == 0 ? 0 : value);
}

char *
gloss_chart_axis_format (const GlossChartAxis *axis, double value)
{
  double size = MAX (fabs (value), axis->unit);
  double unit = axis->unit > 0 ? axis->unit : size;
  double exponent = get_exponent (MAX (unit, DBL_MIN));

  /* the zero of a linear axis, whose neighbours are whole units away */
  if (fabs (value) < axis->unit / 2)
    return g_strdup ("0");
  if (axis->is_scientific)
    return format_scientific (value, (int) (get_exponent (size) - exponent));
  return format_fixed (value, (int) MAX (-exponent, 0));
}

char *
gloss_chart_format_value (double value)
{
  double size = fabs (value);

  if (isnan (value))
    return g_strdup (_ ("not a number"));
  if (isinf (value))
    return g_strdup (value > 0 ? "∞" : "−∞");
  if (size != 0 && (size >= 1e7 || size < 1e-4))
    return format_scientific (value, 2);
  return format_fixed (value, size == 0 ? 2 : (int) CLAMP (2 - get_exponent (size), 2, 6));
}

char *
gloss_chart_format_count (guint count)
{
  return format_fixed (count, 0);
}
