/* The pictures and captions that gloss-cli finetune learns from, and those held out. */
#pragma once

#include "cli/finetune-options.h"

G_BEGIN_DECLS

/*
 * Reads what options->data and options->validation name, in any layout of dataset/pairs.h, or
 * splits the one there is. @training and @validation get new arrays of GlossTrainExample. Sets the
 * longest in options->trainer.max_ids. Fails as gloss_pairs_read () and the tokenizer do, and with
 * G_IO_ERROR_NOT_FOUND when nothing is left to learn from.
 */
gboolean gloss_finetune_data_read (GlossFinetuneOptions *options, GlossTokenizer *tokenizer,
                                   GArray **training, GArray **validation, GError **error);

G_END_DECLS
