/* What the reader and the writer of prepared files both know; prepared.h describes the format. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PREPARED_MAGIC "\x89GLOSS\r\n"
#define PREPARED_VERSION 2
#define PREPARED_BYTE_ORDER 0x01020304
#define PREPARED_LAYOUT "panels-32x2"

#define PREPARED_VERSION_AT 8
#define PREPARED_BYTE_ORDER_AT 12
#define PREPARED_LAYOUT_AT 16
#define PREPARED_LAYOUT_BYTES 32
#define PREPARED_HEADER_BYTES_AT 48
#define PREPARED_HEADER_CHECKSUM_AT 56
#define PREPARED_CHECKSUM_AT 60
#define PREPARED_HEADER_AT 64

/* A thousand tensors, as the largest PaliGemma has them, take some 150 kB. */
#define PREPARED_MAX_HEADER_BYTES 4000000

/* Where a tensor of @n_bytes begins that may begin at @offset: on a cache line, and a large one on
 * a page. G_MAXUINT64 when that is no offset any more. */
static inline guint64
prepared_align (guint64 offset, guint64 n_bytes)
{
  guint64 alignment = n_bytes >= 4096 ? 4096 : 64;

  if (offset > G_MAXUINT64 - alignment)
    return G_MAXUINT64;
  return (offset + alignment - 1) / alignment * alignment;
}

G_END_DECLS
