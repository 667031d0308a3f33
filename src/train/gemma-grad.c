/*
 * The language tower in training.
 *
 * A block's activations are not kept from its forward: the backward has its input and computes them
 * again, so that memory is one block and the inputs of all. (Chen et al., arXiv 1604.06174.)
 */
#include "train/gemma-grad.h"

#include "tensor/activation-grad.h"
#include "tensor/activation.h"
#include "tensor/attention-grad.h"
#include "tensor/dropout.h"
#include "tensor/norm-grad.h"
#include "tensor/norm.h"
#include "tensor/rope.h"

#include <string.h>

/* Activations of a block and their gradients. "rows" are all, "active" those that go on: the same
 * but in the last block. */
typedef struct
{
  float *normed;        /* [rows × width] */
  float *active_normed; /* [active × width] */
  float *queries;       /* [active × query width] */
  float *keys, *values; /* [rows × kv width] */
  float *attended;      /* [active × query width] */
  float *projected;     /* [active × width], what a post-norm reads */
  float *middle;        /* [active × width], the residual stream after attention */
  float *mlp_normed;    /* [active × width] */
  float *gate, *up;     /* [active × mlp dim] */
  float *hidden;        /* [active × mlp dim] */
  float *down;          /* [active × width] */
  float *added;         /* [active × width], what is added to the stream */

  float *d_middle, *d_branch, *d_normed, *d_active; /* [rows × width] */
  float *d_hidden, *d_gate, *d_up;                  /* [active × mlp dim] */
  float *d_attended, *d_queries, *d_keys, *d_values;
  float *stats;           /* of attention */
  float *norm_stats;      /* [rows] */
  float *scratch;         /* of GlossLayerGrad */
  float *cosines, *sines; /* [length × head_dim/2] */
} Workspace;

struct _GlossGemmaGrad
{
  GlossLayerGrad layer_grad;
  const GlossModelConfig *config; /* borrowed */
  GlossArena *arena;              /* owned */
  Workspace w;
  float dropout_rate;
  gsize max_rows;
  GlossAttentionItem *items;          /* owned, [max_rows]: more than examples */
  GlossAttentionGradItem *grad_items; /* owned, [max_rows] */
};

/* Lays the workspace out in @arena, or only counts its bytes when that is NULL. */
static gsize
lay_out (Workspace *w, GlossTrainable *trainable, GlossArena *arena, gsize n_rows, gsize length)
{
  const GlossModelConfig *config = gloss_model_get_config (gloss_trainable_get_base (trainable));
  gsize width = config->width, query = config->n_heads * config->head_dim;
  gsize kv = config->n_kv_heads * config->head_dim, mlp = config->mlp_dim;
  const struct
  {
    float **place;
    gsize n_rows, n_columns;
  } blocks[] = {
    { &w->normed, n_rows, width },
    { &w->active_normed, n_rows, width },
    { &w->queries, n_rows, query },
    { &w->keys, n_rows, kv },
    { &w->values, n_rows, kv },
    { &w->attended, n_rows, query },
    { &w->projected, n_rows, width },
    { &w->middle, n_rows, width },
    { &w->mlp_normed, n_rows, width },
    { &w->gate, n_rows, mlp },
    { &w->up, n_rows, mlp },
    { &w->hidden, n_rows, mlp },
    { &w->down, n_rows, width },
    { &w->added, n_rows, width },
    { &w->d_middle, n_rows, width },
    { &w->d_branch, n_rows, width },
    { &w->d_normed, n_rows, width },
    { &w->d_active, n_rows, width },
    { &w->d_hidden, n_rows, mlp },
    { &w->d_gate, n_rows, mlp },
    { &w->d_up, n_rows, mlp },
    { &w->d_attended, n_rows, query },
    { &w->d_queries, n_rows, query },
    { &w->d_keys, n_rows, kv },
    { &w->d_values, n_rows, kv },
    { &w->stats, gloss_attention_backward_count_stats (n_rows, (guint) config->n_heads), 1 },
    { &w->norm_stats, n_rows, 1 },
    { &w->scratch, gloss_layer_grad_count_scratch (trainable, n_rows), 1 },
    { &w->cosines, length, config->head_dim / 2 },
    { &w->sines, length, config->head_dim / 2 },
  };
  gsize total = 0;

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    {
      gsize n;

      if (!g_size_checked_mul (&n, blocks[i].n_rows, blocks[i].n_columns)
          || !g_size_checked_add (&total, total, gloss_arena_size_floats (n)))
        return G_MAXSIZE;
      if (arena)
        *blocks[i].place = gloss_arena_alloc_floats (arena, n);
    }
  return total;
}

