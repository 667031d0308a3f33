/* Text to ids and back. */
#include "model/tokenizer.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/mapped-file.h"
#include "model/text-stream.h"

struct _GlossTokenizer
{
  gatomicrefcount ref_count;

  /* owned, immutable after loading */
  GlossSentencePiece *pieces;
  gint32 n_pieces;
};

/* A tokenizer with some of them would read boxes of the model's as ordinary text. */
static gboolean
check_loc_pieces (GlossTokenizer *tokenizer, const char *origin, GError **error)
{
  for (guint i = 0; i < GLOSS_N_LOC_PIECES; i++)
    {
      char text[32];

      g_snprintf (text, sizeof text, "<loc%04u>", i);
      if (gloss_sentence_piece_find (tokenizer->pieces, text) < 0)
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                       _ ("%s: the tokenizer has <loc0000> but not %s; all %d pieces of this kind "
                          "are needed"),
                       origin, text, GLOSS_N_LOC_PIECES);
          return FALSE;
        }
    }
  return TRUE;
}

GlossTokenizer *
gloss_tokenizer_load (const char *path, GError **error)
{
  g_autoptr (GlossMappedFile) file = gloss_mapped_file_open (path, error);
  g_autoptr (GlossTokenizer) tokenizer = NULL;
  g_autofree char *origin = NULL;
  g_autofree guint8 *bytes = NULL;
  gsize n_bytes;

  if (!file)
    return NULL;
  origin = g_filename_display_basename (path);
  n_bytes = gloss_mapped_file_get_size_bytes (file);
  if (n_bytes > GLOSS_TOKENIZER_MAX_FILE_BYTES)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("%s: the file has %zu bytes, a tokenizer at most %u"), origin, n_bytes,
                   GLOSS_TOKENIZER_MAX_FILE_BYTES);
      return NULL;
    }

  /* A copy, so that what is checked is what the library gets, whoever writes the file meanwhile. */
  bytes = g_memdup2 (gloss_mapped_file_get_data (file), n_bytes);
  if (!gloss_mapped_file_check (file, error))
    return NULL;

  tokenizer = g_new0 (GlossTokenizer, 1);
  g_atomic_ref_count_init (&tokenizer->ref_count);
  tokenizer->pieces = gloss_sentence_piece_new (bytes, n_bytes, origin, error);
  if (!tokenizer->pieces)
    return NULL;
  tokenizer->n_pieces = gloss_sentence_piece_get_n_pieces (tokenizer->pieces);
  if (gloss_tokenizer_get_bos_id (tokenizer) < 0 || gloss_tokenizer_get_eos_id (tokenizer) < 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   gloss_tokenizer_get_bos_id (tokenizer) < 0
                       ? _ ("%s: the tokenizer has no piece for the beginning of a text")
                       : _ ("%s: the tokenizer has no piece for the end of a text"),
                   origin);
      return NULL;
    }
  if (!check_loc_pieces (tokenizer, origin, error))
    return NULL;
  return g_steal_pointer (&tokenizer);
}

GlossTokenizer *
gloss_tokenizer_ref (GlossTokenizer *tokenizer)
{
  g_atomic_ref_count_inc (&tokenizer->ref_count);
  return tokenizer;
}

void
gloss_tokenizer_unref (GlossTokenizer *tokenizer)
{
  if (!g_atomic_ref_count_dec (&tokenizer->ref_count))
    return;
  g_clear_pointer (&tokenizer->pieces, gloss_sentence_piece_free);
  g_free (tokenizer);
}

guint
gloss_tokenizer_get_n_pieces (GlossTokenizer *tokenizer)
{
  return tokenizer->n_pieces;
}

gint32
gloss_tokenizer_get_bos_id (GlossTokenizer *tokenizer)
{
  return gloss_sentence_piece_get_bos_id (tokenizer->pieces);
}

gint32
gloss_tokenizer_get_eos_id (GlossTokenizer *tokenizer)
{
  return gloss_sentence_piece_get_eos_id (tokenizer->pieces);
}

gboolean
gloss_tokenizer_encode (GlossTokenizer *tokenizer, const char *text, gsize n_bytes, GArray *ids,
                        GError **error)
{
  g_return_val_if_fail (g_array_get_element_size (ids) == sizeof (gint32), FALSE);

  if (n_bytes > GLOSS_TOKENIZER_MAX_TEXT_BYTES)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("the text has %zu bytes; at most %u are possible"), n_bytes,
                   GLOSS_TOKENIZER_MAX_TEXT_BYTES);
      return FALSE;
    }
  return gloss_sentence_piece_encode (tokenizer->pieces, text, n_bytes, ids, error);
}

char *
gloss_tokenizer_decode (GlossTokenizer *tokenizer, const gint32 *ids, gsize n_ids,
                        gsize *out_n_bytes)
{
  g_autoptr (GlossTextStream) stream = gloss_text_stream_new (tokenizer);
  GString *text = g_string_new (NULL);
  const char *part;
  gsize n_bytes;

  for (gsize i = 0; i < n_ids; i++)
    {
      part = gloss_text_stream_push (stream, ids[i], &n_bytes);
      g_string_append_len (text, part, n_bytes);
    }
  part = gloss_text_stream_finish (stream, &n_bytes);
  g_string_append_len (text, part, n_bytes);
  if (out_n_bytes)
    *out_n_bytes = text->len;
  return g_string_free (text, FALSE);
}

GlossPieceKind
gloss_tokenizer_get_kind (GlossTokenizer *tokenizer, gint32 id)
{
  if (id < 0 || id >= tokenizer->n_pieces)
    return GLOSS_PIECE_UNKNOWN;
  return gloss_sentence_piece_get_kind (tokenizer->pieces, id);
}

const char *
gloss_tokenizer_get_text (GlossTokenizer *tokenizer, gint32 id)
{
  if (id < 0 || id >= tokenizer->n_pieces)
    return NULL;
  return gloss_sentence_piece_get_text (tokenizer->pieces, id);
}

const char *
gloss_tokenizer_get_unk_surface (GlossTokenizer *tokenizer)
{
  return gloss_sentence_piece_get_unk_surface (tokenizer->pieces);
}
