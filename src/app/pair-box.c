/* Two texts to compare. */
#include "app/pair-box.h"

#define SPACING_PX 12
#define MIN_CHARS 22

struct _GlossPairBox
{
  GtkWidget parent_instance;

  GtkWidget *children[2]; /* owned as children */
};

G_DEFINE_FINAL_TYPE (GlossPairBox, gloss_pair_box, GTK_TYPE_WIDGET)

static gboolean
is_wide (GlossPairBox *box, int width)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (box));
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  int char_width = PANGO_PIXELS_CEIL (pango_font_metrics_get_approximate_char_width (metrics));

  pango_font_metrics_unref (metrics);
  return width >= 2 * MIN_CHARS * char_width + SPACING_PX;
}

static int
get_half (int width)
{
  return (width - SPACING_PX) / 2;
}

static void
measure_width (GlossPairBox *box, int *minimum, int *natural)
{
  *minimum = *natural = 0;
  for (guint i = 0; i < G_N_ELEMENTS (box->children); i++)
    {
      int child_minimum, child_natural;

      gtk_widget_measure (box->children[i], GTK_ORIENTATION_HORIZONTAL, -1, &child_minimum,
                          &child_natural, NULL, NULL);
      *minimum = MAX (*minimum, child_minimum);
      *natural = MAX (*natural, child_natural);
    }
  *natural = 2 * *natural + SPACING_PX;
}

static int
get_height (GtkWidget *child, int width)
{
  int minimum;

  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, &minimum, NULL, NULL, NULL);
  return minimum;
}

static void
gloss_pair_box_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  GlossPairBox *box = GLOSS_PAIR_BOX (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    measure_width (box, minimum, natural);
  else if (for_size >= 0 && is_wide (box, for_size))
    *minimum = *natural = MAX (get_height (box->children[0], get_half (for_size)),
                               get_height (box->children[1], get_half (for_size)));
  else
    *minimum = *natural = get_height (box->children[0], for_size) + SPACING_PX / 2
                          + get_height (box->children[1], for_size);
}

static void
gloss_pair_box_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GlossPairBox *box = GLOSS_PAIR_BOX (widget);
  gboolean is_reversed = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GtkAllocation first = { 0, 0, width, height };
  GtkAllocation second = first;

  if (is_wide (box, width))
    {
      first.width = second.width = get_half (width);
      *(is_reversed ? &first.x : &second.x) = width - second.width;
    }
  else
    {
      first.height = get_height (box->children[0], width);
      second.y = first.height + SPACING_PX / 2;
      second.height = MAX (0, height - second.y);
    }
  gtk_widget_size_allocate (box->children[0], &first, -1);
  gtk_widget_size_allocate (box->children[1], &second, -1);
}

static GtkSizeRequestMode
gloss_pair_box_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
gloss_pair_box_dispose (GObject *object)
{
  GlossPairBox *box = GLOSS_PAIR_BOX (object);

  for (guint i = 0; i < G_N_ELEMENTS (box->children); i++)
    g_clear_pointer (&box->children[i], gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_pair_box_parent_class)->dispose (object);
}

static void
gloss_pair_box_class_init (GlossPairBoxClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_pair_box_dispose;
  widget_class->measure = gloss_pair_box_measure;
  widget_class->size_allocate = gloss_pair_box_size_allocate;
  widget_class->get_request_mode = gloss_pair_box_get_request_mode;
}

static void
gloss_pair_box_init (GlossPairBox *box)
{
}

GtkWidget *
gloss_pair_box_new (GtkWidget *first, GtkWidget *second)
{
  GlossPairBox *box = g_object_new (GLOSS_TYPE_PAIR_BOX, NULL);

  box->children[0] = first;
  box->children[1] = second;
  gtk_widget_set_parent (first, GTK_WIDGET (box));
  gtk_widget_set_parent (second, GTK_WIDGET (box));
  return GTK_WIDGET (box);
}
