/* The objects that were found, by name. */
#include "app/box-list.h"

#include "app/box-layer.h"
#include "app/box-style.h"
#include "model/boxes.h"

#include <glib/gi18n.h>

#define SWATCH_PX 14

struct _GlossBoxList
{
  GtkWidget parent_instance;

  GtkWidget *flow;  /* owned as a child; each child of it holds a button */
  GPtrArray *boxes; /* owned reference, or NULL */
  int lit;
};

enum
{
  BOX_LIT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossBoxList, gloss_box_list, GTK_TYPE_WIDGET)

static GtkWidget *
get_button (GlossBoxList *list, int index)
{
  GtkFlowBoxChild *child = gtk_flow_box_get_child_at_index (GTK_FLOW_BOX (list->flow), index);

  return child ? gtk_flow_box_child_get_child (child) : NULL;
}

static void
light (GlossBoxList *list, int index)
{
  gloss_box_list_set_lit_box (list, index);
  g_signal_emit (list, signals[BOX_LIT], 0, index);
}

static int
get_index (GtkWidget *button)
{
  return GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "index"));
}

static void
enter (GtkEventController *controller, double x, double y, GlossBoxList *list)
{
  light (list, get_index (gtk_event_controller_get_widget (controller)));
}

static void
enter_focus (GtkEventController *controller, GlossBoxList *list)
{
  light (list, get_index (gtk_event_controller_get_widget (controller)));
}

static void
leave (GtkEventController *controller, GlossBoxList *list)
{
  light (list, -1);
}

static void
draw_swatch (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  guint index = GPOINTER_TO_UINT (data), n_dashes;
  const float *dashes = gloss_box_style_get_dashes (index, &n_dashes);
  double scaled[4];

  for (guint i = 0; i < n_dashes; i++)
    scaled[i] = dashes[i] / 2;
  gdk_cairo_set_source_rgba (cr, gloss_box_style_get_color (index));
  cairo_set_line_width (cr, 2);
  cairo_set_dash (cr, scaled, (int) n_dashes, 0);
  cairo_rectangle (cr, 1, 1, width - 2, height - 2);
  cairo_stroke (cr);
}

static void
add_box (GlossBoxList *list, guint index, const GlossBox *box)
{
  const char *name = *box->label ? box->label : _ ("unnamed");
  GtkWidget *button = gtk_button_new ();
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *swatch = gtk_drawing_area_new ();
  GtkWidget *label = gtk_label_new (name);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkWidget *child;

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (swatch), SWATCH_PX);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (swatch), SWATCH_PX);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (swatch), draw_swatch, GUINT_TO_POINTER (index),
                                  NULL);
  gtk_widget_set_valign (swatch, GTK_ALIGN_CENTER);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 24);
  gtk_box_append (GTK_BOX (content), swatch);
  gtk_box_append (GTK_BOX (content), label);
  gtk_button_set_child (GTK_BUTTON (button), content);
  gtk_widget_add_css_class (button, "box-chip");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data (G_OBJECT (button), "index", GINT_TO_POINTER ((int) index));
  g_signal_connect (motion, "enter", G_CALLBACK (enter), list);
  g_signal_connect (motion, "leave", G_CALLBACK (leave), list);
  g_signal_connect (focus, "enter", G_CALLBACK (enter_focus), list);
  g_signal_connect (focus, "leave", G_CALLBACK (leave), list);
  gtk_widget_add_controller (button, motion);
  gtk_widget_add_controller (button, focus);
  gtk_flow_box_append (GTK_FLOW_BOX (list->flow), button);
  child = gtk_widget_get_parent (button);
  gtk_widget_set_focusable (child, FALSE); /* the button is */
  gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

void
gloss_box_list_set_boxes (GlossBoxList *list, GPtrArray *boxes)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (list->flow)))
    gtk_flow_box_remove (GTK_FLOW_BOX (list->flow), child);
  g_clear_pointer (&list->boxes, g_ptr_array_unref);
  list->boxes = boxes ? g_ptr_array_ref (boxes) : NULL;
  list->lit = -1;
  /* those that are drawn; a text file may name any number */
  for (guint i = 0; boxes && i < MIN (boxes->len, GLOSS_BOX_LAYER_MAX); i++)
    add_box (list, i, g_ptr_array_index (boxes, i));
  gtk_widget_set_visible (GTK_WIDGET (list), boxes && boxes->len > 0);
}

void
gloss_box_list_set_lit_box (GlossBoxList *list, int lit)
{
  GtkWidget *old = get_button (list, list->lit), *new = get_button (list, lit);

  if (lit == list->lit)
    return;
  list->lit = lit;
  if (old)
    gtk_widget_remove_css_class (old, "lit");
  if (new)
    gtk_widget_add_css_class (new, "lit");
}

static void
gloss_box_list_dispose (GObject *object)
{
  GlossBoxList *list = GLOSS_BOX_LIST (object);

  g_clear_pointer (&list->flow, gtk_widget_unparent);
  g_clear_pointer (&list->boxes, g_ptr_array_unref);
  G_OBJECT_CLASS (gloss_box_list_parent_class)->dispose (object);
}

static void
gloss_box_list_class_init (GlossBoxListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gloss_box_list_dispose;
  signals[BOX_LIT] = g_signal_new ("box-lit", GLOSS_TYPE_BOX_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gloss_box_list_init (GlossBoxList *list)
{
  list->lit = -1;
  list->flow = gtk_flow_box_new ();
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (list->flow), GTK_SELECTION_NONE);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (list->flow), 6);
  gtk_flow_box_set_row_spacing (GTK_FLOW_BOX (list->flow), 6);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (list->flow), 8);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list->flow), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Objects that were found"), -1);
  gtk_widget_set_parent (list->flow, GTK_WIDGET (list));
  gtk_widget_set_visible (GTK_WIDGET (list), FALSE);
}
