/* Where a picture lies in the view that shows it. */
#include "app/view-transform.h"

#include <math.h>

#define MAX_ZOOM 32 /* device pixels for one of the picture's: each can be looked at */
#define SAME 1e-6   /* scales that differ by less are the same */

static gboolean
is_same (double a, double b)
{
  return fabs (a - b) <= SAME * b;
}

static double
place (double offset, double size, double view_size)
{
  return size <= view_size ? (view_size - size) / 2 : CLAMP (offset, view_size - size, 0);
}

static void
keep_inside (GlossViewTransform *transform)
{
  transform->x =
      place (transform->x, transform->picture_width_px * transform->scale, transform->view_width);
  transform->y =
      place (transform->y, transform->picture_height_px * transform->scale, transform->view_height);
}

double
gloss_view_transform_get_full_scale (const GlossViewTransform *transform)
{
  return 1 / transform->device_scale;
}

double
gloss_view_transform_get_fit_scale (const GlossViewTransform *transform)
{
  double full = gloss_view_transform_get_full_scale (transform);
  double fit = MIN (transform->view_width / transform->picture_width_px,
                    transform->view_height / transform->picture_height_px);

  return fit > 0 ? MIN (fit, full * transform->max_enlargement) : full;
}

void
gloss_view_transform_init (GlossViewTransform *transform, guint picture_width_px,
                           guint picture_height_px, double max_enlargement,
                           const GlossViewTransform *like)
{
  *transform = (GlossViewTransform){
    .picture_width_px = picture_width_px,
    .picture_height_px = picture_height_px,
    .max_enlargement = max_enlargement,
    .view_width = like ? like->view_width : 0,
    .view_height = like ? like->view_height : 0,
    .device_scale = like ? like->device_scale : 1,
  };
  gloss_view_transform_fit (transform);
}

void
gloss_view_transform_set_view (GlossViewTransform *transform, double width, double height,
                               double device_scale)
{
  double x = (transform->view_width / 2 - transform->x) / transform->scale;
  double y = (transform->view_height / 2 - transform->y) / transform->scale;
  gboolean is_full = is_same (transform->scale, gloss_view_transform_get_full_scale (transform));
  double scale;

  transform->view_width = width;
  transform->view_height = height;
  transform->device_scale = device_scale;
  if (transform->is_fitted)
    {
      gloss_view_transform_fit (transform);
      return;
    }
  scale = is_full ? gloss_view_transform_get_full_scale (transform) : transform->scale;
  transform->x = width / 2 - x * transform->scale;
  transform->y = height / 2 - y * transform->scale;
  gloss_view_transform_zoom (transform, scale, width / 2, height / 2);
}

void
gloss_view_transform_fit (GlossViewTransform *transform)
{
  transform->scale = gloss_view_transform_get_fit_scale (transform);
  transform->is_fitted = TRUE;
  transform->x = 0;
  transform->y = 0;
  if (transform->view_width > 0 && transform->view_height > 0)
    keep_inside (transform);
}

void
gloss_view_transform_zoom (GlossViewTransform *transform, double scale, double x, double y)
{
  double fit = gloss_view_transform_get_fit_scale (transform);
  double full = gloss_view_transform_get_full_scale (transform);
  double wanted = CLAMP (scale, MIN (fit, full), MAX (fit, MAX_ZOOM * full));

  if (is_same (wanted, fit))
    {
      gloss_view_transform_fit (transform);
      return;
    }
  transform->x = x - (x - transform->x) / transform->scale * wanted;
  transform->y = y - (y - transform->y) / transform->scale * wanted;
  transform->scale = wanted;
  transform->is_fitted = FALSE;
  keep_inside (transform);
}

void
gloss_view_transform_step (GlossViewTransform *transform, double factor, double x, double y)
{
  const double stops[] = { gloss_view_transform_get_fit_scale (transform),
                           gloss_view_transform_get_full_scale (transform) };
  double old = transform->scale, wanted = old * factor;

  for (guint i = 0; i < G_N_ELEMENTS (stops); i++)
    if (!is_same (old, stops[i]) && (old < stops[i]) == (stops[i] < wanted))
      wanted = stops[i];
  gloss_view_transform_zoom (transform, wanted, x, y);
}

void
gloss_view_transform_pan (GlossViewTransform *transform, double dx, double dy)
{
  transform->x += dx;
  transform->y += dy;
  keep_inside (transform);
}

gboolean
gloss_view_transform_can_pan (const GlossViewTransform *transform)
{
  return transform->picture_width_px * transform->scale > transform->view_width * (1 + SAME)
         || transform->picture_height_px * transform->scale > transform->view_height * (1 + SAME);
}

GlossViewTransform
gloss_view_transform_mix (const GlossViewTransform *from, const GlossViewTransform *to,
                          double progress)
{
  GlossViewTransform mixed = *to;
  double way = progress;

  if (progress >= 1)
    return mixed;
  mixed.is_fitted = FALSE;
  if (!is_same (from->scale, to->scale))
    {
      /* evenly to the eye, which sees ratios; a corner's way is proportional to the scale's */
      mixed.scale = from->scale * pow (to->scale / from->scale, progress);
      way = (mixed.scale - from->scale) / (to->scale - from->scale);
    }
  mixed.x = from->x + (to->x - from->x) * way;
  mixed.y = from->y + (to->y - from->y) * way;
  return mixed;
}

cairo_rectangle_int_t
gloss_view_transform_get_device_rect (const GlossViewTransform *transform)
{
  double scale = transform->scale * transform->device_scale;

  return (cairo_rectangle_int_t){
    .x = (int) round (transform->x * transform->device_scale),
    .y = (int) round (transform->y * transform->device_scale),
    .width = MAX (1, (int) round (transform->picture_width_px * scale)),
    .height = MAX (1, (int) round (transform->picture_height_px * scale)),
  };
}
