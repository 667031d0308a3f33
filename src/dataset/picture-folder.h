/* The pictures in a folder. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Called for the folder @path, which cannot be read; @error_number is the system's. */
typedef void (*GlossUnreadableFunc) (const char *path, int error_number, gpointer user_data);

/*
 * Appends the paths of the pictures in the folder @path, known by their suffixes, to @paths (owned
 * strings) in natural order, folder by folder, until there are @n_max. With @recursive also those
 * of the folders in it; links to folders are not followed. Hidden files are left out. Returns
 * whether all are there: FALSE when there were more, or after a cancel. Any thread; it waits for
 * the disk.
 */
gboolean gloss_picture_folder_append (GPtrArray *paths, const char *path, gboolean recursive,
                                      guint n_max, GlossUnreadableFunc func, gpointer user_data,
                                      GCancellable *cancellable);

G_END_DECLS
