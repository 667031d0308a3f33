/* Whether a disk has room for what is going to be written. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whether @n_bytes are free on the disk of the folder that @path, a file or a folder to make, lies
 * in; TRUE where the file system does not tell. FALSE with G_IO_ERROR_NO_SPACE and both figures.
 * Any thread. */
gboolean gloss_disk_space_check (const char *path, guint64 n_bytes, GError **error);

G_END_DECLS
