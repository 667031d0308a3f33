/* How much there is to compute for an example of training, from the shapes alone. */
#pragma once

#include "train/packed.h"
#include "train/trainable.h"

G_BEGIN_DECLS

/*
 * Floating-point operations, a multiplication and an addition being two, of the matrix products and
 * the attention that the loss of @sequence and its gradient need: nothing computed twice, nothing
 * for tokens that only others' results would need. With @has_states what comes before the lowest
 * trained layer is there already. Any thread.
 */
double gloss_train_work_count_flop (GlossTrainable *trainable, const GlossSequence *sequence,
                                    gboolean has_states);

G_END_DECLS
