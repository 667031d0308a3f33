/*
 * Unpacking an archive that a stranger may have made: tar, tar.gz or zip, told by its content.
 *
 * Only plain files and folders come out, below the new folder, with the permissions of new files.
 * Anything else (an absolute name, "..", a link, a device, a name twice) ends it, and then nothing
 * is left.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How far an archive may go. Zero means the default. */
typedef struct
{
  guint64 max_bytes; /* of all its files together, unpacked; 256 GB */
  guint max_entries; /* 100000 */
} GlossUnpackLimits;

/* In the calling thread, after every few megabytes. */
typedef void (*GlossUnpackFunc) (guint64 n_bytes, gpointer user_data);

/*
 * Unpacks the file @archive into @folder, which is made for it and must not be there or be empty.
 * All happens in a hidden folder beside it, is brought to the disk, and then takes its place at
 * once. @limits, @cancellable and @func may be NULL. FALSE with GLOSS_ERROR_FORMAT (no such
 * archive, damaged, or with what it must not hold), GLOSS_ERROR_UNSUPPORTED (encrypted),
 * GLOSS_ERROR_TOO_LARGE, or G_IO_ERROR. The message begins with the base name of the archive. Any
 * thread, which waits.
 */
gboolean gloss_unpack_run (const char *archive, const char *folder, const GlossUnpackLimits *limits,
                           GCancellable *cancellable, GlossUnpackFunc func, gpointer user_data,
                           GError **error);

/* Whether @path begins like such an archive. FALSE also when it cannot be read. */
gboolean gloss_unpack_is_archive (const char *path);

/* Removes the folder @path with all in it; links are removed, not followed. Best effort. */
void gloss_unpack_remove (const char *path);

G_END_DECLS
