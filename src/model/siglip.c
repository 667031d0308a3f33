/* The vision tower: SigLIP So400m, pre-norm, no class token, no pooling. (Zhai et al., arXiv
 * 2303.15343; Dosovitskiy et al., arXiv 2010.11929.) */
#include "model/siglip.h"

#include "tensor/activation.h"
#include "tensor/attention.h"
#include "tensor/linear.h"
#include "tensor/norm.h"

#include <math.h>

/* What a block needs beside its input: the normalised rows or the attention's output, queries, keys
 * and values (the MLP's hidden rows take their place), and a result before it is added. */
typedef struct
{
  float *normed;  /* [tokens × width] */
  float *queries; /* [tokens × width] */
  float *keys;    /* [tokens × width] */
  float *values;  /* [tokens × width] */
  float *hidden;  /* [tokens × mlp_dim] */
  float *result;  /* [tokens × width] */
} Workspace;

gsize
gloss_siglip_get_workspace_bytes (const GlossModelConfig *config)
{
  gsize patch = config->patch_size_px * config->patch_size_px * 3;
  gsize columns = 6 * config->vit_width + config->vit_mlp_dim + patch;
  gsize n_floats;

  /* eight blocks, each rounded up to the arena's alignment */
  if (!g_size_checked_mul (&n_floats, columns, config->n_image_tokens)
      || !g_size_checked_add (&n_floats, n_floats, 8 * GLOSS_ARENA_ALIGN_BYTES / sizeof (float)))
    return G_MAXSIZE;
  return gloss_arena_size_floats (n_floats);
}

/* Each patch becomes a row in the order that the kernel has: pixels (dy, dx, c) or planes (c, dy,
 * dx). */
static void
gather_patches (float *out, const float *image, gsize side_px, gsize patch_px, gboolean planar)
{
  gsize grid = side_px / patch_px;

  for (gsize py = 0; py < grid; py++)
    {
      for (gsize px = 0; px < grid; px++)
        {
          float *row = out + (py * grid + px) * patch_px * patch_px * 3;

          for (gsize dy = 0; dy < patch_px; dy++)
            {
              for (gsize dx = 0; dx < patch_px; dx++)
                {
                  const float *pixel =
                      image + ((py * patch_px + dy) * side_px + px * patch_px + dx) * 3;
                  gsize i = dy * patch_px + dx;

                  for (gsize c = 0; c < 3; c++)
                    row[planar ? c * patch_px * patch_px + i : i * 3 + c] = pixel[c];
                }
            }
        }
    }
}

void
gloss_siglip_gather_patches (GlossModel *model, float *out, const float *image)
{
  const GlossModelConfig *config = gloss_model_get_config (model);

  gather_patches (out, image, gloss_model_config_get_image_size_px (config), config->patch_size_px,
                  gloss_model_has_planar_patches (model));
}

static void
run_attention (GlossModel *model, GlossPool *pool, Workspace *w, float *x, gsize layer)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  gsize n = config->n_image_tokens;
  GlossAttentionShape shape = {
    .n_heads = (guint) config->vit_n_heads,
    .n_kv_heads = (guint) config->vit_n_heads,
    .head_dim = (guint) config->vit_head_dim,
    .scale = 1.0f / sqrtf ((float) config->vit_head_dim),
  };
  GlossAttentionItem item = { .n_rows = n };

  gloss_layer_norm (pool, w->normed, x,
                    gloss_model_get_vector (model, GLOSS_TENSOR_VIT_ATTENTION_NORM_SCALE, layer),
                    gloss_model_get_vector (model, GLOSS_TENSOR_VIT_ATTENTION_NORM_BIAS, layer), n,
                    config->vit_width, config->vit_norm_eps);
  gloss_linear (pool, w->queries, w->normed,
                gloss_model_get_matrix (model, GLOSS_TENSOR_VIT_QUERY_KERNEL, layer),
                gloss_model_get_vector (model, GLOSS_TENSOR_VIT_QUERY_BIAS, layer), n);
  gloss_linear (pool, w->keys, w->normed,
                gloss_model_get_matrix (model, GLOSS_TENSOR_VIT_KEY_KERNEL, layer),
                gloss_model_get_vector (model, GLOSS_TENSOR_VIT_KEY_BIAS, layer), n);
  gloss_linear (pool, w->values, w->normed,
                gloss_model_get_matrix (model, GLOSS_TENSOR_VIT_VALUE_KERNEL, layer),
                gloss_model_get_vector (model, GLOSS_TENSOR_VIT_VALUE_BIAS, layer), n);

  item.out = w->normed;
  item.queries = w->queries;
  item.segments[0] = (GlossAttentionSegment){ w->keys, w->values, n };
  gloss_attention (pool, &item, 1, &shape);

  gloss_linear (pool, w->result, w->normed,
                gloss_model_get_matrix (model, GLOSS_TENSOR_VIT_OUT_KERNEL, layer),
                gloss_model_get_vector (model, GLOSS_TENSOR_VIT_OUT_BIAS, layer), n);
  gloss_add (pool, x, w->result, n * config->vit_width);
}

