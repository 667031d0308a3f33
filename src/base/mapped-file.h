/* A file mapped read-only, that survives being truncated by somebody else while it is in use. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GlossMappedFile GlossMappedFile;

/*
 * Maps the regular file @path whole. The mapping lives until the last reference is gone.
 * Fails with G_IO_ERROR (cannot be opened or mapped), GLOSS_ERROR_FORMAT (empty) or
 * GLOSS_ERROR_UNSUPPORTED (not a regular file). Any thread.
 */
GlossMappedFile *gloss_mapped_file_open (const char *path, GError **error);
GlossMappedFile *gloss_mapped_file_ref (GlossMappedFile *file);
void gloss_mapped_file_unref (GlossMappedFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossMappedFile, gloss_mapped_file_unref)

/* The bytes, borrowed from @file; any alignment inside them. Any thread. */
const guint8 *gloss_mapped_file_get_data (GlossMappedFile *file);
gsize gloss_mapped_file_get_size_bytes (GlossMappedFile *file);

/* The path given to gloss_mapped_file_open (), borrowed. Any thread. */
const char *gloss_mapped_file_get_path (GlossMappedFile *file);

/*
 * Whether the file is still what was mapped: same inode, size and modification time at @path, and
 * no page lost to truncation so far. A page that was lost reads as zeros, so a job asks before it
 * starts and again before it believes its result. Fails with GLOSS_ERROR_CHANGED. Any thread.
 */
gboolean gloss_mapped_file_check (GlossMappedFile *file, GError **error);

/*
 * Lets go of the whole pages among the @n_bytes at @data, which lie in a mapped file: this process
 * no longer counts them as its own, and reads them again when it needs them. For one who reads
 * gigabytes once. Any thread.
 */
void gloss_mapped_file_release_pages (const guint8 *data, gsize n_bytes);

G_END_DECLS
