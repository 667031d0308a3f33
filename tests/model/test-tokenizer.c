/* Text to ids: the reference's ids, the loc pieces wherever they lie, and damaged files. */
#include "base/error.h"
#include "model/token-cases.h"
#include "model/tokenizer.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <string.h>

static GlossTokenizer *
load (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = token_cases_model_path (name);
  GlossTokenizer *tokenizer = gloss_tokenizer_load (path, &error);

  g_assert_no_error (error);
  return tokenizer;
}

static void
assert_encodes (GlossTokenizer *tokenizer, const TokenCase *one)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  gint32 before = -7;

  g_array_append_val (ids, before);
  g_assert_true (gloss_tokenizer_encode (tokenizer, one->text->str, one->text->len, ids, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_array_index (ids, gint32, 0), ==, before);
  g_assert_cmpmem (&g_array_index (ids, gint32, 1), (ids->len - 1) * sizeof (gint32),
                   one->ids->data, one->ids->len * sizeof (gint32));
}

static void
test_encode_should_match_the_reference (gconstpointer model)
{
  g_autoptr (GlossTokenizer) tokenizer = load (model);
  g_autoptr (GPtrArray) cases = token_cases_load ("full");

  /* base.model has to become what full.model is. */
  g_assert_cmpuint (gloss_tokenizer_get_n_pieces (tokenizer), ==, 2048);
  for (guint i = 0; i < cases->len; i++)
    assert_encodes (tokenizer, cases->pdata[i]);
}

/* The list "base" was made without loc and seg pieces: it holds for all text that has none. */
static void
test_encode_should_match_the_bare_tokenizer_elsewhere (void)
{
  g_autoptr (GlossTokenizer) tokenizer = load ("base.model");
  g_autoptr (GPtrArray) cases = token_cases_load ("base");
  guint n_with_pieces = 0;

  for (guint i = 0; i < cases->len; i++)
    {
      const TokenCase *one = cases->pdata[i];

      if (strstr (one->text->str, "<loc0000>") || strstr (one->text->str, "<seg127>"))
        n_with_pieces++;
      else
        assert_encodes (tokenizer, one);
    }
  g_assert_cmpuint (n_with_pieces, ==, 2);
}

static void
assert_special_pieces (GlossTokenizer *tokenizer)
{
  g_assert_cmpint (gloss_tokenizer_get_eos_id (tokenizer), ==, 1);
  g_assert_cmpint (gloss_tokenizer_get_bos_id (tokenizer), ==, 2);
  g_assert_cmpint (gloss_tokenizer_get_kind (tokenizer, 2), ==, GLOSS_PIECE_CONTROL);
  g_assert_cmpint (gloss_tokenizer_get_kind (tokenizer, 3), ==, GLOSS_PIECE_UNKNOWN);
}

static void
assert_loc_pieces (GlossTokenizer *tokenizer, gint32 first_id)
{
  guint n_pieces = gloss_tokenizer_get_n_pieces (tokenizer);

  for (guint i = 0; i < GLOSS_N_LOC_PIECES; i++)
    {
      g_autofree char *text = g_strdup_printf ("<loc%04u>", i);
      gint32 id = first_id + (gint32) i;
      g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));

      g_assert_true (gloss_tokenizer_encode (tokenizer, text, strlen (text), ids, NULL));
      g_assert_cmpuint (ids->len, ==, 1);
      g_assert_cmpint (g_array_index (ids, gint32, 0), ==, id);
      g_assert_cmpstr (gloss_tokenizer_get_text (tokenizer, id), ==, text);
      g_assert_cmpint (gloss_tokenizer_get_kind (tokenizer, id), ==, GLOSS_PIECE_TEXT);
    }
  g_assert_null (gloss_tokenizer_get_text (tokenizer, n_pieces));
  g_assert_cmpint (gloss_tokenizer_get_kind (tokenizer, n_pieces), ==, GLOSS_PIECE_UNKNOWN);
}

static void
test_loc_pieces_should_be_appended (void)
{
  g_autoptr (GlossTokenizer) tokenizer = load ("base.model");

  assert_special_pieces (tokenizer);
  assert_loc_pieces (tokenizer, 896);
  g_assert_cmpstr (gloss_tokenizer_get_text (tokenizer, 1920), ==, "<seg000>");
  g_assert_cmpstr (gloss_tokenizer_get_text (tokenizer, 2047), ==, "<seg127>");
}

