/* The picture on which a person looks. */
#include "app/picture-canvas.h"

#include "app/box-layer.h"
#include "app/model-look.h"
#include "app/picture-painter.h"

#include <adwaita.h>
#include <float.h>

/* Small pictures are enlarged that much when they are fitted: enough to see them well, not so much
 * that they look blurred. */
#define MAX_ENLARGEMENT 4

/* So long the picture before stays while the next one is decoded, instead of a flash of nothing. */
#define KEEP_MSEC 200

#define GLIDE_MSEC 200

struct _GlossPictureCanvas
{
  GtkWidget parent_instance;

  GlossPicturePainter *painter; /* owned; what is on the screen, or NULL */
  GlossPicturePainter *next;    /* owned; what comes on the screen when it is ready, or NULL */
  guint keep_id;                /* of the timeout, or 0 */

  guint side_px;             /* of what the model sees, 0 when it is not wanted */
  cairo_surface_t *look;     /* owned; what the model sees of the picture on the screen, or NULL */
  GCancellable *making_look; /* owned; of the picture that is on the screen or comes, or NULL */

  GPtrArray *boxes; /* owned reference, or NULL; of the picture that is on the screen or comes */
  int lit;

  GlossViewTransform of_picture;
  GlossViewTransform of_look;
  GlossViewTransform seen; /* on its way to the one of both that is shown */
  GlossViewTransform from;
  AdwAnimation *glide; /* owned */
};

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossPictureCanvas, gloss_picture_canvas, GTK_TYPE_WIDGET)

static GlossViewTransform *
get_shown (GlossPictureCanvas *canvas)
{
  return canvas->look ? &canvas->of_look : &canvas->of_picture;
}

static void
changed (GlossPictureCanvas *canvas)
{
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
  g_signal_emit (canvas, signals[CHANGED], 0);
}

