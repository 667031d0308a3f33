/* The vision tower in training. As in gemma-grad.c the backward of a block computes its activations
 * again. */
#include "train/siglip-grad.h"

#include "model/siglip.h"
#include "tensor/activation-grad.h"
#include "tensor/activation.h"
#include "tensor/attention-grad.h"
#include "tensor/linear.h"
#include "tensor/norm-grad.h"
#include "tensor/norm.h"

#include <math.h>
#include <string.h>

typedef struct
{
  float *normed, *queries, *keys, *values, *attended, *result, *middle; /* [tokens × width] */
  float *up, *hidden;                                                   /* [tokens × mlp dim] */
  float *patches; /* [tokens × patch values] */

  float *d_x, *d_normed, *d_attended, *d_queries, *d_keys, *d_values;
  float *d_up, *d_hidden;
  float *stats, *norm_stats, *scratch;
} Workspace;

struct _GlossSiglipGrad
{
  GlossLayerGrad layer_grad;
  const GlossModelConfig *config; /* borrowed */
  GlossArena *arena;              /* owned */
  Workspace w;
};

static gsize
lay_out (Workspace *w, GlossTrainable *trainable, GlossArena *arena)
{
  const GlossModelConfig *config = gloss_model_get_config (gloss_trainable_get_base (trainable));
  gsize n = config->n_image_tokens, width = config->vit_width, mlp = config->vit_mlp_dim;
  gsize patch = config->patch_size_px * config->patch_size_px * 3;
  const struct
  {
    float **place;
    gsize n_floats;
  } blocks[] = {
    { &w->normed, n * width },
    { &w->queries, n * width },
    { &w->keys, n * width },
    { &w->values, n * width },
    { &w->attended, n * width },
    { &w->result, n * width },
    { &w->middle, n * width },
    { &w->up, n * mlp },
    { &w->hidden, n * mlp },
    { &w->patches, n * patch },
    { &w->d_x, n * width },
    { &w->d_normed, n * width },
    { &w->d_attended, n * width },
    { &w->d_queries, n * width },
    { &w->d_keys, n * width },
    { &w->d_values, n * width },
    { &w->d_up, n * mlp },
    { &w->d_hidden, n * mlp },
    { &w->stats, gloss_attention_backward_count_stats (n, (guint) config->vit_n_heads) },
    { &w->norm_stats, 2 * n },
    { &w->scratch, gloss_layer_grad_count_scratch (trainable, n) },
  };
  gsize total = 0;

  /* the configuration's limits keep all of this far from an overflow */
  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    {
      total += gloss_arena_size_floats (blocks[i].n_floats);
      if (arena)
        *blocks[i].place = gloss_arena_alloc_floats (arena, blocks[i].n_floats);
    }
  return total;
}

GlossSiglipGrad *
gloss_siglip_grad_new (GlossTrainable *trainable, GlossPool *pool, GError **error)
{
  g_autoptr (GlossSiglipGrad) grad = g_new0 (GlossSiglipGrad, 1);

  grad->config = gloss_model_get_config (gloss_trainable_get_base (trainable));
  grad->arena = gloss_arena_new (lay_out (&grad->w, trainable, NULL), error);
  if (!grad->arena)
    return NULL;
  lay_out (&grad->w, trainable, grad->arena);
  grad->layer_grad =
      (GlossLayerGrad){ trainable, gloss_trainable_get_model (trainable), pool, grad->w.scratch };
  return g_steal_pointer (&grad);
}

void
gloss_siglip_grad_free (GlossSiglipGrad *grad)
{
  g_clear_pointer (&grad->arena, gloss_arena_free);
  g_free (grad);
}

gsize
gloss_siglip_grad_count_kept (const GlossModelConfig *config)
{
  return (config->vit_depth + 1) * config->n_image_tokens * config->vit_width;
}

static void
norm (GlossSiglipGrad *grad, float *out, const float *x, GlossTensorRole scale,
      GlossTensorRole bias, gsize layer)
{
  const GlossLayerGrad *g = &grad->layer_grad;

  gloss_layer_norm (g->pool, out, x, gloss_model_get_vector (g->model, scale, layer),
                    gloss_model_get_vector (g->model, bias, layer), grad->config->n_image_tokens,
                    grad->config->vit_width, grad->config->vit_norm_eps);
}

static void
norm_backward (GlossSiglipGrad *grad, float *d_x, const float *x, const float *d_y,
               GlossTensorRole scale, GlossTensorRole bias, gsize layer)
{
  const GlossLayerGrad *g = &grad->layer_grad;

  gloss_layer_norm_backward (
      g->pool, d_x, gloss_layer_grad_find (g, scale, layer), gloss_layer_grad_find (g, bias, layer),
      x, gloss_model_get_vector (g->model, scale, layer), d_y, grad->w.norm_stats,
      grad->config->n_image_tokens, grad->config->vit_width, grad->config->vit_norm_eps);
}

