/* What the language tower promises beyond the golden numbers: steps equal prefills, trimmed rows
 * equal untrimmed ones, beams do not mix, logits are capped as said. */
#include "model/fixture.h"
#include "model/gemma.h"
#include "support/asserts.h"
#include "tensor/log-sum-exp.h"

#include <math.h>
#include <string.h>

#define N_ROWS 20

typedef struct
{
  Fixture *fixture;
  GlossModel *model;
  const GlossModelConfig *config;
  GlossPool *pool;
  GlossArena *arena;
} Setup;

static void
setup_init (Setup *setup, const char *name)
{
  setup->fixture = fixture_new (name);
  setup->model = fixture_load_model (setup->fixture, "weights.f32.npz");
  setup->config = gloss_model_get_config (setup->model);
  setup->pool = gloss_pool_new (2);
  setup->arena = gloss_arena_new (gloss_gemma_get_workspace_bytes (setup->config, 600), NULL);
  gloss_pool_begin_job (setup->pool, NULL);
}

static void
setup_clear (Setup *setup)
{
  gloss_pool_free (setup->pool);
  gloss_arena_free (setup->arena);
  gloss_model_unref (setup->model);
  fixture_free (setup->fixture);
}

/* Token @i of a made-up text. */
static void
embed (Setup *setup, float *x, gsize first, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      gint32 id = (gint32) ((first + i) * 37 % 1900 + 100);

      gloss_gemma_embed (setup->model, x + i * setup->config->width, &id, 1);
    }
}

/* Runs @n_prefix tokens as a prefix whose rows see themselves and what came before. */
static GlossKvCache *
prefill (Setup *setup, float *x, gsize n_prefix, gsize n_beams, gsize n_new, gsize n_needed)
{
  GlossKvCache *cache =
      gloss_kv_cache_new (setup->config, n_prefix, n_beams, n_new, GLOSS_KV_F32, NULL);
  g_autofree guint *n_visible = g_new (guint, n_prefix);

  for (gsize i = 0; i < n_prefix; i++)
    n_visible[i] = (guint) i + 1;
  embed (setup, x, 0, n_prefix);
  gloss_gemma_prefill (setup->model, setup->pool, setup->arena, cache, x, n_prefix, n_visible,
                       n_needed, NULL);
  return cache;
}

/* Ten tokens at once and ten one by one give the states that twenty at once give. */
static void
test_steps_should_equal_a_prefill (gconstpointer name)
{
  Setup s;

  setup_init (&s, name);

  gsize width = s.config->width;
  g_autofree float *all = g_new (float, N_ROWS *width);
  g_autofree float *some = g_new (float, N_ROWS *width);
  g_autoptr (GlossKvCache) whole = prefill (&s, all, N_ROWS, 1, 1, N_ROWS);
  g_autoptr (GlossKvCache) half = prefill (&s, some, N_ROWS / 2, 1, N_ROWS, 1);

  for (gsize i = N_ROWS / 2; i < N_ROWS; i++)
    {
      g_assert_cmpuint (gloss_kv_cache_get_n_added (half), ==, i - N_ROWS / 2);
      embed (&s, some, i, 1);
      gloss_gemma_step (s.model, s.pool, s.arena, half, some, 1, NULL);
      /* both run the same sums in another order: twice the bound of a layer */
      gloss_assert_close (some, all + i * width, width,
                          1e-5 * gloss_max_abs (all + i * width, width), "state of a step");
    }
  g_assert_cmpuint (gloss_kv_cache_get_n_prefix (whole), ==, N_ROWS);
  setup_clear (&s);
}

static void
test_trimming_should_not_change_the_last_row (gconstpointer name)
{
  Setup s;

  setup_init (&s, name);

  gsize width = s.config->width;
  g_autofree float *all = g_new (float, N_ROWS *width);
  g_autofree float *last = g_new (float, N_ROWS *width);
  g_autoptr (GlossKvCache) a = prefill (&s, all, N_ROWS, 1, 1, N_ROWS);
  g_autoptr (GlossKvCache) b = prefill (&s, last, N_ROWS, 1, 1, 1);

  gloss_assert_close (last + (N_ROWS - 1) * width, all + (N_ROWS - 1) * width, width,
                      1e-5 * gloss_max_abs (all + (N_ROWS - 1) * width, width), "last row");
  setup_clear (&s);
}

