/* What comes out of a stream of ZIP's method 8, a piece at a time. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* More than this many bytes come out for none that goes in. (RFC 1951; zlib's technical notes.) */
#define GLOSS_INFLATER_MAX_RATIO 1032

typedef struct _GlossInflater GlossInflater;

/* @data is borrowed and must outlive the inflater. One thread at a time. */
GlossInflater *gloss_inflater_new (const guint8 *data, gsize n_bytes);
void gloss_inflater_free (GlossInflater *inflater);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossInflater, gloss_inflater_free)

/* Puts the next @n_bytes into @out; returns how many there were, fewer only where the stream ends
 * or is damaged. */
gsize gloss_inflater_read (GlossInflater *inflater, guint8 *out, gsize n_bytes);

/* TRUE when the stream ended as it should with what was read, which has this CRC-32. */
gboolean gloss_inflater_is_whole (GlossInflater *inflater, guint32 checksum);

G_END_DECLS
