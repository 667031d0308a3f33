/* Drawing tokens: big_vision's nuclei, and the frequencies that a temperature promises. */
#include "model/fixture.h"
#include "model/sampler.h"
#include "support/asserts.h"

#include <math.h>
#include <string.h>

#define N_VOCAB 2048
#define N_TEXT 39

static void
test_nuclei_should_equal_the_reference (gconstpointer name)
{
  g_autoptr (Fixture) fixture = fixture_new (name);
  json_t *nuclei = json_object_get (fixture->json, "nucleus");
  g_autofree float *scratch = g_new (float, N_VOCAB);
  g_autofree float *tempered = g_new (float, N_VOCAB);
  gsize n;
  g_autofree float *logits = fixture_get_floats (fixture, "logits", &n);

  g_assert_cmpuint (json_array_size (nuclei), >=, 10);
  for (gsize i = 0; i < json_array_size (nuclei); i++)
    {
      json_t *nucleus = json_array_get (nuclei, i), *ids = json_object_get (nucleus, "ids");
      gsize example = (gsize) json_integer_value (json_object_get (nucleus, "example"));
      gsize position = (gsize) json_integer_value (json_object_get (nucleus, "text_position"));
      float temperature = (float) json_number_value (json_object_get (nucleus, "temperature"));
      const float *row = logits + (example * N_TEXT + position) * N_VOCAB;
      gsize n_kept = 0;
      float threshold;

      for (gsize j = 0; j < N_VOCAB; j++)
        tempered[j] = row[j] / temperature;
      threshold = gloss_nucleus_get_threshold (
          tempered, N_VOCAB, (float) json_number_value (json_object_get (nucleus, "p")), scratch);
      for (gsize j = 0; j < N_VOCAB; j++)
        n_kept += tempered[j] >= threshold;
      g_assert_cmpuint (n_kept, ==, json_integer_value (json_object_get (nucleus, "kept")));
      /* long lists are not named */
      g_assert_true (json_array_size (ids) == n_kept || n_kept > 40);
      for (gsize j = 0; j < json_array_size (ids); j++)
        g_assert_cmpfloat (tempered[json_integer_value (json_array_get (ids, j))], >=, threshold);
    }
}

static void
test_greedy_should_take_the_first_of_equals (void)
{
  const float logits[] = { 1, 3, 3, 2 };
  const GlossSampling greedy = { 0 };
  float scratch[8];
  GlossRandom random;

  gloss_random_init (&random, 1);
  g_assert_cmpint (gloss_sampling_draw (&greedy, &random, logits, 4, scratch), ==, 1);
}

/* Over 20,000 draws each frequency is within five standard deviations of its probability. */
static void
check_frequencies (const GlossSampling *sampling, const double *expected)
{
  const float logits[] = { 0, 1, 2, -1 };
  guint counts[4] = { 0 };
  const guint n = 20000;
  float scratch[8];
  GlossRandom random;

  gloss_random_init (&random, sampling->seed);
  for (guint i = 0; i < n; i++)
    counts[gloss_sampling_draw (sampling, &random, logits, 4, scratch)]++;
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat (fabs (counts[i] - n * expected[i]), <=,
                       5 * sqrt (n * expected[i] * (1 - expected[i])));
}

static void
test_draws_should_have_their_probabilities (void)
{
  const double total = exp (0) + exp (1) + exp (2) + exp (-1);
  const double plain[] = { 1 / total, exp (1) / total, exp (2) / total, exp (-1) / total };
  const double sharp_total = exp (0) + exp (2) + exp (4) + exp (-2);
  const double sharp[] = { 1 / sharp_total, exp (2) / sharp_total, exp (4) / sharp_total,
                           exp (-2) / sharp_total };
  /* 0.64 and 0.24 make 0.88, so a nucleus of 0.7 has two */
  const double nucleus[] = { 0, exp (1) / (exp (1) + exp (2)), exp (2) / (exp (1) + exp (2)), 0 };

  check_frequencies (&(GlossSampling){ .temperature = 1, .seed = 7 }, plain);
  check_frequencies (&(GlossSampling){ .temperature = 1, .top_p = 1, .seed = 8 }, plain);
  check_frequencies (&(GlossSampling){ .temperature = 0.5f, .seed = 9 }, sharp);
  check_frequencies (&(GlossSampling){ .temperature = 1, .top_p = 0.7f, .seed = 10 }, nucleus);
}

static void
test_thresholds_should_survive_odd_rows (void)
{
  float scratch[5];
  const float equal[] = { 2, 2, 2, 2, 2 }, sorted[] = { 1, 2, 3, 4, 5 };
  const float far[] = { 0, -INFINITY, -1e30f, 0, -INFINITY };

  g_assert_cmpfloat (gloss_nucleus_get_threshold (equal, 5, 0.5f, scratch), ==, 2);
  g_assert_cmpfloat (gloss_nucleus_get_threshold (sorted, 5, 0.1f, scratch), ==, 5);
  /* e⁴ of 84.8 is 0.64, with e³ 0.87: the token that crosses is kept */
  g_assert_cmpfloat (gloss_nucleus_get_threshold (sorted, 5, 0.7f, scratch), ==, 4);
  g_assert_cmpfloat (gloss_nucleus_get_threshold (far, 5, 0.9f, scratch), ==, 0);
  g_assert_cmpfloat (gloss_nucleus_get_threshold (sorted, 5, 1, scratch), <=, 1);
}

/* Reference values of SplitMix64 for seed 1234567. */
static void
test_random_should_be_the_same_everywhere (void)
{
  const guint64 expected[] = { G_GUINT64_CONSTANT (6457827717110365317),
                               G_GUINT64_CONSTANT (3203168211198807973),
                               G_GUINT64_CONSTANT (9817491932198370423) };
  GlossRandom random;

  gloss_random_init (&random, 1234567);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (gloss_random_next (&random), ==, expected[i]);
  for (guint i = 0; i < 1000; i++)
    {
      double x = gloss_random_next_double (&random);

      g_assert_true (x >= 0 && x < 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/model/sampler/paligemma1/nuclei-should-equal-the-reference", "paligemma1",
                        test_nuclei_should_equal_the_reference);
  g_test_add_data_func ("/model/sampler/paligemma2/nuclei-should-equal-the-reference", "paligemma2",
                        test_nuclei_should_equal_the_reference);
  g_test_add_func ("/model/sampler/greedy-should-take-the-first-of-equals",
                   test_greedy_should_take_the_first_of_equals);
  g_test_add_func ("/model/sampler/draws-should-have-their-probabilities",
                   test_draws_should_have_their_probabilities);
  g_test_add_func ("/model/sampler/thresholds-should-survive-odd-rows",
                   test_thresholds_should_survive_odd_rows);
  g_test_add_func ("/model/sampler/random-should-be-the-same-everywhere",
                   test_random_should_be_the_same_everywhere);
  return g_test_run ();
}
