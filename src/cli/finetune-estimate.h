/* What gloss-cli finetune says before it begins. */
#pragma once

#include "cli/finetune-options.h"
#include "library/train-rates.h"

G_BEGIN_DECLS

/*
 * Refuses with GLOSS_ERROR_TOO_LARGE what will not fit; else, unless @is_quiet, says what the run
 * will take: as a note, or as the answer where that alone is asked for, as text or JSON. The
 * options are complete. Fails as gloss_train_rates_get () does.
 */
gboolean gloss_finetune_estimate (const GlossFinetuneOptions *options, GlossModel *model,
                                  GlossTokenizer *tokenizer, GlossPool *pool,
                                  const GArray *training, const GArray *validation,
                                  GCancellable *cancellable, GError **error);

G_END_DECLS
