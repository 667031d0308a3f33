/* Beam search as big_vision does it: no length penalty, and ending competes apart from going on. */
#pragma once

#include "model/decode.h"

G_BEGIN_DECLS

typedef struct _GlossBeamSearch GlossBeamSearch;

/* A search by @n_beams (1 … GLOSS_MAX_BEAMS) beams among @n_vocab ids, which ends after
 * @max_tokens. One thread at a time. */
GlossBeamSearch *gloss_beam_search_new (guint n_beams, gsize n_vocab, gint32 eos_id,
                                        guint max_tokens);
void gloss_beam_search_free (GlossBeamSearch *search);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossBeamSearch, gloss_beam_search_free)

/* Beams that live: 1 before the first step. */
guint gloss_beam_search_get_n_live (const GlossBeamSearch *search);

/*
 * Takes logits[n_live × n_vocab]. TRUE when the search goes on: then beam i of the new n_live ones
 * continues the former beam parents[i] with ids[i]; both arrays hold GLOSS_MAX_BEAMS. FALSE when
 * the answer is certain, or when the logits are no numbers.
 */
gboolean gloss_beam_search_advance (GlossBeamSearch *search, const float *logits, guint *parents,
                                    gint32 *ids);

/* The finished answer with the largest sum of log-probabilities so far, EOS last; a new reference.
 * Empty and broken when there are no numbers to choose by. */
GlossDecoded *gloss_beam_search_get_answer (const GlossBeamSearch *search);

/* Runs such a search on the model from @state, as gloss_decode_single () does. */
GlossDecoded *gloss_decode_beams (const GlossDecoder *decoder, const float *state);

G_END_DECLS
