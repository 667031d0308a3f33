/* How a chart of the loss looks, and where in it everything lies. */
#include "app/loss-plan.h"

#include "base/i18n.h"

#include <math.h>

/* Around the plot, so that dots and lines at its edge are whole. */
#define MARGIN_PX 8

/* With less there is no chart. */
#define MIN_PLOT_PX 16

#define LABEL_GAP_PX 6
#define KEY_GAP_PX 16
#define PLAIN_MAX_LABELS 5

/* Labels of losses are so many lines apart, and those of steps so many widths. */
#define LINES_PER_LABEL 2.5
#define WIDTHS_PER_LABEL 1.8

/* GNOME's palette: dark 5 or white; blue 3 or 2; green 5 or 2; orange 4 or 2, the brand's. */
void
gloss_loss_style_init (GlossLossStyle *style, gboolean is_dark)
{
  *style = (GlossLossStyle){ 0 };
  gdk_rgba_parse (&style->background, is_dark ? "#242424" : "#ffffff");
  gdk_rgba_parse (&style->foreground, is_dark ? "#ffffff" : "#241f31");
  gdk_rgba_parse (&style->train, is_dark ? "#78aeed" : "#1c71d8");
  gdk_rgba_parse (&style->validation, is_dark ? "#8ff0a4" : "#1b7f4e");
  gdk_rgba_parse (&style->best, is_dark ? "#ffbe6f" : "#e66100");
}

const char *
gloss_loss_key_get_name (GlossLossKey key)
{
  switch (key)
    {
    case GLOSS_LOSS_KEY_RAW:
      /* Translators: in the legend of a chart: the loss of each step as it is */
      return C_ ("loss chart", "raw");
    case GLOSS_LOSS_KEY_SMOOTHED:
      return C_ ("loss chart", "smoothed");
    case GLOSS_LOSS_KEY_VALIDATION:
      return C_ ("loss chart", "validation");
    case GLOSS_LOSS_KEY_BEST:
      /* Translators: in the legend of a chart: the best validation */
      return C_ ("loss chart", "best");
    case GLOSS_N_LOSS_KEYS:
      break;
    }
  g_assert_not_reached ();
}

PangoLayout *
gloss_loss_style_make_layout (const GlossLossStyle *style, const char *text)
{
  PangoLayout *layout = pango_layout_new (style->context);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_set_text (layout, text, -1);
  return layout;
}

static void
measure (const GlossLossStyle *style, const char *text, double *width, double *height)
{
  g_autoptr (PangoLayout) layout = gloss_loss_style_make_layout (style, text);
  int width_px, height_px;

  pango_layout_get_pixel_size (layout, &width_px, &height_px);
  *width = width_px;
  *height = height_px;
}

/* The widest label of @axis. */
static double
measure_labels (const GlossChartAxis *axis, const GlossLossStyle *style)
{
  double widest = 0, width, height;

  for (guint i = 0; i < axis->n_ticks; i++)
    if (axis->ticks[i].is_major)
      {
        g_autofree char *label = gloss_chart_axis_format (axis, axis->ticks[i].value);

        measure (style, label, &width, &height);
        widest = MAX (widest, width);
      }
  return widest;
}

/* From the top end: one row beside the chart's title where there is room, else rows below it. */
static double
place_keys (GlossLossPlan *plan, const GlossLossStyle *style, double chart_width)
{
  double widths[GLOSS_N_LOSS_KEYS] = { 0 };
  double total = 0, room = chart_width - 2 * MARGIN_PX, title_width, height, x, y;
  gboolean is_one_row;

  measure (style, _ ("Loss"), &title_width, &height);
  for (guint i = 0; i < GLOSS_N_LOSS_KEYS; i++)
    if (plan->has_key[i])
      {
        measure (style, gloss_loss_key_get_name (i), &widths[i], &height);
        widths[i] += plan->swatch + LABEL_GAP_PX;
        total += widths[i] + (total > 0 ? KEY_GAP_PX : 0);
      }
  is_one_row = title_width + KEY_GAP_PX + total <= room;
  x = is_one_row ? room - total : 0;
  y = MARGIN_PX + (is_one_row ? 0 : plan->line_height * 1.25);
  for (guint i = 0; i < GLOSS_N_LOSS_KEYS; i++)
    {
      double left;

      if (!plan->has_key[i])
        continue;
      if (x > 0 && x + widths[i] > room + 0.5)
        {
          x = 0;
          y += plan->line_height * 1.25;
        }
      left = plan->is_rtl ? room - x - widths[i] : x;
      plan->keys[i] = GRAPHENE_POINT_INIT ((float) (MARGIN_PX + left), (float) y);
      x += widths[i] + KEY_GAP_PX;
    }
  return y + plan->line_height * 1.5;
}

