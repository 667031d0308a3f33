/* The language tower. (Gemma: arXiv 2403.08295; Gemma 2: arXiv 2408.00118; PaliGemma: arXiv
 * 2407.07726.) */
#include "model/gemma.h"

#include "tensor/activation.h"
#include "tensor/norm.h"
#include "tensor/product.h"
#include "tensor/rope.h"

#include <math.h>
#include <string.h>

/* Rows of the MLP at once, a multiple of a group: 504 × 2 × 16384 floats are 66 MB, and the cost of
 * reading the weights again for the next 504 is below a hundredth of the product's. */
#define MLP_ROWS 504

typedef struct
{
  float *normed;   /* rows × width, or rows × n_heads·head_dim: what is multiplied next */
  float *queries;  /* [rows × n_heads·head_dim] */
  float *attended; /* [rows × n_heads·head_dim] */
  float *keys;     /* [rows × n_kv_heads·head_dim] */
  float *values;   /* [rows × n_kv_heads·head_dim] */
  float *result;   /* [rows × width] */
  float *gate;     /* MLP rows × mlp_dim */
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
  /* rows are filled up to an even number of columns */
  gsize query_width = config->n_heads * config->head_dim;
  gsize columns = MAX (config->width, query_width) + 1 + config->width + 2 * query_width
                  + 2 * config->n_kv_heads * config->head_dim + config->head_dim;
  gsize n_mlp = 2 * MIN (n_rows, MLP_ROWS) * (config->mlp_dim + 1);
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
  gsize n_mlp = gloss_rows_count_floats (MIN (n, MLP_ROWS), config->mlp_dim);

  w->normed = gloss_arena_alloc_floats (
      arena, gloss_rows_count_floats (n, MAX (config->width, query_width)));
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

/* @n_rows rows for the next product. */
static GlossRows
make_rows (Run *run, float *data, gsize n_rows, gsize n_cols)
{
  return (GlossRows){ gloss_model_get_rows_kind (run->model, n_rows), data, n_rows, n_cols };
}

static GlossRows
norm_rows (Run *run, const float *x, GlossTensorRole role, gsize layer, gsize n_rows)
{
  GlossRows rows = make_rows (run, run->w.normed, n_rows, run->config->width);

  gloss_rms_norm_rows (run->pool, &rows, x, gloss_model_get_vector (run->model, role, layer),
                       run->config->norm_eps);
  return rows;
}

static GlossProduct
get_product (Run *run, GlossTensorRole role, gsize layer, float *out)
{
  return (GlossProduct){ gloss_model_get_matrix (run->model, role, layer), NULL, out };
}

/* Adds what an adapter has for @role, if anything; its rows are plain. */
static void
add_lora (Run *run, float *out, const GlossRows *rows, GlossTensorRole role, gsize layer)
{
  const GlossLora *lora = gloss_model_get_lora (run->model, role, layer);

  if (lora)
    gloss_lora_add (run->pool, out, rows->data, lora, rows->n_rows);
}

/* Keys and values of all rows @x, and queries of the last @n_needed. */
static void
project (Run *run, const float *x, gsize layer, gsize n_needed)
{
  GlossRows rows = norm_rows (run, x, GLOSS_TENSOR_ATTENTION_NORM, layer, run->n_rows);
  const GlossProduct products[] = {
    get_product (run, GLOSS_TENSOR_KEY_KERNEL, layer, run->w.keys),
    get_product (run, GLOSS_TENSOR_VALUE_KERNEL, layer, run->w.values),
    get_product (run, GLOSS_TENSOR_QUERY_KERNEL, layer, run->w.queries),
  };

  gloss_products (run->pool, &rows, products, n_needed == run->n_rows ? 3 : 2);
  add_lora (run, run->w.keys, &rows, GLOSS_TENSOR_KEY_KERNEL, layer);
  add_lora (run, run->w.values, &rows, GLOSS_TENSOR_VALUE_KERNEL, layer);
  if (n_needed < run->n_rows)
    {
      rows = norm_rows (run, x + (run->n_rows - n_needed) * run->config->width,
                        GLOSS_TENSOR_ATTENTION_NORM, layer, n_needed);
      gloss_products (run->pool, &rows, products + 2, 1);
    }
  add_lora (run, run->w.queries, &rows, GLOSS_TENSOR_QUERY_KERNEL, layer);
}

/* Keys and values of all rows @x go into the cache; the attention's output, before its projection,
 * is computed for the last @n_needed rows. */
static void
attend (Run *run, const float *x, gsize layer, gsize n_needed)
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

  project (run, x, layer, n_needed);
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

/* x += W·rows, behind a norm where @post_norm is used. */
static void
add_product (Run *run, float *x, const GlossRows *rows, GlossTensorRole role,
             GlossTensorRole post_norm, gsize layer)
{
  const GlossMatrix *matrix = gloss_model_get_matrix (run->model, role, layer);
  float *result = run->w.result;
  GlossProduct product = { matrix, NULL, result };

  if (!run->config->is_gemma2 && !gloss_model_get_lora (run->model, role, layer))
    {
      gloss_product_add (run->pool, rows, matrix, NULL, x, result);
      return;
    }
  gloss_products (run->pool, rows, &product, 1);
  add_lora (run, result, rows, role, layer);
  if (run->config->is_gemma2)
    norm (run, result, result, post_norm, layer, rows->n_rows);
  gloss_add (run->pool, x, result, rows->n_rows * run->config->width);
}

/* hidden = gelu(gate)·up, in one go where no adapter comes between. */
static void
run_gated (Run *run, const GlossRows *rows, const GlossRows *hidden, gsize layer)
{
  const GlossProduct products[] = {
    get_product (run, GLOSS_TENSOR_GATE_KERNEL, layer, run->w.gate),
    get_product (run, GLOSS_TENSOR_UP_KERNEL, layer, run->w.up),
  };

  if (!gloss_model_get_lora (run->model, GLOSS_TENSOR_GATE_KERNEL, layer)
      && !gloss_model_get_lora (run->model, GLOSS_TENSOR_UP_KERNEL, layer))
    {
      gloss_product_gated (run->pool, rows, products[0].w, products[1].w, hidden, run->w.up);
      return;
    }
  gloss_products (run->pool, rows, products, 2);
  add_lora (run, run->w.gate, rows, GLOSS_TENSOR_GATE_KERNEL, layer);
  add_lora (run, run->w.up, rows, GLOSS_TENSOR_UP_KERNEL, layer);
  gloss_gelu_multiply (run->pool, run->w.gate, run->w.up, hidden->n_rows * hidden->n_cols);
}

/* x += MLP of x. */
static void
run_mlp (Run *run, float *x, gsize layer, gsize n_rows)
{
  const GlossModelConfig *config = run->config;
  GlossRows all = norm_rows (run, x, GLOSS_TENSOR_MLP_NORM, layer, n_rows);

  for (gsize row = 0; row < n_rows; row += MLP_ROWS)
    {
      gsize n = MIN (MLP_ROWS, n_rows - row);
      GlossRows rows = gloss_rows_slice (&all, row, n);
      GlossRows hidden = { all.kind, run->w.gate, n, config->mlp_dim };

      run_gated (run, &rows, &hidden, layer);
      add_product (run, x + row * config->width, &hidden, GLOSS_TENSOR_DOWN_KERNEL,
                   GLOSS_TENSOR_MLP_POST_NORM, layer);
    }
}

/* One block, for the last @n_needed of the rows @x. */
static void
run_block (Run *run, float *x, gsize layer, gsize n_needed)
{
  const GlossModelConfig *config = run->config;
  float *needed = x + (run->n_rows - n_needed) * config->width;
  GlossRows attended = make_rows (run, run->w.normed, n_needed, config->n_heads * config->head_dim);

  attend (run, x, layer, n_needed);
  gloss_rows_pack (run->pool, &attended, run->w.attended);
  add_product (run, needed, &attended, GLOSS_TENSOR_ATTENTION_OUT_KERNEL,
               GLOSS_TENSOR_ATTENTION_POST_NORM, layer);
  run_mlp (run, needed, layer, n_needed);
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

/* The first @n_vocab rows of the embedding. */
static GlossMatrix
get_table (GlossModel *model, gsize n_vocab)
{
  GlossMatrix table = *gloss_model_get_matrix (model, GLOSS_TENSOR_EMBEDDING, 0);

  g_assert (n_vocab <= table.n_out);
  table.n_out = table.block_out = n_vocab;
  return table;
}

static void
compute_logits (GlossPool *pool, float *logits, const GlossRows *rows, const GlossMatrix *table,
                float softcap)
{
  GlossProduct product = { table, NULL, logits };

  gloss_products (pool, rows, &product, 1);
  if (softcap > 0)
    gloss_softcap (pool, logits, rows->n_rows * table->n_out, softcap);
}

void
gloss_gemma_logits (GlossModel *model, GlossPool *pool, float *logits, const float *x, gsize n_rows,
                    gsize n_vocab, float softcap)
{
  GlossMatrix table = get_table (model, n_vocab);
  GlossRows rows = { GLOSS_ROWS_PLAIN, (float *) x, n_rows, table.n_in };

  compute_logits (pool, logits, &rows, &table, softcap);
}

gsize
gloss_gemma_get_logits_bytes (const GlossModelConfig *config, gsize n_rows)
{
  return gloss_arena_size_floats (gloss_rows_count_floats (n_rows, config->width));
}

void
gloss_gemma_logits_at_once (GlossModel *model, GlossPool *pool, GlossArena *arena, float *logits,
                            const float *x, gsize n_rows, gsize n_vocab, float softcap)
{
  GlossMatrix table = get_table (model, n_vocab);
  gsize mark = gloss_arena_get_mark (arena);
  GlossRows rows = { gloss_model_get_rows_kind (model, n_rows),
                     gloss_arena_alloc_floats (arena, gloss_rows_count_floats (n_rows, table.n_in)),
                     n_rows, table.n_in };

  gloss_rows_pack (pool, &rows, x);
  compute_logits (pool, logits, &rows, &table, softcap);
  gloss_arena_reset (arena, mark);
}

gboolean
gloss_gemma_find_best (GlossModel *model, GlossPool *pool, GlossBest *best, const float *x,
                       gsize n_vocab, float softcap, float *scratch)
{
  GlossMatrix table = get_table (model, n_vocab);
  GlossRows row = { GLOSS_ROWS_PLAIN, (float *) x, 1, table.n_in };

  if (!table.is_packed)
    return FALSE;
  *best = gloss_product_find_best (pool, &row, &table, softcap, scratch);
  return TRUE;
}
