/*
 * The folder that new models go to: Gloss's own, or another one that the person chose. The choice
 * is a line in a file of Gloss's own and not a setting of the window, since the command line must
 * find the models too.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The folder that was chosen, or NULL; newly allocated. Any thread. */
char *gloss_models_folder_get_chosen (void);

/* Where new models go: what was chosen, else Gloss's own. Newly allocated. Any thread. */
char *gloss_models_folder_get (void);

/*
 * From now on new models go to @path, or with NULL to Gloss's own folder. Nothing is moved; models
 * in Gloss's own folder stay found, those in one that was chosen before no longer are. FALSE with
 * G_IO_ERROR when the folder cannot be written to, or the choice not be kept. Any thread.
 */
gboolean gloss_models_folder_choose (const char *path, GError **error);

G_END_DECLS
