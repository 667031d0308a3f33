/*
 * The language tower in training.
 *
 * What the backward of a block reads of its forward is kept where there is room, and computed again
 * from the block's input where there is not. (Chen et al., arXiv 1604.06174.)
 */
#include "tensor/activation-grad.h"
#include "tensor/activation.h"
#include "tensor/rope.h"
#include "train/gemma-block.h"

#include <string.h>

static void
attend (const GlossGemmaBlock *block)
{
  GlossGemmaGrad *grad = block->grad;
  const GlossModelConfig *config = grad->config;
  gsize query = config->n_heads * config->head_dim, kv = config->n_kv_heads * config->head_dim;
  GlossAttentionShape shape = gloss_gemma_block_get_shape (config);

  for (gsize s = 0; s < block->packed->n_sequences; s++)
    {
      const GlossPackedSequence *sequence = &block->packed->sequences[s];
      gsize skipped, first, n;

      gloss_gemma_block_get_active (block, s, &skipped, &first, &n);
      grad->items[s] = (GlossAttentionItem){
        .out = block->a.attended + first * query,
        .queries = block->a.queries + first * query,
        .n_rows = n,
        .n_visible = block->packed->n_visible + sequence->first_row + skipped,
        .segments = { { block->a.keys + sequence->first_row * kv,
                        block->a.values + sequence->first_row * kv, sequence->n_rows } },
      };
    }
  gloss_attention (grad->layer_grad.pool, grad->items, block->packed->n_sequences, &shape);
}

/* w->hidden, from what stands before GELU. */
static void
make_hidden (const GlossGemmaBlock *block)
{
  GlossGemmaWorkspace *w = &block->grad->w;
  gsize n_values = block->n_active * block->grad->config->mlp_dim;

  memcpy (w->hidden, block->a.gate, n_values * sizeof (float));
  gloss_gelu_multiply (block->grad->layer_grad.pool, w->hidden, block->a.up, n_values);
}

/* From @x to w->hidden, with all activations on the way. */
static void
run_forward (const GlossGemmaBlock *block, const float *x)
{
  const GlossModelConfig *config = block->grad->config;
  const GlossGemmaActivations *a = &block->a;
  GlossPool *pool = block->grad->layer_grad.pool;
  GlossGemmaWorkspace *w = &block->grad->w;
  gsize n = block->n_active, n_values = n * config->width;
  const float *active, *stream;

  gloss_gemma_block_norm (block, w->normed, x, GLOSS_TENSOR_ATTENTION_NORM, block->n_rows);
  gloss_gemma_block_project (block, a->keys, w->normed, GLOSS_TENSOR_KEY_KERNEL, block->n_rows);
  gloss_gemma_block_project (block, a->values, w->normed, GLOSS_TENSOR_VALUE_KERNEL, block->n_rows);
  active = gloss_gemma_block_gather (block, w->active_normed, w->normed);
  gloss_gemma_block_project (block, a->queries, active, GLOSS_TENSOR_QUERY_KERNEL, n);
  gloss_gemma_block_rotate (block, a->queries, a->keys, gloss_rope);
  attend (block);
  gloss_gemma_block_project (block, a->projected, a->attended, GLOSS_TENSOR_ATTENTION_OUT_KERNEL,
                             n);
  if (config->is_gemma2)
    gloss_gemma_block_norm (block, w->added, a->projected, GLOSS_TENSOR_ATTENTION_POST_NORM, n);
  else
    memcpy (w->added, a->projected, n_values * sizeof (float));
  gloss_gemma_block_drop (block, w->added, 0);
  stream = gloss_gemma_block_gather (block, a->middle, x);
  if (stream != a->middle)
    memcpy (a->middle, stream, n_values * sizeof (float));
  gloss_add (pool, a->middle, w->added, n_values);

  gloss_gemma_block_norm (block, w->mlp_normed, a->middle, GLOSS_TENSOR_MLP_NORM, n);
  gloss_gemma_block_project (block, a->gate, w->mlp_normed, GLOSS_TENSOR_GATE_KERNEL, n);
  gloss_gemma_block_project (block, a->up, w->mlp_normed, GLOSS_TENSOR_UP_KERNEL, n);
  if (!gloss_pool_is_cancelled (pool))
    make_hidden (block);
}

