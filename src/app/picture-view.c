/* The picture, large: what a person does with it, and the controls on it. */
#include "app/picture-view.h"

#include "app/picture-canvas.h"

#include <glib/gi18n.h>
#include <math.h>

#define KEY_STEP M_SQRT2 /* of the zoom actions: two double the size */
#define WHEEL_STEP 1.2   /* of one notch */
#define NOTCH_PX                                                                                   \
  50.0 /* what a notch moves the picture, and a touchpad's way that zooms as much                  \
        */
#define KEY_PAN_FRAC 0.125 /* of the view */

struct _GlossPictureView
{
  GtkWidget parent_instance;

  GtkWidget *overlay; /* owned as a child */
  GlossPictureCanvas *canvas;
  GtkWidget *broken;
  GtkWidget *controls;
  GtkToggleButton *fit_button;
  GtkToggleButton *full_button;
  GtkLabel *note;

  double pointer_x; /* −1: the pointer is not over the picture */
  double pointer_y;
  int pointed_at; /* the box under the pointer, −1: none */
  double drag_x;  /* how far the drag has got */
  double drag_y;
  double pinch_scale; /* when the pinch began */
  double pinch_x;     /* where its middle was last */
  double pinch_y;
};

enum
{
  BOX_LIT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossPictureView, gloss_picture_view, GTK_TYPE_WIDGET)

static gboolean
can_pan (GlossPictureView *view)
{
  return !gloss_picture_canvas_is_empty (view->canvas)
         && gloss_view_transform_can_pan (gloss_picture_canvas_get_transform (view->canvas));
}

static void
get_middle (GlossPictureView *view, double *x, double *y)
{
  const GlossViewTransform *transform = gloss_picture_canvas_get_transform (view->canvas);

  *x = transform->view_width / 2;
  *y = transform->view_height / 2;
}

static void
point_at (GlossPictureView *view, int index)
{
  if (index == view->pointed_at)
    return;
  view->pointed_at = index;
  gloss_picture_canvas_set_lit_box (view->canvas, index);
  g_signal_emit (view, signals[BOX_LIT], 0, index);
}

/* What is under the pointer changes too when the picture moves and the pointer does not. */
static void
update_pointed_at (GlossPictureView *view)
{
  point_at (view, view->pointer_x < 0 ? -1
                                      : gloss_picture_canvas_find_box (
                                          view->canvas, view->pointer_x, view->pointer_y));
}

static void
motion (GlossPictureView *view, double x, double y)
{
  view->pointer_x = MAX (x, 0);
  view->pointer_y = y;
  update_pointed_at (view);
}

static void
leave (GlossPictureView *view)
{
  view->pointer_x = -1;
  update_pointed_at (view);
}

static gboolean
scroll (GtkEventControllerScroll *controller, double dx, double dy, GlossPictureView *view)
{
  GtkEventController *base = GTK_EVENT_CONTROLLER (controller);
  gboolean is_wheel = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL;
  GdkModifierType state = gtk_event_controller_get_current_event_state (base);
  double notch = is_wheel ? 1 : NOTCH_PX, x = view->pointer_x, y = view->pointer_y;

  if (gloss_picture_canvas_is_empty (view->canvas))
    return GDK_EVENT_PROPAGATE;
  if (state & GDK_CONTROL_MASK)
    {
      if (x < 0)
        get_middle (view, &x, &y);
      gloss_picture_canvas_step (view->canvas, pow (WHEEL_STEP, -dy / notch), x, y, FALSE);
      return GDK_EVENT_STOP;
    }
  if (!can_pan (view))
    return GDK_EVENT_PROPAGATE;
  if (is_wheel && state & GDK_SHIFT_MASK && dx == 0)
    {
      dx = dy;
      dy = 0;
    }
  gloss_picture_canvas_pan (view->canvas, -dx / notch * NOTCH_PX, -dy / notch * NOTCH_PX);
  return GDK_EVENT_STOP;
}

static void
drag_begin (GtkGestureDrag *gesture, double x, double y, GlossPictureView *view)
{
  view->drag_x = 0;
  view->drag_y = 0;
  if (!can_pan (view))
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
}

static void
drag_update (GtkGestureDrag *gesture, double x, double y, GlossPictureView *view)
{
  GtkWidget *canvas = GTK_WIDGET (view->canvas);

  /* a hand that trembles at a double click does not drag */
  if (view->drag_x == 0 && view->drag_y == 0
      && !gtk_drag_check_threshold (canvas, 0, 0, (int) x, (int) y))
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_set_cursor_from_name (canvas, "grabbing");
  gloss_picture_canvas_pan (view->canvas, x - view->drag_x, y - view->drag_y);
  view->drag_x = x;
  view->drag_y = y;
}

