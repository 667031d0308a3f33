/* The SentencePiece library for C: a checked model file in, ids out, no exception escapes. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _GlossSentencePiece GlossSentencePiece;

typedef enum
{
  GLOSS_PIECE_TEXT,
  GLOSS_PIECE_CONTROL,
  GLOSS_PIECE_UNKNOWN,
  GLOSS_PIECE_BYTE,
} GlossPieceKind;

#define GLOSS_N_LOC_PIECES 1024
#define GLOSS_N_SEG_PIECES 128

/*
 * Makes an encoder from the @n_bytes of a model file; @origin names it in messages. Where
 * "<loc0000>" is missing, <loc0000> … <loc1023> and <seg000> … <seg127> are appended, as big_vision
 * does.
 *
 * The bytes are copied. On failure NULL with GLOSS_ERROR_FORMAT (not a model, damaged) or
 * GLOSS_ERROR_UNSUPPORTED (not of PaliGemma's kind: byte-pair merges, text taken as it is). Any
 * thread.
 */
GlossSentencePiece *gloss_sentence_piece_new (const guint8 *bytes, gsize n_bytes,
                                              const char *origin, GError **error);
void gloss_sentence_piece_free (GlossSentencePiece *pieces);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossSentencePiece, gloss_sentence_piece_free)

/* Ids are 0 … n_pieces − 1; an id outside is the caller's bug. Any thread. */
guint gloss_sentence_piece_get_n_pieces (const GlossSentencePiece *pieces);
GlossPieceKind gloss_sentence_piece_get_kind (const GlossSentencePiece *pieces, gint32 id);

/* The piece as in the file: valid UTF-8 that ends in NUL, spaces as U+2581, borrowed. Any thread.
 */
const char *gloss_sentence_piece_get_text (const GlossSentencePiece *pieces, gint32 id);

/* The id of the piece that is spelled @text, or −1. Any thread. */
gint32 gloss_sentence_piece_find (const GlossSentencePiece *pieces, const char *text);

/* Ids of the special pieces, −1 where the file has none. Any thread. */
gint32 gloss_sentence_piece_get_bos_id (const GlossSentencePiece *pieces);
gint32 gloss_sentence_piece_get_eos_id (const GlossSentencePiece *pieces);

/* What the unknown piece reads as, valid UTF-8, borrowed. Any thread. */
const char *gloss_sentence_piece_get_unk_surface (const GlossSentencePiece *pieces);

/* Appends the ids (gint32) of @n_bytes of text, which may hold NUL and malformed UTF-8, to @ids.
 * Fails with GLOSS_ERROR_FORMAT, @ids unchanged, when the library reports an error. Any thread. */
gboolean gloss_sentence_piece_encode (const GlossSentencePiece *pieces, const char *text,
                                      gsize n_bytes, GArray *ids, GError **error);

G_END_DECLS
