/* What tells whether a picture is still the same, and whether another one has the same bytes. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GLOSS_CONTENT_HASH_BYTES 32 /* SHA-256 */

typedef struct
{
  gboolean is_there; /* a regular file, links followed; else the rest is 0 */
  gboolean has_hash;
  gint64 n_bytes;
  gint64 mtime_nsec; /* since 1970 */
  guint8 hash[GLOSS_CONTENT_HASH_BYTES];
} GlossPictureContent;

/* Fills @out without the hash. Any thread; it waits for the disk. */
void gloss_picture_content_look (const char *path, GlossPictureContent *out);

/*
 * Fills @out with the hash, of blocks, so that the file may be as large as it likes. When it cannot
 * be read or changes meanwhile, the hash is left out. FALSE only with G_IO_ERROR_CANCELLED. Any
 * thread.
 */
gboolean gloss_picture_content_hash (const char *path, GlossPictureContent *out,
                                     GCancellable *cancellable, GError **error);

G_END_DECLS
