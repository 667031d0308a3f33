/* Reading exact values off a chart of the loss. */
#include "app/loss-cursor.h"

#include "app/loss-draw.h"
#include "app/loss-words.h"

#include <math.h>
#include <pango/pangocairo.h>

#define PADDING_X_PX 9
#define PADDING_Y_PX 5
#define RADIUS_PX 8
#define DISTANCE_PX 10 /* of the words from the line */
#define LINE_ALPHA 0.6
#define BORDER_ALPHA 0.2

static void
add_rounded (cairo_t *cr, double x, double y, double width, double height)
{
  double right = x + width, bottom = y + height, r = RADIUS_PX;

  cairo_new_sub_path (cr);
  cairo_arc (cr, right - r, y + r, r, -G_PI_2, 0);
  cairo_arc (cr, right - r, bottom - r, r, 0, G_PI_2);
  cairo_arc (cr, x + r, bottom - r, r, G_PI_2, G_PI);
  cairo_arc (cr, x + r, y + r, r, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

/* Beside the line, on the side where the run goes on if there is room, and never off the chart. */
static void
draw_words (cairo_t *cr, const GlossLossPlan *plan, double chart_width, double x, const char *words,
            const GlossLossStyle *style)
{
  g_autoptr (PangoLayout) layout = gloss_loss_style_make_layout (style, words);
  double room = chart_width - 2 * PADDING_X_PX - 4;
  double left, right;
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  if (width > room)
    {
      pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
      pango_layout_set_width (layout, (int) MAX (room, 1) * PANGO_SCALE);
      pango_layout_get_pixel_size (layout, &width, &height);
    }
  width += 2 * PADDING_X_PX;
  height += 2 * PADDING_Y_PX;

  left = x - DISTANCE_PX - width;
  right = x + DISTANCE_PX;
  if (plan->is_rtl ? left < 2 : right + width <= chart_width - 2)
    left = right;
  left = round (CLAMP (left, 2, MAX (chart_width - width - 2, 2)));
  add_rounded (cr, left + 0.5, plan->y + 0.5, width - 1, height - 1);
  gdk_cairo_set_source_rgba (cr, &style->background);
  cairo_fill_preserve (cr);
  cairo_set_line_width (cr, 1);
  cairo_set_source_rgba (cr, style->foreground.red, style->foreground.green, style->foreground.blue,
                         style->is_high_contrast ? 1 : BORDER_ALPHA);
  cairo_stroke (cr);
  gdk_cairo_set_source_rgba (cr, &style->foreground);
  cairo_move_to (cr, left + PADDING_X_PX, plan->y + PADDING_Y_PX);
  pango_cairo_show_layout (cr, layout);
}

void
gloss_loss_cursor_draw (GlossLossSeries *series, cairo_t *cr, const GlossLossPlan *plan,
                        double width, guint index, const GlossLossStyle *style)
{
  guint n;
  const GlossLossPoint *point = &gloss_loss_series_get_points (series, &n)[index];
  double x = gloss_loss_plan_get_x (plan, point->step);
  int validation = gloss_loss_series_find_validation_before (series, point->step);

  if (plan->width <= 0)
    return;
  cairo_save (cr);
  cairo_set_line_width (cr, 1);
  cairo_set_source_rgba (cr, style->foreground.red, style->foreground.green, style->foreground.blue,
                         style->is_high_contrast ? 1 : LINE_ALPHA);
  cairo_move_to (cr, floor (x) + 0.5, plan->y);
  cairo_line_to (cr, floor (x) + 0.5, plan->y + plan->height);
  cairo_stroke (cr);
  if (isfinite (point->loss))
    gloss_loss_draw_dot (cr, style, x, gloss_loss_plan_get_y (plan, point->loss), &style->train);
  if (isfinite (point->smoothed))
    gloss_loss_draw_dot (cr, style, x, gloss_loss_plan_get_y (plan, point->smoothed),
                         &style->train);
  if (validation >= 0)
    {
      const GlossLossValidation *at = &gloss_loss_series_get_validations (series, &n)[validation];

      if (isfinite (at->loss))
        gloss_loss_draw_dot (cr, style, gloss_loss_plan_get_x (plan, at->step),
                             gloss_loss_plan_get_y (plan, at->loss), &style->validation);
    }
  if (style->context)
    {
      g_autofree char *words = gloss_loss_words_read_out (series, index);

      draw_words (cr, plan, width, x, words, style);
    }
  cairo_restore (cr);
}
