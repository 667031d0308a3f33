/* Making a model of an adapter that another program trained. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Makes the folder @name in @models_folder, whole or not at all, of the PEFT adapter in @folder and
 * a reference to the model at @base_path, with the tokenizer @tokenizer_path. Nothing of the base
 * is copied. Returns the new folder's path, newly allocated; NULL with G_IO_ERROR (EXISTS: there is
 * such a model; INVALID_FILENAME: no name for a folder), as the base loads, or as
 * gloss_adapter_apply () finds the adapter not to be its own. Blocks. Any thread.
 */
char *gloss_import_adapter (const char *folder, const char *base_path, const char *tokenizer_path,
                            const char *models_folder, const char *name, GError **error);

G_END_DECLS
