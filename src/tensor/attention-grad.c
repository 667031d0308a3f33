/*
 * The gradients of attention.
 *
 * With s = scale·q·kᵀ, l = cap·tanh (s/cap), p = softmax of the visible l, o = p·v:
 *   d_v = pᵀ·d_o, d_p = d_o·vᵀ, d_l = p·(d_p − Σ p·d_p), where Σ p·d_p = d_o·o for each row,
 *   d_s = d_l·(1 − (l/cap)²), d_q = scale·d_s·k, d_k = scale·d_sᵀ·q.
 *
 * Two loops, since no sum may be split between workers. The first has a block of query rows of one
 * head and gives d_q; it leaves for each row the two numbers of its softmax and d_o·o. The second
 * has a block of keys of one kv head and gives d_k and d_v, summed over all rows and heads that see
 * them; it computes the scores again, which costs less than keeping them. (Dao et al., arXiv
 * 2205.14135.)
 */
#include "tensor/attention-grad.h"

#include "tensor/gemm.h"
#include "tensor/kernels/kernels.h"

#include <string.h>

#define TILE_ROWS 64
#define TILE_KEYS 64
#define STATS 3 /* largest score, sum of the exponentials, d_o·o */

typedef struct
{
  GlossPool *pool;
  const GlossAttentionGradItem *items;
  const GlossAttentionShape *shape;
  gsize tiles_per_item; /* of the item that has most */
} Backward;

gsize
gloss_attention_backward_count_stats (gsize n_rows, guint n_heads)
{
  return n_rows * n_heads * STATS;
}

gsize
gloss_attention_backward_get_scratch_bytes (gsize n_tokens)
{
  gsize n_bytes;

  return g_size_checked_mul (&n_bytes, MAX (n_tokens, TILE_KEYS), 3 * TILE_ROWS * sizeof (float))
             ? n_bytes
             : G_MAXSIZE;
}

static gsize
count_row_tiles (const GlossAttentionGradItem *item)
{
  return (item->n_rows + TILE_ROWS - 1) / TILE_ROWS;
}

static gsize
count_key_tiles (const GlossAttentionGradItem *item)
{
  return (item->n_tokens + TILE_KEYS - 1) / TILE_KEYS;
}

static gsize
get_n_visible (const GlossAttentionGradItem *item, gsize row)
{
  return item->n_visible ? item->n_visible[row] : item->n_tokens;
}

static double
dot (const float *a, const float *b, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += (double) a[i] * (double) b[i];
  return sum;
}

/* d_queries and the stats of a block of rows of one head. */
static void
run_row_tile (gsize index, guint worker, gpointer user_data)
{
  const Backward *b = user_data;
  const GlossAttentionGradItem *item = &b->items[index / b->tiles_per_item];
  const GlossAttentionShape *shape = b->shape;
  const GlossKernels *kernels = gloss_kernels_get ();
  gsize tile = index % b->tiles_per_item, row_tiles = count_row_tiles (item);
  gsize head_dim = shape->head_dim, stride = shape->n_heads * head_dim;
  gsize kv_stride = shape->n_kv_heads * head_dim, n_tokens = item->n_tokens;

  if (tile >= row_tiles * shape->n_heads)
    return;

  gsize head = tile / row_tiles, first = tile % row_tiles * TILE_ROWS;
  gsize n_rows = MIN (TILE_ROWS, item->n_rows - first);
  gsize offset = first * stride + head * head_dim;
  gsize kv_offset = head / (shape->n_heads / shape->n_kv_heads) * head_dim;
  float *capped = gloss_pool_get_scratch (b->pool, worker,
                                          gloss_attention_backward_get_scratch_bytes (n_tokens));
  float *p = capped + TILE_ROWS * n_tokens, *d = p + TILE_ROWS * n_tokens;

  gloss_gemm (p, n_tokens, item->queries + offset, stride, item->keys + kv_offset, kv_stride, TRUE,
              n_rows, n_tokens, head_dim, shape->scale, 0);
  gloss_gemm (d, n_tokens, item->d_out + offset, stride, item->values + kv_offset, kv_stride, TRUE,
              n_rows, n_tokens, head_dim, 1, 0);
  for (gsize row = 0; row < n_rows; row++)
    {
      float *line = p + row * n_tokens, *d_line = d + row * n_tokens;
      float *stats = item->stats + ((first + row) * shape->n_heads + head) * STATS;
      gsize n_visible = get_n_visible (item, first + row);

      if (shape->softcap > 0)
        {
          kernels->softcap (line, n_visible, shape->softcap);
          memcpy (capped + row * n_tokens, line, n_visible * sizeof (float));
        }
      kernels->softmax_stats (line, n_visible, &stats[0], &stats[1]);
      kernels->softmax_by_stats (line, n_visible, stats[0], stats[1]);
      stats[2] = (float) dot (item->d_out + offset + row * stride,
                              item->out + offset + row * stride, head_dim);
      kernels->softmax_backward (d_line, line, capped + row * n_tokens, stats[2], n_visible,
                                 shape->softcap);
      memset (d_line + n_visible, 0, (n_tokens - n_visible) * sizeof (float));
    }
  gloss_gemm (item->d_queries + offset, stride, d, n_tokens, item->keys + kv_offset, kv_stride,
              FALSE, n_rows, head_dim, n_tokens, shape->scale, 1);
}

