/* All pictures in a row. */
#include "app/film-strip.h"

#include "app/batch-bar.h"
#include "app/film-item.h"
#include "app/thumbnailer.h"

#include <adwaita.h>
#include <math.h>

/* One can be slow, and two leave the window its share of two processors. */
#define N_THREADS 2
/* Some 3,000 thumbnails, a quarter of that on a screen of twice the resolution. */
#define MAX_BYTES ((gsize) 64 << 20)
/* Two thumbnails and a bit: with less beside it the bar says it in numbers. */
#define WIDE_LIST_PX 300
/* After this long 63 % of the way are done. */
#define GLIDE_USEC 60000
/* One lays the list out, in the next it can be scrolled. */
#define N_FRAMES_TO_SHOW 3

struct _GlossFilmStrip
{
  GtkWidget parent_instance;

  GtkWidget *scroller;
  GtkListView *list;
  GtkWidget *bar;

  GlossThumbnailer *thumbnailer; /* owned */
  double way_left_px;            /* that the wheel has asked for */
  gint64 glided_usec;            /* the time of the frame that last went a part of it */
  guint glide;                   /* the callback for each frame, 0: none */
  guint n_frames_to_show;        /* in which the selected picture is still to be scrolled to */
};

G_DEFINE_FINAL_TYPE (GlossFilmStrip, gloss_film_strip, GTK_TYPE_WIDGET)

static gboolean
is_rtl (GlossFilmStrip *strip)
{
  return gtk_widget_get_direction (GTK_WIDGET (strip)) == GTK_TEXT_DIR_RTL;
}

static void
gloss_film_strip_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
  GlossFilmStrip *strip = GLOSS_FILM_STRIP (widget);
  gboolean is_row = orientation == GTK_ORIENTATION_HORIZONTAL;
  int list_min, list_nat, bar_min, bar_nat;

  gtk_widget_measure (strip->scroller, orientation, -1, &list_min, &list_nat, NULL, NULL);
  gtk_widget_measure (strip->bar, orientation, -1, &bar_min, &bar_nat, NULL, NULL);
  *minimum = is_row ? list_min + bar_min : MAX (list_min, bar_min);
  *natural = is_row ? list_nat + bar_nat : MAX (list_nat, bar_nat);
}

static void
gloss_film_strip_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GlossFilmStrip *strip = GLOSS_FILM_STRIP (widget);
  GtkAllocation list = { 0, 0, width, height }, bar = { 0, 0, width, height };
  int bar_min, bar_nat;

  gtk_widget_measure (strip->bar, GTK_ORIENTATION_HORIZONTAL, -1, &bar_min, &bar_nat, NULL, NULL);
  bar.width = width - bar_nat >= WIDE_LIST_PX ? bar_nat : bar_min;
  list.width = width - bar.width;
  list.x = is_rtl (strip) ? bar.width : 0;
  bar.x = is_rtl (strip) ? 0 : list.width;
  gtk_widget_size_allocate (strip->scroller, &list, -1);
  gtk_widget_size_allocate (strip->bar, &bar, -1);
}

static void
setup_item (GtkSignalListItemFactory *factory, GtkListItem *list_item, GlossFilmStrip *strip)
{
  gtk_list_item_set_child (list_item, gloss_film_item_new (strip->thumbnailer));
}

static void
bind_item (GtkSignalListItemFactory *factory, GtkListItem *list_item, GlossFilmStrip *strip)
{
  gloss_film_item_set_picture (GLOSS_FILM_ITEM (gtk_list_item_get_child (list_item)),
                               gtk_list_item_get_item (list_item),
                               gtk_list_item_get_position (list_item));
}

static void
unbind_item (GtkSignalListItemFactory *factory, GtkListItem *list_item, GlossFilmStrip *strip)
{
  gloss_film_item_set_picture (GLOSS_FILM_ITEM (gtk_list_item_get_child (list_item)), NULL, 0);
}

static GtkAdjustment *
get_adjustment (GlossFilmStrip *strip)
{
  return gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (strip->scroller));
}

/* The list makes some 200 items, of which few are seen. All are as wide, so where the person looks
 * is what lies in the middle. */
static void
tell_focus (GlossFilmStrip *strip)
{
  GtkAdjustment *adjustment = get_adjustment (strip);
  double upper = gtk_adjustment_get_upper (adjustment);
  double middle =
      gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment) / 2;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (gtk_list_view_get_model (strip->list)));

  if (upper > 0)
    gloss_thumbnailer_set_focus (strip->thumbnailer,
                                 (guint) ((is_rtl (strip) ? upper - middle : middle) / upper * n));
}

/* Goes a part of the way that is left, in each frame. More than once in a frame must not be: the
 * list of GTK 4.8 then loses its place, and is off by more each time. */
