/*
 * A file that is not whole yet, beside the one that it will be.
 *
 * PATH.part has the bytes, PATH.part.json says of what they are a part: the checksum of the address
 * (which may itself be secret), the server's mark of this version of the file, and how far its
 * checksums were computed. The second is on
 * the disk before the first byte of that version is, so a process that is killed leaves either a
 * part that is known or nothing that is believed.
 */
#pragma once

#include "net/growing-file.h"

G_BEGIN_DECLS

typedef struct _GlossPartFile GlossPartFile;

/*
 * Opens the part of @path, or begins one, and locks it. @source is where it comes from, of any
 * length. A part of something else is emptied. @growing gets to know what becomes of it, until the
 * file is finished or closed. NULL with G_IO_ERROR, _BUSY when another program is at it. One
 * thread, as for all of these.
 */
GlossPartFile *gloss_part_file_open (const char *path, const char *source,
                                     GlossGrowingFile *growing, GError **error);

/* Closes it; what it holds stays, unless that is nothing. */
void gloss_part_file_free (GlossPartFile *part);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossPartFile, gloss_part_file_free)

/* How many bytes there are, and of which version of the file: a strong ETag or a date, or NULL.
 * Borrowed. */
guint64 gloss_part_file_get_n_bytes (GlossPartFile *part);
const char *gloss_part_file_get_validator (GlossPartFile *part);

/* What is known about the checksums of its first bytes, a text; borrowed, or NULL. The second
 * brings those bytes to the disk first, and does its best. */
const char *gloss_part_file_get_digest (GlossPartFile *part);
void gloss_part_file_keep_digest (GlossPartFile *part, const char *digest);

/* Empties it, for the version that @validator (or NULL) marks. */
gboolean gloss_part_file_restart (GlossPartFile *part, const char *validator, GError **error);

/* Reads the bytes from @offset on; 0 at the end. */
gssize gloss_part_file_read (GlossPartFile *part, guint64 offset, guint8 *out, gsize n_bytes,
                             GError **error);
gboolean gloss_part_file_append (GlossPartFile *part, const guint8 *data, gsize n_bytes,
                                 GError **error);

/* Whether @n_bytes more fit on its disk. FALSE with G_IO_ERROR_NO_SPACE and both numbers. */
gboolean gloss_part_file_check_space (GlossPartFile *part, guint64 n_bytes, GError **error);

/* Removes it. */
void gloss_part_file_discard (GlossPartFile *part);

/* Brings it to the disk and puts it in place as the whole file. */
gboolean gloss_part_file_finish (GlossPartFile *part, GError **error);

G_END_DECLS
