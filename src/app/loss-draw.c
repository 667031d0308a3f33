/* Drawing a chart of the loss. */
#include "app/loss-draw.h"

#include "base/i18n.h"

#include <math.h>
#include <pango/pangocairo.h>

#define LINE_PX 2.0
#define RAW_LINE_PX 1.0
#define DOT_PX 3.0  /* radius */
#define STAR_PX 7.5 /* radius */
#define RING_PX 1.5 /* of background around dots */
#define DOT_DISTANCE_PX 14.0
#define TICK_PX 4.0
#define LABEL_GAP_PX 6.0
#define MARGIN_PX 8.0

#define RAW_ALPHA 0.4
#define GRID_ALPHA 0.12
#define MINOR_ALPHA 0.05
#define AXIS_ALPHA 0.35
#define TEXT_ALPHA 0.75

/* More columns than any screen has pixels would only take time. */
#define MAX_COLUMNS 8192

static const double dashes[] = { 5, 3 };

static void
set_source (cairo_t *cr, const GdkRGBA *color, double alpha)
{
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha * alpha);
}

/* What is pale to be quiet is less so where contrast is wanted. */
static double
strengthen (const GlossLossStyle *style, double alpha)
{
  return style->is_high_contrast ? MIN (alpha * 2.5, 1) : alpha;
}

/* At a whole pixel plus a half, so that a line of one pixel is sharp. */
static double
snap (double position)
{
  return floor (position) + 0.5;
}

static void
draw_text (cairo_t *cr, const GlossLossStyle *style, const char *text, double x, double y,
           double x_align)
{
  g_autoptr (PangoLayout) layout = gloss_loss_style_make_layout (style, text);
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  set_source (cr, &style->foreground, strengthen (style, TEXT_ALPHA));
  cairo_move_to (cr, round (x - width * x_align), round (y));
  pango_cairo_show_layout (cr, layout);
}

static void
draw_loss_axis (cairo_t *cr, const GlossLossPlan *plan, const GlossLossStyle *style)
{
  double edge = plan->is_rtl ? plan->x + plan->width + LABEL_GAP_PX : plan->x - LABEL_GAP_PX;

  cairo_set_line_width (cr, 1);
  for (guint i = 0; i < plan->losses.n_ticks; i++)
    {
      const GlossChartTick *tick = &plan->losses.ticks[i];
      double y = snap (plan->y + plan->height * (1 - tick->position));
      gboolean is_base = tick->position == 0;

      set_source (cr, &style->foreground,
                  strengthen (style, is_base          ? AXIS_ALPHA
                                     : tick->is_major ? GRID_ALPHA
                                                      : MINOR_ALPHA));
      cairo_move_to (cr, plan->x, y);
      cairo_line_to (cr, plan->x + plan->width, y);
      cairo_stroke (cr);
      if (tick->is_major && style->context)
        {
          g_autofree char *label = gloss_chart_axis_format (&plan->losses, tick->value);

          draw_text (cr, style, label, edge, y - plan->line_height / 2, plan->is_rtl ? 0 : 1);
        }
    }
}

