/* The chart of a run of fine-tuning. */
#pragma once

#include "app/loss-series.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_LOSS_CHART (gloss_loss_chart_get_type ())
G_DECLARE_FINAL_TYPE (GlossLossChart, gloss_loss_chart, GLOSS, LOSS_CHART, GtkWidget)

/*
 * Main thread only. It follows its series by itself, once a frame at most. Pointing, dragging a
 * finger and the keys Left, Right, Page Up, Page Down, Home and End read exact values; Escape ends
 * that. The keys move the way they point, also where text runs from right to left.
 */
GtkWidget *gloss_loss_chart_new (void);

/* Takes a reference; NULL: an empty chart. Property "series". */
void gloss_loss_chart_set_series (GlossLossChart *chart, GlossLossSeries *series);
GlossLossSeries *gloss_loss_chart_get_series (GlossLossChart *chart);

/* Property "log-scale": losses by their logarithm. */
void gloss_loss_chart_set_log_scale (GlossLossChart *chart, gboolean is_log);
gboolean gloss_loss_chart_get_log_scale (GlossLossChart *chart);

G_END_DECLS
