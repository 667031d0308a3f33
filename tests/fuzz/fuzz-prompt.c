/*
 * Any text to ids and back, with the tokenizers of the fixtures: the first byte chooses one. What
 * comes back is the text, but for U+2581, which is a space to SentencePiece, and for malformed
 * bytes, each of which counts as U+FFFD. Then any ids to text, as a plain reference does it.
 */
#include "fuzz/fuzz.h"
#include "model/prompt.h"
#include "model/text-stream.h"

#include <string.h>

static GlossTokenizer *
get_tokenizer (guint which)
{
  static GlossTokenizer *tokenizers[2];
  static const char *const paths[2] = {
    GLOSS_FUZZ_FIXTURES "/text/base.model",
    GLOSS_FUZZ_FIXTURES "/text/full.model",
  };
  g_autoptr (GError) error = NULL;

  if (!tokenizers[which])
    tokenizers[which] = gloss_tokenizer_load (paths[which], &error);
  g_assert_no_error (error);
  return tokenizers[which];
}

/* Appends @text; each byte that is not part of a character is U+FFFD. */
static void
append_valid (GString *out, const char *text, gsize n_bytes, gboolean has_piece_spaces)
{
  while (n_bytes > 0)
    {
      gunichar c = g_utf8_get_char_validated (text, (gssize) n_bytes);
      gsize n = 1;

      if (*text == '\0')
        g_string_append_c (out, '\0');
      else if (c == (gunichar) -1 || c == (gunichar) -2)
        g_string_append_unichar (out, 0xfffd);
      else
        {
          g_string_append_unichar (out, has_piece_spaces && c == 0x2581 ? ' ' : c);
          n = (gsize) (g_utf8_next_char (text) - text);
        }
      text += n;
      n_bytes -= n;
    }
}

/* The text of @ids: bytes that follow each other are one text, other pieces stand for themselves.
 */
static GString *
decode_plainly (GlossTokenizer *tokenizer, const gint32 *ids, gsize n_ids)
{
  GString *out = g_string_new (NULL);
  g_autoptr (GString) bytes = g_string_new (NULL);

  for (gsize i = 0; i < n_ids; i++)
    {
      GlossPieceKind kind = gloss_tokenizer_get_kind (tokenizer, ids[i]);
      const char *text = gloss_tokenizer_get_text (tokenizer, ids[i]);

      if (kind == GLOSS_PIECE_BYTE)
        {
          g_string_append_c (bytes, (char) strtoul (text + strlen ("<"), NULL, 16));
          continue;
        }
      append_valid (out, bytes->str, bytes->len, FALSE);
      g_string_truncate (bytes, 0);
      if (kind == GLOSS_PIECE_TEXT)
        append_valid (out, text, strlen (text), TRUE);
      else if (kind == GLOSS_PIECE_UNKNOWN)
        g_string_append (out, gloss_tokenizer_get_unk_surface (tokenizer));
    }
  append_valid (out, bytes->str, bytes->len, FALSE);
  return out;
}

/* Two bytes for each id, so that nearly all of them exist. */
static void
check_any_ids (GlossTokenizer *tokenizer, const char *bytes, gsize n_bytes)
{
  gsize n_ids = n_bytes / 2, n_decoded;
  g_autofree gint32 *ids = g_new (gint32, n_ids + 1);
  g_autoptr (GString) expected = NULL;
  g_autofree char *decoded = NULL;

  for (gsize i = 0; i < n_ids; i++)
    {
      guint id = (guint8) bytes[2 * i] | (guint) (guint8) bytes[2 * i + 1] << 8;

      ids[i] = (gint32) (id % (gloss_tokenizer_get_n_pieces (tokenizer) + 2)) - 1;
    }
  decoded = gloss_tokenizer_decode (tokenizer, ids, n_ids, &n_decoded);
  expected = decode_plainly (tokenizer, ids, n_ids);
  g_assert_cmpmem (decoded, n_decoded, expected->str, expected->len);
}

static void
check_prompt (GlossTokenizer *tokenizer, const char *text, guint n_ids)
{
  const gsize n_image_tokens = 4;
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossPrompt) prompt = gloss_prompt_new (tokenizer, text, text, n_image_tokens, &error);

  if (!prompt)
    {
      g_assert_cmpuint (2 * n_ids + 2, >, GLOSS_PROMPT_MAX_TOKENS);
      fuzz_assert_error (&error);
      return;
    }
  g_assert_cmpuint (prompt->ids->len, ==, 2 * n_ids + 2);
  g_assert_cmpuint (prompt->n_visible->len, ==, n_image_tokens + prompt->ids->len);
  g_assert_cmpint (g_array_index (prompt->ids, gint32, 0), ==,
                   gloss_tokenizer_get_bos_id (tokenizer));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GString) expected = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *decoded = NULL;
  GlossTokenizer *tokenizer;
  gsize n_decoded;

  if (n_bytes < 1)
    return 0;
  tokenizer = get_tokenizer (data[0] & 1);
  text = fuzz_copy (data + 1, n_bytes - 1, FALSE);
  n_bytes--;

  g_assert_true (gloss_tokenizer_encode (tokenizer, text, n_bytes, ids, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, <=, n_bytes * 3); /* U+FFFD has three bytes */
  for (guint i = 0; i < ids->len; i++)
    {
      gint32 id = g_array_index (ids, gint32, i);

      g_assert_true (id >= 0 && (guint) id < gloss_tokenizer_get_n_pieces (tokenizer));
      g_assert_cmpint (gloss_tokenizer_get_kind (tokenizer, id), !=, GLOSS_PIECE_CONTROL);
    }
  decoded = gloss_tokenizer_decode (tokenizer, (const gint32 *) (gpointer) ids->data, ids->len,
                                    &n_decoded);
  expected = g_string_new (NULL);
  append_valid (expected, text, n_bytes, TRUE);
  g_assert_cmpmem (decoded, n_decoded, expected->str, expected->len);
  if (n_bytes == 0 || !memchr (text, '\0', n_bytes))
    {
      g_autofree char *terminated = fuzz_copy (text, n_bytes, TRUE);

      check_prompt (tokenizer, terminated, ids->len);
    }
  check_any_ids (tokenizer, text, n_bytes);
  return 0;
}