static void
test_loc_pieces_should_be_found_by_text (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = gloss_test_data_path ("demo/tokenizer.model");
  g_autoptr (GlossTokenizer) tokenizer = gloss_tokenizer_load (path, &error);
  g_autoptr (GlossTokenizer) again = NULL;

  g_assert_no_error (error);
  again = gloss_tokenizer_ref (tokenizer);
  g_assert_cmpuint (gloss_tokenizer_get_n_pieces (again), ==, 4096);
  assert_special_pieces (again);
  assert_loc_pieces (again, 7);
}

static void
test_encode_should_refuse_a_huge_text (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossTokenizer) tokenizer = load ("full.model");
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autofree char *text = g_malloc (GLOSS_TOKENIZER_MAX_TEXT_BYTES + 1);

  memset (text, 'x', GLOSS_TOKENIZER_MAX_TEXT_BYTES + 1);
  g_assert_true (
      gloss_tokenizer_encode (tokenizer, text, GLOSS_TOKENIZER_MAX_TEXT_BYTES, ids, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, >, 0);
  g_array_set_size (ids, 0);
  g_assert_false (
      gloss_tokenizer_encode (tokenizer, text, GLOSS_TOKENIZER_MAX_TEXT_BYTES + 1, ids, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, "1048577 bytes");
  g_assert_cmpuint (ids->len, ==, 0);
}

/* A folder for made-up model files. */
typedef struct
{
  char *folder;
  char *path;
} Scratch;

static void
scratch_set_up (Scratch *scratch, gconstpointer unused)
{
  scratch->folder = gloss_test_folder_new ();
  scratch->path = g_build_filename (scratch->folder, "made-up.model", NULL);
}

static void
scratch_tear_down (Scratch *scratch, gconstpointer unused)
{
  g_free (scratch->path);
  gloss_test_folder_remove (scratch->folder);
}

static GlossTokenizer *
load_bytes (Scratch *scratch, const void *bytes, gsize n_bytes, GError **error)
{
  /* Without this the rest of a longer file would stay behind the new bytes. */
  g_remove (scratch->path);
  g_assert_true (g_file_set_contents_full (scratch->path, bytes, n_bytes, G_FILE_SET_CONTENTS_NONE,
                                           0600, NULL));
  return gloss_tokenizer_load (scratch->path, error);
}

static void
assert_refused (Scratch *scratch, GString *model, int code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossTokenizer) tokenizer = load_bytes (scratch, model->str, model->len, &error);

  g_assert_null (tokenizer);
  g_assert_true (g_str_has_prefix (error->message, "made-up.model: "));
  gloss_assert_error_says (&error, GLOSS_ERROR, code, part);
}

static GString *
read_model (const char *name)
{
  g_autofree char *path = token_cases_model_path (name);
  g_autofree char *contents = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (path, &contents, &n_bytes, NULL));
  return g_string_new_len (contents, n_bytes);
}

/* A field of bytes in protobuf, for lengths below 2¹⁴. */
static void
append_field (GString *out, guint number, const char *bytes, gsize n_bytes)
{
  g_string_append_c (out, number << 3 | 2);
  g_string_append_c (out, (n_bytes & 0x7f) | 0x80);
  g_string_append_c (out, n_bytes >> 7);
  g_string_append_len (out, bytes, n_bytes);
}

static void
append_user_defined_piece (GString *model, const char *text, gsize n_bytes)
{
  g_autoptr (GString) piece = g_string_new (NULL);

  append_field (piece, 1, text, n_bytes);
  g_string_append_len (piece, "\x18\x04", 2);
  append_field (model, 1, piece->str, piece->len);
}

