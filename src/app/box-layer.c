/* The boxes of found objects, drawn over their picture. */
#include "app/box-layer.h"

#include "app/box-style.h"
#include "model/boxes.h"

#include <glib/gi18n.h>
#include <math.h>
#include <pango/pangocairo.h>

#define LINE_PX 2.0
#define LIT_LINE_PX 4.0
#define SLACK_PX 4 /* a box as thin as a line can be pointed at */
#define UNLIT_ALPHA 0.4
#define HALO_ALPHA 0.6
#define FILL_ALPHA 0.1
#define TAG_RADIUS_PX 4.0
#define TAG_PADDING_X_PX 6
#define TAG_PADDING_Y_PX 2
#define TAG_MAX_WIDTH_PX 240

static guint
count (const GlossBoxLayer *layer)
{
  return layer->boxes ? MIN (layer->boxes->len, GLOSS_BOX_LAYER_MAX) : 0;
}

graphene_rect_t
gloss_box_layer_get_rect (const GlossBoxLayer *layer, guint index)
{
  const GlossBox *box = g_ptr_array_index (layer->boxes, index);
  float x_scale = layer->picture.size.width / (float) layer->picture_width_px;
  float y_scale = layer->picture.size.height / (float) layer->picture_height_px;

  return GRAPHENE_RECT_INIT (layer->picture.origin.x + (float) MIN (box->x0, box->x1) * x_scale,
                             layer->picture.origin.y + (float) MIN (box->y0, box->y1) * y_scale,
                             (float) ABS (box->x1 - box->x0) * x_scale,
                             (float) ABS (box->y1 - box->y0) * y_scale);
}

int
gloss_box_layer_find (const GlossBoxLayer *layer, double x, double y)
{
  const graphene_point_t point = GRAPHENE_POINT_INIT ((float) x, (float) y);
  float smallest = INFINITY;
  int found = -1;

  for (guint i = 0; i < count (layer); i++)
    {
      graphene_rect_t rect = gloss_box_layer_get_rect (layer, i);

      graphene_rect_inset (&rect, -SLACK_PX, -SLACK_PX);
      if (graphene_rect_contains_point (&rect, &point)
          && rect.size.width * rect.size.height < smallest)
        {
          smallest = rect.size.width * rect.size.height;
          found = (int) i;
        }
    }
  return found;
}

static gboolean
overlaps (const graphene_rect_t *rect, const graphene_rect_t *others, guint n)
{
  for (guint i = 0; i < n; i++)
    if (graphene_rect_intersection (rect, &others[i], NULL))
      return TRUE;
  return FALSE;
}

graphene_rect_t
gloss_box_layer_place_tag (const graphene_rect_t *box, const graphene_rect_t *view, float width,
                           float height, const graphene_rect_t *taken, guint n_taken)
{
  float left = box->origin.x, right = left + box->size.width - width;
  float top = box->origin.y, bottom = top + box->size.height;
  const graphene_point_t corners[] = {
    { left, top - height },
    { right, top - height },
    { left, bottom },
    { right, bottom },
    { left, top },
    { right, top },
    { left, bottom - height },
    { right, bottom - height },
  };
  graphene_rect_t place, nearest = { 0 };

  if (!graphene_rect_intersection (box, view, NULL))
    return nearest;
  for (guint i = 0; i < G_N_ELEMENTS (corners); i++)
    {
      float end_x = view->origin.x + MAX (view->size.width - width, 0);
      float end_y = view->origin.y + MAX (view->size.height - height, 0);

      place = GRAPHENE_RECT_INIT (CLAMP (corners[i].x, view->origin.x, end_x),
                                  CLAMP (corners[i].y, view->origin.y, end_y), width, height);
      if (i == 0)
        nearest = place;
      if (graphene_point_near (&place.origin, &corners[i], (float) LIT_LINE_PX)
          && !overlaps (&place, taken, n_taken))
        return place;
    }
  return nearest;
}

