/* Drawing a chart of the loss, on a screen or into a file. */
#pragma once

#include "app/loss-plan.h"

G_BEGIN_DECLS

/* The whole chart in @width × @height at the origin of @cr. Main thread only. */
void gloss_loss_chart_draw (GlossLossSeries *series, cairo_t *cr, double width, double height,
                            const GlossLossStyle *style);

/* A dot of @color at @x, @y, with some of the background around it. */
void gloss_loss_draw_dot (cairo_t *cr, const GlossLossStyle *style, double x, double y,
                          const GdkRGBA *color);

G_END_DECLS
