/* Two widgets side by side, or one below the other. */
#include "app/split-box.h"

#define NARROW_PX 600
#define MIN_SIDE_PX 320
#define MAX_SIDE_PX 420

struct _GlossSplitBox
{
  GtkWidget parent_instance;

  GtkWidget *main; /* owned as a child */
  GtkWidget *side; /* owned as a child */
};

enum
{
  PROP_0,
  PROP_MAIN,
  PROP_SIDE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (GlossSplitBox, gloss_split_box, GTK_TYPE_WIDGET)

static void
measure_both (GlossSplitBox *box, GtkOrientation orientation, int *main_min, int *side_min)
{
  gtk_widget_measure (box->main, orientation, -1, main_min, NULL, NULL, NULL);
  gtk_widget_measure (box->side, orientation, -1, side_min, NULL, NULL, NULL);
}

/* The minimum is that of the stacked form: it must be allowed to become narrow. */
static void
gloss_split_box_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                         int *natural, int *minimum_baseline, int *natural_baseline)
{
  GlossSplitBox *box = GLOSS_SPLIT_BOX (widget);
  int main_min, side_min;

  measure_both (box, orientation, &main_min, &side_min);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MAX (main_min, side_min);
      *natural = MAX (*minimum, NARROW_PX + MIN_SIDE_PX);
    }
  else
    {
      *minimum = main_min + side_min;
      *natural = *minimum;
    }
}

static void
gloss_split_box_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GlossSplitBox *box = GLOSS_SPLIT_BOX (widget);
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GtkAllocation main = { 0, 0, width, height }, side = { 0, 0, width, height };
  int main_min, side_min;

  if (width >= NARROW_PX)
    {
      measure_both (box, GTK_ORIENTATION_HORIZONTAL, &main_min, &side_min);
      side.width = CLAMP (width / 3, MAX (MIN_SIDE_PX, side_min), MAX (MAX_SIDE_PX, side_min));
      side.width = MAX (side_min, MIN (side.width, width - main_min));
      main.width = width - side.width;
      main.x = is_rtl ? side.width : 0;
      side.x = is_rtl ? 0 : main.width;
    }
  else
    {
      measure_both (box, GTK_ORIENTATION_VERTICAL, &main_min, &side_min);
      side.height = CLAMP (height * 3 / 5, side_min, MAX (side_min, height - main_min));
      main.height = height - side.height;
      side.y = main.height;
    }
  gtk_widget_size_allocate (box->main, &main, -1);
  gtk_widget_size_allocate (box->side, &side, -1);
}

static void
set_child (GlossSplitBox *box, GtkWidget **child, GtkWidget *new_child)
{
  g_clear_pointer (child, gtk_widget_unparent);
  *child = new_child;
  if (new_child)
    gtk_widget_set_parent (new_child, GTK_WIDGET (box));
}

static void
gloss_split_box_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GlossSplitBox *box = GLOSS_SPLIT_BOX (object);

  switch (id)
    {
    case PROP_MAIN:
      set_child (box, &box->main, g_value_get_object (value));
      break;
    case PROP_SIDE:
      set_child (box, &box->side, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gloss_split_box_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GlossSplitBox *box = GLOSS_SPLIT_BOX (object);

  switch (id)
    {
    case PROP_MAIN:
      g_value_set_object (value, box->main);
      break;
    case PROP_SIDE:
      g_value_set_object (value, box->side);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gloss_split_box_dispose (GObject *object)
{
  GlossSplitBox *box = GLOSS_SPLIT_BOX (object);

  g_clear_pointer (&box->main, gtk_widget_unparent);
  g_clear_pointer (&box->side, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_split_box_parent_class)->dispose (object);
}

static void
gloss_split_box_class_init (GlossSplitBoxClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = gloss_split_box_dispose;
  object_class->set_property = gloss_split_box_set_property;
  object_class->get_property = gloss_split_box_get_property;
  widget_class->measure = gloss_split_box_measure;
  widget_class->size_allocate = gloss_split_box_size_allocate;
  properties[PROP_MAIN] = g_param_spec_object ("main", NULL, NULL, GTK_TYPE_WIDGET, flags);
  properties[PROP_SIDE] = g_param_spec_object ("side", NULL, NULL, GTK_TYPE_WIDGET, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_css_name (widget_class, "splitbox");
}

static void
gloss_split_box_init (GlossSplitBox *box)
{
}
