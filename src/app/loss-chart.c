/*
 * The chart of a run of fine-tuning.
 *
 * What is drawn of the series is kept as a texture until the series, the size or the style changes;
 * the cursor is drawn over it. So pointing costs one line and one label a frame, however long the
 * run is.
 */
#include "app/loss-chart.h"

#include "app/loss-cursor.h"
#include "app/loss-draw.h"
#include "app/loss-words.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define NATURAL_WIDTH_PX 480
#define NATURAL_HEIGHT_PX 240
#define MIN_WIDTH_PX 120
#define MIN_HEIGHT_PX 120

/* So often somebody who does not see the chart hears of it at most. */
#define TELL_SECONDS 3

/* Page Up and Page Down pass over this part of the run. */
#define PAGE 0.1

struct _GlossLossChart
{
  GtkWidget parent_instance;

  GlossLossSeries *series; /* owned reference, or NULL */
  gboolean is_log;

  GdkTexture *texture; /* owned; the chart without the cursor, NULL: to be drawn */
  GlossLossPlan plan;  /* of the texture */
  GlossLossStyle style;
  PangoLayout *empty; /* owned; what stands in an empty chart, or NULL */

  gboolean has_cursor;
  guint cursor_step;
  guint tell_id; /* of the timeout, or 0 */
  gboolean has_news;
};

enum
{
  PROP_SERIES = 1,
  PROP_LOG_SCALE,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GlossLossChart, gloss_loss_chart, GTK_TYPE_WIDGET)

static void
redraw (GlossLossChart *chart)
{
  g_clear_object (&chart->texture);
  gtk_widget_queue_draw (GTK_WIDGET (chart));
}

static void
tell (GlossLossChart *chart)
{
  g_autofree char *words = chart->series ? gloss_loss_words_describe (chart->series)
                                         : g_strdup (gloss_loss_words_get_empty ());

  gtk_accessible_update_property (GTK_ACCESSIBLE (chart), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  chart->has_news = FALSE;
}

static gboolean
tell_again (gpointer data)
{
  GlossLossChart *chart = data;

  if (chart->has_news)
    {
      tell (chart);
      return G_SOURCE_CONTINUE;
    }
  chart->tell_id = 0;
  return G_SOURCE_REMOVE;
}

static void
series_changed (GlossLossChart *chart)
{
  redraw (chart);
  chart->has_news = TRUE;
  if (chart->tell_id == 0)
    {
      tell (chart);
      chart->tell_id = g_timeout_add_seconds (TELL_SECONDS, tell_again, chart);
    }
}

/* The point at the cursor, −1: there is no cursor, or nothing to point at. */
static int
get_cursor (GlossLossChart *chart)
{
  if (!chart->has_cursor || !chart->series)
    return -1;
  return gloss_loss_series_find_nearest (chart->series, chart->cursor_step);
}

/* For somebody who does not see where the keys lead. */
static void
tell_cursor (GlossLossChart *chart)
{
  int index = get_cursor (chart);
  g_autofree char *words =
      index < 0 ? g_strdup ("") : gloss_loss_words_read_out (chart->series, (guint) index);

  gtk_accessible_update_property (GTK_ACCESSIBLE (chart), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  words, -1);
}

static void
clear_cursor (GlossLossChart *chart)
{
  if (!chart->has_cursor)
    return;
  chart->has_cursor = FALSE;
  tell_cursor (chart);
  gtk_widget_queue_draw (GTK_WIDGET (chart));
}

static void
set_cursor_index (GlossLossChart *chart, gint64 index)
{
  guint n;
  const GlossLossPoint *points = gloss_loss_series_get_points (chart->series, &n);

  if (n == 0)
    return;
  chart->has_cursor = TRUE;
  chart->cursor_step = points[CLAMP (index, 0, (gint64) n - 1)].step;
  gtk_widget_queue_draw (GTK_WIDGET (chart));
}

static void
point_at (GlossLossChart *chart, double x)
{
  if (chart->series && chart->plan.width > 0)
    set_cursor_index (chart, gloss_loss_series_find_nearest (
                                 chart->series, gloss_loss_plan_get_step (&chart->plan, x)));
}

static void
update_colors (GlossLossChart *chart)
{
  const struct
  {
    const char *name;
    GdkRGBA *color;
  } colors[] = {
    { "window_bg_color", &chart->style.background },
    { "accent_color", &chart->style.train },
    { "success_color", &chart->style.validation },
  };
  GtkStyleContext *context = gtk_widget_get_style_context (GTK_WIDGET (chart));
  AdwStyleManager *manager = adw_style_manager_get_default ();

  gloss_loss_style_init (&chart->style, adw_style_manager_get_dark (manager));
  for (guint i = 0; i < G_N_ELEMENTS (colors); i++)
    {
      GdkRGBA color;

      if (gtk_style_context_lookup_color (context, colors[i].name, &color))
        *colors[i].color = color;
    }
  gtk_style_context_get_color (context, &chart->style.foreground);
  chart->style.context = gtk_widget_get_pango_context (GTK_WIDGET (chart));
  chart->style.is_high_contrast = adw_style_manager_get_high_contrast (manager);
  chart->style.is_log = chart->is_log;
  chart->style.is_rtl = gtk_widget_get_direction (GTK_WIDGET (chart)) == GTK_TEXT_DIR_RTL;
  chart->style.column_width = 1.0 / gtk_widget_get_scale_factor (GTK_WIDGET (chart));
}

static void
draw_texture (GlossLossChart *chart, int width, int height)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (chart));
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width * scale, height * scale);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (GBytes) bytes = NULL;
  gsize stride;

  update_colors (chart);
  gloss_loss_plan_init (&chart->plan, chart->series, width, height, &chart->style);
  cairo_surface_set_device_scale (surface, scale, scale);
  if (chart->series)
    gloss_loss_chart_draw (chart->series, cr, width, height, &chart->style);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  stride = (gsize) cairo_image_surface_get_stride (surface);
  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    {
      cairo_surface_destroy (surface);
      return;
    }
  bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (surface),
                                      stride * (gsize) (height * scale),
                                      (GDestroyNotify) cairo_surface_destroy, surface);
  chart->texture =
      gdk_memory_texture_new (width * scale, height * scale, GDK_MEMORY_DEFAULT, bytes, stride);
}

