/* Lists of words as they stand in messages. */
#include "base/join-words.h"

static void
test_each_length_should_read_as_a_list (void)
{
  static const char *const words[] = { "a.png", "%s", "", "d" };
  static const struct
  {
    guint n_words;
    const char *with_and, *with_or;
  } cases[] = {
    { 0, "", "" },
    { 1, "a.png", "a.png" },
    { 2, "a.png and %s", "a.png or %s" },
    { 3, "a.png, %s and ", "a.png, %s or " },
    { 4, "a.png, %s,  and d", "a.png, %s,  or d" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *with_and = gloss_join_words (words, cases[i].n_words, GLOSS_JOIN_AND);
      g_autofree char *with_or = gloss_join_words (words, cases[i].n_words, GLOSS_JOIN_OR);

      g_assert_cmpstr (with_and, ==, cases[i].with_and);
      g_assert_cmpstr (with_or, ==, cases[i].with_or);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/join-words/each-length/should-read-as-a-list",
                   test_each_length_should_read_as_a_list);
  return g_test_run ();
}
