/* Ids to text: the reference's text, and no character ever split. */
#include "model/text-stream.h"
#include "model/token-cases.h"
#include "support/asserts.h"

#include <string.h>

#define FIRST_BYTE_ID 18 /* "<0x00>" in the tokenizers of the fixtures */

static GlossTokenizer *
load (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = token_cases_model_path (name);
  GlossTokenizer *tokenizer = gloss_tokenizer_load (path, &error);

  g_assert_no_error (error);
  return tokenizer;
}

/* g_utf8_validate_len () does not take NUL for a character; here it is one. */
static gboolean
is_utf8 (const char *text, gsize n_bytes)
{
  const char *end = text + n_bytes, *stop;

  while (!g_utf8_validate_len (text, end - text, &stop))
    {
      if (*stop != '\0' || stop == end)
        return FALSE;
      text = stop + 1;
    }
  return TRUE;
}

static GString *
stream_all (GlossTextStream *stream, const gint32 *ids, gsize n_ids)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i <= n_ids; i++)
    {
      gsize n_bytes;
      const char *part = i < n_ids ? gloss_text_stream_push (stream, ids[i], &n_bytes)
                                   : gloss_text_stream_finish (stream, &n_bytes);

      g_assert_cmpint (part[n_bytes], ==, '\0');
      g_assert_true (is_utf8 (part, n_bytes));
      g_string_append_len (text, part, n_bytes);
    }
  return text;
}

static void
test_text_should_match_the_reference (gconstpointer data)
{
  const char *const *names = data;
  g_autoptr (GlossTokenizer) tokenizer = load (names[0]);
  g_autoptr (GPtrArray) cases = token_cases_load (names[1]);
  g_autoptr (GlossTextStream) stream = gloss_text_stream_new (tokenizer);

  for (guint i = 0; i < cases->len; i++)
    {
      const TokenCase *one = cases->pdata[i];
      const gint32 *ids = (const gint32 *) one->ids->data;
      g_autoptr (GString) streamed = stream_all (stream, ids, one->ids->len);
      gsize n_bytes;
      g_autofree char *decoded = gloss_tokenizer_decode (tokenizer, ids, one->ids->len, &n_bytes);

      g_assert_cmpmem (streamed->str, streamed->len, one->decoded->str, one->decoded->len);
      g_assert_cmpmem (decoded, n_bytes, one->decoded->str, one->decoded->len);
    }
}

static void
assert_pushes (GlossTextStream *stream, guint8 byte, const char *expected)
{
  g_assert_cmpstr (gloss_text_stream_push (stream, FIRST_BYTE_ID + byte, NULL), ==, expected);
}

static void
test_character_should_come_whole (void)
{
  g_autoptr (GlossTokenizer) tokenizer = load ("full.model");
  g_autoptr (GlossTextStream) stream = gloss_text_stream_new (tokenizer);

  g_assert_cmpstr (gloss_tokenizer_get_text (tokenizer, FIRST_BYTE_ID + 0xf0), ==, "<0xF0>");
  assert_pushes (stream, 0xf0, "");
  assert_pushes (stream, 0x9f, "");
  assert_pushes (stream, 0x9a, "");
  assert_pushes (stream, 0x80, "🚀");
  assert_pushes (stream, 'a', "a");
  g_assert_cmpstr (gloss_text_stream_finish (stream, NULL), ==, "");
}

