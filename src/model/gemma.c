/* The language tower. (Gemma: arXiv 2403.08295; Gemma 2: arXiv 2408.00118; PaliGemma: arXiv
 * 2407.07726.) */
#include "model/gemma.h"

#include "tensor/activation.h"
#include "tensor/linear.h"
#include "tensor/norm.h"
#include "tensor/rope.h"

#include <math.h>
#include <string.h>

/* Rows of the MLP at once: 512 × 2 × 16384 floats are 67 MB, and the cost of converting the weights
 * again for the next 512 is below a hundredth of the product's. */
#define MLP_ROWS 512

typedef struct
{
  float *normed;   /* [rows × width] */
  float *queries;  /* [rows × n_heads·head_dim] */
  float *attended; /* [rows × n_heads·head_dim] */
  float *keys;     /* [rows × n_kv_heads·head_dim] */
  float *values;   /* [rows × n_kv_heads·head_dim] */
  float *result;   /* [rows × width] */
  float *gate;     /* [MLP rows × mlp_dim] */
  float *up;       /* [MLP rows × mlp_dim] */
  float *cosines;  /* [rows × head_dim/2] */
  float *sines;    /* [rows × head_dim/2] */
} Workspace;

/* One run through the layers, either of a prefix or of one token for each beam. */
typedef struct
{
  GlossModel *model;
  const GlossModelConfig *config;
  GlossPool *pool;
  GlossKvCache *cache;
  Workspace w;
  gsize n_rows;
  const guint *n_visible; /* prefix only */
  gboolean is_step;
} Run;

gsize
gloss_gemma_get_workspace_bytes (const GlossModelConfig *config, gsize n_rows)
{
  gsize columns = 2 * config->width + 2 * config->n_heads * config->head_dim
                  + 2 * config->n_kv_heads * config->head_dim + config->head_dim;
  gsize n_mlp = 2 * MIN (n_rows, MLP_ROWS) * config->mlp_dim;
  gsize n_floats;

  /* ten blocks, each rounded up to the arena's alignment, and the items of a step */
  if (!g_size_checked_mul (&n_floats, columns, n_rows)
      || !g_size_checked_add (&n_floats, n_floats, n_mlp)
      || !g_size_checked_add (&n_floats, n_floats, 10 * GLOSS_ARENA_ALIGN_BYTES / sizeof (float)))
    return G_MAXSIZE;
  return gloss_arena_size_floats (n_floats);
}

static void
take_workspace (Workspace *w, const GlossModelConfig *config, GlossArena *arena, gsize n)
{
  gsize query_width = config->n_heads * config->head_dim;
  gsize kv_width = config->n_kv_heads * config->head_dim;
  gsize n_mlp = MIN (n, MLP_ROWS) * config->mlp_dim;

  w->normed = gloss_arena_alloc_floats (arena, n * config->width);
  w->queries = gloss_arena_alloc_floats (arena, n * query_width);
  w->attended = gloss_arena_alloc_floats (arena, n * query_width);
  w->keys = gloss_arena_alloc_floats (arena, n * kv_width);
  w->values = gloss_arena_alloc_floats (arena, n * kv_width);
  w->result = gloss_arena_alloc_floats (arena, n * config->width);
  w->gate = gloss_arena_alloc_floats (arena, n_mlp);
  w->up = gloss_arena_alloc_floats (arena, n_mlp);
  w->cosines = gloss_arena_alloc_floats (arena, n * config->head_dim / 2);
  w->sines = gloss_arena_alloc_floats (arena, n * config->head_dim / 2);
}

void
gloss_gemma_embed (GlossModel *model, float *out, const gint32 *ids, gsize n)
{
  const GlossMatrix *embedding = gloss_model_get_matrix (model, GLOSS_TENSOR_EMBEDDING, 0);
  float scale = sqrtf ((float) embedding->n_in);

  for (gsize i = 0; i < n; i++)
    {
      float *row = out + i * embedding->n_in;

      gloss_matrix_convert_row (row, embedding, (gsize) ids[i]);
      for (gsize j = 0; j < embedding->n_in; j++)
        row[j] *= scale;
    }
}