/* More rows than the MLP takes at once. */
static void
test_long_prefixes_should_equal_short_ones (gconstpointer name)
{
  Setup s;
  gsize n = 600;

  setup_init (&s, name);

  gsize width = s.config->width;
  g_autofree float *x = g_new (float, n *width);
  g_autofree float *first = g_new (float, n *width);
  g_autoptr (GlossKvCache) a = prefill (&s, x, n, 1, 1, n);
  g_autoptr (GlossKvCache) b = prefill (&s, first, 30, 1, 1, 30);

  /* causal: the first thirty rows do not know of the rest */
  gloss_assert_close (x, first, 30 * width, 1e-5 * gloss_max_abs (first, 30 * width), "first rows");
  setup_clear (&s);
}

static void
test_beams_should_not_mix (gconstpointer name)
{
  Setup s;

  setup_init (&s, name);

  gsize width = s.config->width;
  g_autofree float *x = g_new (float, N_ROWS *width);
  g_autofree float *beams = g_new (float, 3 * width);
  g_autofree float *alone = g_new (float, width);
  const guint parents[] = { 2, 0, 2 };
  g_autoptr (GlossKvCache) cache = prefill (&s, x, N_ROWS, 3, 4, 1);

  /* beam b says token 20+b, then all are reordered and say token 30 */
  embed (&s, beams, 20, 3);
  gloss_gemma_step (s.model, s.pool, s.arena, cache, beams, 3, NULL);
  gloss_kv_cache_reorder (cache, parents, 3);
  for (gsize beam = 0; beam < 3; beam++)
    embed (&s, beams + beam * width, 30, 1);
  gloss_gemma_step (s.model, s.pool, s.arena, cache, beams, 3, NULL);

  for (gsize beam = 0; beam < 3; beam++)
    {
      g_autoptr (GlossKvCache) single = prefill (&s, x, N_ROWS, 1, 4, 1);

      embed (&s, alone, 20 + parents[beam], 1);
      gloss_gemma_step (s.model, s.pool, s.arena, single, alone, 1, NULL);
      embed (&s, alone, 30, 1);
      gloss_gemma_step (s.model, s.pool, s.arena, single, alone, 1, NULL);
      gloss_assert_close (beams + beam * width, alone, width, 1e-5 * gloss_max_abs (alone, width),
                          "beam");
    }
  g_assert_cmpmem (beams, width * 4, beams + 2 * width, width * 4);
  g_assert_true (memcmp (beams, beams + width, width * 4) != 0);
  setup_clear (&s);
}

static void
test_logits_should_be_capped_and_cut (gconstpointer name)
{
  Setup s;
  gsize n_vocab = 2000, n_rows = 3;

  setup_init (&s, name);

  g_autofree float *x = g_new (float, n_rows *s.config->width);
  g_autofree float *plain = g_new (float, n_rows *n_vocab);
  g_autofree float *capped = g_new (float, n_rows *n_vocab);
  const GlossMatrix *table = gloss_model_get_matrix (s.model, GLOSS_TENSOR_EMBEDDING, 0);

  gloss_test_fill (x, n_rows * s.config->width, 5);
  for (gsize i = 0; i < n_rows * s.config->width; i++)
    x[i] *= 20;
  gloss_gemma_logits (s.model, s.pool, plain, x, n_rows, n_vocab, 0);
  gloss_gemma_logits (s.model, s.pool, capped, x, n_rows, n_vocab, 30);
  g_assert_cmpfloat (gloss_max_abs (plain, n_rows * n_vocab), >, 10);
  for (gsize i = 0; i < n_rows * n_vocab; i++)
    g_assert_cmpfloat (fabs (capped[i] - 30 * tanh (plain[i] / 30.0)), <=, 30 * 4 * 5.97e-8);

  /* row 1, id 7 by hand */
  double sum = 0, magnitude = 0;
  g_autofree float *row = g_new (float, table->n_in);

  gloss_matrix_convert_row (row, table, 7);
  for (gsize i = 0; i < table->n_in; i++)
    {
      sum += (double) row[i] * x[s.config->width + i];
      magnitude += fabs ((double) row[i] * x[s.config->width + i]);
    }
  g_assert_cmpfloat (fabs (plain[n_vocab + 7] - sum), <=, (double) table->n_in * 6e-8 * magnitude);
  setup_clear (&s);
}