static void
draw_step_axis (cairo_t *cr, const GlossLossPlan *plan, const GlossLossStyle *style)
{
  double base = snap (plan->y + plan->height);
  double top = base + LABEL_GAP_PX;
  double end = plan->is_rtl ? plan->x : plan->x + plan->width;
  double room = 0;

  if (style->context)
    {
      /* Translators: beside the numbers of steps below a chart */
      const char *name = C_ ("loss chart", "step");
      g_autoptr (PangoLayout) layout = gloss_loss_style_make_layout (style, name);
      int width;

      pango_layout_get_pixel_size (layout, &width, NULL);
      room = width + MARGIN_PX;
      draw_text (cr, style, name, end, top, plan->is_rtl ? 0 : 1);
    }
  set_source (cr, &style->foreground, strengthen (style, AXIS_ALPHA));
  cairo_move_to (cr, plan->x, base);
  cairo_line_to (cr, plan->x + plan->width, base);
  cairo_stroke (cr);
  for (guint i = 0; i < plan->steps.n_ticks; i++)
    {
      double x = gloss_loss_plan_get_x (plan, plan->steps.ticks[i].value);

      set_source (cr, &style->foreground, strengthen (style, AXIS_ALPHA));
      cairo_move_to (cr, snap (x), base);
      cairo_line_to (cr, snap (x), base + TICK_PX);
      cairo_stroke (cr);
      if (style->context)
        {
          g_autofree char *label =
              gloss_chart_axis_format (&plan->steps, plan->steps.ticks[i].value);
          g_autoptr (PangoLayout) layout = gloss_loss_style_make_layout (style, label);
          int width;

          pango_layout_get_pixel_size (layout, &width, NULL);
          if (fabs (end - x) >= room + width / 2.0)
            draw_text (cr, style, label, x, top, 0.5);
        }
    }
}

/* Where columns stand close together their least and greatest values are the edges of one shape:
 * that is drawn far faster than a line that goes up and down in each. */
static void
draw_band (cairo_t *cr, const GlossLossPlan *plan, const GlossLossSummary *columns, guint n_columns,
           double half)
{
  guint begin = 0;

  while (begin < n_columns)
    {
      guint end = begin;

      while (end < n_columns && columns[end].n > 0)
        end++;
      cairo_new_sub_path (cr);
      for (guint c = begin; c < end; c++)
        {
          double step = gloss_chart_axis_get_value (&plan->steps, (c + 0.5) / n_columns);

          cairo_line_to (cr, gloss_loss_plan_get_x (plan, step),
                         gloss_loss_plan_get_y (plan, columns[c].max) - half);
        }
      for (guint c = end; c-- > begin;)
        {
          double step = gloss_chart_axis_get_value (&plan->steps, (c + 0.5) / n_columns);

          cairo_line_to (cr, gloss_loss_plan_get_x (plan, step),
                         gloss_loss_plan_get_y (plan, columns[c].min) + half);
        }
      if (end > begin)
        cairo_close_path (cr);
      begin = MAX (end, begin + 1);
    }
  cairo_fill (cr);
}

static void
add_line (cairo_t *cr, gboolean *is_begun, double x, double y)
{
  if (*is_begun)
    cairo_line_to (cr, x, y);
  else
    cairo_move_to (cr, x, y);
  *is_begun = TRUE;
}

static void
stroke (cairo_t *cr, double width)
{
  cairo_set_line_width (cr, width);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
}

static void
draw_points (cairo_t *cr, const GlossLossPlan *plan, GlossLossSeries *series, GlossLossCurve curve,
             double width)
{
  guint n, n_drawn = 0;
  const GlossLossPoint *points = gloss_loss_series_get_points (series, &n);
  gboolean is_begun = FALSE;
  double x = 0, y = 0;

  for (guint i = 0; i < n; i++)
    {
      double value = curve == GLOSS_LOSS_RAW ? points[i].loss : points[i].smoothed;

      if (!isfinite (value))
        {
          is_begun = FALSE;
          continue;
        }
      x = gloss_loss_plan_get_x (plan, points[i].step);
      y = gloss_loss_plan_get_y (plan, value);
      add_line (cr, &is_begun, x, y);
      n_drawn++;
    }
  if (n_drawn == 1)
    {
      /* with nothing to draw a line to */
      cairo_new_path (cr);
      cairo_arc (cr, x, y, DOT_PX, 0, 2 * G_PI);
      cairo_fill (cr);
    }
  else
    stroke (cr, width);
}