/* What rows first … first + n_rows of one head give to the keys from @key on. */
static void
add_rows (const Backward *b, const GlossAttentionGradItem *item, float *scratch, gsize head,
          gsize first, gsize n_rows, gsize key, gsize n_keys)
{
  const GlossAttentionShape *shape = b->shape;
  const GlossKernels *kernels = gloss_kernels_get ();
  gsize head_dim = shape->head_dim, stride = shape->n_heads * head_dim;
  gsize kv_stride = shape->n_kv_heads * head_dim;
  gsize offset = first * stride + head * head_dim;
  gsize kv_offset = key * kv_stride + head / (shape->n_heads / shape->n_kv_heads) * head_dim;
  float *capped = scratch, *p = capped + TILE_ROWS * TILE_KEYS, *d = p + TILE_ROWS * TILE_KEYS;

  gloss_gemm (p, n_keys, item->queries + offset, stride, item->keys + kv_offset, kv_stride, TRUE,
              n_rows, n_keys, head_dim, shape->scale, 0);
  gloss_gemm (d, n_keys, item->d_out + offset, stride, item->values + kv_offset, kv_stride, TRUE,
              n_rows, n_keys, head_dim, 1, 0);
  for (gsize row = 0; row < n_rows; row++)
    {
      float *line = p + row * n_keys, *d_line = d + row * n_keys, *capped_line = capped;
      const float *stats = item->stats + ((first + row) * shape->n_heads + head) * STATS;
      gsize n_visible = get_n_visible (item, first + row);

      n_visible = n_visible > key ? MIN (n_keys, n_visible - key) : 0;
      if (shape->softcap > 0)
        {
          kernels->softcap (line, n_visible, shape->softcap);
          memcpy (capped_line, line, n_visible * sizeof (float));
        }
      kernels->softmax_by_stats (line, n_visible, stats[0], stats[1]);
      kernels->softmax_backward (d_line, line, capped_line, stats[2], n_visible, shape->softcap);
      memset (line + n_visible, 0, (n_keys - n_visible) * sizeof (float));
      memset (d_line + n_visible, 0, (n_keys - n_visible) * sizeof (float));
    }
  gloss_gemm_transposed (item->d_values + kv_offset, kv_stride, p, n_keys, item->d_out + offset,
                         stride, n_keys, head_dim, n_rows, 1, 1);
  gloss_gemm_transposed (item->d_keys + kv_offset, kv_stride, d, n_keys, item->queries + offset,
                         stride, n_keys, head_dim, n_rows, shape->scale, 1);
}

static void
run_key_tile (gsize index, guint worker, gpointer user_data)
{
  const Backward *b = user_data;
  const GlossAttentionGradItem *item = &b->items[index / b->tiles_per_item];
  const GlossAttentionShape *shape = b->shape;
  gsize tile = index % b->tiles_per_item, key_tiles = count_key_tiles (item);
  gsize group = shape->n_heads / shape->n_kv_heads;

  if (tile >= key_tiles * shape->n_kv_heads)
    return;

  gsize kv_head = tile / key_tiles, key = tile % key_tiles * TILE_KEYS;
  gsize n_keys = MIN (TILE_KEYS, item->n_tokens - key);
  float *scratch = gloss_pool_get_scratch (
      b->pool, worker, gloss_attention_backward_get_scratch_bytes (item->n_tokens));

  for (gsize head = kv_head * group; head < (kv_head + 1) * group; head++)
    {
      for (gsize first = 0; first < item->n_rows; first += TILE_ROWS)
        {
          gsize n_rows = MIN (TILE_ROWS, item->n_rows - first);

          /* later rows see at least as much as earlier ones */
          if (get_n_visible (item, first + n_rows - 1) > key)
            add_rows (b, item, scratch, head, first, n_rows, key, n_keys);
        }
    }
}

void
gloss_attention_backward (GlossPool *pool, const GlossAttentionGradItem *items, gsize n_items,
                          const GlossAttentionShape *shape)
{
  Backward backward = { pool, items, shape, 0 };
  GLOSS_PROFILE (pool, "attention, backward", n_items > 0 ? items[0].n_rows : 0, shape->n_heads,
                 n_items > 0 ? items[0].n_tokens : 0);

  for (gsize i = 0; i < n_items; i++)
    backward.tiles_per_item =
        MAX (backward.tiles_per_item, count_row_tiles (&items[i]) * shape->n_heads);
  gloss_pool_run (pool, n_items * backward.tiles_per_item, run_row_tile, &backward);

  backward.tiles_per_item = 0;
  for (gsize i = 0; i < n_items; i++)
    backward.tiles_per_item =
        MAX (backward.tiles_per_item, count_key_tiles (&items[i]) * shape->n_kv_heads);
  gloss_pool_run (pool, n_items * backward.tiles_per_item, run_key_tile, &backward);
}
