/* Whether a model is what Gloss can use, beyond that its files are there. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Opens the model @path and its tokenizer @tokenizer_path and checks every shape and type, and that
 * the tokenizer is the model's; @with_values also reads all values, which must be finite. FALSE
 * with the first fault: what gloss_checkpoint_open (), gloss_tokenizer_load () and
 * gloss_checkpoint_check_vocabulary () fail with, or GLOSS_ERROR_FORMAT for values. Any thread,
 * which waits for the disk.
 */
gboolean gloss_verify_model (const char *path, const char *tokenizer_path, gboolean with_values,
                             GCancellable *cancellable, GError **error);

G_END_DECLS
