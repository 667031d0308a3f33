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

typedef struct _GlossAtomicFile GlossAtomicFile;

/*
 * The same for a file that is put together piece by piece: begun, appended to, finished, and freed.
 * Freed before it is finished, or when the process is killed, nothing is left behind. Unless it
 * @may_replace what is there, beginning and finishing fail with G_IO_ERROR_EXISTS when something
 * is. What is appended goes to the disk as it comes, so that no call waits for much more than its
 * own bytes. One thread at a time.
 */
GlossAtomicFile *gloss_atomic_file_begin (const char *path, gboolean may_replace, GError **error);
gboolean gloss_atomic_file_append (GlossAtomicFile *file, const void *data, gsize n_bytes,
                                   GError **error);
gboolean gloss_atomic_file_finish (GlossAtomicFile *file, GError **error);
void gloss_atomic_file_free (GlossAtomicFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossAtomicFile, gloss_atomic_file_free)

/* Puts @n_bytes of @data over what was appended from @offset on. */
gboolean gloss_atomic_file_rewrite (GlossAtomicFile *file, guint64 offset, const void *data,
                                    gsize n_bytes, GError **error);

G_END_DECLS
