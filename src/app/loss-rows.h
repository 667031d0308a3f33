/* The rows of a table of the loss: a list model made of a series. */
#pragma once

#include "app/loss-series.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A step with its values as text, empty where there is none: properties "step", "loss", "smoothed"
 * and "validation". */
#define GLOSS_TYPE_LOSS_ROW (gloss_loss_row_get_type ())
G_DECLARE_FINAL_TYPE (GlossLossRow, gloss_loss_row, GLOSS, LOSS_ROW, GObject)

#define GLOSS_TYPE_LOSS_ROWS (gloss_loss_rows_get_type ())
G_DECLARE_FINAL_TYPE (GlossLossRows, gloss_loss_rows, GLOSS, LOSS_ROWS, GObject)

/*
 * A GListModel of GlossLossRow, made when they are asked for: one for each step that has a point or
 * a validation, rising. It takes a reference and follows the series once a second at most. Main
 * thread only.
 */
GlossLossRows *gloss_loss_rows_new (GlossLossSeries *series);

G_END_DECLS
