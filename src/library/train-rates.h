/* How fast this machine fine-tunes a model, measured once and then known. */
#pragma once

#include "train/estimate.h"

G_BEGIN_DECLS

/*
 * What was measured before with this model, resolution, number of threads and processor, from
 * $XDG_CACHE_HOME/gloss/rates.json; else measures, as gloss_train_rates_measure () does and failing
 * like it, and keeps that as well as it can. Blocks.
 */
gboolean gloss_train_rates_get (GlossTrainRates *rates, GlossModel *model, GlossPool *pool,
                                gsize n_vocab, gsize n_ids, GCancellable *cancellable,
                                GError **error);

/* The same from the file alone; FALSE when it is not there. Blocks for a moment. */
gboolean gloss_train_rates_look_up (GlossTrainRates *rates, GlossModel *model, GlossPool *pool);

G_END_DECLS