static void
test_load_should_say_what_is_wrong (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new ("{\"model\": \"not protobuf\"}");
  g_autoptr (GString) trainer_only = g_string_new_len ("\x12\x02\x18\x02", 4);
  g_autofree char *missing = g_build_filename (scratch->folder, "missing.model", NULL);

  g_assert_null (gloss_tokenizer_load (missing, &error));
  g_assert_true (error->domain == G_IO_ERROR);
  g_clear_error (&error);
  g_assert_null (gloss_tokenizer_load (scratch->folder, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_null (load_bytes (scratch, "", 0, &error));
  g_assert_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT);
  g_clear_error (&error);
  assert_refused (scratch, text, GLOSS_ERROR_FORMAT, "not a SentencePiece model");
  assert_refused (scratch, trainer_only, GLOSS_ERROR_FORMAT, "not a SentencePiece model");
}

static void
test_load_should_refuse_another_kind (Scratch *scratch, gconstpointer unused)
{
  /* Repeated messages are merged, so one more at the end overrides. */
  const struct
  {
    const char *bytes;
    gsize n_bytes;
    const char *part;
  } additions[] = {
    { "\x12\x02\x18\x01", 4, "does not merge byte pairs" },        /* unigram */
    { "\x1a\x02\x18\x01", 4, "changes text before it is split" },  /* dummy prefix */
    { "\x1a\x02\x20\x01", 4, "changes text before it is split" },  /* spaces removed */
    { "\x1a\x03\x12\x01x", 5, "changes text before it is split" }, /* normalization table */
  };

  for (guint i = 0; i < G_N_ELEMENTS (additions); i++)
    {
      g_autoptr (GString) model = read_model ("full.model");

      g_string_append_len (model, additions[i].bytes, additions[i].n_bytes);
      assert_refused (scratch, model, GLOSS_ERROR_UNSUPPORTED, additions[i].part);
    }
}

static void
test_load_should_refuse_an_incomplete_vocabulary (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GString) no_eos = read_model ("full.model");
  g_autoptr (GString) one_loc = read_model ("base.model");
  g_autoptr (GString) twice = read_model ("base.model");
  char *eos = memmem (no_eos->str, no_eos->len, "</s>", 4);

  g_assert_nonnull (eos);
  memcpy (eos, "</t>", 4);
  assert_refused (scratch, no_eos, GLOSS_ERROR_FORMAT, "no piece for the end");
  append_user_defined_piece (one_loc, "<loc0000>", 9);
  assert_refused (scratch, one_loc, GLOSS_ERROR_FORMAT, "not <loc0001>");
  append_user_defined_piece (twice, "<loc0007>", 9);
  assert_refused (scratch, twice, GLOSS_ERROR_FORMAT, "already defined");
}

/* What would make the library read beside its memory, throw, or recurse without end. */
static void
test_load_should_refuse_what_the_library_cannot_bear (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GString) with_nul = read_model ("full.model");
  g_autoptr (GString) malformed = read_model ("full.model");
  g_autoptr (GString) too_long = read_model ("full.model");
  g_autoptr (GString) chain = read_model ("full.model");
  g_autoptr (GString) long_text = g_string_new (NULL);

  append_user_defined_piece (with_nul, "a\0b", 3);
  assert_refused (scratch, with_nul, GLOSS_ERROR_FORMAT, "piece 2048 is not text");
  append_user_defined_piece (malformed, "\xff", 1);
  assert_refused (scratch, malformed, GLOSS_ERROR_FORMAT, "piece 2048 is not text");
  for (guint i = 0; i < 5000; i++)
    g_string_append_c (long_text, 'q');
  append_user_defined_piece (too_long, long_text->str, long_text->len);
  assert_refused (scratch, too_long, GLOSS_ERROR_FORMAT, "1 to 4096 bytes");
  for (guint i = 0; i < 64; i++)
    append_user_defined_piece (chain, long_text->str, 30 + i);
  {
    g_autoptr (GError) error = NULL;
    g_autoptr (GlossTokenizer) tokenizer = load_bytes (scratch, chain->str, chain->len, &error);
    g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));

    g_assert_no_error (error);
    g_assert_true (gloss_tokenizer_encode (tokenizer, long_text->str, 93, ids, &error));
    g_assert_cmpuint (ids->len, ==, 1);
    g_assert_cmpint (g_array_index (ids, gint32, 0), ==, 2048 + 63);
  }
  append_user_defined_piece (chain, long_text->str, 94);
  assert_refused (scratch, chain, GLOSS_ERROR_UNSUPPORTED, "more than 64 user-defined pieces");
}

