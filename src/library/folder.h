/* What is in a folder, when nobody knows how much that is. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The names in the folder @path, sorted: whole numbers by value, then others by their bytes, and
 * links after all that are none. Reads at most *@n_left of them and takes what it read off it.
 * Without "." and "..". A folder that is not there or cannot be read is empty. Newly allocated. Any
 * thread.
 */
GPtrArray *gloss_folder_list (const char *path, guint *n_left);

G_END_DECLS
