/*
 * Unpacking an archive that a stranger may have made: tar, tar.gz or zip, told by its content.
 *
 * Only plain files and folders come out, below the new folder, with the permissions of new files.
 * Anything else (an absolute name, "..", a link, a device, a name twice) ends it, and then nothing
 * is left.
 */
#pragma once

#include "net/growing-file.h"

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

/*
 * The same in a thread of its own, beginning while the archive still comes. Nothing appears at
 * @folder before gloss_unpacking_finish (). A tar archive is unpacked as it comes, and so is a zip
 * archive, which then has to be what the directory at its end says. A zip archive with a member
 * that does not say how long it is, or has a name in other letters than ASCII, is unpacked when it
 * is whole, by its directory.
 */
typedef struct _GlossUnpacking GlossUnpacking;

/* @limits (or NULL) are copied, @file and @on_failure referenced; the latter is cancelled as soon
 * as the archive turns out to be of no use. Any thread, as for all of these. */
GlossUnpacking *gloss_unpacking_new (GlossGrowingFile *file, const char *folder,
                                     const GlossUnpackLimits *limits, GCancellable *on_failure);

/* Ends it, and removes what is not finished. */
void gloss_unpacking_free (GlossUnpacking *unpacking);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossUnpacking, gloss_unpacking_free)

/* Why the archive is of no use: TRUE with an error as gloss_unpack_run () fails, but without a name
 * before it. FALSE when there is nothing to say, so far. */
gboolean gloss_unpacking_get_failure (GlossUnpacking *unpacking, GError **error);

/*
 * Puts what was unpacked in place; now @archive is the file, whole and verified. Once. What could
 * not be unpacked as it came is unpacked now. Otherwise as gloss_unpack_run ().
 */
gboolean gloss_unpacking_finish (GlossUnpacking *unpacking, const char *archive,
                                 GCancellable *cancellable, GError **error);

/* Whether @path begins like such an archive. FALSE also when it cannot be read. */
gboolean gloss_unpack_is_archive (const char *path);

/* Removes the folder @path with all in it; links are removed, not followed. Best effort. */
void gloss_unpack_remove (const char *path);

G_END_DECLS
