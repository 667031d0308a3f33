/* Every backward against central differences, and that it adds. */
#include "support/asserts.h"
#include "support/gradient.h"
#include "tensor/activation-grad.h"
#include "tensor/activation.h"
#include "tensor/attention-grad.h"
#include "tensor/cross-entropy.h"
#include "tensor/dropout.h"
#include "tensor/linear-grad.h"
#include "tensor/linear.h"
#include "tensor/lora.h"
#include "tensor/norm-grad.h"
#include "tensor/norm.h"
#include "tensor/rope.h"

#include <math.h>
#include <string.h>

/* What differences of sums of some hundred floats with a step of 2⁻⁷ can tell. */
#define BOUND_FRAC 3e-4
#define MAX_VALUES 40000
#define N_ARRAYS 5

/* One operation: inputs, what comes out, and how much each output counts in the loss, which is
 * therefore the output's gradient. */
typedef struct _Case Case;
struct _Case
{
  GlossPool *pool;
  void (*forward) (Case *c);
  gsize n_rows, width, n_out;
  float in[N_ARRAYS][MAX_VALUES];
  float d_in[N_ARRAYS][MAX_VALUES];
  gsize n_in[N_ARRAYS];
  float out[MAX_VALUES], weights[MAX_VALUES];
  GlossMatrix matrix;
  GlossLora lora;
  GlossAttentionShape shape;
  guint n_visible[100];
  float cosines[4000], sines[4000];
  guint64 keys[100];
  gint32 targets[100];
  double losses[100], log_sums[100];
  float smoothing;
};

static double
get_loss (gpointer user_data)
{
  Case *c = user_data;
  double loss = 0;

  c->forward (c);
  for (gsize i = 0; i < c->n_out; i++)
    loss += (double) c->out[i] * (double) c->weights[i];
  return loss;
}

/* A fresh case with inputs of these sizes; gradients begin with ones, to which is to be added. */
static Case *
case_new (guint n_threads, void (*forward) (Case *), gsize n_out, const gsize *n_in)
{
  Case *c = g_new0 (Case, 1);

  c->pool = gloss_pool_new (n_threads);
  c->forward = forward;
  c->n_out = n_out;
  for (guint a = 0; a < N_ARRAYS; a++)
    {
      c->n_in[a] = n_in[a];
      g_assert_cmpuint (n_in[a], <=, MAX_VALUES);
      gloss_test_fill (c->in[a], n_in[a], a + 1);
      for (gsize i = 0; i < n_in[a]; i++)
        c->d_in[a][i] = 1;
    }
  gloss_test_fill (c->weights, n_out, 99);
  return c;
}

static void
case_finish (Case *c, const char *name)
{
  for (guint a = 0; a < N_ARRAYS; a++)
    {
      g_autofree char *what = g_strdup_printf ("%s, input %u", name, a);

      for (gsize i = 0; i < c->n_in[a]; i++)
        c->d_in[a][i] -= 1;
      if (c->n_in[a] > 0)
        gloss_assert_gradient (get_loss, c, c->in[a], c->d_in[a], c->n_in[a], BOUND_FRAC, what);
    }
  gloss_pool_free (c->pool);
  g_free (c);
}

static void
forward_gelu (Case *c)
{
  memcpy (c->out, c->in[0], c->n_out * sizeof (float));
  gloss_gelu (c->pool, c->out, c->n_out);
}

static void
test_gelu (void)
{
  const gsize n_in[N_ARRAYS] = { 45 };
  Case *c = case_new (1, forward_gelu, 45, n_in);

  for (gsize i = 0; i < 45; i++)
    c->in[0][i] *= 4;
  gloss_gelu_backward (c->pool, c->d_in[0], c->in[0], c->weights, 45);
  case_finish (c, "gelu");
}

static void
forward_gelu_multiply (Case *c)
{
  memcpy (c->out, c->in[0], c->n_out * sizeof (float));
  gloss_gelu_multiply (c->pool, c->out, c->in[1], c->n_out);
}

static void
test_gelu_multiply (void)
{
  const gsize n_in[N_ARRAYS] = { 45, 45 };
  Case *c = case_new (1, forward_gelu_multiply, 45, n_in);

  gloss_gelu_multiply_backward (c->pool, c->d_in[0], c->d_in[1], c->in[0], c->in[1], c->weights,
                                45);
  case_finish (c, "gelu multiply");
}

