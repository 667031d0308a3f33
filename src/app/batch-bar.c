/* How many pictures are captioned, and the button that captions the rest. */
#include "app/batch-bar.h"

#include <glib/gi18n.h>
#include <math.h>

#define SPACING_PX 12

struct _GlossBatchBar
{
  GtkWidget parent_instance;

  GtkWidget *words;
  GtkLabel *label;
  GtkWidget *progress;
  GtkWidget *numbers; /* instead of the words */
  GtkWidget *button;

  GlossCaptioning *captioning; /* owned reference */
  GlossCaptionCount *count;    /* owned reference */
};

G_DEFINE_FINAL_TYPE (GlossBatchBar, gloss_batch_bar, GTK_TYPE_WIDGET)

static int
measure_child (GtkWidget *child, GtkOrientation orientation)
{
  int natural;

  gtk_widget_measure (child, orientation, -1, NULL, &natural, NULL, NULL);
  return natural;
}

static void
gloss_batch_bar_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                         int *natural, int *minimum_baseline, int *natural_baseline)
{
  GlossBatchBar *bar = GLOSS_BATCH_BAR (widget);
  int words = measure_child (bar->words, orientation);
  int numbers = measure_child (bar->numbers, orientation);
  int button = measure_child (bar->button, orientation);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MAX (numbers, button);
      *natural = MAX (*minimum, words + SPACING_PX + button);
    }
  else
    {
      *minimum = MAX (words, numbers + button);
      *natural = *minimum;
    }
}

static void
allocate_child (GtkWidget *child, int x, int y, int width, int height)
{
  GtkAllocation allocation = { x, y, width, height };

  gtk_widget_size_allocate (child, &allocation, -1);
}

static void
allocate_wide (GlossBatchBar *bar, int width, int height)
{
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (bar)) == GTK_TEXT_DIR_RTL;
  int button_width = measure_child (bar->button, GTK_ORIENTATION_HORIZONTAL);
  int button_height = measure_child (bar->button, GTK_ORIENTATION_VERTICAL);
  int words_width = width - SPACING_PX - button_width;
  int words_height = measure_child (bar->words, GTK_ORIENTATION_VERTICAL);

  allocate_child (bar->words, is_rtl ? button_width + SPACING_PX : 0, (height - words_height) / 2,
                  words_width, words_height);
  allocate_child (bar->button, is_rtl ? 0 : words_width + SPACING_PX, (height - button_height) / 2,
                  button_width, button_height);
}

static void
allocate_narrow (GlossBatchBar *bar, int width, int height)
{
  int button_width = measure_child (bar->button, GTK_ORIENTATION_HORIZONTAL);
  int button_height = measure_child (bar->button, GTK_ORIENTATION_VERTICAL);
  int numbers_height = measure_child (bar->numbers, GTK_ORIENTATION_VERTICAL);
  int y = (height - button_height - numbers_height) / 2;

  allocate_child (bar->button, (width - button_width) / 2, y, button_width, button_height);
  allocate_child (bar->numbers, 0, y + button_height, width, numbers_height);
}

static void
gloss_batch_bar_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GlossBatchBar *bar = GLOSS_BATCH_BAR (widget);
  int wide = measure_child (bar->words, GTK_ORIENTATION_HORIZONTAL) + SPACING_PX
             + measure_child (bar->button, GTK_ORIENTATION_HORIZONTAL);

  gtk_widget_set_child_visible (bar->words, width >= wide);
  gtk_widget_set_child_visible (bar->numbers, width < wide);
  if (width >= wide)
    allocate_wide (bar, width, height);
  else
    allocate_narrow (bar, width, height);
}

/* Takes whole minutes where seconds would only flicker; "" when it is not known. */
static char *
describe_time_left (double seconds)
{
  guint minutes = (guint) CLAMP (ceil (seconds / 60), 0, 1e6);

  if (seconds < 0)
    return g_strdup ("");
  if (seconds < 60)
    /* Translators: time left */
    return g_strdup_printf (_ ("%.0f s left"), ceil (seconds));
  if (minutes < 60)
    /* Translators: time left */
    return g_strdup_printf (ngettext ("%u min left", "%u min left", minutes), minutes);
  /* Translators: time left, hours and minutes */
  return g_strdup_printf (_ ("%u h %u min left"), minutes / 60, minutes % 60);
}

