/* How well a model does on examples that it does not learn from. */
#pragma once

#include "train/gradient.h"
#include "train/trainer.h"

G_BEGIN_DECLS

typedef struct _GlossEvaluator GlossEvaluator;

/* @parts and @gradient are borrowed. Fails as gloss_captioner_new () does. One thread at a time. */
GlossEvaluator *gloss_evaluator_new (const GlossTrainerParts *parts, GlossGradient *gradient,
                                     guint n_captions, guint max_tokens, gsize max_cache_bytes,
                                     GError **error);
void gloss_evaluator_free (GlossEvaluator *evaluator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossEvaluator, gloss_evaluator_free)

/* The mean loss over all held-out examples, and what is said greedily of the first of them; the
 * texts are the evaluator's until the next run. Of @observer only slice is called, between
 * examples. Fails as pictures do, or with G_IO_ERROR_CANCELLED. Blocks. */
gboolean gloss_evaluator_run (GlossEvaluator *evaluator, GlossTrainEvaluation *out,
                              const GlossTrainObserver *observer, GCancellable *cancellable,
                              GError **error);

G_END_DECLS
