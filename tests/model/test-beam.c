/* Beam search on logits by hand: four ids, of which 3 is EOS. */
#include "model/beam.h"
#include "support/asserts.h"

#include <math.h>

#define EOS 3
#define P(a, b, c, d) (float) log (a), (float) log (b), (float) log (c), (float) log (d)

/* Probabilities as logits: log-softmax gives the logarithms back. */
static gboolean
advance (GlossBeamSearch *search, const float *logits, guint *parents, gint32 *ids)
{
  return gloss_beam_search_advance (search, logits, parents, ids);
}

static void
assert_answer (GlossBeamSearch *search, const gint32 *ids, guint n)
{
  g_autoptr (GlossDecoded) answer = gloss_beam_search_get_answer (search);

  g_assert_cmpmem (answer->ids->data, answer->ids->len * sizeof (gint32), ids, n * sizeof (gint32));
  g_assert_false (answer->is_broken);
}

static void
test_beams_should_follow_their_parents (void)
{
  g_autoptr (GlossBeamSearch) search = gloss_beam_search_new (2, 4, EOS, 10);
  const float first[] = { P (0.5, 0.3, 0.1, 0.1) };
  /* beam 0 (id 0, 0.5) spreads out, beam 1 (id 1, 0.3) is sure of id 2, then of id 0 */
  const float second[] = { P (0.3, 0.3, 0.3, 0.1), P (0.04, 0.03, 0.9, 0.03) };
  const float third[] = { P (0.9, 0.03, 0.03, 0.04), P (0.25, 0.25, 0.25, 0.25) };
  guint parents[GLOSS_MAX_BEAMS];
  gint32 ids[GLOSS_MAX_BEAMS];

  g_assert_true (advance (search, first, parents, ids));
  g_assert_cmpuint (gloss_beam_search_get_n_live (search), ==, 2);
  g_assert_true (parents[0] == 0 && parents[1] == 0 && ids[0] == 0 && ids[1] == 1);
  g_assert_true (advance (search, second, parents, ids));
  /* 0.3 · 0.9 = 0.27 beats 0.5 · 0.3 = 0.15, of which the first of three equals lives */
  g_assert_true (parents[0] == 1 && ids[0] == 2 && parents[1] == 0 && ids[1] == 0);
  g_assert_true (advance (search, third, parents, ids));
  /* 0.27 · 0.9, then 0.15 · 0.25, which again is the first of equals */
  g_assert_true (parents[0] == 0 && ids[0] == 0 && parents[1] == 1 && ids[1] == 0);

  const float fourth[] = { P (0.01, 0.01, 0.01, 0.97), P (0.97, 0.01, 0.01, 0.01) };
  const gint32 answer[] = { 1, 2, 0, EOS };

  g_assert_false (advance (search, fourth, parents, ids));
  assert_answer (search, answer, 4);
}

/* EOS among the best is hopeless as a way on, so the n + 1st takes its place. */
static void
test_eos_should_not_take_a_place (void)
{
  g_autoptr (GlossBeamSearch) search = gloss_beam_search_new (2, 4, EOS, 10);
  const float first[] = { P (0.36, 0.25, 0.04, 0.35) };
  guint parents[GLOSS_MAX_BEAMS];
  gint32 ids[GLOSS_MAX_BEAMS];

  g_assert_true (advance (search, first, parents, ids));
  g_assert_cmpuint (gloss_beam_search_get_n_live (search), ==, 2);
  g_assert_true (ids[0] == 0 && ids[1] == 1);
}

static void
test_search_should_end_when_nothing_can_win (void)
{
  g_autoptr (GlossBeamSearch) search = gloss_beam_search_new (2, 4, EOS, 10);
  const float first[] = { P (0.3, 0.2, 0.1, 0.4) };
  const gint32 answer[] = { EOS };
  guint parents[GLOSS_MAX_BEAMS];
  gint32 ids[GLOSS_MAX_BEAMS];

  g_assert_false (advance (search, first, parents, ids));
  assert_answer (search, answer, 1);
}

/* When the best live sum equals the finished one the search goes on, and a later equal does not
 * win. */
static void
test_equals_should_keep_the_stored_answer (void)
{
  g_autoptr (GlossBeamSearch) search = gloss_beam_search_new (1, 4, EOS, 3);
  const float even[] = { 0, -INFINITY, -INFINITY, 0 };
  const float sure[] = { -INFINITY, -INFINITY, -INFINITY, 0 };
  const gint32 answer[] = { EOS };
  guint parents[GLOSS_MAX_BEAMS];
  gint32 ids[GLOSS_MAX_BEAMS];

  g_assert_true (advance (search, even, parents, ids));
  g_assert_cmpint (ids[0], ==, 0);
  /* ½ · 1 ends now: as good as the ½ that is stored */
  advance (search, sure, parents, ids);
  assert_answer (search, answer, 1);
}

static void
test_search_should_end_at_max_tokens (void)
{
  g_autoptr (GlossBeamSearch) search = gloss_beam_search_new (2, 4, EOS, 2);
  const float first[] = { P (0.5, 0.3, 0.19, 0.01) };
  const float second[] = { P (0.97, 0.01, 0.01, 0.01), P (0.97, 0.01, 0.01, 0.01) };
  guint parents[GLOSS_MAX_BEAMS];
  gint32 ids[GLOSS_MAX_BEAMS];

  g_assert_true (advance (search, first, parents, ids));
  g_assert_false (advance (search, second, parents, ids));
}

static void
test_no_numbers_should_be_told (void)
{
  g_autoptr (GlossBeamSearch) search = gloss_beam_search_new (2, 4, EOS, 2);
  const float logits[] = { 0, NAN, 0, 0 };
  guint parents[GLOSS_MAX_BEAMS];
  gint32 ids[GLOSS_MAX_BEAMS];

  g_assert_false (advance (search, logits, parents, ids));

  g_autoptr (GlossDecoded) answer = gloss_beam_search_get_answer (search);

  g_assert_true (answer->is_broken);
  g_assert_cmpuint (answer->ids->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/beam/beams-should-follow-their-parents",
                   test_beams_should_follow_their_parents);
  g_test_add_func ("/model/beam/eos-should-not-take-a-place", test_eos_should_not_take_a_place);
  g_test_add_func ("/model/beam/search-should-end-when-nothing-can-win",
                   test_search_should_end_when_nothing_can_win);
  g_test_add_func ("/model/beam/equals-should-keep-the-stored-answer",
                   test_equals_should_keep_the_stored_answer);
  g_test_add_func ("/model/beam/search-should-end-at-max-tokens",
                   test_search_should_end_at_max_tokens);
  g_test_add_func ("/model/beam/no-numbers-should-be-told", test_no_numbers_should_be_told);
  return g_test_run ();
}
