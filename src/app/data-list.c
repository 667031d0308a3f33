/* The list behind a finding about data. */
#include "app/data-list.h"

#include "app/chart-axis.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _GlossDataList
{
  GtkWidget parent_instance;

  GtkWidget *box; /* owned as a child */
  GtkWidget *back;
  GtkLabel *title;
  GtkLabel *words;
  GtkListView *view;
};

enum
{
  BACK,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossDataList, gloss_data_list, GTK_TYPE_WIDGET)

static void
go_back (GlossDataList *list)
{
  g_signal_emit (list, signals[BACK], 0);
}

static gboolean
escape (GtkWidget *widget, GVariant *args, gpointer data)
{
  go_back (GLOSS_DATA_LIST (widget));
  return TRUE;
}

static void
set_up (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (label), 3);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "data-entry");
  gtk_list_item_set_child (item, label);
  gtk_list_item_set_activatable (item, FALSE);
}

static void
bind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_list_item_get_child (item);
  const char *words = gtk_string_object_get_string (gtk_list_item_get_item (item));
  GtkWidget *row = gtk_widget_get_parent (label);

  gtk_label_set_text (GTK_LABEL (label), words);
  gtk_widget_set_tooltip_text (label, words);
  if (row)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

void
gloss_data_list_show (GlossDataList *list, const GlossTuneFinding *finding)
{
  g_autoptr (GtkStringList) strings = gtk_string_list_new (NULL);
  g_autoptr (GtkNoSelection) model = NULL;
  g_autofree char *words = NULL;

  for (guint i = 0; i < finding->named->len; i++)
    {
      /* names of files may be anything */
      g_autofree char *valid = g_utf8_make_valid (g_ptr_array_index (finding->named, i), -1);

      gtk_string_list_append (strings, valid);
    }
  if (finding->named->len == GLOSS_PAIRS_MAX_NAMED)
    {
      g_autofree char *count = gloss_chart_format_count (GLOSS_PAIRS_MAX_NAMED);

      words = g_strdup_printf (_ ("%s The first %s are listed."), finding->words, count);
    }
  gtk_label_set_text (list->title, finding->title);
  gtk_label_set_text (list->words, words ? words : finding->words);
  model = gtk_no_selection_new (G_LIST_MODEL (g_steal_pointer (&strings)));
  gtk_list_view_set_model (list->view, GTK_SELECTION_MODEL (model));
  gtk_accessible_update_property (GTK_ACCESSIBLE (list->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  finding->title, -1);
  gtk_widget_grab_focus (list->back);
}

static void
gloss_data_list_dispose (GObject *object)
{
  GlossDataList *list = GLOSS_DATA_LIST (object);

  g_clear_pointer (&list->box, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_data_list_parent_class)->dispose (object);
}

static void
gloss_data_list_class_init (GlossDataListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_data_list_dispose;
  signals[BACK] = g_signal_new ("back", GLOSS_TYPE_DATA_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, escape, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, GDK_ALT_MASK, escape, NULL);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/gloss/Gloss/data-list.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossDataList, box);
  gtk_widget_class_bind_template_child (widget_class, GlossDataList, back);
  gtk_widget_class_bind_template_child (widget_class, GlossDataList, title);
  gtk_widget_class_bind_template_child (widget_class, GlossDataList, words);
  gtk_widget_class_bind_template_child (widget_class, GlossDataList, view);
}

static void
gloss_data_list_init (GlossDataList *list)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (list));
  g_signal_connect (factory, "setup", G_CALLBACK (set_up), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind), NULL);
  gtk_list_view_set_factory (list->view, factory);
  g_signal_connect_swapped (list->back, "clicked", G_CALLBACK (go_back), list);
}