static void
snapshot_empty (GlossLossChart *chart, GtkSnapshot *snapshot, int width, int height)
{
  GdkRGBA color = chart->style.foreground;
  int text_height;

  if (!chart->empty)
    {
      chart->empty =
          gtk_widget_create_pango_layout (GTK_WIDGET (chart), gloss_loss_words_get_empty ());
      pango_layout_set_alignment (chart->empty, PANGO_ALIGN_CENTER);
    }
  pango_layout_set_width (chart->empty, width * PANGO_SCALE);
  pango_layout_get_pixel_size (chart->empty, NULL, &text_height);
  color.alpha *= chart->style.is_high_contrast ? 1 : 0.55f;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT (0, (float) (MAX (height - text_height, 0) / 2)));
  gtk_snapshot_append_layout (snapshot, chart->empty, &color);
  gtk_snapshot_restore (snapshot);
}

static void
gloss_loss_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GlossLossChart *chart = GLOSS_LOSS_CHART (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const graphene_rect_t all = GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height);
  int cursor = get_cursor (chart);
  guint first, last;

  if (width <= 0 || height <= 0)
    return;
  if (!chart->texture)
    draw_texture (chart, width, height);
  if (!chart->series || !gloss_loss_series_get_steps (chart->series, &first, &last))
    {
      snapshot_empty (chart, snapshot, width, height);
      return;
    }
  if (chart->texture)
    gtk_snapshot_append_texture (snapshot, chart->texture, &all);
  if (cursor >= 0)
    {
      cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &all);

      gloss_loss_cursor_draw (chart->series, cr, &chart->plan, width, (guint) cursor,
                              &chart->style);
      cairo_destroy (cr);
    }
}

