/* Attention against the formula, written out in double. */
#include "support/asserts.h"
#include "tensor/attention.h"

#include <math.h>

#define EPS 5.97e-8
#define MAX_TOKENS 700

typedef struct
{
  guint n_heads, n_kv_heads, head_dim;
  gsize n_rows;
  gsize n_tokens[2];
  float softcap;
  gboolean masked;
} Case;

static const Case cases[] = {
  { 4, 1, 8, 1, { 20, 3 }, 0, FALSE },     /* a step of Gemma: many heads on one */
  { 6, 6, 12, 70, { 70, 0 }, 0, FALSE },   /* SigLIP, more than one block of rows */
  { 4, 2, 16, 9, { 9, 0 }, 50, TRUE },     /* a prefill of Gemma 2 */
  { 10, 2, 8, 1, { 130, 40 }, 50, FALSE }, /* five heads on one: two tiles for each kv head */
  { 3, 3, 8, 600, { 600, 0 }, 0, FALSE },  /* several blocks of tokens, and of rows */
  { 4, 2, 8, 530, { 530, 0 }, 50, TRUE },  /* the same with heads that do not stack evenly */
  { 4, 1, 8, 300, { 270, 30 }, 0, TRUE },  /* and with heads that do, in two segments */
  { 2, 1, 4, 3, { 1, 2 }, 0, TRUE },       { 1, 1, 2, 1, { 1, 0 }, 0, FALSE },
};

static void
expect (double *out, const Case *c, const float *q, const float *k, const float *v, gsize row,
        guint head, gsize n_visible)
{
  double scores[MAX_TOKENS], max = -INFINITY, total = 0;
  guint kv_head = head / (c->n_heads / c->n_kv_heads);

  for (gsize t = 0; t < n_visible; t++)
    {
      double dot = 0;

      for (guint i = 0; i < c->head_dim; i++)
        dot += (double) q[(row * c->n_heads + head) * c->head_dim + i]
               * k[(t * c->n_kv_heads + kv_head) * c->head_dim + i];
      dot *= 0.7f;
      scores[t] = c->softcap > 0 ? c->softcap * tanh (dot / c->softcap) : dot;
      max = MAX (max, scores[t]);
    }
  for (gsize t = 0; t < n_visible; t++)
    total += scores[t] = exp (scores[t] - max);
  for (guint i = 0; i < c->head_dim; i++)
    {
      out[i] = 0;
      for (gsize t = 0; t < n_visible; t++)
        out[i] += scores[t] / total * v[(t * c->n_kv_heads + kv_head) * c->head_dim + i];
    }
}

static void
check (const Case *c, GlossPool *pool)
{
  gsize n_tokens = c->n_tokens[0] + c->n_tokens[1];
  gsize kv_row = c->n_kv_heads * c->head_dim;
  gsize n_out = c->n_rows * c->n_heads * c->head_dim;
  g_autoptr (GlossGuarded) guarded = gloss_guarded_new (n_out * sizeof (float), 0);
  g_autofree float *q = g_new (float, n_out);
  g_autofree float *k = g_new (float, n_tokens *kv_row);
  g_autofree float *v = g_new (float, n_tokens *kv_row);
  g_autofree guint *n_visible = g_new (guint, c->n_rows);
  GlossAttentionShape shape = { c->n_heads, c->n_kv_heads, c->head_dim, 0.7f, c->softcap };
  GlossAttentionItem item = { gloss_guarded_get_data (guarded),
                              q,
                              c->n_rows,
                              c->masked ? n_visible : NULL,
                              { { k, v, c->n_tokens[0] },
                                { k + c->n_tokens[0] * kv_row, v + c->n_tokens[0] * kv_row,
                                  c->n_tokens[1] } } };

  gloss_test_fill (q, n_out, 1);
  gloss_test_fill (k, n_tokens * kv_row, 2);
  gloss_test_fill (v, n_tokens * kv_row, 3);
  for (gsize i = 0; i < c->n_rows; i++)
    n_visible[i] = c->masked ? (guint) MIN (n_tokens, MAX (2, i + 1)) : (guint) n_tokens;

  gloss_attention (pool, &item, 1, &shape);
  g_assert_true (gloss_guarded_is_intact (guarded));
  for (gsize row = 0; row < c->n_rows; row++)
    {
      for (guint head = 0; head < c->n_heads; head++)
        {
          double expected[16];

          expect (expected, c, q, k, v, row, head, n_visible[row]);
          for (guint i = 0; i < c->head_dim; i++)
            {
              float got = item.out[(row * c->n_heads + head) * c->head_dim + i];

              /* |values| ≤ 1: the weights' error, head_dim + 4 roundings of scores below
               * head_dim and the sum's n + 4, comes through once */
              g_assert_cmpfloat (
                  fabs (got - expected[i]), <=,
                  (c->head_dim * (c->head_dim + 4.0) * 2 + 2.0 * (double) n_tokens + 8) * EPS);
            }
        }
    }
}