static void
run_down (const GlossGemmaBlock *block)
{
  gloss_gemma_block_project (block, block->a.down, block->grad->w.hidden, GLOSS_TENSOR_DOWN_KERNEL,
                             block->n_active);
  gloss_gemma_block_drop (block, block->a.down, 1);
}

/* The activations that are not kept, which take little time: the norms and GELU. */
static void
complete_forward (const GlossGemmaBlock *block, const float *x)
{
  GlossGemmaWorkspace *w = &block->grad->w;

  gloss_gemma_block_norm (block, w->normed, x, GLOSS_TENSOR_ATTENTION_NORM, block->n_rows);
  gloss_gemma_block_gather (block, w->active_normed, w->normed);
  gloss_gemma_block_norm (block, w->mlp_normed, block->a.middle, GLOSS_TENSOR_MLP_NORM,
                          block->n_active);
  make_hidden (block);
}

void
gloss_gemma_grad_forward (GlossGemmaGrad *grad, float *out, const float *x, gsize layer,
                          const GlossPacked *packed)
{
  GlossGemmaBlock block = gloss_gemma_block_begin (grad, layer, packed);
  gsize n_values = block.n_active * grad->config->width;
  const float *added = block.a.down;

  run_forward (&block, x);
  run_down (&block);
  if (grad->config->is_gemma2)
    {
      added = grad->w.added;
      gloss_gemma_block_norm (&block, grad->w.added, block.a.down, GLOSS_TENSOR_MLP_POST_NORM,
                              block.n_active);
    }
  memcpy (out, block.a.middle, n_values * sizeof (float));
  gloss_add (grad->layer_grad.pool, out, added, n_values);
}

static void
clear (float *x, gsize n)
{
  memset (x, 0, n * sizeof (float));
}

/* From w->d_middle, the gradient of the block's output, to the same of its middle. */
static void
run_mlp_backward (const GlossGemmaBlock *block)
{
  const GlossModelConfig *config = block->grad->config;
  GlossGemmaWorkspace *w = &block->grad->w;
  gsize n = block->n_active, n_values = n * config->width, n_hidden = n * config->mlp_dim;

  if (config->is_gemma2)
    {
      if (!gloss_gemma_block_is_kept (block))
        run_down (block);
      clear (w->d_branch, n_values);
      gloss_gemma_block_norm_backward (block, w->d_branch, block->a.down, w->d_middle,
                                       GLOSS_TENSOR_MLP_POST_NORM, n);
    }
  else
    memcpy (w->d_branch, w->d_middle, n_values * sizeof (float));
  gloss_gemma_block_drop (block, w->d_branch, 1);

  clear (w->d_hidden, n_hidden);
  gloss_gemma_block_project_backward (block, w->d_hidden, w->hidden, w->d_branch,
                                      GLOSS_TENSOR_DOWN_KERNEL, n);
  clear (w->d_gate, n_hidden);
  clear (w->d_up, n_hidden);
  gloss_gelu_multiply_backward (block->grad->layer_grad.pool, w->d_gate, w->d_up, block->a.gate,
                                block->a.up, w->d_hidden, n_hidden);
  clear (w->d_normed, n_values);
  gloss_gemma_block_project_backward (block, w->d_normed, w->mlp_normed, w->d_gate,
                                      GLOSS_TENSOR_GATE_KERNEL, n);
  gloss_gemma_block_project_backward (block, w->d_normed, w->mlp_normed, w->d_up,
                                      GLOSS_TENSOR_UP_KERNEL, n);
  gloss_gemma_block_norm_backward (block, w->d_middle, block->a.middle, w->d_normed,
                                   GLOSS_TENSOR_MLP_NORM, n);
}

