/* The axis of a chart: its range, its ticks, and how its numbers are written. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GLOSS_CHART_MAX_TICKS 64

typedef enum
{
  GLOSS_CHART_LINEAR,
  GLOSS_CHART_WHOLE, /* linear, of whole numbers */
  GLOSS_CHART_LOGARITHMIC,
} GlossChartScale;

typedef struct
{
  double value;
  double position;   /* 0 … 1 along the axis */
  gboolean is_major; /* has a label */
} GlossChartTick;

/* Plain values; any thread. */
typedef struct
{
  GlossChartScale scale;
  double from; /* finite, less than to; above 0 on a logarithmic scale */
  double to;
  double unit; /* between labels that differ least; 0: each label is its own first digit */
  gboolean is_scientific;
  GlossChartTick ticks[GLOSS_CHART_MAX_TICKS]; /* rising */
  guint n_ticks;
} GlossChartAxis;

/*
 * For values from @min to @max, whatever these are: what is not finite, or not above 0 where that
 * must be, is replaced by something that can be shown. At most @max_labels labels, or three. An
 * axis of whole numbers ends where the values end; the others end on round numbers, and a linear
 * one begins at 0 where that takes no more than a third of it.
 */
void gloss_chart_axis_init (GlossChartAxis *axis, GlossChartScale scale, double min, double max,
                            guint max_labels);

/* Where @value lies, from 0 to 1: what is outside lies at the end, also 0 on a logarithmic scale;
 * NaN for NaN. */
double gloss_chart_axis_get_position (const GlossChartAxis *axis, double value);
double gloss_chart_axis_get_value (const GlossChartAxis *axis, double position);

/* The label for a tick in the person's locale, with as many digits as tell it from its neighbours.
 */
char *gloss_chart_axis_format (const GlossChartAxis *axis, double value);

/* A value by itself, to three digits or more, in the person's locale. */
char *gloss_chart_format_value (double value);

/* A count with the locale's marks between thousands. */
char *gloss_chart_format_count (guint count);

G_END_DECLS
