/* One archive on its way out, whether it is whole or still comes. */
#pragma once

#include "net/unpack.h"

#include <archive.h>

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
} GlossUnpacker;

void gloss_unpacker_init (GlossUnpacker *unpacker, const GlossUnpackLimits *limits);
/* Removes what was not put in place. */
void gloss_unpacker_clear (GlossUnpacker *unpacker);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlossUnpacker, gloss_unpacker_clear)

/* Unpacks the file @archive, or where there is a reader what comes from it, into a hidden folder
 * beside @folder. Fails as gloss_unpack_run (), without a name before the message. */
gboolean gloss_unpacker_unpack (GlossUnpacker *unpacker, const char *archive, const char *folder,
                                GError **error);
gboolean gloss_unpacker_put_in_place (GlossUnpacker *unpacker, const char *folder, GError **error);

/* Whether the first @n bytes of a file are those of a tar archive, compressed or not. */
gboolean gloss_unpacker_is_tar (const guint8 *begin, gssize n);

G_END_DECLS