static void
norm (Run *run, float *out, const float *x, GlossTensorRole role, gsize layer, gsize n_rows)
{
  gloss_rms_norm (run->pool, out, x, gloss_model_get_vector (run->model, role, layer), n_rows,
                  run->config->width, run->config->norm_eps);
}

static void
linear (Run *run, float *out, const float *x, GlossTensorRole role, gsize layer, gsize n_rows)
{
  const GlossLora *lora = gloss_model_get_lora (run->model, role, layer);

  gloss_linear (run->pool, out, x, gloss_model_get_matrix (run->model, role, layer), NULL, n_rows);
  if (lora)
    gloss_lora_add (run->pool, out, x, lora, n_rows);
}

/* Keys and values of all rows go into the cache; the attention's output, before its projection, is
 * computed for the last @n_needed rows, whose normed states are @normed. */
static void
attend (Run *run, gsize layer, gsize n_needed)
{
  const GlossModelConfig *config = run->config;
  Workspace *w = &run->w;
  gsize half = config->head_dim / 2;
  gsize skipped = run->n_rows - n_needed;
  GlossAttentionShape shape = {
    .n_heads = (guint) config->n_heads,
    .n_kv_heads = (guint) config->n_kv_heads,
    .head_dim = (guint) config->head_dim,
    .scale = config->query_scale,
    .softcap = config->attention_softcap,
  };

  linear (run, w->keys, w->normed, GLOSS_TENSOR_KEY_KERNEL, layer, run->n_rows);
  linear (run, w->values, w->normed, GLOSS_TENSOR_VALUE_KERNEL, layer, run->n_rows);
  linear (run, w->queries, w->normed + skipped * config->width, GLOSS_TENSOR_QUERY_KERNEL, layer,
          n_needed);
  if (gloss_pool_is_cancelled (run->pool))
    return;
  gloss_rope (w->keys, w->cosines, w->sines, run->n_rows, config->n_kv_heads, config->head_dim);
  gloss_rope (w->queries, w->cosines + skipped * half, w->sines + skipped * half, n_needed,
              config->n_heads, config->head_dim);

  if (!run->is_step)
    {
      GlossAttentionItem item = {
        .out = w->attended,
        .queries = w->queries,
        .n_rows = n_needed,
        .n_visible = run->n_visible + skipped,
      };

      gloss_kv_cache_write_prefix (run->cache, layer, w->keys, w->values);
      gloss_kv_cache_get_segments (run->cache, layer, 0, 0, item.segments);
      gloss_attention (run->pool, &item, 1, &shape);
      return;
    }

  GlossAttentionItem items[GLOSS_MAX_BEAMS] = { 0 };

  for (gsize beam = 0; beam < run->n_rows; beam++)
    {
      gsize kv_width = config->n_kv_heads * config->head_dim;
      gsize query_width = config->n_heads * config->head_dim;

      items[beam].out = w->attended + beam * query_width;
      items[beam].queries = w->queries + beam * query_width;
      items[beam].n_rows = 1;
      gloss_kv_cache_write_step (run->cache, layer, beam, w->keys + beam * kv_width,
                                 w->values + beam * kv_width);
      gloss_kv_cache_get_segments (run->cache, layer, beam,
                                   gloss_kv_cache_get_n_added (run->cache) + 1,
                                   items[beam].segments);
    }
  gloss_attention (run->pool, items, run->n_rows, &shape);
}

/* w->result = MLP of w->normed. */
static void
run_mlp (Run *run, gsize layer, gsize n_rows)
{
  const GlossModelConfig *config = run->config;
  Workspace *w = &run->w;

  for (gsize row = 0; row < n_rows; row += MLP_ROWS)
    {
      gsize n = MIN (MLP_ROWS, n_rows - row);
      const float *normed = w->normed + row * config->width;

      linear (run, w->gate, normed, GLOSS_TENSOR_GATE_KERNEL, layer, n);
      linear (run, w->up, normed, GLOSS_TENSOR_UP_KERNEL, layer, n);
      gloss_gelu_multiply (run->pool, w->gate, w->up, n * config->mlp_dim);
      linear (run, w->result + row * config->width, w->gate, GLOSS_TENSOR_DOWN_KERNEL, layer, n);
    }
}