static void
test_invalid_bytes_should_be_released_at_once (void)
{
  g_autoptr (GlossTokenizer) tokenizer = load ("full.model");
  g_autoptr (GlossTextStream) stream = gloss_text_stream_new (tokenizer);

  assert_pushes (stream, 0x80, "\uFFFD"); /* no first byte */
  assert_pushes (stream, 0xc0, "\uFFFD"); /* overlong */
  assert_pushes (stream, 0xf8, "\uFFFD"); /* five bytes do not exist */
  assert_pushes (stream, 0xed, "");
  assert_pushes (stream, 0xa0, "\uFFFD\uFFFD"); /* a surrogate */
  assert_pushes (stream, 0xf4, "");
  assert_pushes (stream, 0x90, "\uFFFD\uFFFD"); /* beyond U+10FFFF */
  assert_pushes (stream, 0xe0, "");
  assert_pushes (stream, 0x9f, "\uFFFD\uFFFD"); /* overlong */
  assert_pushes (stream, 0xe2, "");
  assert_pushes (stream, 0x82, "");
  assert_pushes (stream, 0xc3, "\uFFFD\uFFFD"); /* another character begins */
  assert_pushes (stream, 0xa9, "é");
  assert_pushes (stream, 0xe2, "");
  assert_pushes (stream, 0x82, "");
  g_assert_cmpstr (gloss_text_stream_push (stream, gloss_tokenizer_get_eos_id (tokenizer), NULL),
                   ==, "\uFFFD\uFFFD");
  assert_pushes (stream, 0xe2, "");
  g_assert_cmpstr (gloss_text_stream_finish (stream, NULL), ==, "\uFFFD");
  assert_pushes (stream, 0x82, "\uFFFD"); /* as new */
}

static void
test_unknown_ids_should_read_as_unknown (void)
{
  g_autoptr (GlossTokenizer) tokenizer = load ("full.model");
  g_autoptr (GlossTextStream) stream = gloss_text_stream_new (tokenizer);

  g_assert_cmpstr (gloss_text_stream_push (stream, 3, NULL), ==, " \u2047 ");
  g_assert_cmpstr (gloss_text_stream_push (stream, -1, NULL), ==, " \u2047 ");
  g_assert_cmpstr (gloss_text_stream_push (stream, 2048, NULL), ==, " \u2047 ");
  g_assert_cmpstr (gloss_text_stream_push (stream, 0, NULL), ==, "");
}

/* Against GLib's own judgement: what is valid stays, and of the rest each byte is one U+FFFD. */
static void
test_random_bytes_should_stay_valid (void)
{
  g_autoptr (GlossTokenizer) tokenizer = load ("full.model");
  g_autoptr (GlossTextStream) stream = gloss_text_stream_new (tokenizer);
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  /* Bytes at which the rules change, so that valid characters come up too. */
  const guint8 edges[] = { 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf,
                           0xe0, 0xe1, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff };

  for (guint round = 0; round < 5000; round++)
    {
      gint32 ids[12];
      char bytes[12];
      g_autoptr (GString) expected = g_string_new (NULL);
      g_autoptr (GString) streamed = NULL;
      gsize at = 0;

      for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
        {
          guint8 byte = edges[g_rand_int_range (random, 0, G_N_ELEMENTS (edges))];

          bytes[i] = byte;
          ids[i] = FIRST_BYTE_ID + byte;
        }
      while (at < sizeof bytes)
        {
          gunichar c = g_utf8_get_char_validated (bytes + at, sizeof bytes - at);

          if (c == (gunichar) -1 || c == (gunichar) -2)
            g_string_append (expected, "\uFFFD");
          else
            g_string_append_unichar (expected, c);
          at += c == (gunichar) -1 || c == (gunichar) -2 ? 1 : g_unichar_to_utf8 (c, NULL);
        }
      streamed = stream_all (stream, ids, G_N_ELEMENTS (ids));
      g_assert_cmpstr (streamed->str, ==, expected->str);
    }
}

int
main (int argc, char **argv)
{
  static const char *const base[] = { "base.model", "base" };
  static const char *const full[] = { "full.model", "full" };
  static const char *const decode[] = { "full.model", "decode" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/model/text-stream/base/should-match-the-reference", base,
                        test_text_should_match_the_reference);
  g_test_add_data_func ("/model/text-stream/full/should-match-the-reference", full,
                        test_text_should_match_the_reference);
  g_test_add_data_func ("/model/text-stream/decode/should-match-the-reference", decode,
                        test_text_should_match_the_reference);
  g_test_add_func ("/model/text-stream/character/should-come-whole",
                   test_character_should_come_whole);
  g_test_add_func ("/model/text-stream/invalid-bytes/should-be-released-at-once",
                   test_invalid_bytes_should_be_released_at_once);
  g_test_add_func ("/model/text-stream/unknown-ids/should-read-as-unknown",
                   test_unknown_ids_should_read_as_unknown);
  g_test_add_func ("/model/text-stream/random-bytes/should-stay-valid",
                   test_random_bytes_should_stay_valid);
  return g_test_run ();
}
