/* The vision tower: SigLIP So400m, pre-norm, no class token, no pooling. (Zhai et al., arXiv
 * 2303.15343; Dosovitskiy et al., arXiv 2010.11929.) */
#include "model/siglip.h"

#include "tensor/activation.h"
#include "tensor/attention.h"
#include "tensor/norm.h"
#include "tensor/product.h"

#include <math.h>

/* What a block needs beside its input: the normalised rows or the attention's output, queries, keys
 * and values (the MLP's hidden rows take their place), and a result before it is added. */
typedef struct
{
  GlossRows normed; /* [tokens × width] */
  GlossRows hidden; /* [tokens × mlp_dim] */
  float *queries;   /* [tokens × width] */
  float *keys;      /* [tokens × width] */
  float *values;    /* [tokens × width] */
  float *result;    /* [tokens × width] */
} Workspace;

gsize
gloss_siglip_get_workspace_bytes (const GlossModelConfig *config)
{
  gsize patch = config->patch_size_px * config->patch_size_px * 3;
  /* rows are filled up to an even number of columns */
  gsize columns = 6 * (config->vit_width + 1) + config->vit_mlp_dim + 1 + 2 * (patch + 1);
  gsize n_floats;

  /* nine blocks, each rounded up to the arena's alignment */
  if (!g_size_checked_mul (&n_floats, columns, config->n_image_tokens)
      || !g_size_checked_add (&n_floats, n_floats, 9 * GLOSS_ARENA_ALIGN_BYTES / sizeof (float)))
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

static GlossProduct
get_product (GlossModel *model, GlossTensorRole kernel, GlossTensorRole bias, gsize layer,
             float *out)
{
  return (GlossProduct){ gloss_model_get_matrix (model, kernel, layer),
                         gloss_model_get_vector (model, bias, layer), out };
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
  GlossAttentionItem item = { .out = w->result, .queries = w->queries, .n_rows = n };
  const GlossProduct products[] = {
    get_product (model, GLOSS_TENSOR_VIT_QUERY_KERNEL, GLOSS_TENSOR_VIT_QUERY_BIAS, layer,
                 w->queries),
    get_product (model, GLOSS_TENSOR_VIT_KEY_KERNEL, GLOSS_TENSOR_VIT_KEY_BIAS, layer, w->keys),
    get_product (model, GLOSS_TENSOR_VIT_VALUE_KERNEL, GLOSS_TENSOR_VIT_VALUE_BIAS, layer,
                 w->values),
  };

  gloss_layer_norm_rows (
      pool, &w->normed, x,
      gloss_model_get_vector (model, GLOSS_TENSOR_VIT_ATTENTION_NORM_SCALE, layer),
      gloss_model_get_vector (model, GLOSS_TENSOR_VIT_ATTENTION_NORM_BIAS, layer),
      config->vit_norm_eps);
  gloss_products (pool, &w->normed, products, G_N_ELEMENTS (products));

  item.segments[0] = (GlossAttentionSegment){ w->keys, w->values, n };
  gloss_attention (pool, &item, 1, &shape);

  gloss_rows_pack (pool, &w->normed, w->result);
  gloss_product_add (
      pool, &w->normed, gloss_model_get_matrix (model, GLOSS_TENSOR_VIT_OUT_KERNEL, layer),
      gloss_model_get_vector (model, GLOSS_TENSOR_VIT_OUT_BIAS, layer), x, w->result);
}

static void
run_mlp (GlossModel *model, GlossPool *pool, Workspace *w, float *x, gsize layer)
{
  const GlossModelConfig *config = gloss_model_get_config (model);

  gloss_layer_norm_rows (
      pool, &w->normed, x, gloss_model_get_vector (model, GLOSS_TENSOR_VIT_MLP_NORM_SCALE, layer),
      gloss_model_get_vector (model, GLOSS_TENSOR_VIT_MLP_NORM_BIAS, layer), config->vit_norm_eps);
  gloss_product_gelu (
      pool, &w->normed, gloss_model_get_matrix (model, GLOSS_TENSOR_VIT_MLP_UP_KERNEL, layer),
      gloss_model_get_vector (model, GLOSS_TENSOR_VIT_MLP_UP_BIAS, layer), &w->hidden);
  gloss_product_add (
      pool, &w->hidden, gloss_model_get_matrix (model, GLOSS_TENSOR_VIT_MLP_DOWN_KERNEL, layer),
      gloss_model_get_vector (model, GLOSS_TENSOR_VIT_MLP_DOWN_BIAS, layer), x, w->result);
}

static GlossRows
take_rows (GlossModel *model, GlossArena *arena, gsize n_rows, gsize n_cols)
{
  return (GlossRows){
    gloss_model_get_rows_kind (model, n_rows),
    gloss_arena_alloc_floats (arena, gloss_rows_count_floats (n_rows, n_cols)),
    n_rows,
    n_cols,
  };
}

/* x = patches · kernel + bias, then the position of each. */
static void
run_stem (GlossModel *model, GlossPool *pool, GlossArena *arena, float *x, float *position,
          const float *image, const GlossTap *tap)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  const GlossMatrix *positions = gloss_model_get_matrix (model, GLOSS_TENSOR_POSITION_EMBEDDING, 0);
  gsize n = config->n_image_tokens, width = config->vit_width;
  gsize patch_px = config->patch_size_px, n_values = patch_px * patch_px * 3;
  gsize mark = gloss_arena_get_mark (arena);
  float *patches = gloss_arena_alloc_floats (arena, n * n_values);
  GlossRows rows = take_rows (model, arena, n, n_values);
  GlossProduct product =
      get_product (model, GLOSS_TENSOR_PATCH_KERNEL, GLOSS_TENSOR_PATCH_BIAS, 0, x);

  gloss_siglip_gather_patches (model, patches, image);
  gloss_rows_pack (pool, &rows, patches);
  gloss_products (pool, &rows, &product, 1);
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
    .normed = take_rows (model, arena, n, width),
    .hidden = take_rows (model, arena, n, config->vit_mlp_dim),
    .queries = gloss_arena_alloc_floats (arena, n * width),
    .keys = gloss_arena_alloc_floats (arena, n * width),
    .values = gloss_arena_alloc_floats (arena, n * width),
    .result = gloss_arena_alloc_floats (arena, n * width),
  };
  GlossProduct head = get_product (model, GLOSS_TENSOR_HEAD_KERNEL, GLOSS_TENSOR_HEAD_BIAS, 0, out);

  run_stem (model, pool, arena, x, w.result, image, tap);
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
  gloss_rows_pack (pool, &w.normed, x);
  gloss_products (pool, &w.normed, &head, 1);
  gloss_tap (tap, "vit/zimg", 0, out, n, config->width);
  gloss_arena_reset (arena, mark);
}