static void
forward_softcap (Case *c)
{
  memcpy (c->out, c->in[0], c->n_out * sizeof (float));
  gloss_softcap (c->pool, c->out, c->n_out, 0.8f);
}

static void
test_softcap (void)
{
  const gsize n_in[N_ARRAYS] = { 33 };
  Case *c = case_new (1, forward_softcap, 33, n_in);

  forward_softcap (c);
  gloss_softcap_backward (c->pool, c->d_in[0], c->out, c->weights, 33, 0.8f);
  case_finish (c, "softcap");
}

static void
forward_rms_norm (Case *c)
{
  gloss_rms_norm (c->pool, c->out, c->in[0], c->in[1], 19, 21, 1e-6f);
}

static void
forward_layer_norm (Case *c)
{
  gloss_layer_norm (c->pool, c->out, c->in[0], c->in[1], c->in[2], 19, 21, 1e-6f);
}

static void
test_norms (void)
{
  const gsize rms_in[N_ARRAYS] = { 19 * 21, 21 }, layer_in[N_ARRAYS] = { 19 * 21, 21, 21 };
  float stats[38];
  Case *c = case_new (1, forward_rms_norm, 19 * 21, rms_in);

  gloss_rms_norm_backward (c->pool, c->d_in[0], c->d_in[1], c->in[0], c->in[1], c->weights, stats,
                           19, 21, 1e-6f);
  case_finish (c, "rms norm");

  c = case_new (1, forward_layer_norm, 19 * 21, layer_in);
  gloss_layer_norm_backward (c->pool, c->d_in[0], c->d_in[1], c->d_in[2], c->in[0], c->in[1],
                             c->weights, stats, 19, 21, 1e-6f);
  case_finish (c, "layer norm");
}

static void
forward_linear (Case *c)
{
  gloss_linear (c->pool, c->out, c->in[0], &c->matrix, c->in[2], c->n_rows);
}

/* Out-major, in-major, and in-major in blocks, as heads are. */
static void
test_linear (void)
{
  static const struct
  {
    gsize n_in, n_out, block_out;
    gboolean out_major;
  } cases[] = {
    { 37, 70, 70, TRUE }, { 37, 70, 70, FALSE }, { 20, 60, 12, FALSE }, { 300, 40, 40, TRUE }
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize k = cases[i].n_in, n = cases[i].n_out, rows = 5;
      const gsize n_in[N_ARRAYS] = { rows * k, k * n, n };
      Case *c = case_new (1, forward_linear, rows * n, n_in);
      g_autofree float *dense = g_new0 (float, k *n);
      g_autofree char *name = g_strdup_printf ("linear %u", i);
      GlossMatrix *w = &c->matrix;

      c->n_rows = rows;
      *w = (GlossMatrix){ (const guint8 *) c->in[1], GLOSS_DTYPE_F32, k, n, 1, 1, n, 0 };
      w->block_out = cases[i].block_out;
      w->block_stride = k * w->block_out;
      w->in_stride = cases[i].out_major ? 1 : w->block_out;
      w->out_stride = cases[i].out_major ? k : 1;
      gloss_linear_backward_x (c->pool, c->d_in[0], c->weights, w, rows);
      gloss_linear_backward_w (c->pool, dense, c->in[0], c->weights, rows, k, n);
      gloss_bias_backward (c->pool, c->d_in[2], c->weights, rows, n);
      for (gsize out = 0; out < n; out++)
        {
          for (gsize in = 0; in < k; in++)
            {
              const guint8 *at = gloss_matrix_get_element (w, in, out);

              c->d_in[1][(at - w->data) / 4] += dense[out * k + in];
            }
        }
      case_finish (c, name);
    }
}

static void
forward_lora (Case *c)
{
  memset (c->out, 0, c->n_out * sizeof (float));
  gloss_lora_add (c->pool, c->out, c->in[0], &c->lora, c->n_rows);
}

static void
test_lora (void)
{
  const gsize rows = 70, k = 30, n = 9, rank = 3;
  const gsize n_in[N_ARRAYS] = { rows * k, rank * k, n * rank };
  Case *c = case_new (1, forward_lora, rows * n, n_in);
  g_autofree float *scratch = g_new (float, 2 * rows * rank);

  c->n_rows = rows;
  c->lora = (GlossLora){ c->in[1], c->in[2], rank, k, n, 1.5f };
  gloss_lora_backward (c->pool, c->d_in[0], c->d_in[1], c->d_in[2], c->in[0], c->weights, &c->lora,
                       scratch, rows);
  case_finish (c, "lora");
}

