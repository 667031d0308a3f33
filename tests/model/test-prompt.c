/* The sequence that the model reads. */
#include "base/error.h"
#include "model/prompt.h"
#include "support/asserts.h"

#include <string.h>

static GlossTokenizer *
load (void)
{
  g_autofree char *path = gloss_test_path ("fixtures/text/full.model");

  return gloss_tokenizer_load (path, NULL);
}

static void
test_prompt_should_be_bos_prefix_newline_start (void)
{
  g_autoptr (GlossTokenizer) tokenizer = load ();
  g_autoptr (GlossPrompt) prompt = gloss_prompt_new (tokenizer, "caption en", "a", 3, NULL);
  const gint32 ids[] = { 2, 634, 392, 7, 826 };
  /* three image tokens and four of the prompt see each other, the start sees itself too */
  const guint n_visible[] = { 7, 7, 7, 7, 7, 7, 7, 8 };

  g_assert_cmpmem (prompt->ids->data, prompt->ids->len * 4, ids, sizeof ids);
  g_assert_cmpmem (prompt->n_visible->data, prompt->n_visible->len * 4, n_visible,
                   sizeof n_visible);
}

static void
test_newline_should_stay_alone (void)
{
  g_autoptr (GlossTokenizer) tokenizer = load ();
  g_autoptr (GlossPrompt) ending = gloss_prompt_new (tokenizer, "caption en\n", NULL, 1, NULL);
  g_autoptr (GlossPrompt) empty = gloss_prompt_new (tokenizer, "", "", 1, NULL);
  const gint32 two[] = { 2, 634, 392, 7, 7 }; /* not 8, which is two newlines in one piece */
  const gint32 none[] = { 2, 7 };

  g_assert_cmpmem (ending->ids->data, ending->ids->len * 4, two, sizeof two);
  g_assert_cmpmem (empty->ids->data, empty->ids->len * 4, none, sizeof none);
}

static void
test_typed_control_words_should_stay_text (void)
{
  g_autoptr (GlossTokenizer) tokenizer = load ();
  g_autoptr (GlossPrompt) prompt = gloss_prompt_new (tokenizer, "<eos><bos>", NULL, 1, NULL);

  for (guint i = 1; i < prompt->ids->len; i++)
    g_assert_cmpint (g_array_index (prompt->ids, gint32, i), >, 3);
}

static void
test_a_wild_prompt_should_be_refused (void)
{
  g_autoptr (GlossTokenizer) tokenizer = load ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strnfill (20000, 'x');

  g_assert_null (gloss_prompt_new (tokenizer, text, NULL, 1, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, "at most 4096");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/prompt/should-be-bos-prefix-newline-start",
                   test_prompt_should_be_bos_prefix_newline_start);
  g_test_add_func ("/model/prompt/newline-should-stay-alone", test_newline_should_stay_alone);
  g_test_add_func ("/model/prompt/typed-control-words-should-stay-text",
                   test_typed_control_words_should_stay_text);
  g_test_add_func ("/model/prompt/a-wild-prompt-should-be-refused",
                   test_a_wild_prompt_should_be_refused);
  return g_test_run ();
}
