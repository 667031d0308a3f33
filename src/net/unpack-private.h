/* One archive on its way out, whether it is whole or still comes. */
#pragma once

#include "net/unpack.h"

#include <archive.h>
#include <archive_entry.h>

G_BEGIN_DECLS

/* As much of a file as tells whether it is an archive. */
#define GLOSS_UNPACKER_MAGIC_BYTES 262
#define GLOSS_UNPACKER_BLOCK_BYTES (64 * 1024)

typedef struct
{
  struct archive *archive; /* owned */
  char *folder;            /* owned; where it goes for now */
  guint8 *buffer;          /* owned */
  GlossUnpackLimits limits;
  GlossGrowingReader *reader; /* borrowed; of an archive that still comes, or NULL */
  guint8 *block;              /* owned; what of it was read last */
  gsize n_kept_bytes;         /* of the block, that were read ahead */
  GError *read_error;         /* owned; why it cannot be read on */
  GCancellable *cancellable;  /* borrowed */
  GlossUnpackFunc func;
  gpointer user_data;
  guint64 n_bytes;
  guint64 n_told_bytes;
  guint n_entries;

  /* of a zip archive that still comes */
  GHashTable *members;    /* owned; what came, by the name as it is stored; NULL: no such archive */
  guint32 crc32;          /* of the member that is being unpacked */
  gboolean is_open_ended; /* how long that is is not said before it */
  gboolean has_to_wait;   /* only the directory at the end can tell how to go on */
} GlossUnpacker;

void gloss_unpacker_init (GlossUnpacker *unpacker, const GlossUnpackLimits *limits);
/* Removes what was not put in place. */
void gloss_unpacker_clear (GlossUnpacker *unpacker);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlossUnpacker, gloss_unpacker_clear)

/* Unpacks the file @archive, or where there is a reader what comes from it, into a hidden folder
 * beside @folder. Fails as gloss_unpack_run (), without a name before the message; without error
 * when it has to wait. */
gboolean gloss_unpacker_unpack (GlossUnpacker *unpacker, const char *archive, const char *folder,
                                GError **error);
gboolean gloss_unpacker_put_in_place (GlossUnpacker *unpacker, const char *folder, GError **error);

/* FALSE with GLOSS_ERROR_FORMAT: the entry @name @what, which is not translated yet. */
gboolean gloss_unpacker_refuse (GError **error, const char *name, const char *what);

/* Whether the first @n bytes of a file are those of a tar archive, compressed or not; of a zip
 * archive. */
gboolean gloss_unpacker_is_tar (const guint8 *begin, gssize n);
gboolean gloss_unpacker_is_zip (const guint8 *begin, gssize n);

/* For a zip archive that still comes. Whether @entry can be unpacked before the directory is there;
 * then what is unpacked of it, and that this was all. */
gboolean gloss_unpacker_can_stream (GlossUnpacker *unpacker, struct archive_entry *entry);
void gloss_unpacker_add_crc32 (GlossUnpacker *unpacker, const guint8 *data, gsize n_bytes);
void gloss_unpacker_note_member (GlossUnpacker *unpacker, const char *name, guint64 n_bytes,
                                 gboolean is_folder);

/* Whether what came is what the directory of @archive, which is whole now, says: names, sizes,
 * checksums and kinds. Once. FALSE as gloss_zip_directory_read () fails, and with
 * GLOSS_ERROR_FORMAT. */
gboolean gloss_unpacker_check_directory (GlossUnpacker *unpacker, const char *archive,
                                         GError **error);

G_END_DECLS