static void
update_cursor (GlossPictureView *view)
{
  gtk_widget_set_cursor_from_name (GTK_WIDGET (view->canvas), can_pan (view) ? "grab" : NULL);
}

static void
pinch_begin (GtkGesture *gesture, GdkEventSequence *sequence, GlossPictureView *view)
{
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  view->pinch_scale = gloss_picture_canvas_get_transform (view->canvas)->scale;
  gtk_gesture_get_bounding_box_center (gesture, &view->pinch_x, &view->pinch_y);
}

static void
pinch (GtkGestureZoom *gesture, double factor, GlossPictureView *view)
{
  double x, y;

  if (gloss_picture_canvas_is_empty (view->canvas)
      || !gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    return;
  gloss_picture_canvas_pan (view->canvas, x - view->pinch_x, y - view->pinch_y);
  gloss_picture_canvas_zoom (view->canvas, view->pinch_scale * factor, x, y, FALSE);
  view->pinch_x = x;
  view->pinch_y = y;
}

static void
zoom_to_full_at (GlossPictureView *view, double x, double y)
{
  const GlossViewTransform *transform = gloss_picture_canvas_get_transform (view->canvas);

  gloss_picture_canvas_zoom (view->canvas, gloss_view_transform_get_full_scale (transform), x, y,
                             TRUE);
}

static void
press (GtkGestureClick *gesture, int n_presses, double x, double y, GlossPictureView *view)
{
  gtk_widget_grab_focus (GTK_WIDGET (view->canvas));
  if (n_presses != 2 || gloss_picture_canvas_is_empty (view->canvas))
    return;
  if (gloss_picture_canvas_get_transform (view->canvas)->is_fitted)
    zoom_to_full_at (view, x, y);
  else
    gloss_picture_canvas_fit (view->canvas, TRUE);
}

static gboolean
press_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
           GlossPictureView *view)
{
  const GlossViewTransform *transform = gloss_picture_canvas_get_transform (view->canvas);
  double dx = transform->view_width * KEY_PAN_FRAC, dy = transform->view_height * KEY_PAN_FRAC;

  if (!can_pan (view) || state & gtk_accelerator_get_default_mod_mask ())
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      gloss_picture_canvas_pan (view->canvas, dx, 0);
      return GDK_EVENT_STOP;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      gloss_picture_canvas_pan (view->canvas, -dx, 0);
      return GDK_EVENT_STOP;
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      gloss_picture_canvas_pan (view->canvas, 0, dy);
      return GDK_EVENT_STOP;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      gloss_picture_canvas_pan (view->canvas, 0, -dy);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
show_note (GlossPictureView *view)
{
  guint side_px = gloss_picture_canvas_get_shown_side_px (view->canvas);
  /* Translators: over a picture as the model gets it; its width and height in pixels */
  g_autofree char *words = g_strdup_printf (_ ("%u × %u, what the model sees"), side_px, side_px);

  if (side_px > 0)
    gtk_label_set_label (view->note, words);
  gtk_widget_set_visible (GTK_WIDGET (view->note), side_px > 0);
}

static void
canvas_changed (GlossPictureView *view)
{
  const GlossViewTransform *transform = gloss_picture_canvas_get_transform (view->canvas);
  double full = gloss_view_transform_get_full_scale (transform);

  gtk_widget_set_visible (view->controls, !gloss_picture_canvas_is_empty (view->canvas));
  gtk_toggle_button_set_active (view->fit_button, transform->is_fitted);
  gtk_toggle_button_set_active (view->full_button, fabs (transform->scale / full - 1) < 1e-6);
  show_note (view);
  update_cursor (view);
  update_pointed_at (view);
}

static void
add_controllers (GlossPictureView *view)
{
  GtkWidget *canvas = GTK_WIDGET (view->canvas);
  GtkEventController *motions = gtk_event_controller_motion_new ();
  GtkEventController *scrolls =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkGesture *clicks = gtk_gesture_click_new ();
  GtkGesture *pinches = gtk_gesture_zoom_new ();

  g_signal_connect_swapped (motions, "enter", G_CALLBACK (motion), view);
  g_signal_connect_swapped (motions, "motion", G_CALLBACK (motion), view);
  g_signal_connect_swapped (motions, "leave", G_CALLBACK (leave), view);
  g_signal_connect (scrolls, "scroll", G_CALLBACK (scroll), view);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (press_key), view);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin), view);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update), view);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (update_cursor), view);
  g_signal_connect (clicks, "pressed", G_CALLBACK (press), view);
  g_signal_connect (pinches, "begin", G_CALLBACK (pinch_begin), view);
  g_signal_connect (pinches, "scale-changed", G_CALLBACK (pinch), view);
  gtk_widget_add_controller (canvas, motions);
  gtk_widget_add_controller (canvas, scrolls);
  gtk_widget_add_controller (canvas, keys);
  gtk_widget_add_controller (canvas, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (canvas, GTK_EVENT_CONTROLLER (clicks));
  gtk_widget_add_controller (canvas, GTK_EVENT_CONTROLLER (pinches));
}