static void
find_keys (GlossLossPlan *plan, GlossLossSeries *series)
{
  guint n_points, n_validations;

  gloss_loss_series_get_points (series, &n_points);
  gloss_loss_series_get_validations (series, &n_validations);
  plan->has_key[GLOSS_LOSS_KEY_RAW] = n_points > 0;
  plan->has_key[GLOSS_LOSS_KEY_SMOOTHED] = n_points > 0;
  plan->has_key[GLOSS_LOSS_KEY_VALIDATION] = n_validations > 0;
  plan->has_key[GLOSS_LOSS_KEY_BEST] = gloss_loss_series_get_best (series) >= 0;
}

gboolean
gloss_loss_plan_init (GlossLossPlan *plan, GlossLossSeries *series, double width, double height,
                      const GlossLossStyle *style)
{
  double top = MARGIN_PX, bottom = MARGIN_PX, start = MARGIN_PX, end = MARGIN_PX;
  double max_labels = PLAIN_MAX_LABELS;
  GlossLossSummary range;
  guint first, last;

  *plan = (GlossLossPlan){ .is_rtl = style->is_rtl };
  if (!series || !gloss_loss_series_get_steps (series, &first, &last))
    return FALSE;
  find_keys (plan, series);
  if (style->context)
    {
      g_autofree char *count = gloss_chart_format_count (last);
      double label_width;

      measure (style, count, &label_width, &plan->line_height);
      plan->swatch = round (plan->line_height * 1.5);
      top = place_keys (plan, style, width);
      bottom = MARGIN_PX + plan->line_height + LABEL_GAP_PX;
      end = MARGIN_PX + label_width / 4;
      max_labels = (height - top - bottom) / (plan->line_height * LINES_PER_LABEL);
    }

  gloss_loss_series_get_range (series, &range);
  if (range.n == 0)
    range.min = range.max = NAN;
  gloss_chart_axis_init (
      &plan->losses, style->is_log ? GLOSS_CHART_LOGARITHMIC : GLOSS_CHART_LINEAR,
      style->is_log ? range.min_positive : range.min, range.max, (guint) CLAMP (max_labels, 2, 8));
  if (style->context)
    start += measure_labels (&plan->losses, style) + LABEL_GAP_PX;

  plan->x = round (style->is_rtl ? end : start);
  plan->y = round (top);
  plan->width = floor (width - start - end);
  plan->height = floor (height - top - bottom);
  if (plan->width < MIN_PLOT_PX || plan->height < MIN_PLOT_PX)
    {
      plan->width = plan->height = 0;
      return FALSE;
    }
  if (style->context)
    {
      g_autofree char *count = gloss_chart_format_count (last);
      double label_width;

      measure (style, count, &label_width, &plan->line_height);
      max_labels = plan->width / (label_width * WIDTHS_PER_LABEL + LABEL_GAP_PX);
    }
  /* a run begins with its base, at 0 */
  first = first <= 1 ? 0 : first;
  gloss_chart_axis_init (&plan->steps, GLOSS_CHART_WHOLE, first, MAX (last, first + 1),
                         (guint) CLAMP (max_labels, 2, 12));
  return TRUE;
}

double
gloss_loss_plan_get_x (const GlossLossPlan *plan, double step)
{
  double position = gloss_chart_axis_get_position (&plan->steps, step);

  return plan->x + plan->width * (plan->is_rtl ? 1 - position : position);
}

double
gloss_loss_plan_get_y (const GlossLossPlan *plan, double loss)
{
  return plan->y + plan->height * (1 - gloss_chart_axis_get_position (&plan->losses, loss));
}

double
gloss_loss_plan_get_step (const GlossLossPlan *plan, double x)
{
  double position = CLAMP ((x - plan->x) / plan->width, 0, 1);

  return gloss_chart_axis_get_value (&plan->steps, plan->is_rtl ? 1 - position : position);
}