/* Every projection has a bias, whose role follows its own. */
static void
project (GlossSiglipGrad *grad, float *out, const float *x, GlossTensorRole role, gsize layer)
{
  const GlossLayerGrad *g = &grad->layer_grad;

  gloss_layer_grad_forward (g, out, x, role, layer,
                            gloss_model_get_vector (g->model, role + 1, layer),
                            grad->config->n_image_tokens);
}

static void
project_backward (GlossSiglipGrad *grad, float *d_x, const float *x, const float *d_y,
                  GlossTensorRole role, gsize layer)
{
  const GlossLayerGrad *g = &grad->layer_grad;
  gsize n = grad->config->n_image_tokens;

  gloss_layer_grad_backward (g, d_x, x, d_y, role, layer, n);
  gloss_layer_grad_backward_bias (g, d_y, role + 1, layer, n,
                                  gloss_model_get_matrix (g->model, role, layer)->n_out);
}

static GlossAttentionShape
get_shape (const GlossModelConfig *config)
{
  return (GlossAttentionShape){
    .n_heads = (guint) config->vit_n_heads,
    .n_kv_heads = (guint) config->vit_n_heads,
    .head_dim = (guint) config->vit_head_dim,
    .scale = 1.0f / sqrtf ((float) config->vit_head_dim),
  };
}

/* From x to w->hidden, all activations left in the workspace. */
static void
run_block (GlossSiglipGrad *grad, const float *x, gsize layer)
{
  const GlossModelConfig *config = grad->config;
  Workspace *w = &grad->w;
  GlossPool *pool = grad->layer_grad.pool;
  GlossAttentionShape shape = get_shape (config);
  gsize n = config->n_image_tokens, n_values = n * config->vit_width;
  GlossAttentionItem item = { .out = w->attended, .queries = w->queries, .n_rows = n };

  norm (grad, w->normed, x, GLOSS_TENSOR_VIT_ATTENTION_NORM_SCALE,
        GLOSS_TENSOR_VIT_ATTENTION_NORM_BIAS, layer);
  project (grad, w->queries, w->normed, GLOSS_TENSOR_VIT_QUERY_KERNEL, layer);
  project (grad, w->keys, w->normed, GLOSS_TENSOR_VIT_KEY_KERNEL, layer);
  project (grad, w->values, w->normed, GLOSS_TENSOR_VIT_VALUE_KERNEL, layer);
  item.segments[0] = (GlossAttentionSegment){ w->keys, w->values, n };
  gloss_attention (pool, &item, 1, &shape);
  project (grad, w->result, w->attended, GLOSS_TENSOR_VIT_OUT_KERNEL, layer);
  memcpy (w->middle, x, n_values * sizeof (float));
  gloss_add (pool, w->middle, w->result, n_values);

  /* the attention's normalised rows are wanted again, so the MLP's take the place of the result */
  norm (grad, w->result, w->middle, GLOSS_TENSOR_VIT_MLP_NORM_SCALE, GLOSS_TENSOR_VIT_MLP_NORM_BIAS,
        layer);
  project (grad, w->up, w->result, GLOSS_TENSOR_VIT_MLP_UP_KERNEL, layer);
  memcpy (w->hidden, w->up, n * config->vit_mlp_dim * sizeof (float));
  gloss_gelu (pool, w->hidden, n * config->vit_mlp_dim);
}

static float *
get_kept (GlossSiglipGrad *grad, const float *kept, gsize layer)
{
  return (float *) kept + layer * grad->config->n_image_tokens * grad->config->vit_width;
}

static void
run_stem (GlossSiglipGrad *grad, float *x, const float *image)
{
  const GlossModelConfig *config = grad->config;
  const GlossMatrix *positions =
      gloss_model_get_matrix (grad->layer_grad.model, GLOSS_TENSOR_POSITION_EMBEDDING, 0);
  Workspace *w = &grad->w;

  gloss_siglip_gather_patches (grad->layer_grad.model, w->patches, image);
  project (grad, x, w->patches, GLOSS_TENSOR_PATCH_KERNEL, 0);
  for (gsize i = 0; i < config->n_image_tokens; i++)
    gloss_matrix_convert_row (w->result + i * config->vit_width, positions, i);
  gloss_add (grad->layer_grad.pool, x, w->result, config->n_image_tokens * config->vit_width);
}

void
gloss_siglip_grad_forward (GlossSiglipGrad *grad, float *out, float *kept, const float *image)
{
  const GlossModelConfig *config = grad->config;
  Workspace *w = &grad->w;
  gsize n_values = config->n_image_tokens * config->vit_width;

  run_stem (grad, kept, image);
  for (gsize layer = 0;
       layer < config->vit_depth && !gloss_pool_is_cancelled (grad->layer_grad.pool); layer++)
    {
      float *next = get_kept (grad, kept, layer + 1);

      run_block (grad, get_kept (grad, kept, layer), layer);
      project (grad, next, w->hidden, GLOSS_TENSOR_VIT_MLP_DOWN_KERNEL, layer);
      gloss_add (grad->layer_grad.pool, next, w->middle, n_values);
    }
  norm (grad, w->normed, get_kept (grad, kept, config->vit_depth),
        GLOSS_TENSOR_VIT_FINAL_NORM_SCALE, GLOSS_TENSOR_VIT_FINAL_NORM_BIAS, 0);
  project (grad, out, w->normed, GLOSS_TENSOR_HEAD_KERNEL, 0);
}