static void
gloss_loss_chart_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
  gboolean is_width = orientation == GTK_ORIENTATION_HORIZONTAL;

  *minimum = is_width ? MIN_WIDTH_PX : MIN_HEIGHT_PX;
  *natural = is_width ? NATURAL_WIDTH_PX : NATURAL_HEIGHT_PX;
  *minimum_baseline = *natural_baseline = -1;
}

static void
gloss_loss_chart_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  redraw (GLOSS_LOSS_CHART (widget));
}

static void
restyle (GlossLossChart *chart)
{
  g_clear_object (&chart->empty);
  redraw (chart);
}

static void
gloss_loss_chart_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (gloss_loss_chart_parent_class)->css_changed (widget, change);
  restyle (GLOSS_LOSS_CHART (widget));
}

static void
gloss_loss_chart_system_setting_changed (GtkWidget *widget, GtkSystemSetting setting)
{
  GTK_WIDGET_CLASS (gloss_loss_chart_parent_class)->system_setting_changed (widget, setting);
  restyle (GLOSS_LOSS_CHART (widget));
}

static void
gloss_loss_chart_direction_changed (GtkWidget *widget, GtkTextDirection previous)
{
  GTK_WIDGET_CLASS (gloss_loss_chart_parent_class)->direction_changed (widget, previous);
  restyle (GLOSS_LOSS_CHART (widget));
}

static gboolean
press_key (GlossLossChart *chart, guint key, guint code, GdkModifierType state)
{
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (chart)) == GTK_TEXT_DIR_RTL;
  gint64 cursor = get_cursor (chart), page, index;
  guint n = 0;

  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK | GDK_SUPER_MASK))
    return FALSE;
  if (key == GDK_KEY_Escape && chart->has_cursor)
    {
      clear_cursor (chart);
      return TRUE;
    }
  if (chart->series)
    gloss_loss_series_get_points (chart->series, &n);
  if (n == 0)
    return FALSE;
  /* the first key goes to the newest step */
  index = cursor < 0 ? n : cursor;
  page = MAX ((gint64) (n * PAGE), 1);
  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      index += is_rtl ? 1 : -1;
      break;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      index += is_rtl ? -1 : 1;
      break;
    case GDK_KEY_Page_Up:
    case GDK_KEY_KP_Page_Up:
      index -= page;
      break;
    case GDK_KEY_Page_Down:
    case GDK_KEY_KP_Page_Down:
      index += page;
      break;
    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      index = 0;
      break;
    case GDK_KEY_End:
    case GDK_KEY_KP_End:
      index = n;
      break;
    default:
      return FALSE;
    }
  set_cursor_index (chart, index);
  tell_cursor (chart);
  return TRUE;
}

static void
move_pointer (GlossLossChart *chart, double x, double y)
{
  point_at (chart, x);
}

static void
leave_pointer (GlossLossChart *chart)
{
  clear_cursor (chart);
}

/* Along the steps it reads; up and down it is for whatever scrolls the chart. */
static void
drag (GlossLossChart *chart, double dx, double dy, GtkGestureDrag *drag_gesture)
{
  GtkGesture *gesture = GTK_GESTURE (drag_gesture);
  GdkEventSequence *sequence = gtk_gesture_get_last_updated_sequence (gesture);
  double x, y;

  if (gtk_gesture_get_sequence_state (gesture, sequence) != GTK_EVENT_SEQUENCE_CLAIMED)
    {
      if (!gtk_drag_check_threshold (GTK_WIDGET (chart), 0, 0, (int) dx, (int) dy))
        return;
      if (fabs (dx) < fabs (dy))
        {
          gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_DENIED);
          return;
        }
      gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
    }
  gtk_gesture_drag_get_start_point (drag_gesture, &x, &y);
  point_at (chart, x + dx);
}

static void
press (GlossLossChart *chart, int n_press, double x, double y)
{
  gtk_widget_grab_focus (GTK_WIDGET (chart));
  point_at (chart, x);
}

