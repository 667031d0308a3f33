/* How much memory something needs, of what there is; the bar is a picture of the words beside it,
 * which a screen reader meets. */
#include "app/memory-meter.h"

#include <glib/gi18n.h>

struct _GlossMemoryMeter
{
  GtkWidget parent_instance;

  GtkWidget *box; /* owned as a child */
  GtkLabel *words;
  GtkLevelBar *bar;
};

G_DEFINE_FINAL_TYPE (GlossMemoryMeter, gloss_memory_meter, GTK_TYPE_WIDGET)

static char *
describe (guint64 needed_bytes, guint64 available_bytes)
{
  g_autofree char *needed = g_format_size (needed_bytes);
  g_autofree char *available = g_format_size (available_bytes);

  return available_bytes == G_MAXUINT64
             ? g_strdup (needed)
             /* Translators: both are sizes: what is needed, and what there is */
             : g_strdup_printf (_ ("%s of %s that are free"), needed, available);
}

void
gloss_memory_meter_show (GlossMemoryMeter *meter, guint64 needed_bytes, guint64 available_bytes)
{
  g_autofree char *words = describe (needed_bytes, available_bytes);
  double share = (double) needed_bytes / (double) MAX (available_bytes, 1);

  gtk_label_set_text (meter->words, words);
  gtk_level_bar_set_value (meter->bar, MIN (share, 1));
  if (needed_bytes > available_bytes)
    gtk_widget_add_css_class (GTK_WIDGET (meter), "too-much");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (meter), "too-much");
  gtk_accessible_update_property (GTK_ACCESSIBLE (meter->bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Memory"), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, words,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
}

static void
gloss_memory_meter_dispose (GObject *object)
{
  g_clear_pointer (&GLOSS_MEMORY_METER (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_memory_meter_parent_class)->dispose (object);
}

static void
gloss_memory_meter_class_init (GlossMemoryMeterClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_memory_meter_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "memorymeter");
}

static void
gloss_memory_meter_init (GlossMemoryMeter *meter)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *title = gtk_label_new (_ ("Memory"));

  meter->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 9);
  meter->words = GTK_LABEL (gtk_label_new (""));
  meter->bar = GTK_LEVEL_BAR (gtk_level_bar_new ());
  /* its colours say that much is good */
  gtk_level_bar_remove_offset_value (meter->bar, GTK_LEVEL_BAR_OFFSET_LOW);
  gtk_level_bar_remove_offset_value (meter->bar, GTK_LEVEL_BAR_OFFSET_HIGH);
  gtk_level_bar_remove_offset_value (meter->bar, GTK_LEVEL_BAR_OFFSET_FULL);
  gtk_widget_set_hexpand (GTK_WIDGET (meter->words), TRUE);
  gtk_label_set_xalign (meter->words, 1);
  gtk_label_set_wrap (meter->words, TRUE);
  gtk_label_set_justify (meter->words, GTK_JUSTIFY_RIGHT);
  gtk_widget_add_css_class (GTK_WIDGET (meter->words), "numeric");
  gtk_widget_add_css_class (GTK_WIDGET (meter->words), "dim-label");
  gtk_box_append (GTK_BOX (line), title);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (meter->words));
  gtk_box_append (GTK_BOX (meter->box), line);
  gtk_box_append (GTK_BOX (meter->box), GTK_WIDGET (meter->bar));
  gtk_widget_set_parent (meter->box, GTK_WIDGET (meter));
}
