/* The scores of captions against coco-caption's own, for 60 pictures; and its tokens. */
#include "dataset/caption-scores.h"

#include "base/json.h"
#include "dataset/caption-tokens.h"
#include "support/asserts.h"

/* The reference sums in another order. */
#define BOUND 1e-9

typedef struct
{
  json_t *root; /* owned */
  guint n;
  GlossScoredCaption *captions; /* owned, with all below */
} Fixture;

static Fixture
load (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = gloss_test_path ("fixtures/metrics/captions.json");
  Fixture fixture = { .root = gloss_json_load (path, 1 << 20, &error) };
  json_t *order;

  g_assert_no_error (error);
  order = json_object_get (fixture.root, "order");
  fixture.n = (guint) json_array_size (order);
  g_assert_cmpuint (fixture.n, ==, 60);
  fixture.captions = g_new0 (GlossScoredCaption, fixture.n);
  for (guint i = 0; i < fixture.n; i++)
    {
      const char *key = json_string_value (json_array_get (order, i));
      json_t *references = json_object_get (json_object_get (fixture.root, "references"), key);
      const char ***split = g_new0 (const char **, json_array_size (references) + 1);

      for (gsize j = 0; j < json_array_size (references); j++)
        split[j] = (const char **) gloss_caption_tokens_split (
            json_string_value (json_array_get (references, j)));
      fixture.captions[i].references = (const char *const *const *) split;
      fixture.captions[i].candidate = (const char *const *) gloss_caption_tokens_split (
          json_string_value (json_object_get (json_object_get (fixture.root, "candidates"), key)));
    }
  return fixture;
}

static void
fixture_clear (Fixture *fixture)
{
  for (guint i = 0; i < fixture->n; i++)
    {
      for (guint j = 0; fixture->captions[i].references[j]; j++)
        g_strfreev ((char **) fixture->captions[i].references[j]);
      g_free ((gpointer) fixture->captions[i].references);
      g_strfreev ((char **) fixture->captions[i].candidate);
    }
  g_free (fixture->captions);
  json_decref (fixture->root);
}

static void
assert_tokens (const char *caption, const char *expected)
{
  g_auto (GStrv) tokens = gloss_caption_tokens_split (caption);
  g_autofree char *joined = g_strjoinv (" ", tokens);

  g_assert_cmpstr (joined, ==, expected);
}

static void
test_tokens_should_be_those_of_the_reference (void)
{
  Fixture fixture = load ();
  json_t *order = json_object_get (fixture.root, "order");

  for (guint i = 0; i < fixture.n; i++)
    {
      const char *key = json_string_value (json_array_get (order, i));
      json_t *raw = json_object_get (json_object_get (fixture.root, "references"), key);
      json_t *wanted =
          json_object_get (json_object_get (fixture.root, "tokenized_references"), key);

      for (gsize j = 0; j < json_array_size (raw); j++)
        assert_tokens (json_string_value (json_array_get (raw, j)),
                       json_string_value (json_array_get (wanted, j)));
      assert_tokens (
          json_string_value (json_object_get (json_object_get (fixture.root, "candidates"), key)),
          json_string_value (
              json_object_get (json_object_get (fixture.root, "tokenized_candidates"), key)));
    }
  fixture_clear (&fixture);
}

static void
test_tokens_should_follow_the_treebank (void)
{
  assert_tokens ("", "");
  assert_tokens (" \t\n", "");
  assert_tokens ("It isn't a dog, they're cats.", "it is n't a dog they 're cats");
  assert_tokens ("You cannot", "you can not");
  assert_tokens ("the dogs' ball", "the dogs ball");
  assert_tokens ("the dog’s ball", "the dog 's ball");
  assert_tokens ("“quoted” – text…", "quoted text");
  assert_tokens ("3,000 people at 10:30 p.m.", "3,000 people at 10:30 p.m.");
  assert_tokens ("50% off, $5", "50 % off $ 5");
  assert_tokens ("red/blue", "red \\/ blue");
  assert_tokens ("Wow!! Really?", "wow !! really");
  assert_tokens ("[a] {b}", "-lsb- a -rsb- -lcb- b -rcb-");
  assert_tokens ("Ein Café am Fluß", "ein café am fluß");
  assert_tokens ("Mr. Smith vs. Dr. No.", "mr. smith vs. dr. no");
  assert_tokens ("black &amp; white", "black & white");
}