static void
glide (double progress, gpointer data)
{
  GlossPictureCanvas *canvas = data;

  canvas->seen = gloss_view_transform_mix (&canvas->from, get_shown (canvas), progress);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

/* After the transform that is shown was changed. */
static void
move (GlossPictureCanvas *canvas, gboolean is_smooth)
{
  canvas->from = canvas->seen;
  if (canvas->painter && !canvas->look)
    gloss_picture_painter_prepare (canvas->painter, &canvas->of_picture);
  if (is_smooth)
    adw_animation_play (canvas->glide);
  else
    {
      adw_animation_reset (canvas->glide);
      canvas->seen = *get_shown (canvas);
    }
  changed (canvas);
}

static void
set_look (GlossPictureCanvas *canvas, cairo_surface_t *look)
{
  g_clear_pointer (&canvas->look, cairo_surface_destroy);
  canvas->look = look;
  if (look)
    {
      guint side_px = (guint) cairo_image_surface_get_width (look);

      if (canvas->of_look.picture_width_px != side_px)
        gloss_view_transform_init (&canvas->of_look, side_px, side_px, DBL_MAX, &canvas->seen);
    }
  move (canvas, FALSE);
}

/* What was to come is there. */
static void
show_next (GlossPictureCanvas *canvas, cairo_surface_t *look)
{
  const GlossImage *image = gloss_shared_image_get (gloss_picture_painter_get_image (canvas->next));

  g_clear_handle_id (&canvas->keep_id, g_source_remove);
  g_clear_object (&canvas->painter);
  canvas->painter = g_steal_pointer (&canvas->next);
  gloss_view_transform_init (&canvas->of_picture, image->width_px, image->height_px,
                             MAX_ENLARGEMENT, &canvas->seen);
  gloss_view_transform_fit (&canvas->of_look);
  set_look (canvas, look);
}

/* When the model's view is wanted the picture waits for it: there is no flash of the picture. */
static void
show_next_if_ready (GlossPictureCanvas *canvas)
{
  const GlossImage *image = gloss_shared_image_get (gloss_picture_painter_get_image (canvas->next));
  GlossViewTransform fitted;

  gloss_view_transform_init (&fitted, image->width_px, image->height_px, MAX_ENLARGEMENT,
                             &canvas->seen);
  gloss_picture_painter_prepare (canvas->next, &fitted);
  if (!canvas->making_look && gloss_picture_painter_is_ready (canvas->next, &fitted))
    show_next (canvas, NULL);
}

static void
painter_changed (GlossPictureCanvas *canvas, GlossPicturePainter *painter)
{
  if (painter == canvas->next)
    show_next_if_ready (canvas);
  else if (painter == canvas->painter)
    gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

static void
look_made (GObject *object, GAsyncResult *result, gpointer data)
{
  GlossPictureCanvas *canvas = data;
  g_autoptr (GError) error = NULL;
  cairo_surface_t *look = gloss_model_look_make_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* and the canvas may be gone */
  g_clear_object (&canvas->making_look);
  if (!look)
    g_debug ("%s", error->message);
  if (canvas->next && look)
    show_next (canvas, look);
  else if (canvas->next)
    show_next_if_ready (canvas);
  else
    set_look (canvas, look);
}

static void
make_look (GlossPictureCanvas *canvas)
{
  GlossPicturePainter *painter = canvas->next ? canvas->next : canvas->painter;
  gboolean is_going = !canvas->next && canvas->keep_id != 0;

  g_cancellable_cancel (canvas->making_look);
  g_clear_object (&canvas->making_look);
  if (canvas->side_px == 0 || !painter || is_going)
    return;
  canvas->making_look = g_cancellable_new ();
  gloss_model_look_make_async (gloss_picture_painter_get_image (painter), canvas->side_px,
                               canvas->making_look, look_made, canvas);
}

void
gloss_picture_canvas_set_model_side_px (GlossPictureCanvas *canvas, guint side_px)
{
  if (side_px == canvas->side_px)
    return;
  canvas->side_px = side_px;
  make_look (canvas);
  if (side_px > 0)
    return;
  if (canvas->look)
    set_look (canvas, NULL);
  if (canvas->next)
    show_next_if_ready (canvas);
}

static gboolean
stop_keeping (gpointer data)
{
  GlossPictureCanvas *canvas = data;

  canvas->keep_id = 0;
  g_clear_object (&canvas->painter);
  set_look (canvas, NULL);
  return G_SOURCE_REMOVE;
}

void
gloss_picture_canvas_set_image (GlossPictureCanvas *canvas, GlossSharedImage *image)
{
  gloss_picture_canvas_set_boxes (canvas, NULL);
  g_clear_object (&canvas->next);
  if (canvas->painter && canvas->keep_id == 0)
    canvas->keep_id = g_timeout_add (KEEP_MSEC, stop_keeping, canvas);
  if (image)
    {
      canvas->next = gloss_picture_painter_new (image);
      g_signal_connect_object (canvas->next, "changed", G_CALLBACK (painter_changed), canvas,
                               G_CONNECT_SWAPPED);
    }
  make_look (canvas);
  if (image)
    show_next_if_ready (canvas);
}

void
gloss_picture_canvas_set_boxes (GlossPictureCanvas *canvas, GPtrArray *boxes)
{
  GPtrArray *old = canvas->boxes;

  canvas->boxes = boxes ? g_ptr_array_ref (boxes) : NULL;
  g_clear_pointer (&old, g_ptr_array_unref);
  canvas->lit = -1;
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

void
gloss_picture_canvas_set_lit_box (GlossPictureCanvas *canvas, int lit)
{
  canvas->lit = lit;
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

/* FALSE when there are no boxes to be seen. */
static gboolean
get_boxes (GlossPictureCanvas *canvas, GlossBoxLayer *layer)
{
  cairo_rectangle_int_t picture = gloss_view_transform_get_device_rect (&canvas->seen);
  double scale = canvas->seen.device_scale;

  if (!canvas->painter || canvas->next || !canvas->boxes || canvas->boxes->len == 0)
    return FALSE;
  *layer = (GlossBoxLayer){
    .boxes = canvas->boxes,
    .picture_width_px = canvas->of_picture.picture_width_px,
    .picture_height_px = canvas->of_picture.picture_height_px,
    .picture =
        GRAPHENE_RECT_INIT ((float) (picture.x / scale), (float) (picture.y / scale),
                            (float) (picture.width / scale), (float) (picture.height / scale)),
    .view = GRAPHENE_RECT_INIT (0, 0, (float) canvas->seen.view_width,
                                (float) canvas->seen.view_height),
    .lit = canvas->lit,
  };
  return TRUE;
}

int
gloss_picture_canvas_find_box (GlossPictureCanvas *canvas, double x, double y)
{
  GlossBoxLayer layer;

  return get_boxes (canvas, &layer) ? gloss_box_layer_find (&layer, x, y) : -1;
}

gboolean
gloss_picture_canvas_is_empty (GlossPictureCanvas *canvas)
{
  return canvas->painter == NULL;
}

guint
gloss_picture_canvas_get_shown_side_px (GlossPictureCanvas *canvas)
{
  return canvas->look ? canvas->of_look.picture_width_px : 0;
}

const GlossViewTransform *
gloss_picture_canvas_get_transform (GlossPictureCanvas *canvas)
{
  return get_shown (canvas);
}

void
gloss_picture_canvas_fit (GlossPictureCanvas *canvas, gboolean is_smooth)
{
  gloss_view_transform_fit (get_shown (canvas));
  move (canvas, is_smooth);
}

void
gloss_picture_canvas_zoom (GlossPictureCanvas *canvas, double scale, double x, double y,
                           gboolean is_smooth)
{
  gloss_view_transform_zoom (get_shown (canvas), scale, x, y);
  move (canvas, is_smooth);
}

void
gloss_picture_canvas_step (GlossPictureCanvas *canvas, double factor, double x, double y,
                           gboolean is_smooth)
{
  gloss_view_transform_step (get_shown (canvas), factor, x, y);
  move (canvas, is_smooth);
}

void
gloss_picture_canvas_pan (GlossPictureCanvas *canvas, double dx, double dy)
{
  gloss_view_transform_pan (get_shown (canvas), dx, dy);
  move (canvas, FALSE);
}

/* Each of its pixels is seen as a square: that is the point of showing it. */
static void
draw_look (GlossPictureCanvas *canvas, cairo_t *cr)
{
  cairo_rectangle_int_t place = gloss_view_transform_get_device_rect (&canvas->seen);
  int side_px = cairo_image_surface_get_width (canvas->look);

  cairo_scale (cr, 1 / canvas->seen.device_scale, 1 / canvas->seen.device_scale);
  cairo_translate (cr, place.x, place.y);
  cairo_scale (cr, (double) place.width / side_px, (double) place.height / side_px);
  cairo_set_source_surface (cr, canvas->look, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_rectangle (cr, 0, 0, side_px, side_px);
  cairo_fill (cr);
}

static void
gloss_picture_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GlossPictureCanvas *canvas = GLOSS_PICTURE_CANVAS (widget);
  const graphene_rect_t bounds =
      GRAPHENE_RECT_INIT (0, 0, (float) canvas->seen.view_width, (float) canvas->seen.view_height);
  GlossBoxLayer layer;

  if (canvas->look)
    {
      cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);

      draw_look (canvas, cr);
      cairo_destroy (cr);
    }
  else if (canvas->painter)
    gloss_picture_painter_snapshot (canvas->painter, &canvas->seen, snapshot);
  if (get_boxes (canvas, &layer))
    {
      cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);

      gloss_box_layer_draw (&layer, cr, gtk_widget_get_pango_context (widget));
      cairo_destroy (cr);
    }
}

static void
set_view (GlossPictureCanvas *canvas)
{
  int width = gtk_widget_get_width (GTK_WIDGET (canvas));
  int height = gtk_widget_get_height (GTK_WIDGET (canvas));
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (canvas));

  gloss_view_transform_set_view (&canvas->of_picture, width, height, scale);
  gloss_view_transform_set_view (&canvas->of_look, width, height, scale);
  move (canvas, FALSE);
  if (canvas->next)
    show_next_if_ready (canvas);
}

static void
gloss_picture_canvas_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  set_view (GLOSS_PICTURE_CANVAS (widget));
}

