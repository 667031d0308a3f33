/* Where a picture lies in the view that shows it: fitted, or zoomed and moved. */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/*
 * Plain arithmetic, from any thread. Lengths are the view's pixels unless their name says
 * otherwise; where the screen is dense, @device_scale device pixels are one of the view's.
 *
 * After each call @x and @y are such that the picture leaves no more of the view empty than it
 * must: what is smaller than the view is centred, what is larger reaches to its edges. While
 * @is_fitted it stays fitted when the view's size changes. Before the view has a size the picture
 * lies at 0,0 in its full size.
 */
typedef struct
{
  guint picture_width_px;
  guint picture_height_px;
  double max_enlargement; /* to which fitting enlarges, in device pixels for one of the picture's */
  double view_width;
  double view_height;
  double device_scale;

  gboolean is_fitted;
  double scale; /* the view's pixels for one of the picture's */
  double x;     /* the picture's left upper corner in the view */
  double y;
} GlossViewTransform;

/* A picture that is not empty, fitted; the view is @like's (NULL: it has no size yet). */
void gloss_view_transform_init (GlossViewTransform *transform, guint picture_width_px,
                                guint picture_height_px, double max_enlargement,
                                const GlossViewTransform *like);

/* A new size of the view. What was in the middle stays there. */
void gloss_view_transform_set_view (GlossViewTransform *transform, double width, double height,
                                    double device_scale);

/* The scales at which all of the picture is seen, and at which one of its pixels is one device
 * pixel. */
double gloss_view_transform_get_fit_scale (const GlossViewTransform *transform);
double gloss_view_transform_get_full_scale (const GlossViewTransform *transform);

void gloss_view_transform_fit (GlossViewTransform *transform);

/* Zooms to @scale, brought within limits, so that what is at @x, @y of the view stays there. At the
 * scale that fits, the picture is fitted. */
void gloss_view_transform_zoom (GlossViewTransform *transform, double scale, double x, double y);

/* Zooms by @factor likewise, but stops at the full scale and at the one that fits instead of
 * passing over them. */
void gloss_view_transform_step (GlossViewTransform *transform, double factor, double x, double y);

void gloss_view_transform_pan (GlossViewTransform *transform, double dx, double dy);
gboolean gloss_view_transform_can_pan (const GlossViewTransform *transform);

/* Between @from, at @progress 0, and @to, at 1; both of the same picture and view. A point that
 * lies at the same place in both lies there all the time. */
GlossViewTransform gloss_view_transform_mix (const GlossViewTransform *from,
                                             const GlossViewTransform *to, double progress);

/* Where the picture lies, rounded to device pixels, so that it is sharp at the full scale. */
cairo_rectangle_int_t gloss_view_transform_get_device_rect (const GlossViewTransform *transform);

G_END_DECLS