static void
assert_scores (const GlossCaptionScores *scores, json_t *bleu, double rouge_l, double cider)
{
  for (guint i = 0; i < GLOSS_NGRAM_MAX; i++)
    g_assert_cmpfloat_with_epsilon (scores->bleu[i], json_real_value (json_array_get (bleu, i)),
                                    BOUND);
  g_assert_cmpfloat_with_epsilon (scores->rouge_l, rouge_l, BOUND);
  g_assert_cmpfloat_with_epsilon (scores->cider, cider, BOUND);
}

static double
get (const Fixture *fixture, const char *name, guint index)
{
  return json_number_value (json_array_get (json_object_get (fixture->root, name), index));
}

static void
test_scores_should_be_those_of_the_reference (void)
{
  Fixture fixture = load ();
  g_autofree GlossCaptionScores *each = g_new0 (GlossCaptionScores, fixture.n);
  json_t *per_picture = json_object_get (fixture.root, "bleu_per_picture");
  GlossCaptionScores all;

  gloss_caption_scores_compute (fixture.captions, fixture.n, &all, each);
  assert_scores (&all, json_object_get (fixture.root, "bleu"),
                 json_number_value (json_object_get (fixture.root, "rouge_l")),
                 json_number_value (json_object_get (fixture.root, "cider")));
  for (guint i = 0; i < fixture.n; i++)
    {
      for (guint j = 0; j < GLOSS_NGRAM_MAX; j++)
        g_assert_cmpfloat_with_epsilon (
            each[i].bleu[j],
            json_number_value (json_array_get (json_array_get (per_picture, j), i)), BOUND);
      g_assert_cmpfloat_with_epsilon (each[i].rouge_l, get (&fixture, "rouge_l_per_picture", i),
                                      BOUND);
      g_assert_cmpfloat_with_epsilon (each[i].cider, get (&fixture, "cider_per_picture", i), BOUND);
    }
  fixture_clear (&fixture);
}

static void
test_what_is_empty_should_score_nothing (void)
{
  const char *nothing[] = { NULL };
  const char *words[] = { "a", "dog", NULL };
  const char *const *with_words[] = { words, NULL };
  const char *const *with_nothing[] = { nothing, NULL };
  const GlossScoredCaption captions[] = { { nothing, with_words }, { words, with_nothing } };
  GlossCaptionScores all, each[2];

  gloss_caption_scores_compute (captions, G_N_ELEMENTS (captions), &all, each);
  g_assert_cmpfloat (each[0].rouge_l, ==, 0);
  g_assert_cmpfloat (each[1].rouge_l, ==, 0);
  g_assert_cmpfloat (each[0].cider, ==, 0);
  g_assert_cmpfloat (each[1].cider, ==, 0);
  g_assert_cmpfloat (all.bleu[0], <, 1e-3);
  gloss_caption_scores_compute (NULL, 0, &all, NULL);
  g_assert_cmpfloat (all.cider, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dataset/caption-tokens/should-be-those-of-the-reference",
                   test_tokens_should_be_those_of_the_reference);
  g_test_add_func ("/dataset/caption-tokens/should-follow-the-treebank",
                   test_tokens_should_follow_the_treebank);
  g_test_add_func ("/dataset/caption-scores/should-be-those-of-the-reference",
                   test_scores_should_be_those_of_the_reference);
  g_test_add_func ("/dataset/caption-scores/what-is-empty-should-score-nothing",
                   test_what_is_empty_should_score_nothing);
  return g_test_run ();
}
