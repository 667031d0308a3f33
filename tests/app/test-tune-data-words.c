/* What the data page of fine-tuning says. */
#include "app/tune-data-words.h"

#include "base/error.h"

#include <string.h>

typedef struct
{
  guint n_pictures, n_pairs, n_uncaptioned, n_lost;
} Wanted;

static gboolean
add (GlossPairsReader *reader, gpointer user_data, GError **error)
{
  const Wanted *wanted = user_data;

  /* any file that is there will do for a picture: nothing looks into it */
  for (guint i = 0; i < wanted->n_pairs; i++)
    {
      g_autofree char *suffix = g_strdup_printf ("caption %u", i);
      const char *image = i % wanted->n_pictures == 0 ? "/etc/passwd" : "/etc/group";

      if (!gloss_pairs_reader_add (reader, "list:1", image, NULL, suffix, error))
        return FALSE;
    }
  for (guint i = 0; i < wanted->n_uncaptioned; i++)
    gloss_pairs_reader_add (reader, "list:2", "/etc/passwd", NULL, NULL, error);
  for (guint i = 0; i < wanted->n_lost; i++)
    gloss_pairs_reader_add (reader, "list:3", "/nowhere/at/all", NULL, "lost", error);
  return TRUE;
}

static GlossPairs *
make (guint n_pictures, guint n_pairs, guint n_uncaptioned, guint n_lost)
{
  Wanted wanted = { n_pictures, n_pairs, n_uncaptioned, n_lost };

  return gloss_pairs_make (GLOSS_LAYOUT_COCO, add, &wanted, NULL);
}

static void
assert_title (const char *path, const char *expected)
{
  g_autofree char *title = gloss_tune_words_make_title (path);

  g_assert_cmpstr (title, ==, expected);
}

static void
test_the_title_should_be_the_name (void)
{
  assert_title (NULL, "Edited captions");
  assert_title ("/a/longcap100", "longcap100");
  assert_title ("/a/longcap100/", "longcap100");
  assert_title ("/a/data_train90.jsonl", "data_train90");
  assert_title ("/a/Captions.CSV", "Captions");
  assert_title ("/a/v1.2", "v1.2");
  assert_title ("/a/.csv", ".csv");
}

static void
test_the_summary_should_count_what_is_learnt_from (void)
{
  g_autoptr (GlossPairs) pairs = make (2, 10, 0, 0);
  g_autofree char *whole = gloss_tune_words_summarize (pairs);
  g_autofree char *split = NULL;

  g_assert_cmpstr (whole, ==, "COCO captions · 10 pairs, 0 held out");
  gloss_pairs_split (pairs, 0.1, 1);
  split = gloss_tune_words_summarize (pairs);
  g_assert_cmpstr (split, ==, "COCO captions · 5 pairs, 5 held out");
}

static void
test_findings_should_have_counts_and_lists (void)
{
  g_autoptr (GlossPairs) pairs = make (2, 4, 1, 2);
  g_autoptr (GPtrArray) findings = gloss_tune_words_list_findings (pairs, NULL, NULL);
  const GlossTuneFinding *first, *second;

  g_assert_cmpuint (findings->len, ==, 2);
  first = g_ptr_array_index (findings, 0);
  second = g_ptr_array_index (findings, 1);
  g_assert_cmpstr (first->title, ==, "1 picture without caption");
  g_assert_cmpuint (first->named->len, ==, 1);
  g_assert_cmpstr (second->title, ==, "2 captions without picture");
  g_assert_cmpuint (second->n, ==, 2);
  g_assert_nonnull (strstr (g_ptr_array_index (second->named, 0), "/nowhere/at/all"));
}

static void
test_reports_should_add_findings (void)
{
  g_autoptr (GlossPairs) pairs = make (2, 4, 0, 0);
  g_autoptr (GlossDataReport) report =
      gloss_data_report_new (pairs, NULL, "caption en", 128, TRUE, NULL, NULL, NULL, NULL);
  g_autoptr (GPtrArray) findings = gloss_tune_words_list_findings (pairs, report, report);

  /* neither file is a picture */
  g_assert_cmpuint (findings->len, ==, 1);
  g_assert_cmpstr (((GlossTuneFinding *) g_ptr_array_index (findings, 0))->title, ==,
                   "2 pictures that cannot be read");
}