/* Packed tables have two more ways, in both arithmetics: bfloat16 rounds each value by 2^-9. */
static void
test_packed_tables_should_say_the_same (gconstpointer name)
{
  g_autoptr (Fixture) fixture = fixture_new (name);

  for (GlossArithmetic arithmetic = 0; arithmetic < GLOSS_ARITHMETIC_AUTO; arithmetic++)
    {
      g_autoptr (GlossModel) model =
          fixture_load_prepared_model_as (fixture, "weights.bf16.npz", arithmetic);
      const GlossModelConfig *config = gloss_model_get_config (model);
      gsize n_vocab = 2001, n_rows = 13, n = n_rows * n_vocab;
      g_autoptr (GlossPool) pool = gloss_pool_new (2);
      g_autoptr (GlossArena) arena =
          gloss_arena_new (gloss_gemma_get_logits_bytes (config, n_rows), NULL);
      g_autofree float *x = g_new (float, n_rows * config->width);
      g_autofree float *logits = g_new (float, n);
      g_autofree float *at_once = g_new (float, n);
      g_autofree float *scratch = g_new (float, n_vocab + GLOSS_BEST_MORE_FLOATS);
      double eps = arithmetic == GLOSS_ARITHMETIC_FAST ? 0x1p-9 : 1e-6;

      gloss_test_fill (x, n_rows * config->width, 6);
      gloss_gemma_logits (model, pool, logits, x, n_rows, n_vocab, 30);
      gloss_gemma_logits_at_once (model, pool, arena, at_once, x, n_rows, n_vocab, 30);
      gloss_assert_close (at_once, logits, n, eps * gloss_max_abs (logits, n), "at once");
      for (gsize row = 0; row < n_rows; row++)
        {
          const float *own = logits + row * n_vocab;
          GlossBest best;

          g_assert_true (gloss_gemma_find_best (model, pool, &best, x + row * config->width,
                                                n_vocab, 30, scratch));
          for (gsize i = 0; i < n_vocab; i++)
            g_assert_cmpfloat (own[i], <=, own[best.index]);
          g_assert_cmpfloat (fabs (best.log_sum_exp - gloss_log_sum_exp (own, n_vocab)), <=, 1e-5);
        }
    }
}

static void
test_bf16_keys_and_values_should_be_rounded (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("paligemma1");
  g_autoptr (GlossModel) model = fixture_load_model (fixture, "weights.f32.npz");
  const GlossModelConfig *config = gloss_model_get_config (model);
  gsize row = config->n_kv_heads * config->head_dim;
  g_autoptr (GlossKvCache) cache = gloss_kv_cache_new (config, 1, 1, 1, GLOSS_KV_BF16, NULL);
  g_autofree float *keys = g_new (float, row);
  g_autofree float *values = g_new (float, row);
  GlossAttentionSegment segments[2];

  gloss_test_fill (values, row, 1);
  gloss_test_fill (keys, row, 2);
  gloss_kv_cache_write_prefix (cache, 1, keys, values);
  gloss_kv_cache_write_step (cache, 1, 0, values, keys);
  gloss_kv_cache_get_segments (cache, 1, 0, 1, segments);
  g_assert_cmpuint (segments[0].n_rows, ==, 1);
  g_assert_cmpuint (segments[1].n_rows, ==, 1);
  for (gsize i = 0; i < row; i++)
    {
      float key = gloss_float_from_bf16 (gloss_float_to_bf16 (keys[i]));
      float value = gloss_float_from_bf16 (gloss_float_to_bf16 (values[i]));

      g_assert_cmpfloat (segments[0].keys[i], ==, key);
      g_assert_cmpfloat (segments[0].values[i], ==, value);
      g_assert_cmpfloat (segments[1].keys[i], ==, value);
      g_assert_cmpfloat (segments[1].values[i], ==, key);
    }
}

int
main (int argc, char **argv)
{
  static const char *const fixtures[] = { "paligemma1", "paligemma2", "paligemma2-27b-like" };
  static const struct
  {
    const char *name;
    void (*func) (gconstpointer);
  } tests[] = {
    { "steps-should-equal-a-prefill", test_steps_should_equal_a_prefill },
    { "trimming-should-not-change-the-last-row", test_trimming_should_not_change_the_last_row },
    { "long-prefixes-should-equal-short-ones", test_long_prefixes_should_equal_short_ones },
    { "beams-should-not-mix", test_beams_should_not_mix },
    { "logits-should-be-capped-and-cut", test_logits_should_be_capped_and_cut },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (fixtures); i++)
    {
      for (guint t = 0; t < G_N_ELEMENTS (tests); t++)
        {
          g_autofree char *path =
              g_strdup_printf ("/model/gemma/%s/%s", fixtures[i], tests[t].name);

          g_test_add_data_func (path, fixtures[i], tests[t].func);
        }
    }
  g_test_add_data_func ("/model/gemma/paligemma1/packed-tables-should-say-the-same", "paligemma1",
                        test_packed_tables_should_say_the_same);
  g_test_add_data_func ("/model/gemma/paligemma2/packed-tables-should-say-the-same", "paligemma2",
                        test_packed_tables_should_say_the_same);
  g_test_add_func ("/model/gemma/bf16-keys-and-values-should-be-rounded",
                   test_bf16_keys_and_values_should_be_rounded);
  return g_test_run ();
}
