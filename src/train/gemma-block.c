/* What the forward and the backward of a block of the language tower share. */
#include "train/gemma-block.h"

#include "tensor/dropout.h"
#include "tensor/norm-grad.h"
#include "tensor/norm.h"
#include "tensor/rope.h"

#include <string.h>

/* A place for rows. */
typedef struct
{
  float **place;
  gsize n_rows, n_columns;
} Rows;

/* Lays @blocks out in @arena, or only counts their bytes when that is NULL. */
static gsize
lay_out_rows (const Rows *blocks, guint n_blocks, GlossArena *arena)
{
  gsize total = 0;

  for (guint i = 0; i < n_blocks; i++)
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

/* What only a post-norm reads is not kept where there is none. */
static gsize
lay_out_activations (GlossGemmaActivations *a, const GlossModelConfig *config, GlossArena *arena,
                     gsize n_rows, gboolean is_kept)
{
  gsize width = config->width, query = config->n_heads * config->head_dim;
  gsize kv = config->n_kv_heads * config->head_dim, mlp = config->mlp_dim;
  gsize post_rows = is_kept && !config->is_gemma2 ? 0 : n_rows;
  const Rows blocks[] = {
    { &a->queries, n_rows, query },      { &a->keys, n_rows, kv },
    { &a->values, n_rows, kv },          { &a->attended, n_rows, query },
    { &a->projected, post_rows, width }, { &a->middle, n_rows, width },
    { &a->gate, n_rows, mlp },           { &a->up, n_rows, mlp },
    { &a->down, post_rows, width },
  };

  return lay_out_rows (blocks, G_N_ELEMENTS (blocks), arena);
}

static gsize
lay_out (GlossGemmaWorkspace *w, GlossTrainable *trainable, GlossArena *arena, gsize n_rows,
         gsize length)
{
  const GlossModelConfig *config = gloss_model_get_config (gloss_trainable_get_base (trainable));
  gsize width = config->width, query = config->n_heads * config->head_dim;
  gsize kv = config->n_kv_heads * config->head_dim, mlp = config->mlp_dim, total;
  const Rows blocks[] = {
    { &w->normed, n_rows, width },
    { &w->active_normed, n_rows, width },
    { &w->mlp_normed, n_rows, width },
    { &w->hidden, n_rows, mlp },
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

  if (!g_size_checked_add (&total, lay_out_rows (blocks, G_N_ELEMENTS (blocks), arena),
                           lay_out_activations (&w->activations, config, arena, n_rows, FALSE)))
    return G_MAXSIZE;
  return total;
}

/* How many blocks' activations find room in @max_bytes, of @n_layers. */
static gsize
count_kept (const GlossModelConfig *config, gsize n_rows, gsize n_layers, gsize max_bytes)
{
  GlossGemmaActivations a;

  return MIN (n_layers, max_bytes / MAX (1, lay_out_activations (&a, config, NULL, n_rows, TRUE)));
}

GlossGemmaGrad *
gloss_gemma_grad_new (GlossTrainable *trainable, GlossPool *pool, gsize max_rows, gsize max_length,
                      gsize n_layers, gsize max_kept_bytes, GError **error)
{
  g_autoptr (GlossGemmaGrad) grad = g_new0 (GlossGemmaGrad, 1);
  const GlossModelConfig *config = gloss_model_get_config (gloss_trainable_get_base (trainable));
  GlossGemmaWorkspace w;
  gsize n_bytes = lay_out (&w, trainable, NULL, max_rows, max_length);

  grad->config = config;
  grad->n_kept = count_kept (config, max_rows, n_layers, max_kept_bytes);
  grad->kept = g_new0 (GlossGemmaActivations, grad->n_kept);
  for (gsize i = 0; i < grad->n_kept; i++)
    {
      if (!g_size_checked_add (&n_bytes, n_bytes,
                               lay_out_activations (&grad->kept[i], config, NULL, max_rows, TRUE)))
        n_bytes = G_MAXSIZE;
    }
  grad->arena = gloss_arena_new (n_bytes, error);
  if (!grad->arena)
    return NULL;
  grad->max_rows = max_rows;
  lay_out (&grad->w, trainable, grad->arena, max_rows, max_length);
  for (gsize i = 0; i < grad->n_kept; i++)
    lay_out_activations (&grad->kept[i], config, grad->arena, max_rows, TRUE);
  gloss_rope_fill (grad->w.cosines, grad->w.sines, 0, TRUE, max_length, config->head_dim,
                   config->rope_base);
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
  g_free (grad->kept);
  g_free (grad->items);
  g_free (grad->grad_items);
  g_free (grad);
}

void
gloss_gemma_grad_set_dropout (GlossGemmaGrad *grad, float rate)
{
  grad->dropout_rate = rate;
}

GlossGemmaBlock
gloss_gemma_block_begin (GlossGemmaGrad *grad, gsize layer, const GlossPacked *packed)
{
  gboolean is_last = layer + 1 == grad->config->depth;

  GlossGemmaBlock block = {
    grad, packed, layer, is_last, packed->n_rows, packed->n_rows, grad->w.activations
  };

  g_assert (packed->n_rows <= grad->max_rows);
  if (is_last)
    block.n_active = packed->n_active;
  if (gloss_gemma_block_is_kept (&block))
    {
      GlossGemmaActivations own = block.a;

      block.a = grad->kept[layer + grad->n_kept - grad->config->depth];
      if (!grad->config->is_gemma2)
        {
          block.a.projected = own.projected;
          block.a.down = own.down;
        }
    }
  return block;
}

gboolean
gloss_gemma_block_is_kept (const GlossGemmaBlock *block)
{
  return block->layer + block->grad->n_kept >= block->grad->config->depth;
}

GlossAttentionShape
gloss_gemma_block_get_shape (const GlossModelConfig *config)
{
  return (GlossAttentionShape){
    .n_heads = (guint) config->n_heads,
    .n_kv_heads = (guint) config->n_kv_heads,
    .head_dim = (guint) config->head_dim,
    .scale = config->query_scale,
    .softcap = config->attention_softcap,
  };
}

void
gloss_gemma_block_get_active (const GlossGemmaBlock *block, gsize s, gsize *skipped, gsize *first,
                              gsize *n)
{
  const GlossPackedSequence *sequence = &block->packed->sequences[s];

  *n = block->is_last ? sequence->n_active : sequence->n_rows;
  *skipped = sequence->n_rows - *n;
  *first = block->is_last ? sequence->first_active : sequence->first_row;
}

const float *
gloss_gemma_block_gather (const GlossGemmaBlock *block, float *out, const float *x)
{
  gsize width = block->grad->config->width;

  if (!block->is_last)
    return x;
  for (gsize s = 0; s < block->packed->n_sequences; s++)
    {
      gsize skipped, first, n;

      gloss_gemma_block_get_active (block, s, &skipped, &first, &n);
      memcpy (out + first * width, x + (block->packed->sequences[s].first_row + skipped) * width,
              n * width * sizeof (float));
    }
  return out;
}

void
gloss_gemma_block_scatter (const GlossGemmaBlock *block, float *x, const float *d)
{
  gsize width = block->grad->config->width;

  for (gsize s = 0; s < block->packed->n_sequences; s++)
    {
      gsize skipped, first, n;
      float *to;

      gloss_gemma_block_get_active (block, s, &skipped, &first, &n);
      to = x + (block->packed->sequences[s].first_row + skipped) * width;
      for (gsize i = 0; i < n * width; i++)
        to[i] += d[first * width + i];
    }
}

void
gloss_gemma_block_rotate (const GlossGemmaBlock *block, float *queries, float *keys,
                          void (*func) (float *, const float *, const float *, gsize, gsize, gsize))
{
  const GlossModelConfig *config = block->grad->config;
  const GlossGemmaWorkspace *w = &block->grad->w;
  gsize half = config->head_dim / 2;

  for (gsize s = 0; s < block->packed->n_sequences; s++)
    {
      const GlossPackedSequence *sequence = &block->packed->sequences[s];
      gsize skipped, first, n;

      gloss_gemma_block_get_active (block, s, &skipped, &first, &n);
      func (keys + sequence->first_row * config->n_kv_heads * config->head_dim, w->cosines,
            w->sines, sequence->n_rows, config->n_kv_heads, config->head_dim);
      func (queries + first * config->n_heads * config->head_dim, w->cosines + skipped * half,
            w->sines + skipped * half, n, config->n_heads, config->head_dim);
    }
}

void
gloss_gemma_block_norm (const GlossGemmaBlock *block, float *out, const float *x,
                        GlossTensorRole role, gsize n_rows)
{
  const GlossLayerGrad *g = &block->grad->layer_grad;

  gloss_rms_norm (g->pool, out, x, gloss_model_get_vector (g->model, role, block->layer), n_rows,
                  block->grad->config->width, block->grad->config->norm_eps);
}

void
gloss_gemma_block_norm_backward (const GlossGemmaBlock *block, float *d_x, const float *x,
                                 const float *d_y, GlossTensorRole role, gsize n_rows)
{
  const GlossLayerGrad *g = &block->grad->layer_grad;

  gloss_rms_norm_backward (g->pool, d_x, gloss_layer_grad_find (g, role, block->layer), x,
                           gloss_model_get_vector (g->model, role, block->layer), d_y,
                           block->grad->w.norm_stats, n_rows, block->grad->config->width,
                           block->grad->config->norm_eps);
}

void
gloss_gemma_block_project (const GlossGemmaBlock *block, float *out, const float *x,
                           GlossTensorRole role, gsize n_rows)
{
  gloss_layer_grad_forward (&block->grad->layer_grad, out, x, role, block->layer, NULL, n_rows);
}

void
gloss_gemma_block_project_backward (const GlossGemmaBlock *block, float *d_x, const float *x,
                                    const float *d_y, GlossTensorRole role, gsize n_rows)
{
  gloss_layer_grad_backward (&block->grad->layer_grad, d_x, x, d_y, role, block->layer, n_rows);
}

void
gloss_gemma_block_drop (const GlossGemmaBlock *block, float *x, guint branch)
{
  const GlossPacked *packed = block->packed;

  if (block->grad->dropout_rate == 0)
    return;
  for (gsize s = 0; s < packed->n_sequences; s++)
    {
      gsize skipped, first, n;

      gloss_gemma_block_get_active (block, s, &skipped, &first, &n);
      gloss_dropout (block->grad->layer_grad.pool, x + first * block->grad->config->width,
                     packed->keys + packed->sequences[s].first_row + skipped,
                     (2 * (guint64) block->layer + branch + 1) << 56, n, block->grad->config->width,
                     block->grad->dropout_rate);
    }
}
