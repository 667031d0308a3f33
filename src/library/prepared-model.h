/* A prepared model as a person keeps it: the file, and its tokenizer beside it. */
#pragma once

#include "model/prepare.h"

G_BEGIN_DECLS

/*
 * Where the prepared file of the model at @source goes, whose name for people is @name: to @output
 * if that is called like a prepared file, else to NAME.gloss in the folder @output, or without one
 * (NULL) in a folder of its own among Gloss's models. Newly allocated. Any thread.
 */
char *gloss_prepared_model_make_path (const char *source, const char *name, const char *output);

/*
 * Writes it to @path as gloss_preparation_write () does, making the folder, and puts a copy of
 * @tokenizer (NULL: none) beside it unless the same one is there. A prepared file that was made of
 * the very same files is left as it is, which @was_there says; what else is there is replaced only
 * if it @may_replace it, as is another tokenizer, and else G_IO_ERROR_EXISTS. On failure nothing
 * new is left behind. Blocks. Any thread.
 */
gboolean gloss_prepared_model_write (const GlossPreparation *preparation, const char *path,
                                     const char *tokenizer, gboolean may_replace,
                                     GlossPrepareProgress progress, gpointer user_data,
                                     GCancellable *cancellable, gboolean *was_there,
                                     GError **error);

G_END_DECLS
