/* The values of a chart of the loss as a table: for screen readers, and for exact reading. */
#pragma once

#include "app/loss-series.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_LOSS_TABLE (gloss_loss_table_get_type ())
G_DECLARE_FINAL_TYPE (GlossLossTable, gloss_loss_table, GLOSS, LOSS_TABLE, GtkWidget)

/* Main thread only. It scrolls by itself, and follows its series. */
GtkWidget *gloss_loss_table_new (void);

/* Takes a reference; NULL: an empty table. */
void gloss_loss_table_set_series (GlossLossTable *table, GlossLossSeries *series);

G_END_DECLS