gsize
gloss_gemma_grad_get_memory_bytes (GlossTrainable *trainable, gsize max_rows, gsize max_length)
{
  Workspace w;

  return lay_out (&w, trainable, NULL, max_rows, max_length);
}

GlossGemmaGrad *
gloss_gemma_grad_new (GlossTrainable *trainable, GlossPool *pool, gsize max_rows, gsize max_length,
                      GError **error)
{
  g_autoptr (GlossGemmaGrad) grad = g_new0 (GlossGemmaGrad, 1);

  grad->config = gloss_model_get_config (gloss_trainable_get_base (trainable));
  grad->arena =
      gloss_arena_new (gloss_gemma_grad_get_memory_bytes (trainable, max_rows, max_length), error);
  if (!grad->arena)
    return NULL;
  grad->max_rows = max_rows;
  lay_out (&grad->w, trainable, grad->arena, max_rows, max_length);
  gloss_rope_fill (grad->w.cosines, grad->w.sines, 0, TRUE, max_length, grad->config->head_dim,
                   grad->config->rope_base);
  grad->layer_grad =
      (GlossLayerGrad){ trainable, gloss_trainable_get_model (trainable), pool, grad->w.scratch };
  grad->items = g_new0 (GlossAttentionItem, max_rows);
  grad->grad_items = g_new0 (GlossAttentionGradItem, max_rows);
  return g_steal_pointer (&grad);
}

void
gloss_gemma_grad_free (GlossGemmaGrad *grad)
{
  g_clear_pointer (&grad->arena, gloss_arena_free);
  g_free (grad->items);
  g_free (grad->grad_items);
  g_free (grad);
}

void
gloss_gemma_grad_set_dropout (GlossGemmaGrad *grad, float rate)
{
  grad->dropout_rate = rate;
}

/* One run through a block. */
typedef struct
{
  GlossGemmaGrad *grad;
  const GlossPacked *packed;
  gsize layer;
  gboolean is_last; /* only active rows go on */
  gsize n_rows;
  gsize n_active;
} Block;

static Block
begin (GlossGemmaGrad *grad, gsize layer, const GlossPacked *packed)
{
  gboolean is_last = layer + 1 == grad->config->depth;

  g_assert (packed->n_rows <= grad->max_rows);
  return (Block){ grad,    packed,         layer,
                  is_last, packed->n_rows, is_last ? packed->n_active : packed->n_rows };
}

static GlossAttentionShape
get_shape (const GlossModelConfig *config)
{
  return (GlossAttentionShape){
    .n_heads = (guint) config->n_heads,
    .n_kv_heads = (guint) config->n_kv_heads,
    .head_dim = (guint) config->head_dim,
    .scale = config->query_scale,
    .softcap = config->attention_softcap,
  };
}

/* The active rows of an example: where they begin among its rows and among the active ones. */
static void
get_active (const Block *block, gsize s, gsize *skipped, gsize *first, gsize *n)
{
  const GlossPackedSequence *sequence = &block->packed->sequences[s];

  *n = block->is_last ? sequence->n_active : sequence->n_rows;
  *skipped = sequence->n_rows - *n;
  *first = block->is_last ? sequence->first_active : sequence->first_row;
}

/* out[active × width] = the active ones of x[rows × width]; @x itself where all are. */
static const float *
gather (const Block *block, float *out, const float *x)
{
  gsize width = block->grad->config->width;

  if (!block->is_last)
    return x;
  for (gsize s = 0; s < block->packed->n_sequences; s++)
    {
      gsize skipped, first, n;

      get_active (block, s, &skipped, &first, &n);
      memcpy (out + first * width, x + (block->packed->sequences[s].first_row + skipped) * width,
              n * width * sizeof (float));
    }
  return out;
}

/* x[rows × width] += the active ones @d[active × width]. */
static void
scatter (const Block *block, float *x, const float *d)
{
  gsize width = block->grad->config->width;

  for (gsize s = 0; s < block->packed->n_sequences; s++)
    {
      gsize skipped, first, n;
      float *to;

      get_active (block, s, &skipped, &first, &n);
      to = x + (block->packed->sequences[s].first_row + skipped) * width;
      for (gsize i = 0; i < n * width; i++)
        to[i] += d[first * width + i];
    }
}

