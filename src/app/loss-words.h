/* What a chart of the loss says in words. */
#pragma once

#include "app/loss-series.h"

G_BEGIN_DECLS

/* Of the point @index: "Step 214 · 1.03 · smoothed 0.98 · validation 1.18 (step 200)". Newly
 * allocated; main thread only, as the series. */
char *gloss_loss_words_read_out (GlossLossSeries *series, guint index);

/* The whole chart for somebody who does not see it: the last values, and the best. */
char *gloss_loss_words_describe (GlossLossSeries *series);

/* What stands in an empty chart. */
const char *gloss_loss_words_get_empty (void);

G_END_DECLS
