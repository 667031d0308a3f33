/* Captions as people read and copy them. */
#include "app/words.h"

static void
assert_stripped (const char *raw, const char *expected)
{
  g_autofree char *words = gloss_words_strip_codes (raw);

  g_assert_cmpstr (words, ==, expected);
}

static void
test_codes_should_be_left_out (void)
{
  assert_stripped ("", "");
  assert_stripped ("a teapot", "a teapot");
  assert_stripped ("<loc0146><loc0000><loc0941><loc0868> orange", "orange");
  assert_stripped (
      "<loc0001><loc0002><loc0003><loc0004> a cat ; <loc0001><loc0002><loc0003><loc0004> dog",
      "a cat ; dog");
  assert_stripped ("<loc0001><loc0002><loc0003><loc0004><seg000><seg127> rat", "rat");
  /* what only looks like a code is text */
  assert_stripped ("a <b> < <loc12> <loc00012> <seg1> <loc0001",
                   "a <b> < <loc12> <loc00012> <seg1> <loc0001");
  assert_stripped ("<loc0001>", "");
}

static void
test_runs_of_codes_should_be_found (void)
{
  gsize start, end;

  g_assert_false (gloss_words_find_codes ("no codes < here", &start, &end));
  g_assert_true (gloss_words_find_codes ("ä <loc0001> <loc0002>  x", &start, &end));
  g_assert_cmpuint (start, ==, 3);
  g_assert_cmpuint (end, ==, 24);
}

static void
test_html_should_be_escaped (void)
{
  g_autofree char *plain = gloss_words_to_html ("a teapot");
  g_autofree char *hard = gloss_words_to_html (" \"A & B\" <c>\n'd' ");

  g_assert_cmpstr (plain, ==, "alt=\"a teapot\"");
  g_assert_cmpstr (hard, ==, "alt=\"&quot;A &amp; B&quot; &lt;c&gt; 'd'\"");
}

static void
test_markdown_should_be_escaped (void)
{
  g_autofree char *plain = gloss_words_to_markdown ("a teapot", "tea.png");
  g_autofree char *hard = gloss_words_to_markdown ("[1] *x*_y_ `z` \\ <b>", "my photo (1).jpg");

  g_assert_cmpstr (plain, ==, "![a teapot](tea.png)");
  g_assert_cmpstr (hard, ==,
                   "![\\[1\\] \\*x\\*\\_y\\_ \\`z\\` \\\\ \\<b\\>](my%20photo%20%281%29.jpg)");
}

static void
test_length_should_be_judged_at_the_limits (void)
{
  g_assert_cmpint (gloss_words_judge_length (0), ==, GLOSS_ALT_GOOD);
  g_assert_cmpint (gloss_words_judge_length (125), ==, GLOSS_ALT_GOOD);
  g_assert_cmpint (gloss_words_judge_length (126), ==, GLOSS_ALT_LONG);
  g_assert_cmpint (gloss_words_judge_length (250), ==, GLOSS_ALT_LONG);
  g_assert_cmpint (gloss_words_judge_length (251), ==, GLOSS_ALT_TOO_LONG);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/words/codes-should-be-left-out", test_codes_should_be_left_out);
  g_test_add_func ("/app/words/runs-of-codes-should-be-found", test_runs_of_codes_should_be_found);
  g_test_add_func ("/app/words/html-should-be-escaped", test_html_should_be_escaped);
  g_test_add_func ("/app/words/markdown-should-be-escaped", test_markdown_should_be_escaped);
  g_test_add_func ("/app/words/length-should-be-judged-at-the-limits",
                   test_length_should_be_judged_at_the_limits);
  return g_test_run ();
}