/* From each column to the next, and to what is far from that way in between. */
static void
draw_columns (cairo_t *cr, const GlossLossPlan *plan, const GlossLossSummary *columns,
              guint n_columns)
{
  gboolean is_begun = FALSE;

  for (guint c = 0; c < n_columns; c++)
    {
      const GlossLossSummary *column = &columns[c];
      double step = gloss_chart_axis_get_value (&plan->steps, (c + 0.5) / n_columns);
      double x = gloss_loss_plan_get_x (plan, step);

      if (column->n == 0)
        continue;
      if (gloss_loss_plan_get_y (plan, column->min) - gloss_loss_plan_get_y (plan, column->max)
          > LINE_PX)
        {
          add_line (cr, &is_begun, x, gloss_loss_plan_get_y (plan, column->max));
          add_line (cr, &is_begun, x, gloss_loss_plan_get_y (plan, column->min));
        }
      add_line (cr, &is_begun, x, gloss_loss_plan_get_y (plan, column->last));
    }
  stroke (cr, LINE_PX);
}

static void
draw_training (cairo_t *cr, const GlossLossPlan *plan, GlossLossSeries *series,
               const GlossLossStyle *style)
{
  double column_width = style->column_width > 0 ? style->column_width : 1;
  guint n_columns = (guint) CLAMP (plan->width / column_width, 1, MAX_COLUMNS);
  guint n;

  gloss_loss_series_get_points (series, &n);
  if (n <= 2 * n_columns)
    {
      set_source (cr, &style->train, strengthen (style, RAW_ALPHA));
      draw_points (cr, plan, series, GLOSS_LOSS_RAW, RAW_LINE_PX);
      set_source (cr, &style->train, 1);
      draw_points (cr, plan, series, GLOSS_LOSS_SMOOTHED, LINE_PX);
    }
  else
    {
      g_autofree GlossLossSummary *columns = g_new (GlossLossSummary, n_columns);

      gloss_loss_series_reduce (series, GLOSS_LOSS_RAW, plan->steps.from, plan->steps.to, n_columns,
                                columns);
      set_source (cr, &style->train, strengthen (style, RAW_ALPHA));
      draw_band (cr, plan, columns, n_columns, RAW_LINE_PX / 2);
      gloss_loss_series_reduce (series, GLOSS_LOSS_SMOOTHED, plan->steps.from, plan->steps.to,
                                n_columns, columns);
      set_source (cr, &style->train, 1);
      draw_columns (cr, plan, columns, n_columns);
    }
}

void
gloss_loss_draw_dot (cairo_t *cr, const GlossLossStyle *style, double x, double y,
                     const GdkRGBA *color)
{
  cairo_new_path (cr);
  cairo_arc (cr, x, y, DOT_PX + RING_PX, 0, 2 * G_PI);
  set_source (cr, &style->background, 1);
  cairo_fill (cr);
  cairo_arc (cr, x, y, DOT_PX, 0, 2 * G_PI);
  set_source (cr, color, 1);
  cairo_fill (cr);
}

static void
draw_star (cairo_t *cr, const GlossLossStyle *style, double x, double y)
{
  cairo_new_path (cr);
  for (guint i = 0; i < 10; i++)
    {
      double radius = i % 2 ? STAR_PX * 0.45 : STAR_PX;
      double angle = G_PI * (i / 5.0 - 0.5);

      cairo_line_to (cr, x + radius * cos (angle), y + radius * sin (angle));
    }
  cairo_close_path (cr);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, 2 * RING_PX);
  set_source (cr, &style->background, 1);
  cairo_stroke_preserve (cr);
  set_source (cr, &style->best, 1);
  cairo_fill (cr);
}