/* "3 of 48 · 2 min left" */
static char *
describe_progress (guint n_done, guint n_total, double seconds_left)
{
  g_autofree char *time_left = describe_time_left (seconds_left);
  /* Translators: progress of captioning many pictures */
  g_autofree char *progress = g_strdup_printf (_ ("%u of %u"), n_done, n_total);

  return *time_left ? g_strdup_printf ("%s · %s", progress, time_left)
                    : g_steal_pointer (&progress);
}

/* The button has no action of its own: where one takes the place of another it would be insensitive
 * for a moment, and lose the pointer that has just pressed it. */
static void
press (GlossBatchBar *bar)
{
  gboolean is_batch = gloss_captioning_get_batch (bar->captioning, NULL, NULL, NULL);

  gtk_widget_activate_action (GTK_WIDGET (bar), is_batch ? "win.stop-all" : "win.caption-all",
                              NULL);
}

static void
show_button (GlossBatchBar *bar, gboolean is_batch)
{
  const char *title = is_batch ? _ ("Stop Captioning") : _ ("Caption All Without Captions");

  gtk_button_set_icon_name (GTK_BUTTON (bar->button), is_batch ? "media-playback-stop-symbolic"
                                                               : "media-playback-start-symbolic");
  gtk_widget_set_tooltip_text (bar->button, title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (bar->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title, -1);
}

static void
update (GlossBatchBar *bar)
{
  guint n_done = gloss_caption_count_get_n_captioned (bar->count);
  guint n_total = gloss_caption_count_get_n_pictures (bar->count);
  guint n_done_of_batch, n_total_of_batch;
  double seconds_left;
  gboolean is_batch = gloss_captioning_get_batch (bar->captioning, &n_done_of_batch,
                                                  &n_total_of_batch, &seconds_left);
  g_autofree char *words = NULL;
  g_autofree char *numbers = NULL;

  gtk_widget_set_sensitive (bar->button, is_batch || n_done < n_total);
  if (is_batch)
    {
      n_done = n_done_of_batch;
      n_total = n_total_of_batch;
      words = describe_progress (n_done, n_total, seconds_left);
      gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (bar->progress),
                                     (double) n_done / MAX (n_total, 1));
    }
  else
    /* Translators: how many pictures have a caption, and how many there are */
    words = g_strdup_printf (ngettext ("%u of %u captioned", "%u of %u captioned", n_done), n_done,
                             n_total);
  /* Translators: the same as "%u of %u", where there is little room */
  numbers = g_strdup_printf (_ ("%u/%u"), n_done, n_total);
  gtk_label_set_label (bar->label, words);
  gtk_label_set_label (GTK_LABEL (bar->numbers), numbers);
  gtk_widget_set_tooltip_text (bar->numbers, words);
  gtk_widget_set_visible (bar->progress, is_batch);
  show_button (bar, is_batch);
}

void
gloss_batch_bar_set_up (GlossBatchBar *bar, GlossCaptioning *captioning, GlossCaptionCount *count)
{
  bar->captioning = g_object_ref (captioning);
  bar->count = g_object_ref (count);
  g_signal_connect_object (captioning, "batch-changed", G_CALLBACK (update), bar,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (count, "changed", G_CALLBACK (update), bar, G_CONNECT_SWAPPED);
  update (bar);
}

static void
gloss_batch_bar_dispose (GObject *object)
{
  GlossBatchBar *bar = GLOSS_BATCH_BAR (object);

  g_clear_pointer (&bar->words, gtk_widget_unparent);
  g_clear_pointer (&bar->numbers, gtk_widget_unparent);
  g_clear_pointer (&bar->button, gtk_widget_unparent);
  g_clear_object (&bar->captioning);
  g_clear_object (&bar->count);
  G_OBJECT_CLASS (gloss_batch_bar_parent_class)->dispose (object);
}

static void
gloss_batch_bar_class_init (GlossBatchBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_batch_bar_dispose;
  widget_class->measure = gloss_batch_bar_measure;
  widget_class->size_allocate = gloss_batch_bar_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "batchbar");
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/gloss/Gloss/batch-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossBatchBar, words);
  gtk_widget_class_bind_template_child (widget_class, GlossBatchBar, label);
  gtk_widget_class_bind_template_child (widget_class, GlossBatchBar, progress);
  gtk_widget_class_bind_template_child (widget_class, GlossBatchBar, numbers);
  gtk_widget_class_bind_template_child (widget_class, GlossBatchBar, button);
}

static void
gloss_batch_bar_init (GlossBatchBar *bar)
{
  gtk_widget_init_template (GTK_WIDGET (bar));
  g_signal_connect_swapped (bar->button, "clicked", G_CALLBACK (press), bar);
}
