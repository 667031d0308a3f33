/* How good the demo's captions are, its loss against PyTorch's, and the words that differ. */
#include "dataset/quality-report.h"
#include "dataset/word-diff.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

typedef struct
{
  char *folder;              /* owned */
  GlossPairs *pairs;         /* owned */
  GlossModel *model;         /* owned */
  GlossTokenizer *tokenizer; /* owned */
  GlossPool *pool;           /* owned */
  GlossCaptioner *captioner; /* owned */
} Demo;

/* Four of the demo's pictures; of one two things were said, one is no picture. */
static void
demo_init (Demo *demo)
{
  g_autofree char *folder = gloss_test_data_path ("demo");
  g_autofree char *tokenizer = gloss_test_data_path ("demo/tokenizer.model");
  g_autofree char *list = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  demo->folder = gloss_test_folder_new ();
  list = g_build_filename (demo->folder, "list.jsonl", NULL);
  text = g_strdup_printf (
      "{\"image\": \"%1$s/pictures/04-a-teapot.png\", \"suffix\": \"a teapot\"}\n"
      "{\"image\": \"%1$s/pictures/02-an-orange-on-a-gray-background.png\", \"suffix\": "
      "\"A red <fish> & chips\"}\n"
      "{\"image\": \"%1$s/pictures/04-a-teapot.png\", \"suffix\": \"one teapot\"}\n"
      "{\"image\": \"list.jsonl\", \"suffix\": \"nothing\"}\n",
      folder);
  g_assert_true (g_file_set_contents (list, text, -1, NULL));
  demo->pairs = gloss_pairs_read (list, NULL, &error);
  g_assert_no_error (error);
  demo->model = gloss_model_load (folder, NULL, &error);
  g_assert_no_error (error);
  demo->tokenizer = gloss_tokenizer_load (tokenizer, &error);
  g_assert_no_error (error);
  demo->pool = gloss_pool_new (2);
  demo->captioner = gloss_captioner_new (demo->model, demo->tokenizer, demo->pool, &error);
  g_assert_no_error (error);
}

static void
demo_clear (Demo *demo)
{
  gloss_captioner_free (demo->captioner);
  gloss_pool_free (demo->pool);
  gloss_tokenizer_unref (demo->tokenizer);
  gloss_model_unref (demo->model);
  gloss_pairs_free (demo->pairs);
  gloss_test_folder_remove (demo->folder);
}

static void
count (guint n_done, guint n_all, const GlossQualityRecord *record, gpointer user_data)
{
  guint *n = user_data;

  g_assert_cmpuint (n_done, ==, (*n)++);
  g_assert_cmpuint (n_all, ==, 3);
  g_assert_null (record->text);
}

/* What the model says itself has the loss that its log-probabilities add up to. */
static void
assert_own_loss (Demo *demo)
{
  const char *path = gloss_pairs_get (demo->pairs, 0)->image_path;
  g_autoptr (GlossImage) image = gloss_image_load (path, NULL, NULL);
  const GlossCaptionRequest request = { 0 };
  g_autoptr (GlossCaption) caption =
      gloss_captioner_run (demo->captioner, image, &request, NULL, NULL, NULL, NULL);
  double loss, expected = 0;

  for (guint i = 0; i < caption->log_probs->len; i++)
    expected -= (double) g_array_index (caption->log_probs, float, i) / caption->log_probs->len;
  g_assert_true (gloss_captioner_measure_loss (demo->captioner, image, &request, caption->text, 128,
                                               &loss, NULL, NULL));
  g_assert_cmpfloat_with_epsilon (loss, expected, 1e-5);
}

