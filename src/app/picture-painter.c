/* Draws one picture, however large, in the time that a frame has. */
#include "app/picture-painter.h"

#include "app/scaled-part.h"

#include <math.h>

/* What is taken of the picture itself begins and ends at multiples of this, so that it can be kept
 * while the picture is moved a little. */
#define GRID_PX 128

/* A picture of no more than this is drawn as it is while its copy is not there. */
#define SMALL_PX (1u << 23)

struct _GlossPicturePainter
{
  GObject parent_instance;

  GlossSharedImage *image;       /* owned reference */
  GlossScaledPart *overview;     /* owned, or NULL */
  GlossScaledPart *detail;       /* owned, or NULL */
  GCancellable *making_overview; /* owned, NULL when it is not being made */
  GCancellable *making_detail;   /* owned, likewise */
  int making_width_px;           /* of the whole picture in whose size the detail is made */
  GlossViewTransform prepared;   /* where the picture is to stay */
  GdkTexture *near;              /* owned; of the picture itself, or NULL */
  cairo_rectangle_int_t near_area;
};

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossPicturePainter, gloss_picture_painter, G_TYPE_OBJECT)

static gboolean
is_reduced (const GlossViewTransform *transform)
{
  return transform->scale < gloss_view_transform_get_full_scale (transform) * (1 - 1e-6);
}

/* What of the picture at @transform is in the view, and @margin around it: in device pixels from
 * the picture's corner. Perhaps empty. */
static cairo_rectangle_int_t
get_visible (const GlossViewTransform *transform, double margin)
{
  cairo_rectangle_int_t picture = gloss_view_transform_get_device_rect (transform);
  double width = transform->view_width * transform->device_scale;
  double height = transform->view_height * transform->device_scale;
  int x0 = MAX (0, (int) floor (-margin * width) - picture.x);
  int y0 = MAX (0, (int) floor (-margin * height) - picture.y);
  int x1 = MIN (picture.width, (int) ceil ((1 + margin) * width) - picture.x);
  int y1 = MIN (picture.height, (int) ceil ((1 + margin) * height) - picture.y);

  return (cairo_rectangle_int_t){ x0, y0, MAX (0, x1 - x0), MAX (0, y1 - y0) };
}

static gboolean
contains (const cairo_rectangle_int_t *outer, const cairo_rectangle_int_t *inner)
{
  return inner->x >= outer->x && inner->y >= outer->y
         && inner->x + inner->width <= outer->x + outer->width
         && inner->y + inner->height <= outer->y + outer->height;
}

static void prepare_overview (GlossPicturePainter *painter);
static void prepare_detail (GlossPicturePainter *painter);

static void
overview_made (GObject *object, GAsyncResult *result, gpointer data)
{
  GlossPicturePainter *painter = data;
  g_autoptr (GError) error = NULL;
  GlossScaledPart *part = gloss_scaled_part_make_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* and the painter may be gone */
  g_clear_object (&painter->making_overview);
  if (!part)
    {
      g_debug ("%s", error->message);
      return;
    }
  g_clear_pointer (&painter->overview, gloss_scaled_part_free);
  painter->overview = part;
  prepare_overview (painter);
  g_signal_emit (painter, signals[CHANGED], 0);
}

/* One at a time, so that there is a new one now and then also while the view's size changes with
 * each frame. */
static void
prepare_overview (GlossPicturePainter *painter)
{
  GlossViewTransform fitted = painter->prepared;
  cairo_rectangle_int_t area;

  gloss_view_transform_fit (&fitted);
  area = gloss_view_transform_get_device_rect (&fitted);
  area.x = area.y = 0;
  if (!is_reduced (&fitted) || painter->making_overview
      || (painter->overview && painter->overview->width_px == area.width
          && painter->overview->height_px == area.height))
    return;
  painter->making_overview = g_cancellable_new ();
  gloss_scaled_part_make_async (painter->image, area.width, area.height, &area,
                                painter->making_overview, overview_made, painter);
}

static void
detail_made (GObject *object, GAsyncResult *result, gpointer data)
{
  GlossPicturePainter *painter = data;
  g_autoptr (GError) error = NULL;
  GlossScaledPart *part = gloss_scaled_part_make_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* and the painter may be gone */
  g_clear_object (&painter->making_detail);
  if (!part)
    {
      g_debug ("%s", error->message);
      return;
    }
  g_clear_pointer (&painter->detail, gloss_scaled_part_free);
  painter->detail = part;
  prepare_detail (painter);
  g_signal_emit (painter, signals[CHANGED], 0);
}

/* At another scale the one in the making is of no use any more; at the same it is, and then there
 * is a new one now and then also while the picture is moved with each frame. */
static void
prepare_detail (GlossPicturePainter *painter)
{
  const GlossViewTransform *transform = &painter->prepared;
  int width_px = gloss_view_transform_get_device_rect (transform).width;
  int height_px = gloss_view_transform_get_device_rect (transform).height;
  cairo_rectangle_int_t seen = get_visible (transform, 1.0 / 8);

  if (painter->making_detail && painter->making_width_px == width_px)
    return;
  g_cancellable_cancel (painter->making_detail);
  g_clear_object (&painter->making_detail);
  if (transform->is_fitted || !is_reduced (transform) || seen.width == 0 || seen.height == 0
      || (painter->detail && painter->detail->width_px == width_px
          && painter->detail->height_px == height_px && contains (&painter->detail->area, &seen)))
    return;
  seen = get_visible (transform, 1.0 / 4);
  painter->making_detail = g_cancellable_new ();
  painter->making_width_px = width_px;
  gloss_scaled_part_make_async (painter->image, width_px, height_px, &seen, painter->making_detail,
                                detail_made, painter);
}