void
gloss_loss_chart_set_series (GlossLossChart *chart, GlossLossSeries *series)
{
  g_return_if_fail (GLOSS_IS_LOSS_CHART (chart));

  if (chart->series == series)
    return;
  if (chart->series)
    g_signal_handlers_disconnect_by_data (chart->series, chart);
  g_set_object (&chart->series, series);
  if (series)
    g_signal_connect_object (series, "changed", G_CALLBACK (series_changed), chart,
                             G_CONNECT_SWAPPED);
  clear_cursor (chart);
  tell (chart);
  redraw (chart);
  g_object_notify_by_pspec (G_OBJECT (chart), props[PROP_SERIES]);
}

GlossLossSeries *
gloss_loss_chart_get_series (GlossLossChart *chart)
{
  return chart->series;
}

void
gloss_loss_chart_set_log_scale (GlossLossChart *chart, gboolean is_log)
{
  g_return_if_fail (GLOSS_IS_LOSS_CHART (chart));

  if (chart->is_log == is_log)
    return;
  chart->is_log = is_log;
  redraw (chart);
  g_object_notify_by_pspec (G_OBJECT (chart), props[PROP_LOG_SCALE]);
}

gboolean
gloss_loss_chart_get_log_scale (GlossLossChart *chart)
{
  return chart->is_log;
}

static void
gloss_loss_chart_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GlossLossChart *chart = GLOSS_LOSS_CHART (object);

  switch (id)
    {
    case PROP_SERIES:
      g_value_set_object (value, chart->series);
      break;
    case PROP_LOG_SCALE:
      g_value_set_boolean (value, chart->is_log);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gloss_loss_chart_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GlossLossChart *chart = GLOSS_LOSS_CHART (object);

  switch (id)
    {
    case PROP_SERIES:
      gloss_loss_chart_set_series (chart, g_value_get_object (value));
      break;
    case PROP_LOG_SCALE:
      gloss_loss_chart_set_log_scale (chart, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gloss_loss_chart_dispose (GObject *object)
{
  GlossLossChart *chart = GLOSS_LOSS_CHART (object);

  g_clear_handle_id (&chart->tell_id, g_source_remove);
  g_clear_object (&chart->series);
  g_clear_object (&chart->texture);
  g_clear_object (&chart->empty);
  G_OBJECT_CLASS (gloss_loss_chart_parent_class)->dispose (object);
}

static void
gloss_loss_chart_class_init (GlossLossChartClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = gloss_loss_chart_get_property;
  object_class->set_property = gloss_loss_chart_set_property;
  object_class->dispose = gloss_loss_chart_dispose;
  widget_class->snapshot = gloss_loss_chart_snapshot;
  widget_class->measure = gloss_loss_chart_measure;
  widget_class->size_allocate = gloss_loss_chart_size_allocate;
  widget_class->css_changed = gloss_loss_chart_css_changed;
  widget_class->system_setting_changed = gloss_loss_chart_system_setting_changed;
  widget_class->direction_changed = gloss_loss_chart_direction_changed;
  gtk_widget_class_set_css_name (widget_class, "losschart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);

  props[PROP_SERIES] =
      g_param_spec_object ("series", NULL, NULL, GLOSS_TYPE_LOSS_SERIES,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  props[PROP_LOG_SCALE] =
      g_param_spec_boolean ("log-scale", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gloss_loss_chart_init (GlossLossChart *chart)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkGesture *touch = gtk_gesture_drag_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_widget_set_focusable (GTK_WIDGET (chart), TRUE);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (move_pointer), chart);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_pointer), chart);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (press_key), chart);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (clear_cursor), chart);
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (touch), TRUE);
  g_signal_connect_swapped (touch, "drag-update", G_CALLBACK (drag), chart);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (press), chart);
  gtk_widget_add_controller (GTK_WIDGET (chart), motion);
  gtk_widget_add_controller (GTK_WIDGET (chart), keys);
  gtk_widget_add_controller (GTK_WIDGET (chart), focus);
  gtk_widget_add_controller (GTK_WIDGET (chart), GTK_EVENT_CONTROLLER (touch));
  gtk_widget_add_controller (GTK_WIDGET (chart), GTK_EVENT_CONTROLLER (click));
  tell (chart);
}

GtkWidget *
gloss_loss_chart_new (void)
{
  return g_object_new (GLOSS_TYPE_LOSS_CHART, NULL);
}