static void
assert_failure (const char *path, const GlossPairs *pairs, const GError *error, const char *title,
                const char *part)
{
  g_autofree char *said = gloss_tune_words_get_failure_title (pairs, error);
  g_autofree char *words = gloss_tune_words_explain_failure (path, pairs, error);

  g_assert_cmpstr (said, ==, title);
  if (!strstr (words, part))
    g_error ("“%s” lacks “%s”", words, part);
}

static void
test_each_failure_should_have_its_sentence (void)
{
  g_autoptr (GlossPairs) nothing = make (1, 0, 0, 0);
  g_autoptr (GlossPairs) uncaptioned = make (1, 0, 3, 0);
  g_autoptr (GlossPairs) lost = make (1, 0, 0, 1);
  g_autoptr (GError) denied = g_error_new (G_FILE_ERROR, G_FILE_ERROR_ACCES, "x");
  g_autoptr (GError) gone = g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "x");
  g_autoptr (GError) unknown = g_error_new (GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, "x: reads .csv");
  g_autoptr (GError) damaged = g_error_new (GLOSS_ERROR, GLOSS_ERROR_FORMAT, "x: the column");

  assert_failure ("/a/b", nothing, NULL, "There Is Nothing to Learn From", "“b” holds no picture");
  assert_failure ("/a/b", uncaptioned, NULL, "The Pictures Have No Captions", "3 pictures in “b”");
  assert_failure ("/a/b", lost, NULL, "The Captions Have No Pictures", "“b” has 1 caption");
  assert_failure ("/a/b", NULL, denied, "This Cannot Be Read", "You may not read “b”");
  assert_failure ("/a/b", NULL, gone, "This Cannot Be Read", "“b” is not there any more");
  assert_failure ("/a/b", NULL, unknown, "Gloss Does Not Know This File", "reads .csv");
  assert_failure ("/a/b", NULL, damaged, "This Cannot Be Read", "the column");
  assert_failure (NULL, nothing, NULL, "There Is Nothing to Learn From", "main window");
}

static void
test_one_picture_should_be_warned_about (void)
{
  g_autoptr (GlossPairs) one = make (1, 4, 0, 0);
  g_autoptr (GlossPairs) two = make (2, 4, 0, 0);
  g_autofree char *only_one = gloss_tune_words_warn (one);
  g_autofree char *none_held_out = gloss_tune_words_warn (two);

  g_assert_nonnull (strstr (only_one, "only one picture"));
  g_assert_nonnull (strstr (none_held_out, "Nothing is held out"));
  gloss_pairs_split (two, 0.1, 1);
  g_assert_null (gloss_tune_words_warn (two));
}

static void
test_lengths_should_be_told_in_words (void)
{
  GlossDataReport report = { .lengths = { 0, 12, 0, 0, 0, 0, 3 } };
  g_autofree char *words = gloss_tune_words_describe_lengths (&report);

  g_assert_cmpstr (words, ==,
                   "Captions by their length in tokens. Up to 16: 12. More than 256: 3.");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/tune-data-words/the-title-should-be-the-name",
                   test_the_title_should_be_the_name);
  g_test_add_func ("/app/tune-data-words/the-summary-should-count-what-is-learnt-from",
                   test_the_summary_should_count_what_is_learnt_from);
  g_test_add_func ("/app/tune-data-words/findings-should-have-counts-and-lists",
                   test_findings_should_have_counts_and_lists);
  g_test_add_func ("/app/tune-data-words/reports-should-add-findings",
                   test_reports_should_add_findings);
  g_test_add_func ("/app/tune-data-words/each-failure-should-have-its-sentence",
                   test_each_failure_should_have_its_sentence);
  g_test_add_func ("/app/tune-data-words/one-picture-should-be-warned-about",
                   test_one_picture_should_be_warned_about);
  g_test_add_func ("/app/tune-data-words/lengths-should-be-told-in-words",
                   test_lengths_should_be_told_in_words);
  return g_test_run ();
}
