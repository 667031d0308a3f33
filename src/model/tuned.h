/*
 * Folders that fine-tuning makes: what has changed of a base model, which stays where it is.
 *
 * GLOSS_TUNED_NAME is JSON with "base" (where it is, and its identity as
 * gloss_weights_make_identity () has it), and beside it are either whole tensors, in a file of the
 * format of prepared.h under the names that those have there, or an adapter, see adapter.h.
 */
#pragma once

#include "model/model.h"

G_BEGIN_DECLS

#define GLOSS_TUNED_NAME "finetuned.json"
#define GLOSS_TUNED_CHANGED_NAME "changed" GLOSS_TUNED_CHANGED_SUFFIX
#define GLOSS_TUNED_CHANGED_SUFFIX ".gloss"

/* Whether @path is such a folder. Any thread. */
gboolean gloss_tuned_model_is_there (const char *path);

/* Where the base of the folder @path is, newly allocated; nothing of it is looked at. NULL with
 * G_IO_ERROR or GLOSS_ERROR_FORMAT. Any thread. */
char *gloss_tuned_model_find_base (const char *path, GError **error);

/*
 * Makes the folder @path, which is there and has or gets what has changed, a tuned one of the model
 * @base, which was opened from @base_path. @about, an object, is told beside it. Fails with
 * G_IO_ERROR. Blocks. Any thread.
 */
gboolean gloss_tuned_model_write_description (const char *path, GlossModel *base,
                                              const char *base_path, json_t *about, GError **error);

/*
 * The base with what has changed in place; gloss_model_load () comes here by itself. Nothing of the
 * base is copied. Fails as loading a model does, with GLOSS_ERROR_MISMATCH when the base is another
 * than it was, and with GLOSS_ERROR_FORMAT for a folder that leads to another such folder. Any
 * thread.
 */
GlossModel *gloss_tuned_model_load (const char *path, const GlossModelOptions *options,
                                    GError **error);

/* The name of a role's tensor in the file of whole tensors, newly allocated. Any thread. */
char *gloss_tuned_model_make_name (GlossTensorRole role, gsize layer);

G_END_DECLS