static void
clear (float *x, gsize n)
{
  memset (x, 0, n * sizeof (float));
}

/* w->d_x, the gradient of the block's output, becomes that of its input. */
static void
run_block_backward (GlossSiglipGrad *grad, const float *x, gsize layer)
{
  const GlossModelConfig *config = grad->config;
  GlossPool *pool = grad->layer_grad.pool;
  Workspace *w = &grad->w;
  GlossAttentionShape shape = get_shape (config);
  gsize n = config->n_image_tokens, n_values = n * config->vit_width;
  gsize n_hidden = n * config->vit_mlp_dim;

  run_block (grad, x, layer);
  clear (w->d_hidden, n_hidden);
  project_backward (grad, w->d_hidden, w->hidden, w->d_x, GLOSS_TENSOR_VIT_MLP_DOWN_KERNEL, layer);
  clear (w->d_up, n_hidden);
  gloss_gelu_backward (pool, w->d_up, w->up, w->d_hidden, n_hidden);
  clear (w->d_normed, n_values);
  project_backward (grad, w->d_normed, w->result, w->d_up, GLOSS_TENSOR_VIT_MLP_UP_KERNEL, layer);
  norm_backward (grad, w->d_x, w->middle, w->d_normed, GLOSS_TENSOR_VIT_MLP_NORM_SCALE,
                 GLOSS_TENSOR_VIT_MLP_NORM_BIAS, layer);

  clear (w->d_attended, n_values);
  project_backward (grad, w->d_attended, w->attended, w->d_x, GLOSS_TENSOR_VIT_OUT_KERNEL, layer);
  clear (w->d_queries, n_values);
  clear (w->d_keys, n_values);
  clear (w->d_values, n_values);

  GlossAttentionGradItem item = {
    .queries = w->queries,
    .keys = w->keys,
    .values = w->values,
    .out = w->attended,
    .d_out = w->d_attended,
    .n_rows = n,
    .n_tokens = n,
    .d_queries = w->d_queries,
    .d_keys = w->d_keys,
    .d_values = w->d_values,
    .stats = w->stats,
  };

  gloss_attention_backward (pool, &item, 1, &shape);
  clear (w->d_normed, n_values);
  project_backward (grad, w->d_normed, w->normed, w->d_queries, GLOSS_TENSOR_VIT_QUERY_KERNEL,
                    layer);
  project_backward (grad, w->d_normed, w->normed, w->d_keys, GLOSS_TENSOR_VIT_KEY_KERNEL, layer);
  project_backward (grad, w->d_normed, w->normed, w->d_values, GLOSS_TENSOR_VIT_VALUE_KERNEL,
                    layer);
  norm_backward (grad, w->d_x, x, w->d_normed, GLOSS_TENSOR_VIT_ATTENTION_NORM_SCALE,
                 GLOSS_TENSOR_VIT_ATTENTION_NORM_BIAS, layer);
}

void
gloss_siglip_grad_backward (GlossSiglipGrad *grad, const float *d_out, const float *kept,
                            const float *image)
{
  const GlossModelConfig *config = grad->config;
  Workspace *w = &grad->w;
  gsize n_values = config->n_image_tokens * config->vit_width;
  const float *last = get_kept (grad, kept, config->vit_depth);
  float *d_positions =
      gloss_layer_grad_find (&grad->layer_grad, GLOSS_TENSOR_POSITION_EMBEDDING, 0);

  norm (grad, w->normed, last, GLOSS_TENSOR_VIT_FINAL_NORM_SCALE, GLOSS_TENSOR_VIT_FINAL_NORM_BIAS,
        0);
  clear (w->d_normed, n_values);
  project_backward (grad, w->d_normed, w->normed, d_out, GLOSS_TENSOR_HEAD_KERNEL, 0);
  clear (w->d_x, n_values);
  norm_backward (grad, w->d_x, last, w->d_normed, GLOSS_TENSOR_VIT_FINAL_NORM_SCALE,
                 GLOSS_TENSOR_VIT_FINAL_NORM_BIAS, 0);
  for (gsize layer = config->vit_depth;
       layer-- > 0 && !gloss_pool_is_cancelled (grad->layer_grad.pool);)
    run_block_backward (grad, get_kept (grad, kept, layer), layer);
  if (gloss_pool_is_cancelled (grad->layer_grad.pool))
    return;

  gloss_siglip_gather_patches (grad->layer_grad.model, w->patches, image);
  project_backward (grad, NULL, w->patches, w->d_x, GLOSS_TENSOR_PATCH_KERNEL, 0);
  if (d_positions)
    gloss_add (grad->layer_grad.pool, d_positions, w->d_x, n_values);
}
