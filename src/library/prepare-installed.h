/* Preparing a model that is on this machine, in the way that a person need not think about. */
#pragma once

#include "library/prepared-model.h"

G_BEGIN_DECLS

/* Whether the model @path, as GlossFoundModel has it, is faster when it is prepared: an npz file
 * is, safetensors and prepared files are used as they lie. By its name. Any thread. */
gboolean gloss_prepare_installed_helps (const char *path);

/*
 * Prepares the model @path, called @name, with the tokenizer @tokenizer (or NULL). In a folder of
 * Gloss's own (@is_own) the prepared file takes the place of the npz file, which has nothing that
 * it has not; else it goes among Gloss's models, and @path stays. Returns the path of the prepared
 * file, newly allocated, or NULL as gloss_checkpoint_open (), gloss_preparation_new () and
 * gloss_prepared_model_write () fail, with @path as it was. Blocks. Any thread.
 */
char *gloss_prepare_installed_run (const char *path, const char *name, const char *tokenizer,
                                   gboolean is_own, GlossPrepareProgress progress,
                                   gpointer user_data, GCancellable *cancellable, GError **error);

G_END_DECLS