static void
forward_attention (Case *c)
{
  GlossAttentionItem item = { .out = c->out, .queries = c->in[0], .n_rows = c->n_rows };

  item.n_visible = c->n_visible[0] ? c->n_visible : NULL;
  item.segments[0] = (GlossAttentionSegment){ c->in[1], c->in[2], c->width };
  gloss_attention (c->pool, &item, 1, &c->shape);
}

/* Heads in groups with a soft-cap and a prefix, all for one with the last rows only, and none of it
 * with more than a tile of rows. */
static void
test_attention (void)
{
  static const struct
  {
    guint n_heads, n_kv_heads, head_dim;
    gsize n_rows, n_tokens, n_prefix;
    float softcap;
  } cases[] = { { 4, 2, 6, 9, 9, 4, 2 }, { 3, 1, 4, 5, 20, 17, 0 }, { 2, 2, 3, 67, 67, 0, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize rows = cases[i].n_rows, tokens = cases[i].n_tokens;
      gsize width = cases[i].n_heads * cases[i].head_dim;
      gsize kv_width = cases[i].n_kv_heads * cases[i].head_dim;
      const gsize n_in[N_ARRAYS] = { rows * width, tokens * kv_width, tokens * kv_width };
      Case *c = case_new (1, forward_attention, rows * width, n_in);
      g_autofree float *stats =
          g_new (float, gloss_attention_backward_count_stats (rows, cases[i].n_heads));
      g_autofree char *name = g_strdup_printf ("attention %u", i);

      c->n_rows = rows;
      c->width = tokens;
      c->shape = (GlossAttentionShape){ cases[i].n_heads, cases[i].n_kv_heads, cases[i].head_dim,
                                        0.7f, cases[i].softcap };
      for (gsize row = 0; cases[i].n_prefix > 0 && row < rows; row++)
        c->n_visible[row] = (guint) MAX (cases[i].n_prefix, tokens - rows + row + 1);
      forward_attention (c);

      GlossAttentionGradItem item = {
        .queries = c->in[0],
        .keys = c->in[1],
        .values = c->in[2],
        .out = c->out,
        .d_out = c->weights,
        .n_rows = rows,
        .n_tokens = tokens,
        .n_visible = c->n_visible[0] ? c->n_visible : NULL,
        .d_queries = c->d_in[0],
        .d_keys = c->d_in[1],
        .d_values = c->d_in[2],
        .stats = stats,
      };

      gloss_attention_backward (c->pool, &item, 1, &c->shape);
      case_finish (c, name);
    }
}

static void
forward_rope (Case *c)
{
  memcpy (c->out, c->in[0], c->n_out * sizeof (float));
  gloss_rope (c->out, c->cosines, c->sines, 7, 3, 8);
}

static void
test_rope (void)
{
  const gsize n_in[N_ARRAYS] = { 7 * 3 * 8 };
  Case *c = case_new (1, forward_rope, 7 * 3 * 8, n_in);

  gloss_rope_fill (c->cosines, c->sines, 2, TRUE, 7, 8, 100);
  memcpy (c->d_in[0], c->weights, c->n_out * sizeof (float));
  gloss_rope_backward (c->d_in[0], c->cosines, c->sines, 7, 3, 8);
  for (gsize i = 0; i < c->n_out; i++)
    c->d_in[0][i] += 1;
  case_finish (c, "rope");
}

static void
forward_cross_entropy (Case *c)
{
  gloss_cross_entropy (c->pool, c->losses, c->log_sums, c->in[0], c->targets, 4, 33, c->smoothing);
  for (guint i = 0; i < 4; i++)
    c->out[i] = (float) c->losses[i];
}

static void
test_cross_entropy (void)
{
  for (guint smooth = 0; smooth < 2; smooth++)
    {
      const gsize n_in[N_ARRAYS] = { 4 * 33 };
      Case *c = case_new (1, forward_cross_entropy, 4, n_in);

      c->smoothing = smooth ? 0.2f : 0;
      for (guint i = 0; i < 4; i++)
        c->targets[i] = (gint32) (i * 10 + 2);
      forward_cross_entropy (c);
      memcpy (c->d_in[0], c->in[0], sizeof c->in[0]);
      gloss_cross_entropy_backward (c->pool, c->d_in[0], c->log_sums, c->targets, c->weights, 4, 33,
                                    c->smoothing);
      for (gsize i = 0; i < n_in[0]; i++)
        c->d_in[0][i] += 1;
      case_finish (c, "cross-entropy");
    }
}

static void
forward_dropout (Case *c)
{
  memcpy (c->out, c->in[0], c->n_out * sizeof (float));
  gloss_dropout (c->pool, c->out, c->keys, 7, 5, 40, 0.3f);
}

static void
test_dropout (void)
{
  const gsize n_in[N_ARRAYS] = { 200 };
  Case *c = case_new (1, forward_dropout, 200, n_in);
  guint n_dropped = 0;

  for (guint i = 0; i < 5; i++)
    c->keys[i] = i;
  forward_dropout (c);
  for (guint i = 0; i < 200; i++)
    n_dropped += c->out[i] == 0;
  g_assert_cmpuint (n_dropped, >, 35);
  g_assert_cmpuint (n_dropped, <, 85);
  memcpy (c->d_in[0], c->weights, c->n_out * sizeof (float));
  gloss_dropout (c->pool, c->d_in[0], c->keys, 7, 5, 40, 0.3f);
  for (gsize i = 0; i < c->n_out; i++)
    c->d_in[0][i] += 1;
  case_finish (c, "dropout");
}

static void
test_embedding (void)
{
  const gint32 ids[] = { 2, 0, 2 };
  float d_table[3 * 2] = { 1, 1, 1, 1, 1, 1 };
  const float d_y[] = { 1, 2, 3, 4, 5, 6 }, expected[] = { 7, 9, 1, 1, 13, 17 };

  gloss_embedding_backward (d_table, d_y, ids, 3, 2, 2);
  gloss_assert_close (d_table, expected, 6, 1e-9, "embedding");
}

static void
test_checker_should_fail_on_a_wrong_gradient (void)
{
  const gsize n_in[N_ARRAYS] = { 45 };
  Case *c = case_new (1, forward_gelu, 45, n_in);
  float none[45] = { 0 };

  memset (c->d_in[0], 0, sizeof c->d_in[0]);
  gloss_gelu_backward (c->pool, c->d_in[0], c->in[0], c->weights, 45);
  g_assert_true (gloss_is_gradient (get_loss, c, c->in[0], c->d_in[0], 45, BOUND_FRAC, NULL));
  c->d_in[0][44] *= 1.01f;
  g_assert_false (gloss_is_gradient (get_loss, c, c->in[0], c->d_in[0], 45, BOUND_FRAC, NULL));
  g_assert_false (gloss_is_gradient (get_loss, c, c->in[0], none, 45, BOUND_FRAC, NULL));
  memset (c->weights, 0, sizeof c->weights);
  g_assert_false (gloss_is_gradient (get_loss, c, c->in[0], none, 45, BOUND_FRAC, NULL));
  gloss_pool_free (c->pool);
  g_free (c);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/gradients/checker/should-fail-on-a-wrong-gradient",
                   test_checker_should_fail_on_a_wrong_gradient);
  g_test_add_func ("/tensor/gradients/gelu/should-equal-differences", test_gelu);
  g_test_add_func ("/tensor/gradients/gelu-multiply/should-equal-differences", test_gelu_multiply);
  g_test_add_func ("/tensor/gradients/softcap/should-equal-differences", test_softcap);
  g_test_add_func ("/tensor/gradients/norms/should-equal-differences", test_norms);
  g_test_add_func ("/tensor/gradients/linear/should-equal-differences", test_linear);
  g_test_add_func ("/tensor/gradients/lora/should-equal-differences", test_lora);
  g_test_add_func ("/tensor/gradients/attention/should-equal-differences", test_attention);
  g_test_add_func ("/tensor/gradients/rope/should-equal-differences", test_rope);
  g_test_add_func ("/tensor/gradients/cross-entropy/should-equal-differences", test_cross_entropy);
  g_test_add_func ("/tensor/gradients/dropout/should-equal-differences", test_dropout);
  g_test_add_func ("/tensor/gradients/embedding/should-add-rows", test_embedding);
  return g_test_run ();
}