static void
attend_backward (const GlossGemmaBlock *block)
{
  GlossGemmaGrad *grad = block->grad;
  const GlossModelConfig *config = grad->config;
  GlossGemmaWorkspace *w = &grad->w;
  gsize query = config->n_heads * config->head_dim, kv = config->n_kv_heads * config->head_dim;
  gsize n_stats = gloss_attention_backward_count_stats (1, (guint) config->n_heads);
  GlossAttentionShape shape = gloss_gemma_block_get_shape (config);

  clear (w->d_queries, block->n_active * query);
  clear (w->d_keys, block->n_rows * kv);
  clear (w->d_values, block->n_rows * kv);
  for (gsize s = 0; s < block->packed->n_sequences; s++)
    {
      const GlossPackedSequence *sequence = &block->packed->sequences[s];
      gsize at = sequence->first_row * kv, skipped, first, n;

      gloss_gemma_block_get_active (block, s, &skipped, &first, &n);
      grad->grad_items[s] = (GlossAttentionGradItem){
        .queries = block->a.queries + first * query,
        .keys = block->a.keys + at,
        .values = block->a.values + at,
        .out = block->a.attended + first * query,
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
  gloss_gemma_block_rotate (block, w->d_queries, w->d_keys, gloss_rope_backward);
}

/* From w->d_middle to @d_x, which is NULL where it is not wanted. */
static void
run_attention_backward (const GlossGemmaBlock *block, float *d_x, const float *x)
{
  const GlossModelConfig *config = block->grad->config;
  const GlossLayerGrad *g = &block->grad->layer_grad;
  GlossGemmaWorkspace *w = &block->grad->w;
  gsize n = block->n_active, n_values = n * config->width, n_all = block->n_rows * config->width;
  gboolean needs_normed =
      d_x || gloss_layer_grad_find (g, GLOSS_TENSOR_ATTENTION_NORM, block->layer);
  float *d_normed = needs_normed ? w->d_normed : NULL;
  float *d_active = block->is_last && needs_normed ? w->d_active : d_normed;

  memcpy (w->d_branch, w->d_middle, n_values * sizeof (float));
  gloss_gemma_block_drop (block, w->d_branch, 0);
  if (config->is_gemma2)
    {
      clear (w->added, n_values);
      gloss_gemma_block_norm_backward (block, w->added, block->a.projected, w->d_branch,
                                       GLOSS_TENSOR_ATTENTION_POST_NORM, n);
      memcpy (w->d_branch, w->added, n_values * sizeof (float));
    }
  clear (w->d_attended, n * config->n_heads * config->head_dim);
  gloss_gemma_block_project_backward (block, w->d_attended, block->a.attended, w->d_branch,
                                      GLOSS_TENSOR_ATTENTION_OUT_KERNEL, n);
  attend_backward (block);

  if (needs_normed)
    clear (w->d_normed, n_all);
  if (block->is_last && needs_normed)
    clear (w->d_active, n_values);
  gloss_gemma_block_project_backward (block, d_normed, w->normed, w->d_keys,
                                      GLOSS_TENSOR_KEY_KERNEL, block->n_rows);
  gloss_gemma_block_project_backward (block, d_normed, w->normed, w->d_values,
                                      GLOSS_TENSOR_VALUE_KERNEL, block->n_rows);
  gloss_gemma_block_project_backward (block, d_active,
                                      block->is_last ? w->active_normed : w->normed, w->d_queries,
                                      GLOSS_TENSOR_QUERY_KERNEL, n);
  if (!needs_normed)
    return;
  if (block->is_last)
    gloss_gemma_block_scatter (block, w->d_normed, w->d_active);
  if (!d_x)
    {
      gloss_gemma_block_norm_backward (block, NULL, x, w->d_normed, GLOSS_TENSOR_ATTENTION_NORM,
                                       block->n_rows);
      return;
    }
  if (block->is_last)
    {
      clear (d_x, n_all);
      gloss_gemma_block_scatter (block, d_x, w->d_middle);
    }
  else
    memcpy (d_x, w->d_middle, n_all * sizeof (float));
  gloss_gemma_block_norm_backward (block, d_x, x, w->d_normed, GLOSS_TENSOR_ATTENTION_NORM,
                                   block->n_rows);
}

void
gloss_gemma_grad_backward (GlossGemmaGrad *grad, float *d_x, const float *d_out, const float *x,
                           gsize layer, const GlossPacked *packed)
{
  GlossGemmaBlock block = gloss_gemma_block_begin (grad, layer, packed);

  if (gloss_gemma_block_is_kept (&block))
    complete_forward (&block, x);
  else
    run_forward (&block, x);
  if (gloss_pool_is_cancelled (grad->layer_grad.pool))
    return;
  memcpy (grad->w.d_middle, d_out, block.n_active * grad->config->width * sizeof (float));
  run_mlp_backward (&block);
  if (!gloss_pool_is_cancelled (grad->layer_grad.pool))
    run_attention_backward (&block, d_x, x);
}
