/* Ids to text one at a time, as a model says them. */
#pragma once

#include "model/tokenizer.h"

G_BEGIN_DECLS

typedef struct _GlossTextStream GlossTextStream;

/* Keeps a reference to @tokenizer. A stream is used by one thread at a time. */
GlossTextStream *gloss_text_stream_new (GlossTokenizer *tokenizer);
void gloss_text_stream_free (GlossTextStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossTextStream, gloss_text_stream_free)

/*
 * The text that @id makes complete: valid UTF-8 that ends in NUL, often "", borrowed until the next
 * call. @out_n_bytes (may be NULL) gets its length, since it may hold NUL. A character that comes
 * in BYTE pieces is held back until it is whole; bytes that cannot become one are U+FFFD each.
 * CONTROL pieces are silent; an id that the tokenizer does not have reads like the unknown piece.
 * Never fails.
 */
const char *gloss_text_stream_push (GlossTextStream *stream, gint32 id, gsize *out_n_bytes);

/* What is still held back, now that no byte can complete it; the stream is then as new. */
const char *gloss_text_stream_finish (GlossTextStream *stream, gsize *out_n_bytes);

G_END_DECLS