/* One side of a box, along one axis. Only what is seen is drawn: a side can be far longer than the
 * view, and dashes are made one by one. They begin at the box's corner all the same. */
static void
draw_side (const GlossBoxLayer *layer, cairo_t *cr, gboolean is_upright, double across,
           double begin, double end, double width)
{
  const graphene_rect_t *view = &layer->view;
  double edge = is_upright ? view->origin.y : view->origin.x;
  double length = is_upright ? view->size.height : view->size.width;
  double from = MAX (begin - width / 2, edge - LIT_LINE_PX);
  double to = MIN (end + width / 2, edge + length + LIT_LINE_PX);
  g_autofree double *dashes = g_new (double, (gsize) MAX (cairo_get_dash_count (cr), 1));

  if (from >= to)
    return;
  cairo_get_dash (cr, dashes, NULL);
  cairo_set_dash (cr, dashes, cairo_get_dash_count (cr), from - begin);
  cairo_move_to (cr, is_upright ? across : from, is_upright ? from : across);
  cairo_line_to (cr, is_upright ? across : to, is_upright ? to : across);
  cairo_stroke (cr);
}

static void
draw_outline (const GlossBoxLayer *layer, cairo_t *cr, const graphene_rect_t *rect, double width)
{
  double left = round (rect->origin.x), right = round (rect->origin.x + rect->size.width);
  double top = round (rect->origin.y), bottom = round (rect->origin.y + rect->size.height);

  cairo_set_line_width (cr, width);
  draw_side (layer, cr, FALSE, top, left, right, width);
  draw_side (layer, cr, FALSE, bottom, left, right, width);
  draw_side (layer, cr, TRUE, left, top, bottom, width);
  draw_side (layer, cr, TRUE, right, top, bottom, width);
}

static void
draw_box (const GlossBoxLayer *layer, cairo_t *cr, guint index)
{
  const GdkRGBA *color = gloss_box_style_get_color (index);
  graphene_rect_t rect = gloss_box_layer_get_rect (layer, index);
  gboolean is_lit = (int) index == layer->lit;
  double width = is_lit ? LIT_LINE_PX : LINE_PX;
  double dashes[4];
  guint n_dashes;
  const float *lengths = gloss_box_style_get_dashes (index, &n_dashes);

  if (is_lit)
    {
      cairo_set_source_rgba (cr, color->red, color->green, color->blue, FILL_ALPHA);
      cairo_rectangle (cr, rect.origin.x, rect.origin.y, rect.size.width, rect.size.height);
      cairo_fill (cr);
    }
  /* dark beside the line and white between its dashes: one of the three is seen on any picture */
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_source_rgba (cr, 0, 0, 0, HALO_ALPHA);
  draw_outline (layer, cr, &rect, width + 2);
  if (n_dashes > 0)
    {
      cairo_set_source_rgb (cr, 1, 1, 1);
      draw_outline (layer, cr, &rect, width);
    }
  for (guint i = 0; i < n_dashes; i++)
    dashes[i] = lengths[i];
  cairo_set_dash (cr, dashes, (int) n_dashes, 0);
  gdk_cairo_set_source_rgba (cr, color);
  draw_outline (layer, cr, &rect, width);
}

/* Relative luminance, as WCAG 2 defines it. */
static double
get_luminance (const GdkRGBA *color)
{
  const double levels[] = { color->red, color->green, color->blue };
  const double shares[] = { 0.2126, 0.7152, 0.0722 };
  double sum = 0;

  for (guint i = 0; i < 3; i++)
    sum += shares[i]
           * (levels[i] <= 0.03928 ? levels[i] / 12.92 : pow ((levels[i] + 0.055) / 1.055, 2.4));
  return sum;
}