static void
test_attention_should_equal_the_formula (void)
{
  g_autoptr (GlossPool) pool = gloss_pool_new (2);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check (&cases[i], pool);
}

/* A token that is masked has no influence at all, whatever it holds. */
static void
test_masked_tokens_should_not_count (void)
{
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  float q[2 * 2] = { 1, 2, 3, 4 }, k[3 * 2] = { 1, 0, 0, 1, 1, 1 }, v[3 * 2] = { 1, 2, 3, 4, 5, 6 };
  float before[4], after[4];
  guint n_visible[] = { 2, 2 };
  GlossAttentionShape shape = { 1, 1, 2, 1, 0 };
  GlossAttentionItem item = { before, q, 2, n_visible, { { k, v, 3 } } };

  gloss_attention (pool, &item, 1, &shape);
  k[4] = 1e6f, v[4] = -1e6f;
  item.out = after;
  gloss_attention (pool, &item, 1, &shape);
  gloss_assert_close (after, before, 4, 0, "masked token");
}

static void
test_items_should_not_mix (void)
{
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  float q[4 * 2], k[2 * 2], v[2 * 2], together[4 * 2], alone[2];
  GlossAttentionShape shape = { 1, 1, 2, 1, 0 };
  GlossAttentionItem items[4];

  gloss_test_fill (q, 8, 1);
  gloss_test_fill (k, 4, 2);
  gloss_test_fill (v, 4, 3);
  for (guint i = 0; i < 4; i++)
    items[i] =
        (GlossAttentionItem){ together + i * 2, q + i * 2, 1, NULL, { { k, v, 1 + i % 2 } } };
  gloss_attention (pool, items, 4, &shape);
  for (guint i = 0; i < 4; i++)
    {
      items[i].out = alone;
      gloss_attention (pool, &items[i], 1, &shape);
      gloss_assert_close (together + i * 2, alone, 2, 0, "item");
    }
}

/* The same bits whoever computes: at one size of tiles for each shape. */
static void
test_threads_should_not_matter (void)
{
  static const GlossAttentionShape shapes[] = { { 3, 3, 8, 0.7f, 0 }, { 4, 2, 8, 0.7f, 50 } };
  const gsize n = 600;

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      gsize n_q = n * shapes[i].n_heads * shapes[i].head_dim;
      gsize n_kv = n * shapes[i].n_kv_heads * shapes[i].head_dim;
      g_autofree float *q = g_new (float, n_q);
      g_autofree float *k = g_new (float, n_kv);
      g_autofree float *alone = g_new (float, n_q);
      g_autofree float *shared = g_new (float, n_q);

      gloss_test_fill (q, n_q, 1);
      gloss_test_fill (k, n_kv, 2);
      for (guint p = 0; p < 2; p++)
        {
          g_autoptr (GlossPool) pool = gloss_pool_new (p == 0 ? 1 : 3);
          GlossAttentionItem item = { p == 0 ? alone : shared, q, n, NULL, { { k, k, n } } };

          gloss_attention (pool, &item, 1, &shapes[i]);
        }
      g_assert_cmpmem (alone, n_q * sizeof (float), shared, n_q * sizeof (float));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/attention/should-equal-the-formula",
                   test_attention_should_equal_the_formula);
  g_test_add_func ("/tensor/attention/masked-tokens-should-not-count",
                   test_masked_tokens_should_not_count);
  g_test_add_func ("/tensor/attention/items-should-not-mix", test_items_should_not_mix);
  g_test_add_func ("/tensor/attention/threads-should-not-matter", test_threads_should_not_matter);
  return g_test_run ();
}