static void
gloss_picture_view_dispose (GObject *object)
{
  GlossPictureView *view = GLOSS_PICTURE_VIEW (object);

  g_clear_pointer (&view->overlay, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_picture_view_parent_class)->dispose (object);
}

static void
gloss_picture_view_class_init (GlossPictureViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_picture_view_dispose;
  signals[BOX_LIT] = g_signal_new ("box-lit", GLOSS_TYPE_PICTURE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  g_type_ensure (GLOSS_TYPE_PICTURE_CANVAS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/picture-view.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossPictureView, overlay);
  gtk_widget_class_bind_template_child (widget_class, GlossPictureView, canvas);
  gtk_widget_class_bind_template_child (widget_class, GlossPictureView, broken);
  gtk_widget_class_bind_template_child (widget_class, GlossPictureView, controls);
  gtk_widget_class_bind_template_child (widget_class, GlossPictureView, fit_button);
  gtk_widget_class_bind_template_child (widget_class, GlossPictureView, full_button);
  gtk_widget_class_bind_template_child (widget_class, GlossPictureView, note);
}

static void
gloss_picture_view_init (GlossPictureView *view)
{
  view->pointer_x = -1;
  view->pointed_at = -1;
  gtk_widget_init_template (GTK_WIDGET (view));
  add_controllers (view);
  g_signal_connect_object (view->canvas, "changed", G_CALLBACK (canvas_changed), view,
                           G_CONNECT_SWAPPED);
  canvas_changed (view);
}

void
gloss_picture_view_set_image (GlossPictureView *view, GlossSharedImage *image)
{
  gloss_picture_canvas_set_image (view->canvas, image);
  gtk_widget_set_visible (view->broken, FALSE);
  view->pointed_at = -1; /* its boxes are gone */
}

void
gloss_picture_view_show_broken (GlossPictureView *view)
{
  gloss_picture_view_set_image (view, NULL);
  gtk_widget_set_visible (view->broken, TRUE);
}

void
gloss_picture_view_focus (GlossPictureView *view)
{
  gtk_widget_grab_focus (GTK_WIDGET (view->canvas));
}

void
gloss_picture_view_set_words (GlossPictureView *view, const char *name, const char *caption)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (view->canvas), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, caption, -1);
}

void
gloss_picture_view_set_boxes (GlossPictureView *view, GPtrArray *boxes)
{
  gloss_picture_canvas_set_boxes (view->canvas, boxes);
  view->pointed_at = -1;
}

void
gloss_picture_view_set_lit_box (GlossPictureView *view, int lit)
{
  gloss_picture_canvas_set_lit_box (view->canvas, lit);
}

void
gloss_picture_view_set_model_side_px (GlossPictureView *view, guint side_px)
{
  gloss_picture_canvas_set_model_side_px (view->canvas, side_px);
}

void
gloss_picture_view_fit (GlossPictureView *view)
{
  gloss_picture_canvas_fit (view->canvas, TRUE);
}

void
gloss_picture_view_zoom_to_full (GlossPictureView *view)
{
  double x, y;

  get_middle (view, &x, &y);
  zoom_to_full_at (view, x, y);
}

void
gloss_picture_view_zoom_in (GlossPictureView *view)
{
  double x, y;

  get_middle (view, &x, &y);
  gloss_picture_canvas_step (view->canvas, KEY_STEP, x, y, TRUE);
}

void
gloss_picture_view_zoom_out (GlossPictureView *view)
{
  double x, y;

  get_middle (view, &x, &y);
  gloss_picture_canvas_step (view->canvas, 1 / KEY_STEP, x, y, TRUE);
}