static gboolean
glide (GtkWidget *widget, GdkFrameClock *clock, gpointer unused)
{
  GlossFilmStrip *strip = GLOSS_FILM_STRIP (widget);
  GtkAdjustment *adjustment = get_adjustment (strip);
  gboolean is_animated = adw_get_enable_animations (widget);
  gint64 now_usec = gdk_frame_clock_get_frame_time (clock);
  double elapsed = (double) (now_usec - strip->glided_usec) / GLIDE_USEC;
  double step = is_animated ? strip->way_left_px * (1 - exp (-elapsed)) : strip->way_left_px;

  if (fabs (strip->way_left_px - step) < 1)
    step = strip->way_left_px;
  strip->glided_usec = now_usec;
  strip->way_left_px -= step;
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + step);
  if (strip->way_left_px != 0)
    return G_SOURCE_CONTINUE;
  strip->glide = 0;
  return G_SOURCE_REMOVE;
}

/* The wheel of a mouse turns the other way, and there is only one way to go. */
static gboolean
scroll (GtkEventControllerScroll *controller, double dx, double dy, GlossFilmStrip *strip)
{
  double page_px = gtk_adjustment_get_page_size (get_adjustment (strip));
  double step = is_rtl (strip) ? -dy : dy;

  if (dx != 0 || dy == 0)
    return FALSE;
  /* a turn of the wheel goes as far as it does elsewhere in GTK */
  if (gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL)
    step *= pow (page_px, 2.0 / 3.0);
  strip->way_left_px += step;
  if (strip->glide == 0)
    {
      GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (strip));

      strip->glided_usec = gdk_frame_clock_get_frame_time (clock);
      strip->glide = gtk_widget_add_tick_callback (GTK_WIDGET (strip), glide, NULL, NULL);
    }
  return TRUE;
}

static void
scroll_to_selected (GlossFilmStrip *strip)
{
  GtkSelectionModel *model = gtk_list_view_get_model (strip->list);
  guint position = gtk_single_selection_get_selected (GTK_SINGLE_SELECTION (model));

  if (position != GTK_INVALID_LIST_POSITION)
    gtk_widget_activate_action (GTK_WIDGET (strip->list), "list.scroll-to-item", "u", position);
}

static gboolean
show_in_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer unused)
{
  GlossFilmStrip *strip = GLOSS_FILM_STRIP (widget);

  scroll_to_selected (strip);
  return --strip->n_frames_to_show > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* A list that is not laid out yet, or has just got its pictures, does not know where they are. */
static void
show_selected (GlossFilmStrip *strip)
{
  gboolean is_waiting = strip->n_frames_to_show > 0;

  scroll_to_selected (strip);
  strip->n_frames_to_show = N_FRAMES_TO_SHOW;
  if (!is_waiting)
    gtk_widget_add_tick_callback (GTK_WIDGET (strip), show_in_frame, NULL, NULL);
}

void
gloss_film_strip_set_selection (GlossFilmStrip *strip, GtkSingleSelection *selection)
{
  gtk_list_view_set_model (strip->list, GTK_SELECTION_MODEL (selection));
  g_signal_connect_object (selection, "notify::selected", G_CALLBACK (show_selected), strip,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (get_adjustment (strip), "value-changed", G_CALLBACK (tell_focus), strip,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (get_adjustment (strip), "changed", G_CALLBACK (tell_focus), strip,
                           G_CONNECT_SWAPPED);
}

void
gloss_film_strip_set_captioning (GlossFilmStrip *strip, GlossCaptioning *captioning,
                                 GlossCaptionCount *count)
{
  gloss_batch_bar_set_up (GLOSS_BATCH_BAR (strip->bar), captioning, count);
}

static void
gloss_film_strip_dispose (GObject *object)
{
  GlossFilmStrip *strip = GLOSS_FILM_STRIP (object);

  g_clear_pointer (&strip->scroller, gtk_widget_unparent);
  g_clear_pointer (&strip->bar, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_film_strip_parent_class)->dispose (object);
}

static void
gloss_film_strip_finalize (GObject *object)
{
  gloss_thumbnailer_free (GLOSS_FILM_STRIP (object)->thumbnailer);
  G_OBJECT_CLASS (gloss_film_strip_parent_class)->finalize (object);
}

static void
gloss_film_strip_class_init (GlossFilmStripClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = gloss_film_strip_dispose;
  object_class->finalize = gloss_film_strip_finalize;
  widget_class->measure = gloss_film_strip_measure;
  widget_class->size_allocate = gloss_film_strip_size_allocate;
  g_type_ensure (GLOSS_TYPE_BATCH_BAR);
  gtk_widget_class_set_css_name (widget_class, "filmstrip");
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/film-strip.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossFilmStrip, scroller);
  gtk_widget_class_bind_template_child (widget_class, GlossFilmStrip, list);
  gtk_widget_class_bind_template_child (widget_class, GlossFilmStrip, bar);
}

static void
gloss_film_strip_init (GlossFilmStrip *strip)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  GtkEventController *wheel =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);

  strip->thumbnailer = gloss_thumbnailer_new (N_THREADS, MAX_BYTES);
  gtk_widget_init_template (GTK_WIDGET (strip));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_item), strip);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_item), strip);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_item), strip);
  gtk_list_view_set_factory (strip->list, factory);
  /* before the scrolled window, which would leave the vertical wheel alone */
  gtk_event_controller_set_propagation_phase (wheel, GTK_PHASE_CAPTURE);
  g_signal_connect (wheel, "scroll", G_CALLBACK (scroll), strip);
  gtk_widget_add_controller (strip->scroller, wheel);
}
