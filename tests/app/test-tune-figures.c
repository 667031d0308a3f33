/* How a fine-tuned model compares with its base, from reports. */
#include "app/tune-figures.h"

static json_t *
parse (const char *text)
{
  json_t *object = json_loads (text, 0, NULL);

  g_assert_nonnull (object);
  return object;
}

static const char report[] =
    "{\"pictures_scored\": 10,"
    " \"base\": {\"loss\": 3.214, \"cider\": 0.5, \"bleu\": [0.9, 0.8, 0.7, 0.25],"
    "            \"alike_share\": 0.9},"
    " \"model\": {\"loss\": 1.04, \"cider\": 0.4, \"bleu\": [0.9, 0.8, 0.7, 0.2501],"
    "             \"alike_share\": 0.2}}";

static void
assert_figure (const GPtrArray *figures, guint index, const char *verdict_words, const char *spoken)
{
  const GlossTuneFigure *figure = g_ptr_array_index (figures, index);

  g_assert_cmpstr (figure->verdict_words, ==, verdict_words);
  g_assert_cmpstr (figure->spoken, ==, spoken);
}

static void
test_figures_should_say_whether_they_are_better (void)
{
  g_autoptr (json_t) object = parse (report);
  g_autoptr (GPtrArray) figures = gloss_tune_figures_make (object);

  g_assert_cmpuint (figures->len, ==, 4);
  assert_figure (figures, 0, "↓ better", "Held-out loss: before 3.21, after 1.04, better");
  assert_figure (figures, 1, "↓ worse", "CIDEr: before 0.50, after 0.40, worse");
  /* what cannot be seen is no difference */
  assert_figure (figures, 2, "the same", "BLEU-4: before 0.250, after 0.250, the same");
  assert_figure (figures, 3, "↓ better",
                 "Identical captions: before 9 of 10, after 2 of 10, better");
}

static void
test_what_is_not_known_should_be_left_out (void)
{
  g_autoptr (json_t) alone = parse ("{\"pictures_scored\": 3, \"model\": {\"loss\": 2,"
                                    " \"cider\": null, \"bleu\": \"x\", \"alike_share\": 7}}");
  g_autoptr (json_t) empty = parse ("{}");
  g_autoptr (json_t) odd = parse ("[1]");
  g_autoptr (GPtrArray) figures = gloss_tune_figures_make (alone);
  g_autoptr (GPtrArray) none = gloss_tune_figures_make (empty);
  g_autoptr (GPtrArray) neither = gloss_tune_figures_make (odd);
  g_autoptr (GPtrArray) nothing = gloss_tune_figures_make (NULL);

  g_assert_cmpuint (figures->len, ==, 2);
  assert_figure (figures, 0, NULL, "Held-out loss: 2.00");
  assert_figure (figures, 1, NULL, "Identical captions: 3 of 3");
  g_assert_cmpuint (none->len + neither->len + nothing->len, ==, 0);
}

/* Of ten pictures @n_same have the caption that most have; people wrote as many different ones as
 * there are, or one. */
static GlossAdvice *
advise (guint n_same, gboolean people_vary)
{
  g_autoptr (json_t) object = json_pack ("{s:i, s:{s:i}, s:[]}", "pictures_scored", 10, "model",
                                         "most_common_count", (int) n_same, "pictures");

  for (int i = 0; i < 10; i++)
    {
      g_autofree char *text = g_strdup_printf ("picture %d", people_vary ? i : 0);

      json_array_append_new (json_object_get (object, "pictures"),
                             json_pack ("{s:[s]}", "references", text));
    }
  return gloss_tune_figures_advise (object);
}

static void
test_captions_that_are_all_alike_should_be_noticed (void)
{
  g_autoptr (GlossAdvice) alike = advise (10, TRUE);
  g_autoptr (GlossAdvice) varied = advise (0, TRUE);
  g_autoptr (GlossAdvice) meant = advise (10, FALSE);

  g_assert_nonnull (alike);
  g_assert_cmpint (alike->kind, ==, GLOSS_ADVICE_ALIKE);
  g_assert_null (varied);
  g_assert_null (meant);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tune-figures/figures should say whether they are better",
                   test_figures_should_say_whether_they_are_better);
  g_test_add_func ("/tune-figures/what is not known should be left out",
                   test_what_is_not_known_should_be_left_out);
  g_test_add_func ("/tune-figures/captions that are all alike should be noticed",
                   test_captions_that_are_all_alike_should_be_noticed);
  return g_test_run ();
}