static void
draw_tag (cairo_t *cr, PangoLayout *layout, const graphene_rect_t *place, const GdkRGBA *color)
{
  double x = place->origin.x, y = place->origin.y, r = TAG_RADIUS_PX;
  double right = x + place->size.width, bottom = y + place->size.height;
  double luminance = get_luminance (color);
  double ink = 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? 1 : 0;

  cairo_new_sub_path (cr);
  cairo_arc (cr, right - r, y + r, r, -G_PI_2, 0);
  cairo_arc (cr, right - r, bottom - r, r, 0, G_PI_2);
  cairo_arc (cr, x + r, bottom - r, r, G_PI_2, G_PI);
  cairo_arc (cr, x + r, y + r, r, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_width (cr, 2);
  cairo_set_source_rgba (cr, 0, 0, 0, HALO_ALPHA);
  cairo_stroke_preserve (cr);
  gdk_cairo_set_source_rgba (cr, color);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, ink, ink, ink);
  cairo_move_to (cr, x + TAG_PADDING_X_PX, y + TAG_PADDING_Y_PX);
  pango_cairo_show_layout (cr, layout);
}

static PangoLayout *
make_layout (const GlossBoxLayer *layer, PangoContext *context, guint index, int *width,
             int *height)
{
  const GlossBox *box = g_ptr_array_index (layer->boxes, index);
  PangoLayout *layout = pango_layout_new (context);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  int room = MIN (TAG_MAX_WIDTH_PX, (int) layer->view.size.width - 2 * TAG_PADDING_X_PX);

  pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_SEMIBOLD));
  pango_attr_list_insert (attributes, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_text (layout, *box->label ? box->label : _ ("unnamed"), -1);
  pango_layout_get_pixel_size (layout, width, height);
  if (*width > room)
    {
      pango_layout_set_width (layout, MAX (room, 0) * PANGO_SCALE);
      pango_layout_get_pixel_size (layout, width, height);
    }
  *width += 2 * TAG_PADDING_X_PX;
  *height += 2 * TAG_PADDING_Y_PX;
  return layout;
}

static void
draw_tags (const GlossBoxLayer *layer, cairo_t *cr, PangoContext *context, gboolean of_lit)
{
  graphene_rect_t taken[GLOSS_BOX_LAYER_MAX];
  graphene_rect_t view;

  graphene_rect_inset_r (&layer->view, 1, 1, &view); /* for the line around */
  for (guint i = 0; i < count (layer); i++)
    {
      graphene_rect_t rect = gloss_box_layer_get_rect (layer, i);
      int width, height;
      g_autoptr (PangoLayout) layout = make_layout (layer, context, i, &width, &height);

      /* beside the outline, not over it */
      graphene_rect_inset (&rect, (float) -LINE_PX, (float) -LINE_PX);
      taken[i] = gloss_box_layer_place_tag (&rect, &view, (float) width, (float) height, taken, i);
      if (taken[i].size.width > 0 && ((int) i == layer->lit) == of_lit)
        draw_tag (cr, layout, &taken[i], gloss_box_style_get_color (i));
    }
}

void
gloss_box_layer_draw (const GlossBoxLayer *layer, cairo_t *cr, PangoContext *context)
{
  guint n = count (layer);
  gboolean has_lit = layer->lit >= 0 && layer->lit < (int) n;

  cairo_save (cr);
  cairo_rectangle (cr, layer->view.origin.x, layer->view.origin.y, layer->view.size.width,
                   layer->view.size.height);
  cairo_clip (cr);
  if (has_lit)
    cairo_push_group (cr);
  for (guint i = 0; i < n; i++)
    if ((int) i != layer->lit)
      draw_box (layer, cr, i);
  draw_tags (layer, cr, context, FALSE);
  if (has_lit)
    {
      cairo_pop_group_to_source (cr);
      cairo_paint_with_alpha (cr, UNLIT_ALPHA);
      draw_box (layer, cr, (guint) layer->lit);
      draw_tags (layer, cr, context, TRUE);
    }
  cairo_restore (cr);
}
