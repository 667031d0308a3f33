/* How long the texts are that a model is to learn, in its tokens. */
#pragma once

#include "dataset/pairs.h"
#include "model/tokenizer.h"

G_BEGIN_DECLS

/* The texts of pairs, or of so many of them that more would tell nothing else. */
typedef struct _GlossTuneTexts GlossTuneTexts;

/* Copies what it needs of @pairs. Any thread, as all. */
GlossTuneTexts *gloss_tune_texts_new (const GlossPairs *pairs);
GlossTuneTexts *gloss_tune_texts_ref (GlossTuneTexts *texts);
void gloss_tune_texts_unref (GlossTuneTexts *texts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossTuneTexts, gloss_tune_texts_unref)

/* Of all pairs: how many are learnt from, and how many held out. */
guint gloss_tune_texts_get_n_training (const GlossTuneTexts *texts);
guint gloss_tune_texts_get_n_validation (const GlossTuneTexts *texts);

typedef struct _GlossTuneLengths GlossTuneLengths;

/* NULL as the tokenizer fails, or with G_IO_ERROR_CANCELLED. Blocks. */
GlossTuneLengths *gloss_tune_lengths_new (const GlossTuneTexts *texts, GlossTokenizer *tokenizer,
                                          GCancellable *cancellable, GError **error);
void gloss_tune_lengths_free (GlossTuneLengths *lengths);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossTuneLengths, gloss_tune_lengths_free)

/* Of examples that are cut to @max_ids; at least 1. */
double gloss_tune_lengths_get_mean (const GlossTuneLengths *lengths, guint max_ids,
                                    gboolean keeps_case);
guint gloss_tune_lengths_get_longest (const GlossTuneLengths *lengths, guint max_ids,
                                      gboolean keeps_case);

/* The fewest ids that leave room for one of the caption in each. */
guint gloss_tune_lengths_get_least (const GlossTuneLengths *lengths);

G_END_DECLS