static void
rotate (const Block *block, float *queries, float *keys,
        void (*func) (float *, const float *, const float *, gsize, gsize, gsize))
{
  const GlossModelConfig *config = block->grad->config;
  const Workspace *w = &block->grad->w;
  gsize half = config->head_dim / 2;

  for (gsize s = 0; s < block->packed->n_sequences; s++)
    {
      const GlossPackedSequence *sequence = &block->packed->sequences[s];
      gsize skipped, first, n;

      get_active (block, s, &skipped, &first, &n);
      func (keys + sequence->first_row * config->n_kv_heads * config->head_dim, w->cosines,
            w->sines, sequence->n_rows, config->n_kv_heads, config->head_dim);
      func (queries + first * config->n_heads * config->head_dim, w->cosines + skipped * half,
            w->sines + skipped * half, n, config->n_heads, config->head_dim);
    }
}

static void
norm (const Block *block, float *out, const float *x, GlossTensorRole role, gsize n_rows)
{
  const GlossLayerGrad *g = &block->grad->layer_grad;

  gloss_rms_norm (g->pool, out, x, gloss_model_get_vector (g->model, role, block->layer), n_rows,
                  block->grad->config->width, block->grad->config->norm_eps);
}

static void
norm_backward (const Block *block, float *d_x, const float *x, const float *d_y,
               GlossTensorRole role, gsize n_rows)
{
  const GlossLayerGrad *g = &block->grad->layer_grad;

  gloss_rms_norm_backward (g->pool, d_x, gloss_layer_grad_find (g, role, block->layer), x,
                           gloss_model_get_vector (g->model, role, block->layer), d_y,
                           block->grad->w.norm_stats, n_rows, block->grad->config->width,
                           block->grad->config->norm_eps);
}

static void
project (const Block *block, float *out, const float *x, GlossTensorRole role, gsize n_rows)
{
  gloss_layer_grad_forward (&block->grad->layer_grad, out, x, role, block->layer, NULL, n_rows);
}

static void
project_backward (const Block *block, float *d_x, const float *x, const float *d_y,
                  GlossTensorRole role, gsize n_rows)
{
  gloss_layer_grad_backward (&block->grad->layer_grad, d_x, x, d_y, role, block->layer, n_rows);
}

/* @branch 0 is attention, 1 the MLP; the same on the gradient. */
static void
drop (const Block *block, float *x, guint branch)
{
  const GlossPacked *packed = block->packed;

  if (block->grad->dropout_rate == 0)
    return;
  for (gsize s = 0; s < packed->n_sequences; s++)
    {
      gsize skipped, first, n;

      get_active (block, s, &skipped, &first, &n);
      gloss_dropout (block->grad->layer_grad.pool, x + first * block->grad->config->width,
                     packed->keys + packed->sequences[s].first_row + skipped,
                     (2 * (guint64) block->layer + branch + 1) << 56, n, block->grad->config->width,
                     block->grad->dropout_rate);
    }
}

static void
attend (const Block *block)
{
  GlossGemmaGrad *grad = block->grad;
  const GlossModelConfig *config = grad->config;
  const Workspace *w = &grad->w;
  gsize query = config->n_heads * config->head_dim, kv = config->n_kv_heads * config->head_dim;
  GlossAttentionShape shape = get_shape (config);

  for (gsize s = 0; s < block->packed->n_sequences; s++)
    {
      const GlossPackedSequence *sequence = &block->packed->sequences[s];
      gsize skipped, first, n;

      get_active (block, s, &skipped, &first, &n);
      grad->items[s] = (GlossAttentionItem){
        .out = w->attended + first * query,
        .queries = w->queries + first * query,
        .n_rows = n,
        .n_visible = block->packed->n_visible + sequence->first_row + skipped,
        .segments = { { w->keys + sequence->first_row * kv, w->values + sequence->first_row * kv,
                        sequence->n_rows } },
      };
    }
  gloss_attention (grad->layer_grad.pool, grad->items, block->packed->n_sequences, &shape);
}

