/* Writing a file so that there is always a whole one: the old or the new, never a part. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Makes @n_bytes of @data (NULL for none) the content of @path: written to a temporary file in the
 * same folder, brought to the disk, put in place, and the folder brought to the disk. A file that
 * is there is replaced and keeps its permissions; where @path is a link, the file that it leads to
 * is. Fails with G_IO_ERROR; the message begins with the file's base name. Then what was there is
 * as it was and nothing else is left behind, save for one case that the message tells: the new file
 * is in place, but a power cut could still undo it. Blocks. Any thread.
 */
gboolean gloss_atomic_file_write (const char *path, const void *data, gsize n_bytes,
                                  GError **error);

G_END_DECLS
