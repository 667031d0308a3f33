/* Text to ids and back, with the tokenizer file that belongs to a model. */
#pragma once

#include "model/sentencepiece-shim.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GlossTokenizer GlossTokenizer;

#define GLOSS_TOKENIZER_MAX_FILE_BYTES (64u << 20)
#define GLOSS_TOKENIZER_MAX_TEXT_BYTES (1u << 20)

/*
 * Loads the SentencePiece model @path; see gloss_sentence_piece_new () for the 1152 loc and seg
 * pieces. A new reference. On failure NULL with G_IO_ERROR (cannot be read), GLOSS_ERROR_FORMAT
 * (not such a model; no pieces for the beginning or end of text; only some of the loc pieces),
 * GLOSS_ERROR_UNSUPPORTED (another kind of tokenizer) or GLOSS_ERROR_TOO_LARGE (over 64 MiB). Any
 * thread.
 */
GlossTokenizer *gloss_tokenizer_load (const char *path, GError **error);
GlossTokenizer *gloss_tokenizer_ref (GlossTokenizer *tokenizer);
void gloss_tokenizer_unref (GlossTokenizer *tokenizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossTokenizer, gloss_tokenizer_unref)

/* How many ids there are, loc and seg pieces included; the model's table must have as many rows.
 * Any thread. */
guint gloss_tokenizer_get_n_pieces (GlossTokenizer *tokenizer);

/* The ids of <bos> and <eos>. Any thread. */
gint32 gloss_tokenizer_get_bos_id (GlossTokenizer *tokenizer);
gint32 gloss_tokenizer_get_eos_id (GlossTokenizer *tokenizer);

/*
 * Appends the ids of @n_bytes of text to @ids, an array of gint32; neither <bos> nor <eos> is
 * added. Text may hold NUL, and each byte of malformed UTF-8 counts as U+FFFD. On failure FALSE,
 * @ids unchanged, with GLOSS_ERROR_TOO_LARGE (over GLOSS_TOKENIZER_MAX_TEXT_BYTES) or
 * GLOSS_ERROR_FORMAT (the library gave up). Any thread.
 */
gboolean gloss_tokenizer_encode (GlossTokenizer *tokenizer, const char *text, gsize n_bytes,
                                 GArray *ids, GError **error);

/*
 * The text of @n_ids ids as one string of valid UTF-8, newly allocated; @out_n_bytes (may be NULL)
 * gets its length, since it may hold NUL. Nothing is cut at <eos>. GlossTextStream is the same in
 * pieces. Never fails. Any thread.
 */
char *gloss_tokenizer_decode (GlossTokenizer *tokenizer, const gint32 *ids, gsize n_ids,
                              gsize *out_n_bytes);

/* What the piece @id is, and its text as in the file (spaces as U+2581), borrowed. An id that the
 * tokenizer does not have is GLOSS_PIECE_UNKNOWN and has no text (NULL). Any thread. */
GlossPieceKind gloss_tokenizer_get_kind (GlossTokenizer *tokenizer, gint32 id);
const char *gloss_tokenizer_get_text (GlossTokenizer *tokenizer, gint32 id);

/* What an unknown piece reads as, usually " ⁇ ", borrowed. Any thread. */
const char *gloss_tokenizer_get_unk_surface (GlossTokenizer *tokenizer);

G_END_DECLS
