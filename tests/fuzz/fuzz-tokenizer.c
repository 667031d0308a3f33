/* Any bytes as a SentencePiece model file, and a few texts through what was accepted. */
#include "fuzz/fuzz.h"
#include "model/tokenizer.h"

#include <string.h>

static void
check_pieces (GlossTokenizer *tokenizer)
{
  gint32 n_pieces = (gint32) gloss_tokenizer_get_n_pieces (tokenizer);
  const gint32 specials[] = {
    gloss_tokenizer_get_bos_id (tokenizer),
    gloss_tokenizer_get_eos_id (tokenizer),
  };

  for (guint i = 0; i < G_N_ELEMENTS (specials); i++)
    g_assert_true (specials[i] >= 0 && specials[i] < n_pieces);
  for (gint32 id = -1; id <= n_pieces; id++)
    {
      const char *text = gloss_tokenizer_get_text (tokenizer, id);
      gboolean is_inside = id >= 0 && id < n_pieces;

      g_assert_cmpint (text != NULL, ==, is_inside);
      g_assert_true (!text || (*text && g_utf8_validate (text, -1, NULL)));
      g_assert_true (is_inside || gloss_tokenizer_get_kind (tokenizer, id) == GLOSS_PIECE_UNKNOWN);
    }
  g_assert_true (g_utf8_validate (gloss_tokenizer_get_unk_surface (tokenizer), -1, NULL));
}

static void
check_text (GlossTokenizer *tokenizer, const char *text, gsize n_bytes)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GError) error = NULL;
  g_autofree char *decoded = NULL;
  gsize n_decoded;

  if (!gloss_tokenizer_encode (tokenizer, text, n_bytes, ids, &error))
    {
      g_assert_cmpuint (ids->len, ==, 0);
      fuzz_assert_error (&error);
      return;
    }
  for (guint i = 0; i < ids->len; i++)
    {
      gint32 id = g_array_index (ids, gint32, i);

      g_assert_true (id >= 0 && id < (gint32) gloss_tokenizer_get_n_pieces (tokenizer));
    }
  decoded = gloss_tokenizer_decode (tokenizer, (const gint32 *) (gpointer) ids->data, ids->len,
                                    &n_decoded);
  for (char *nul; (nul = n_decoded ? memchr (decoded, '\0', n_decoded) : NULL);)
    *nul = ' ';
  g_assert_true (g_utf8_validate_len (decoded, n_decoded, NULL));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  static const char *const texts[] = {
    "",
    "caption en\n",
    "a <loc0001><seg127> b",
    " \xe2\x96\x81 ab\xc3\xa9\xf0\x9f\x90\xb1\xff",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  };
  g_autofree char *path = fuzz_write ("input.model", data, n_bytes);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossTokenizer) tokenizer = gloss_tokenizer_load (path, &error);

  if (!tokenizer)
    {
      fuzz_assert_error (&error);
      return 0;
    }
  g_assert_no_error (error);
  check_pieces (tokenizer);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    check_text (tokenizer, texts[i], strlen (texts[i]));
  /* The file's own bytes hold the spelling of its pieces. */
  check_text (tokenizer, (const char *) data, n_bytes);
  return 0;
}