/* One block, for the last @n_needed of the rows @x. */
static void
run_block (Run *run, float *x, gsize layer, gsize n_needed)
{
  const GlossModelConfig *config = run->config;
  Workspace *w = &run->w;
  float *needed = x + (run->n_rows - n_needed) * config->width;

  norm (run, w->normed, x, GLOSS_TENSOR_ATTENTION_NORM, layer, run->n_rows);
  attend (run, layer, n_needed);
  linear (run, w->result, w->attended, GLOSS_TENSOR_ATTENTION_OUT_KERNEL, layer, n_needed);
  if (config->is_gemma2)
    norm (run, w->result, w->result, GLOSS_TENSOR_ATTENTION_POST_NORM, layer, n_needed);
  gloss_add (run->pool, needed, w->result, n_needed * config->width);

  norm (run, w->normed, needed, GLOSS_TENSOR_MLP_NORM, layer, n_needed);
  run_mlp (run, layer, n_needed);
  if (config->is_gemma2)
    norm (run, w->result, w->result, GLOSS_TENSOR_MLP_POST_NORM, layer, n_needed);
  gloss_add (run->pool, needed, w->result, n_needed * config->width);
}

static void
run_layers (Run *run, float *x, gsize n_needed, const GlossTap *tap)
{
  const GlossModelConfig *config = run->config;
  float *needed = x + (run->n_rows - n_needed) * config->width;

  for (gsize layer = 0; layer < config->depth && !gloss_pool_is_cancelled (run->pool); layer++)
    {
      gboolean is_last = layer + 1 == config->depth;

      run_block (run, x, layer, is_last ? n_needed : run->n_rows);
      gloss_tap (tap, "llm/block%02u", layer, is_last ? needed : x,
                 is_last ? n_needed : run->n_rows, config->width);
    }
  norm (run, needed, needed, GLOSS_TENSOR_FINAL_NORM, 0, n_needed);
  gloss_tap (tap, "llm/pre_logits", 0, needed, n_needed, config->width);
}

void
gloss_gemma_prefill (GlossModel *model, GlossPool *pool, GlossArena *arena, GlossKvCache *cache,
                     float *x, gsize n_rows, const guint *n_visible, gsize n_needed,
                     const GlossTap *tap)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  gsize mark = gloss_arena_get_mark (arena);
  Run run = { model, config, pool, cache, { 0 }, n_rows, n_visible, FALSE };

  g_assert (n_rows == gloss_kv_cache_get_n_prefix (cache) && n_needed >= 1 && n_needed <= n_rows);
  take_workspace (&run.w, config, arena, n_rows);
  gloss_rope_fill (run.w.cosines, run.w.sines, 0, TRUE, n_rows, config->head_dim,
                   config->rope_base);
  run_layers (&run, x, n_needed, tap);
  gloss_arena_reset (arena, mark);
}

void
gloss_gemma_step (GlossModel *model, GlossPool *pool, GlossArena *arena, GlossKvCache *cache,
                  float *x, gsize n_beams, const GlossTap *tap)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  gsize position = gloss_kv_cache_get_n_prefix (cache) + gloss_kv_cache_get_n_added (cache);
  gsize mark = gloss_arena_get_mark (arena);
  Run run = { model, config, pool, cache, { 0 }, n_beams, NULL, TRUE };

  take_workspace (&run.w, config, arena, n_beams);
  gloss_rope_fill (run.w.cosines, run.w.sines, position, FALSE, n_beams, config->head_dim,
                   config->rope_base);
  run_layers (&run, x, n_beams, tap);
  gloss_kv_cache_advance (cache);
  gloss_arena_reset (arena, mark);
}

void
gloss_gemma_logits (GlossModel *model, GlossPool *pool, float *logits, const float *x, gsize n_rows,
                    gsize n_vocab, float softcap)
{
  GlossMatrix embedding = *gloss_model_get_matrix (model, GLOSS_TENSOR_EMBEDDING, 0);

  g_assert (n_vocab <= embedding.n_out);
  embedding.n_out = embedding.block_out = n_vocab;
  gloss_linear (pool, logits, x, &embedding, NULL, n_rows);
  if (softcap > 0)
    gloss_softcap (pool, logits, n_rows * n_vocab, softcap);
}