static void
gloss_picture_canvas_dispose (GObject *object)
{
  GlossPictureCanvas *canvas = GLOSS_PICTURE_CANVAS (object);

  g_clear_handle_id (&canvas->keep_id, g_source_remove);
  g_cancellable_cancel (canvas->making_look);
  g_clear_object (&canvas->making_look);
  g_clear_object (&canvas->next);
  g_clear_object (&canvas->painter);
  g_clear_object (&canvas->glide);
  g_clear_pointer (&canvas->look, cairo_surface_destroy);
  g_clear_pointer (&canvas->boxes, g_ptr_array_unref);
  G_OBJECT_CLASS (gloss_picture_canvas_parent_class)->dispose (object);
}

static void
gloss_picture_canvas_class_init (GlossPictureCanvasClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_picture_canvas_dispose;
  widget_class->snapshot = gloss_picture_canvas_snapshot;
  widget_class->size_allocate = gloss_picture_canvas_size_allocate;
  signals[CHANGED] = g_signal_new ("changed", GLOSS_TYPE_PICTURE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "picturecanvas");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
gloss_picture_canvas_init (GlossPictureCanvas *canvas)
{
  AdwAnimationTarget *target = adw_callback_animation_target_new (glide, canvas, NULL);

  canvas->lit = -1;
  gloss_view_transform_init (&canvas->of_picture, 1, 1, MAX_ENLARGEMENT, NULL);
  gloss_view_transform_init (&canvas->of_look, 1, 1, DBL_MAX, NULL);
  canvas->seen = canvas->of_picture;
  canvas->glide = adw_timed_animation_new (GTK_WIDGET (canvas), 0, 1, GLIDE_MSEC, target);
  gtk_widget_set_focusable (GTK_WIDGET (canvas), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (canvas), GTK_OVERFLOW_HIDDEN);
  g_signal_connect (canvas, "notify::scale-factor", G_CALLBACK (set_view), NULL);
}