void
gloss_picture_painter_prepare (GlossPicturePainter *painter, const GlossViewTransform *transform)
{
  painter->prepared = *transform;
  if (transform->view_width <= 0 || transform->view_height <= 0)
    return;
  prepare_overview (painter);
  prepare_detail (painter);
}

gboolean
gloss_picture_painter_is_ready (GlossPicturePainter *painter, const GlossViewTransform *transform)
{
  return painter->overview || !is_reduced (transform);
}

/* @area of the picture, which lies at @picture when it is @width_px × @height_px. */
static void
append (GtkSnapshot *snapshot, const GlossViewTransform *transform, GdkTexture *texture,
        const cairo_rectangle_int_t *area, int width_px, int height_px)
{
  cairo_rectangle_int_t picture = gloss_view_transform_get_device_rect (transform);
  double x_scale = (double) picture.width / width_px, y_scale = (double) picture.height / height_px;
  double device_scale = transform->device_scale;

  gtk_snapshot_append_texture (
      snapshot, texture,
      &GRAPHENE_RECT_INIT ((float) ((picture.x + area->x * x_scale) / device_scale),
                           (float) ((picture.y + area->y * y_scale) / device_scale),
                           (float) (area->width * x_scale / device_scale),
                           (float) (area->height * y_scale / device_scale)));
}

static void
append_near (GlossPicturePainter *painter, GtkSnapshot *snapshot,
             const GlossViewTransform *transform)
{
  const GlossImage *image = gloss_shared_image_get (painter->image);
  cairo_rectangle_int_t picture = gloss_view_transform_get_device_rect (transform);
  cairo_rectangle_int_t seen = get_visible (transform, 0), area;
  double x_scale = (double) image->width_px / picture.width;
  double y_scale = (double) image->height_px / picture.height;

  if (seen.width == 0 || seen.height == 0)
    return;
  area.x = (int) (seen.x * x_scale) / GRID_PX * GRID_PX;
  area.y = (int) (seen.y * y_scale) / GRID_PX * GRID_PX;
  area.width = (int) ceil ((seen.x + seen.width) * x_scale / GRID_PX) * GRID_PX - area.x;
  area.height = (int) ceil ((seen.y + seen.height) * y_scale / GRID_PX) * GRID_PX - area.y;
  area.width = MIN (area.width, (int) image->width_px - area.x);
  area.height = MIN (area.height, (int) image->height_px - area.y);
  if (!painter->near || memcmp (&area, &painter->near_area, sizeof area) != 0)
    {
      g_clear_object (&painter->near);
      painter->near = gloss_shared_image_make_part_texture (
          painter->image, (guint) area.x, (guint) area.y, (guint) area.width, (guint) area.height);
      painter->near_area = area;
    }
  append (snapshot, transform, painter->near, &area, (int) image->width_px, (int) image->height_px);
}

static void
append_part (GtkSnapshot *snapshot, const GlossViewTransform *transform,
             const GlossScaledPart *part)
{
  append (snapshot, transform, part->texture, &part->area, part->width_px, part->height_px);
}

void
gloss_picture_painter_snapshot (GlossPicturePainter *painter, const GlossViewTransform *transform,
                                GtkSnapshot *snapshot)
{
  const GlossImage *image = gloss_shared_image_get (painter->image);
  cairo_rectangle_int_t picture = gloss_view_transform_get_device_rect (transform);
  cairo_rectangle_int_t seen = get_visible (transform, 0);
  const GlossScaledPart *detail = painter->detail;

  if (!is_reduced (transform)
      || (!painter->overview && (gsize) image->width_px * image->height_px <= SMALL_PX))
    {
      append_near (painter, snapshot, transform);
      return;
    }
  if (detail && (detail->width_px != picture.width || detail->height_px != picture.height))
    detail = NULL;
  if (painter->overview && !(detail && contains (&detail->area, &seen)))
    append_part (snapshot, transform, painter->overview);
  if (detail)
    append_part (snapshot, transform, detail);
}

GlossSharedImage *
gloss_picture_painter_get_image (GlossPicturePainter *painter)
{
  return painter->image;
}

static void
gloss_picture_painter_dispose (GObject *object)
{
  GlossPicturePainter *painter = GLOSS_PICTURE_PAINTER (object);

  g_cancellable_cancel (painter->making_overview);
  g_cancellable_cancel (painter->making_detail);
  g_clear_object (&painter->making_overview);
  g_clear_object (&painter->making_detail);
  g_clear_pointer (&painter->overview, gloss_scaled_part_free);
  g_clear_pointer (&painter->detail, gloss_scaled_part_free);
  g_clear_object (&painter->near);
  g_clear_pointer (&painter->image, gloss_shared_image_unref);
  G_OBJECT_CLASS (gloss_picture_painter_parent_class)->dispose (object);
}

static void
gloss_picture_painter_class_init (GlossPicturePainterClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gloss_picture_painter_dispose;
  signals[CHANGED] = g_signal_new ("changed", GLOSS_TYPE_PICTURE_PAINTER, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gloss_picture_painter_init (GlossPicturePainter *painter)
{
}

GlossPicturePainter *
gloss_picture_painter_new (GlossSharedImage *image)
{
  GlossPicturePainter *painter = g_object_new (GLOSS_TYPE_PICTURE_PAINTER, NULL);

  painter->image = gloss_shared_image_ref (image);
  return painter;
}
