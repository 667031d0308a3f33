/* How much there is to compute and to read for a caption, from the shape alone. */
#pragma once

#include "base/dtype.h"
#include "model/config.h"

G_BEGIN_DECLS

/*
 * Floating-point operations, a multiplication and an addition being two, of matrix products and
 * attention; what is linear in the tokens (norms, activations, softmax) is left out. The vision
 * tower for one picture, with the projection into the language model. Any thread.
 */
double gloss_work_count_encoder_flop (const GlossModelConfig *config);

/*
 * The language tower for a prefix of @n_rows tokens that all see each other, up to the logits of
 * the last. Only what the next token needs: keys and values of all rows in the last layer, but one
 * row of all that follows them. Any thread.
 */
double gloss_work_count_prefill_flop (const GlossModelConfig *config, gsize n_rows);

/* Bytes that one more token has to read after @n_rows: each weight of the language tower once, the
 * embedding table included, in @dtype, and keys and values in single precision. Any thread. */
double gloss_work_count_step_bytes (const GlossModelConfig *config, GlossDtype dtype, gsize n_rows);

G_END_DECLS
