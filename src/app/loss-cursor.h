/* Reading exact values off a chart of the loss. */
#pragma once

#include "app/loss-plan.h"

G_BEGIN_DECLS

/* Over a chart with that @plan, in @width: a line at the point @index, dots where it meets the
 * curves, and the values in words. Nothing where the plan has no plot. Main thread only. */
void gloss_loss_cursor_draw (GlossLossSeries *series, cairo_t *cr, const GlossLossPlan *plan,
                             double width, guint index, const GlossLossStyle *style);

G_END_DECLS