/* From @x to w->hidden, all activations left in the workspace; returns the active rows of @x. */
static void
run_forward (const Block *block, const float *x)
{
  const GlossModelConfig *config = block->grad->config;
  GlossPool *pool = block->grad->layer_grad.pool;
  Workspace *w = &block->grad->w;
  gsize n = block->n_active, n_values = n * config->width;
  const float *active, *stream;

  norm (block, w->normed, x, GLOSS_TENSOR_ATTENTION_NORM, block->n_rows);
  project (block, w->keys, w->normed, GLOSS_TENSOR_KEY_KERNEL, block->n_rows);
  project (block, w->values, w->normed, GLOSS_TENSOR_VALUE_KERNEL, block->n_rows);
  active = gather (block, w->active_normed, w->normed);
  project (block, w->queries, active, GLOSS_TENSOR_QUERY_KERNEL, n);
  rotate (block, w->queries, w->keys, gloss_rope);
  attend (block);
  project (block, w->projected, w->attended, GLOSS_TENSOR_ATTENTION_OUT_KERNEL, n);
  if (config->is_gemma2)
    norm (block, w->added, w->projected, GLOSS_TENSOR_ATTENTION_POST_NORM, n);
  else
    memcpy (w->added, w->projected, n_values * sizeof (float));
  drop (block, w->added, 0);
  stream = gather (block, w->middle, x);
  if (stream != w->middle)
    memcpy (w->middle, stream, n_values * sizeof (float));
  gloss_add (pool, w->middle, w->added, n_values);

  norm (block, w->mlp_normed, w->middle, GLOSS_TENSOR_MLP_NORM, n);
  project (block, w->gate, w->mlp_normed, GLOSS_TENSOR_GATE_KERNEL, n);
  project (block, w->up, w->mlp_normed, GLOSS_TENSOR_UP_KERNEL, n);
  if (gloss_pool_is_cancelled (pool))
    return;
  memcpy (w->hidden, w->gate, n * config->mlp_dim * sizeof (float));
  gloss_gelu_multiply (pool, w->hidden, w->up, n * config->mlp_dim);
}

void
gloss_gemma_grad_forward (GlossGemmaGrad *grad, float *out, const float *x, gsize layer,
                          const GlossPacked *packed)
{
  Block block = begin (grad, layer, packed);
  Workspace *w = &grad->w;
  gsize n_values = block.n_active * grad->config->width;

  run_forward (&block, x);
  project (&block, w->down, w->hidden, GLOSS_TENSOR_DOWN_KERNEL, block.n_active);
  drop (&block, w->down, 1);
  if (grad->config->is_gemma2)
    norm (&block, w->down, w->down, GLOSS_TENSOR_MLP_POST_NORM, block.n_active);
  memcpy (out, w->middle, n_values * sizeof (float));
  gloss_add (grad->layer_grad.pool, out, w->down, n_values);
}

static void
clear (float *x, gsize n)
{
  memset (x, 0, n * sizeof (float));
}

/* From w->d_middle, the gradient of the block's output, to the same of its middle. */
static void
run_mlp_backward (const Block *block)
{
  const GlossModelConfig *config = block->grad->config;
  Workspace *w = &block->grad->w;
  gsize n = block->n_active, n_values = n * config->width, n_hidden = n * config->mlp_dim;

  if (config->is_gemma2)
    {
      /* the post-norm's input, which nothing else needs */
      project (block, w->down, w->hidden, GLOSS_TENSOR_DOWN_KERNEL, n);
      drop (block, w->down, 1);
      clear (w->d_branch, n_values);
      norm_backward (block, w->d_branch, w->down, w->d_middle, GLOSS_TENSOR_MLP_POST_NORM, n);
    }
  else
    memcpy (w->d_branch, w->d_middle, n_values * sizeof (float));
  drop (block, w->d_branch, 1);

  clear (w->d_hidden, n_hidden);
  project_backward (block, w->d_hidden, w->hidden, w->d_branch, GLOSS_TENSOR_DOWN_KERNEL, n);
  clear (w->d_gate, n_hidden);
  clear (w->d_up, n_hidden);
  gloss_gelu_multiply_backward (block->grad->layer_grad.pool, w->d_gate, w->d_up, w->gate, w->up,
                                w->d_hidden, n_hidden);
  clear (w->d_normed, n_values);
  project_backward (block, w->d_normed, w->mlp_normed, w->d_gate, GLOSS_TENSOR_GATE_KERNEL, n);
  project_backward (block, w->d_normed, w->mlp_normed, w->d_up, GLOSS_TENSOR_UP_KERNEL, n);
  norm_backward (block, w->d_middle, w->middle, w->d_normed, GLOSS_TENSOR_MLP_NORM, n);
}