static void
run_mlp (GlossModel *model, GlossPool *pool, Workspace *w, float *x, gsize layer)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  gsize n = config->n_image_tokens;

  gloss_layer_norm (pool, w->normed, x,
                    gloss_model_get_vector (model, GLOSS_TENSOR_VIT_MLP_NORM_SCALE, layer),
                    gloss_model_get_vector (model, GLOSS_TENSOR_VIT_MLP_NORM_BIAS, layer), n,
                    config->vit_width, config->vit_norm_eps);
  gloss_linear (pool, w->hidden, w->normed,
                gloss_model_get_matrix (model, GLOSS_TENSOR_VIT_MLP_UP_KERNEL, layer),
                gloss_model_get_vector (model, GLOSS_TENSOR_VIT_MLP_UP_BIAS, layer), n);
  gloss_gelu (pool, w->hidden, n * config->vit_mlp_dim);
  gloss_linear (pool, w->result, w->hidden,
                gloss_model_get_matrix (model, GLOSS_TENSOR_VIT_MLP_DOWN_KERNEL, layer),
                gloss_model_get_vector (model, GLOSS_TENSOR_VIT_MLP_DOWN_BIAS, layer), n);
  gloss_add (pool, x, w->result, n * config->vit_width);
}

/* x = patches · kernel + bias, then the position of each. */
static void
run_stem (GlossModel *model, GlossPool *pool, GlossArena *arena, float *x, float *position,
          const float *image, const GlossTap *tap)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  const GlossMatrix *positions = gloss_model_get_matrix (model, GLOSS_TENSOR_POSITION_EMBEDDING, 0);
  gsize n = config->n_image_tokens, width = config->vit_width;
  gsize patch_px = config->patch_size_px;
  gsize mark = gloss_arena_get_mark (arena);
  float *patches = gloss_arena_alloc_floats (arena, n * patch_px * patch_px * 3);

  gloss_siglip_gather_patches (model, patches, image);
  gloss_linear (pool, x, patches, gloss_model_get_matrix (model, GLOSS_TENSOR_PATCH_KERNEL, 0),
                gloss_model_get_vector (model, GLOSS_TENSOR_PATCH_BIAS, 0), n);
  gloss_tap (tap, "vit/stem", 0, x, n, width);
  for (gsize i = 0; i < n; i++)
    {
      gloss_matrix_convert_row (position, positions, i);
      for (gsize j = 0; j < width; j++)
        x[i * width + j] += position[j];
    }
  gloss_tap (tap, "vit/with_posemb", 0, x, n, width);
  gloss_arena_reset (arena, mark);
}

void
gloss_siglip_encode (GlossModel *model, GlossPool *pool, GlossArena *arena, float *out,
                     const float *image, const GlossTap *tap)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  gsize n = config->n_image_tokens, width = config->vit_width;
  gsize mark = gloss_arena_get_mark (arena);
  float *x = gloss_arena_alloc_floats (arena, n * width);
  Workspace w = {
    .normed = gloss_arena_alloc_floats (arena, n * width),
    .queries = gloss_arena_alloc_floats (arena, n * width),
    .keys = gloss_arena_alloc_floats (arena, n * width),
    .values = gloss_arena_alloc_floats (arena, n * width),
    .result = gloss_arena_alloc_floats (arena, n * width),
    .hidden = gloss_arena_alloc_floats (arena, n * config->vit_mlp_dim),
  };

  run_stem (model, pool, arena, x, w.normed, image, tap);
  for (gsize layer = 0; layer < config->vit_depth && !gloss_pool_is_cancelled (pool); layer++)
    {
      run_attention (model, pool, &w, x, layer);
      gloss_tap (tap, "vit/block%02u/+sa", layer, x, n, width);
      run_mlp (model, pool, &w, x, layer);
      gloss_tap (tap, "vit/block%02u/+mlp", layer, x, n, width);
    }
  gloss_layer_norm (pool, x, x,
                    gloss_model_get_vector (model, GLOSS_TENSOR_VIT_FINAL_NORM_SCALE, 0),
                    gloss_model_get_vector (model, GLOSS_TENSOR_VIT_FINAL_NORM_BIAS, 0), n, width,
                    config->vit_norm_eps);
  gloss_tap (tap, "vit/encoded", 0, x, n, width);
  gloss_linear (pool, out, x, gloss_model_get_matrix (model, GLOSS_TENSOR_HEAD_KERNEL, 0),
                gloss_model_get_vector (model, GLOSS_TENSOR_HEAD_BIAS, 0), n);
  gloss_tap (tap, "vit/zimg", 0, out, n, config->width);
  gloss_arena_reset (arena, mark);
}
