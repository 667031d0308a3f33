/* What changed from one caption to another, to be seen and to be heard. */
#include "app/word-marks.h"

static void
assert_marks (const char *before, const char *after, const char *gone, const char *new,
              const char *spoken)
{
  g_autoptr (GArray) diff = gloss_word_diff_make (before, after);
  g_autofree char *first = gloss_word_marks_make_markup (diff, GLOSS_WORDS_GONE);
  g_autofree char *second = gloss_word_marks_make_markup (diff, GLOSS_WORDS_NEW);
  g_autofree char *words = gloss_word_marks_describe (diff);

  g_assert_cmpstr (first, ==, gone);
  g_assert_cmpstr (second, ==, new);
  g_assert_cmpstr (words, ==, spoken);
}

static void
test_each_side_should_have_its_own_marks (void)
{
  assert_marks ("a toy rocket", "a red rocket", "a <s>toy</s> rocket", "a <b><u>red</u></b> rocket",
                "gone: “toy”; new: “red”");
  assert_marks ("a rocket", "a rocket and flames", "a rocket", "a rocket <b><u>and flames</u></b>",
                "new: “and flames”");
  assert_marks ("a rocket", "", "<s>a rocket</s>", "", "gone: “a rocket”");
}

static void
test_the_same_should_have_no_marks (void)
{
  assert_marks ("a rocket", "a rocket", "a rocket", "a rocket", "the same words");
  assert_marks ("", "", "", "", "the same words");
}

static void
test_captions_should_not_become_markup (void)
{
  assert_marks ("<b> & co", "<i> & co", "<s>&lt;b&gt;</s> &amp; co",
                "<b><u>&lt;i&gt;</u></b> &amp; co", "gone: “<b>”; new: “<i>”");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/word-marks/each side should have its own marks",
                   test_each_side_should_have_its_own_marks);
  g_test_add_func ("/word-marks/the same should have no marks", test_the_same_should_have_no_marks);
  g_test_add_func ("/word-marks/captions should not become markup",
                   test_captions_should_not_become_markup);
  return g_test_run ();
}
