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

/* What is computed for it, so that what is computed twice counts twice, from the settings alone.
 * The last @n_kept blocks keep their activations for the backward, the others compute them again.
 * @options as gloss_trainable_get_options () gives them. The vision tower is left out unless it is
 * trained, and so are low-rank additions, which the other one counts. Any thread. */
double gloss_train_work_count_all_flop (const GlossModelConfig *config,
                                        const GlossTrainOptions *options,
                                        const GlossSequence *sequence, gboolean has_states,
                                        gsize n_kept);

double gloss_train_work_count_adapter_flop (const GlossModelConfig *config,
                                            const GlossTrainOptions *options,
                                            const GlossSequence *sequence);

/* How many numbers such a run trains. Any thread. */
gsize gloss_train_work_count_values (const GlossModelConfig *config,
                                     const GlossTrainOptions *options);

G_END_DECLS