static void
test_pictures_should_be_measured (void)
{
  const GlossQualityOptions options = { .max_ids = 128 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossQuality) quality = NULL;
  g_autofree guint *order = NULL;
  const GlossQualityRecord *teapot, *orange;
  guint n = 0;
  Demo demo;

  demo_init (&demo);
  assert_own_loss (&demo);
  g_assert_cmpuint (gloss_quality_count_records (demo.pairs, &options), ==, 3);
  quality = gloss_quality_measure (demo.pairs, demo.captioner, &options, count, &n, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpuint (quality->n_scored, ==, 2);
  teapot = gloss_quality_get (quality, 0);
  orange = gloss_quality_get (quality, 1);
  g_assert_cmpstr (teapot->text, ==, "a teapot");
  g_assert_cmpuint (teapot->references->len, ==, 2);
  g_assert_cmpfloat_with_epsilon (teapot->scores.bleu[1], 1, 1e-6);
  g_assert_cmpfloat (orange->loss, >, teapot->loss);
  g_assert_cmpfloat_with_epsilon (quality->loss, (2 * teapot->loss + orange->loss) / 3, 1e-9);
  g_assert_nonnull (strstr (gloss_quality_get (quality, 2)->failure, "list.jsonl"));
  g_assert_null (quality->most_common);
  order = gloss_quality_rank (quality);
  g_assert_cmpuint (order[0], ==, 1);
  g_assert_cmpuint (order[2], ==, 2);
  demo_clear (&demo);
}

static void
test_limits_and_cancelling_should_hold (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GlossQualityOptions options = { .max_ids = 128, .limit = 1 };
  g_autoptr (GError) error = NULL;
  Demo demo;

  demo_init (&demo);
  g_assert_cmpuint (gloss_quality_count_records (demo.pairs, &options), ==, 1);
  gloss_pairs_split (demo.pairs, 0.4, 1);
  options = (GlossQualityOptions){ .max_ids = 128 };
  g_assert_cmpuint (gloss_quality_count_records (demo.pairs, &options), ==, 1);
  options.takes_all = TRUE;
  g_assert_cmpuint (gloss_quality_count_records (demo.pairs, &options), ==, 3);
  g_cancellable_cancel (cancellable);
  g_assert_null (gloss_quality_measure (demo.pairs, demo.captioner, &options, NULL, NULL,
                                        cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  demo_clear (&demo);
}

static void
test_reports_should_hold_all (void)
{
  static const char *const said[] = { "Captions are <all> alike.", NULL };
  const GlossQualityOptions options = { .max_ids = 128 };
  g_autoptr (GlossQuality) quality = NULL;
  g_autoptr (GlossQuality) base = NULL;
  g_autoptr (json_t) json = NULL;
  g_autofree char *page = NULL;
  Demo demo;

  demo_init (&demo);
  quality = gloss_quality_measure (demo.pairs, demo.captioner, &options, NULL, NULL, NULL, NULL);
  base = gloss_quality_measure (demo.pairs, demo.captioner, &options, NULL, NULL, NULL, NULL);
  g_free (g_array_index (base->records, GlossQualityRecord, 0).text);
  g_array_index (base->records, GlossQualityRecord, 0).text = g_strdup ("a <b>pot</b>");

  const GlossQualityReport report = { quality, "tuned & \"new\"", base, "demo", "list", said };

  json = gloss_quality_report_make_json (&report);
  g_assert_cmpuint (json_array_size (json_object_get (json, "pictures")), ==, 3);
  g_assert_cmpint (json_integer_value (json_object_get (json, "pictures_failed")), ==, 1);
  page = gloss_quality_report_make_html (&report, NULL, NULL);
  g_assert_nonnull (strstr (page, "tuned &amp; &quot;new&quot;"));
  g_assert_nonnull (strstr (page, "A red &lt;fish&gt; &amp; chips"));
  g_assert_nonnull (strstr (page, "a <del>&lt;b&gt;pot&lt;/b&gt;</del>"));
  g_assert_nonnull (strstr (page, "a <ins>teapot</ins>"));
  g_assert_nonnull (strstr (page, "Captions are &lt;all&gt; alike."));
  g_assert_nonnull (strstr (page, "src=\"data:image/jpeg;base64,/9j/"));
  g_assert_nonnull (strstr (page, "prefers-color-scheme:dark"));
  demo_clear (&demo);
}

static void
assert_diff (const char *before, const char *after, const char *expected)
{
  g_autoptr (GArray) diff = gloss_word_diff_make (before, after);
  g_autoptr (GString) said = g_string_new (NULL);

  for (guint i = 0; i < diff->len; i++)
    g_string_append_printf (said, "%c%s;", " -+"[gloss_word_diff_get (diff, i)->kind],
                            gloss_word_diff_get (diff, i) -> words);
  g_assert_cmpstr (said->str, ==, expected);
}

static void
test_words_that_differ_should_be_found (void)
{
  g_autofree char *long_text = g_strnfill (20000, 'a');

  for (gsize i = 1; i < 20000; i += 2)
    long_text[i] = ' ';
  assert_diff ("", "", "");
  assert_diff ("a  dog", " a dog\n", " a dog;");
  assert_diff ("", "a dog", "+a dog;");
  assert_diff ("a dog", "", "-a dog;");
  assert_diff ("a red dog runs", "a blue dog sits down", " a;-red;+blue; dog;-runs;+sits down;");
  assert_diff ("ein Hund", "ein größerer Hund", " ein;+größerer; Hund;");
  g_array_unref (gloss_word_diff_make (long_text, long_text));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dataset/quality/pictures-should-be-measured",
                   test_pictures_should_be_measured);
  g_test_add_func ("/dataset/quality/limits-and-cancelling-should-hold",
                   test_limits_and_cancelling_should_hold);
  g_test_add_func ("/dataset/quality/reports-should-hold-all", test_reports_should_hold_all);
  g_test_add_func ("/dataset/word-diff/words-that-differ-should-be-found",
                   test_words_that_differ_should_be_found);
  return g_test_run ();
}