static void
draw_validation_line (cairo_t *cr, const GlossLossStyle *style)
{
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_set_line_width (cr, LINE_PX);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  set_source (cr, &style->validation, 1);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

static void
draw_validation (cairo_t *cr, const GlossLossPlan *plan, GlossLossSeries *series,
                 const GlossLossStyle *style)
{
  guint n;
  const GlossLossValidation *validations = gloss_loss_series_get_validations (series, &n);
  int best = gloss_loss_series_get_best (series);
  gboolean is_begun = FALSE;
  double last_x = -INFINITY;

  for (guint i = 0; i < n; i++)
    {
      double x = gloss_loss_plan_get_x (plan, validations[i].step);

      if (!isfinite (validations[i].loss) || (fabs (x - last_x) < 1 && (int) i != best))
        continue;
      add_line (cr, &is_begun, x, gloss_loss_plan_get_y (plan, validations[i].loss));
      last_x = x;
    }
  draw_validation_line (cr, style);

  last_x = -INFINITY;
  for (guint i = 0; i < n; i++)
    {
      double x = gloss_loss_plan_get_x (plan, validations[i].step);

      if (!isfinite (validations[i].loss) || (int) i == best || fabs (x - last_x) < DOT_DISTANCE_PX)
        continue;
      gloss_loss_draw_dot (cr, style, x, gloss_loss_plan_get_y (plan, validations[i].loss),
                           &style->validation);
      last_x = x;
    }
  if (best >= 0)
    draw_star (cr, style, gloss_loss_plan_get_x (plan, validations[best].step),
               gloss_loss_plan_get_y (plan, validations[best].loss));
}

static void
draw_sample (cairo_t *cr, const GlossLossStyle *style, GlossLossKey key, double x, double y,
             double length)
{
  cairo_new_path (cr);
  cairo_move_to (cr, x, y);
  cairo_line_to (cr, x + length, y);
  switch (key)
    {
    case GLOSS_LOSS_KEY_RAW:
      set_source (cr, &style->train, strengthen (style, RAW_ALPHA));
      cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
      cairo_set_line_width (cr, 3 * LINE_PX);
      cairo_stroke (cr);
      break;
    case GLOSS_LOSS_KEY_SMOOTHED:
      set_source (cr, &style->train, 1);
      stroke (cr, LINE_PX);
      break;
    case GLOSS_LOSS_KEY_VALIDATION:
      draw_validation_line (cr, style);
      gloss_loss_draw_dot (cr, style, x + length / 2, y, &style->validation);
      break;
    case GLOSS_LOSS_KEY_BEST:
      draw_star (cr, style, x + length / 2, y);
      break;
    case GLOSS_N_LOSS_KEYS:
      break;
    }
}

static void
draw_legend (cairo_t *cr, const GlossLossPlan *plan, double width, const GlossLossStyle *style)
{
  draw_text (cr, style, _ ("Loss"), plan->is_rtl ? width - MARGIN_PX : MARGIN_PX, MARGIN_PX,
             plan->is_rtl ? 1 : 0);
  for (guint i = 0; i < GLOSS_N_LOSS_KEYS; i++)
    {
      double x = plan->keys[i].x, y = plan->keys[i].y;
      g_autoptr (PangoLayout) layout = NULL;
      int text_width;

      if (!plan->has_key[i])
        continue;
      layout = gloss_loss_style_make_layout (style, gloss_loss_key_get_name (i));
      pango_layout_get_pixel_size (layout, &text_width, NULL);
      draw_sample (cr, style, i, plan->is_rtl ? x + text_width + LABEL_GAP_PX : x,
                   y + plan->line_height / 2, plan->swatch);
      draw_text (cr, style, gloss_loss_key_get_name (i),
                 plan->is_rtl ? x : x + plan->swatch + LABEL_GAP_PX, y, 0);
    }
}

void
gloss_loss_chart_draw (GlossLossSeries *series, cairo_t *cr, double width, double height,
                       const GlossLossStyle *style)
{
  GlossLossPlan plan;

  cairo_save (cr);
  if (style->has_background)
    {
      set_source (cr, &style->background, 1);
      cairo_rectangle (cr, 0, 0, width, height);
      cairo_fill (cr);
    }
  if (gloss_loss_plan_init (&plan, series, width, height, style))
    {
      draw_loss_axis (cr, &plan, style);
      draw_step_axis (cr, &plan, style);
      draw_training (cr, &plan, series, style);
      draw_validation (cr, &plan, series, style);
      if (style->context)
        draw_legend (cr, &plan, width, style);
    }
  cairo_restore (cr);
}