static void
attend_backward (const Block *block)
{
  GlossGemmaGrad *grad = block->grad;
  const GlossModelConfig *config = grad->config;
  Workspace *w = &grad->w;
  gsize query = config->n_heads * config->head_dim, kv = config->n_kv_heads * config->head_dim;
  gsize n_stats = gloss_attention_backward_count_stats (1, (guint) config->n_heads);
  GlossAttentionShape shape = get_shape (config);

  clear (w->d_queries, block->n_active * query);
  clear (w->d_keys, block->n_rows * kv);
  clear (w->d_values, block->n_rows * kv);
  for (gsize s = 0; s < block->packed->n_sequences; s++)
    {
      const GlossPackedSequence *sequence = &block->packed->sequences[s];
      gsize at = sequence->first_row * kv, skipped, first, n;

      get_active (block, s, &skipped, &first, &n);
      grad->grad_items[s] = (GlossAttentionGradItem){
        .queries = w->queries + first * query,
        .keys = w->keys + at,
        .values = w->values + at,
        .out = w->attended + first * query,
        .d_out = w->d_attended + first * query,
        .n_rows = n,
        .n_tokens = sequence->n_rows,
        .n_visible = block->packed->n_visible + sequence->first_row + skipped,
        .d_queries = w->d_queries + first * query,
        .d_keys = w->d_keys + at,
        .d_values = w->d_values + at,
        .stats = w->stats + first * n_stats,
      };
    }
  gloss_attention_backward (grad->layer_grad.pool, grad->grad_items, block->packed->n_sequences,
                            &shape);
  rotate (block, w->d_queries, w->d_keys, gloss_rope_backward);
}

/* From w->d_middle to @d_x, which is NULL where it is not wanted. */
static void
run_attention_backward (const Block *block, float *d_x, const float *x)
{
  const GlossModelConfig *config = block->grad->config;
  const GlossLayerGrad *g = &block->grad->layer_grad;
  Workspace *w = &block->grad->w;
  gsize n = block->n_active, n_values = n * config->width, n_all = block->n_rows * config->width;
  gboolean needs_normed =
      d_x || gloss_layer_grad_find (g, GLOSS_TENSOR_ATTENTION_NORM, block->layer);
  float *d_normed = needs_normed ? w->d_normed : NULL;
  float *d_active = block->is_last && needs_normed ? w->d_active : d_normed;

  memcpy (w->d_branch, w->d_middle, n_values * sizeof (float));
  drop (block, w->d_branch, 0);
  if (config->is_gemma2)
    {
      clear (w->added, n_values);
      norm_backward (block, w->added, w->projected, w->d_branch, GLOSS_TENSOR_ATTENTION_POST_NORM,
                     n);
      memcpy (w->d_branch, w->added, n_values * sizeof (float));
    }
  clear (w->d_attended, n * config->n_heads * config->head_dim);
  project_backward (block, w->d_attended, w->attended, w->d_branch,
                    GLOSS_TENSOR_ATTENTION_OUT_KERNEL, n);
  attend_backward (block);

  if (needs_normed)
    clear (w->d_normed, n_all);
  if (block->is_last && needs_normed)
    clear (w->d_active, n_values);
  project_backward (block, d_normed, w->normed, w->d_keys, GLOSS_TENSOR_KEY_KERNEL, block->n_rows);
  project_backward (block, d_normed, w->normed, w->d_values, GLOSS_TENSOR_VALUE_KERNEL,
                    block->n_rows);
  project_backward (block, d_active, block->is_last ? w->active_normed : w->normed, w->d_queries,
                    GLOSS_TENSOR_QUERY_KERNEL, n);
  if (!needs_normed)
    return;
  if (block->is_last)
    scatter (block, w->d_normed, w->d_active);
  if (!d_x)
    {
      norm_backward (block, NULL, x, w->d_normed, GLOSS_TENSOR_ATTENTION_NORM, block->n_rows);
      return;
    }
  if (block->is_last)
    {
      clear (d_x, n_all);
      scatter (block, d_x, w->d_middle);
    }
  else
    memcpy (d_x, w->d_middle, n_all * sizeof (float));
  norm_backward (block, d_x, x, w->d_normed, GLOSS_TENSOR_ATTENTION_NORM, block->n_rows);
}

void
gloss_gemma_grad_backward (GlossGemmaGrad *grad, float *d_x, const float *d_out, const float *x,
                           gsize layer, const GlossPacked *packed)
{
  Block block = begin (grad, layer, packed);

  run_forward (&block, x);
  memcpy (grad->w.d_middle, d_out, block.n_active * grad->config->width * sizeof (float));
  run_mlp_backward (&block);
  if (!gloss_pool_is_cancelled (grad->layer_grad.pool))
    run_attention_backward (&block, d_x, x);
}
