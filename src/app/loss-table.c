/* The values of a chart of the loss as a table. */
#include "app/loss-table.h"

#include "app/loss-rows.h"

struct _GlossLossTable
{
  GtkWidget parent_instance;

  /* borrowed from the template */
  GtkWidget *scrolled;
  GtkNoSelection *selection;
};

G_DEFINE_FINAL_TYPE (GlossLossTable, gloss_loss_table, GTK_TYPE_WIDGET)

void
gloss_loss_table_set_series (GlossLossTable *table, GlossLossSeries *series)
{
  g_autoptr (GlossLossRows) rows = series ? gloss_loss_rows_new (series) : NULL;

  g_return_if_fail (GLOSS_IS_LOSS_TABLE (table));

  gtk_no_selection_set_model (table->selection, G_LIST_MODEL (rows));
}

static void
gloss_loss_table_dispose (GObject *object)
{
  g_clear_pointer (&GLOSS_LOSS_TABLE (object)->scrolled, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_loss_table_parent_class)->dispose (object);
}

static void
gloss_loss_table_class_init (GlossLossTableClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_loss_table_dispose;
  g_type_ensure (GLOSS_TYPE_LOSS_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/loss-table.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossLossTable, scrolled);
  gtk_widget_class_bind_template_child (widget_class, GlossLossTable, selection);
}

static void
gloss_loss_table_init (GlossLossTable *table)
{
  gtk_widget_init_template (GTK_WIDGET (table));
}

GtkWidget *
gloss_loss_table_new (void)
{
  return g_object_new (GLOSS_TYPE_LOSS_TABLE, NULL);
}
