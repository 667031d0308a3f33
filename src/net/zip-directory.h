/*
 * The directory at the end of a zip archive, which alone says what is in it.
 *
 * It is read strictly: one disk, the directory just before its end, and nothing behind that but the
 * comment. An archive that two programs may read in two ways is refused.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  char *name; /* owned; as it is stored, any bytes but 0 */
  guint64 n_bytes;
  guint32 crc32;
  guint mode; /* of Unix, with the kind of file; 0: nobody says */
} GlossZipEntry;

/* The entries of the zip archive @path, at most @max_entries: a new array of GlossZipEntry. NULL
 * with GLOSS_ERROR_FORMAT, GLOSS_ERROR_TOO_LARGE or G_IO_ERROR, without a name before the message.
 * Any thread; it waits for the disk. */
GPtrArray *gloss_zip_directory_read (const char *path, guint max_entries, GError **error);

G_END_DECLS
