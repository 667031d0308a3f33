/* The picture on which a person looks, without the controls around it. */
#pragma once

#include "app/shared-image.h"
#include "app/view-transform.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_PICTURE_CANVAS (gloss_picture_canvas_get_type ())
G_DECLARE_FINAL_TYPE (GlossPictureCanvas, gloss_picture_canvas, GLOSS, PICTURE_CANVAS, GtkWidget)

/*
 * Main thread only. The signal "changed" says that any of the gets below may be different. Points
 * are in the widget's coordinates. Where a call has @is_smooth the picture glides there, unless the
 * person wants no animations.
 */

/* As gloss_picture_view_set_image () and those that follow it have them. */
void gloss_picture_canvas_set_image (GlossPictureCanvas *canvas, GlossSharedImage *image);
void gloss_picture_canvas_set_boxes (GlossPictureCanvas *canvas, GPtrArray *boxes);
void gloss_picture_canvas_set_lit_box (GlossPictureCanvas *canvas, int lit);
void gloss_picture_canvas_set_model_side_px (GlossPictureCanvas *canvas, guint side_px);

gboolean gloss_picture_canvas_is_empty (GlossPictureCanvas *canvas);

/* The side of what the model sees, while that is on the screen; 0: the picture is. */
guint gloss_picture_canvas_get_shown_side_px (GlossPictureCanvas *canvas);

/* Where the picture, or what stands for it, is or is going to be. Borrowed, till the next call. */
const GlossViewTransform *gloss_picture_canvas_get_transform (GlossPictureCanvas *canvas);

/* The box at a point, or −1. */
int gloss_picture_canvas_find_box (GlossPictureCanvas *canvas, double x, double y);

/* As in view-transform.h. */
void gloss_picture_canvas_fit (GlossPictureCanvas *canvas, gboolean is_smooth);
void gloss_picture_canvas_zoom (GlossPictureCanvas *canvas, double scale, double x, double y,
                                gboolean is_smooth);
void gloss_picture_canvas_step (GlossPictureCanvas *canvas, double factor, double x, double y,
                                gboolean is_smooth);
void gloss_picture_canvas_pan (GlossPictureCanvas *canvas, double dx, double dy);

G_END_DECLS