/* Whatever loads must also encode and decode. */
static gboolean
try_model (Scratch *scratch, const GString *model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossTokenizer) tokenizer = load_bytes (scratch, model->str, model->len, &error);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  const char text[] = "detect cat ; dog\n\n\n <loc0012> \xff caf\xc3\xa9 \0 <seg012>";
  gboolean is_encoded;
  g_autofree char *decoded = NULL;

  if (!tokenizer)
    {
      g_assert_nonnull (error);
      g_assert_true (g_str_has_prefix (error->message, "made-up.model: "));
      return FALSE;
    }
  g_assert_no_error (error);
  is_encoded = gloss_tokenizer_encode (tokenizer, text, sizeof text, ids, &error);
  g_assert_true (is_encoded == (error == NULL));
  decoded = gloss_tokenizer_decode (tokenizer, (gint32 *) ids->data, ids->len, NULL);
  g_assert_nonnull (decoded);
  return TRUE;
}

static void
test_load_should_survive_truncation (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GString) model = read_model ("base.model");

  for (gsize n = 1; n < model->len; n += n < 300 || n > model->len - 300 ? 1 : 97)
    {
      g_autoptr (GString) part = g_string_new_len (model->str, n);

      /* A cut between two fields leaves a well-formed message, but the rules are at the end. */
      g_assert_false (try_model (scratch, part));
    }
}

static void
test_load_should_survive_flipped_bits (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GString) model = read_model ("base.model");
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  guint n_loaded = 0, n_refused = 0;

  for (guint i = 0; i < 1200; i++)
    {
      g_autoptr (GString) damaged = g_string_new_len (model->str, model->len);
      /* The rules fill the last bytes: go there more often than chance would. */
      gint32 low = i % 3 == 0 ? (gint32) model->len - 300 : 0;
      guint n_flips = 1 + i % 3;

      for (guint flip = 0; flip < n_flips; flip++)
        damaged->str[g_rand_int_range (random, low, model->len)] ^=
            1 << g_rand_int_range (random, 0, 8);
      if (try_model (scratch, damaged))
        n_loaded++;
      else
        n_refused++;
    }
  g_test_message ("%u damaged models still loaded, %u were refused", n_loaded, n_refused);
  g_assert_cmpuint (n_loaded, >, 0);
  g_assert_cmpuint (n_refused, >, 0);
}

static void
test_load_should_survive_garbage (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (2);

  for (guint i = 0; i < 300; i++)
    {
      g_autoptr (GString) garbage = g_string_new (NULL);

      for (guint n = 1 + i * 7; n > 0; n--)
        g_string_append_c (garbage, g_rand_int (random));
      try_model (scratch, garbage);
    }
}

#define ADD_WITH_SCRATCH(path, func)                                                               \
  g_test_add (path, Scratch, NULL, scratch_set_up, func, scratch_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/model/tokenizer/full/should-match-the-reference", "full.model",
                        test_encode_should_match_the_reference);
  g_test_add_data_func ("/model/tokenizer/base/should-match-the-reference", "base.model",
                        test_encode_should_match_the_reference);
  g_test_add_func ("/model/tokenizer/base/should-match-the-bare-tokenizer-elsewhere",
                   test_encode_should_match_the_bare_tokenizer_elsewhere);
  g_test_add_func ("/model/tokenizer/loc/should-be-appended", test_loc_pieces_should_be_appended);
  g_test_add_func ("/model/tokenizer/loc/should-be-found-by-text",
                   test_loc_pieces_should_be_found_by_text);
  g_test_add_func ("/model/tokenizer/encode/should-refuse-a-huge-text",
                   test_encode_should_refuse_a_huge_text);
  ADD_WITH_SCRATCH ("/model/tokenizer/load/should-say-what-is-wrong",
                    test_load_should_say_what_is_wrong);
  ADD_WITH_SCRATCH ("/model/tokenizer/load/should-refuse-another-kind",
                    test_load_should_refuse_another_kind);
  ADD_WITH_SCRATCH ("/model/tokenizer/load/should-refuse-an-incomplete-vocabulary",
                    test_load_should_refuse_an_incomplete_vocabulary);
  ADD_WITH_SCRATCH ("/model/tokenizer/load/should-refuse-what-the-library-cannot-bear",
                    test_load_should_refuse_what_the_library_cannot_bear);
  ADD_WITH_SCRATCH ("/model/tokenizer/load/should-survive-truncation",
                    test_load_should_survive_truncation);
  ADD_WITH_SCRATCH ("/model/tokenizer/load/should-survive-flipped-bits",
                    test_load_should_survive_flipped_bits);
  ADD_WITH_SCRATCH ("/model/tokenizer/load/should-survive-garbage",
                    test_load_should_survive_garbage);
  return g_test_run ();
}
