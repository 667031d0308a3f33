/* Attention of query rows to keys and values. (Vaswani et al., arXiv 1706.03762; soft-cap: Gemma 2,
 * arXiv 2408.00118.)
 *
 * A tile is a block of query rows of one head, or for a single row up to four heads that share a kv
 * head. Its scores against all tokens stand in the worker's scratch: 64 rows × 4,400 tokens are 1.1
 * MB. */
#include "tensor/attention.h"

#include "tensor/gemm.h"
#include "tensor/kernels/kernels.h"

#include <string.h>

#define TILE_ROWS 64
#define TILE_HEADS 4

typedef struct
{
  GlossPool *pool;
  const GlossAttentionItem *items;
  const GlossAttentionShape *shape;
  gsize max_tiles_per_item;
} Attention;

static gsize
count_tokens (const GlossAttentionItem *item)
{
  gsize n = 0;

  for (guint i = 0; i < GLOSS_ATTENTION_MAX_SEGMENTS; i++)
    n += item->segments[i].n_rows;
  return n;
}

/* Rows of the score matrix are query rows of one head, or heads of one query row. */
typedef struct
{
  gsize first_row;
  gsize n_rows;
  gsize first_head;
  gsize n_heads;
} Block;

static gsize
count_tiles (const GlossAttentionItem *item, const GlossAttentionShape *shape)
{
  gsize group = shape->n_heads / shape->n_kv_heads;

  if (item->n_rows == 1)
    return shape->n_kv_heads * ((group + TILE_HEADS - 1) / TILE_HEADS);
  return shape->n_heads * ((item->n_rows + TILE_ROWS - 1) / TILE_ROWS);
}

static Block
get_block (const GlossAttentionItem *item, const GlossAttentionShape *shape, gsize tile)
{
  gsize group = shape->n_heads / shape->n_kv_heads;
  Block block = { 0, 1, 0, 1 };

  if (item->n_rows == 1)
    {
      gsize tiles_per_group = (group + TILE_HEADS - 1) / TILE_HEADS;
      gsize inside = tile % tiles_per_group * TILE_HEADS;

      block.first_head = tile / tiles_per_group * group + inside;
      block.n_heads = MIN (TILE_HEADS, group - inside);
    }
  else
    {
      gsize tiles_per_head = (item->n_rows + TILE_ROWS - 1) / TILE_ROWS;

      block.first_head = tile / tiles_per_head;
      block.first_row = tile % tiles_per_head * TILE_ROWS;
      block.n_rows = MIN (TILE_ROWS, item->n_rows - block.first_row);
    }
  return block;
}

static void
run_tile (gsize index, guint worker, gpointer user_data)
{
  const Attention *attention = user_data;
  const GlossAttentionShape *shape = attention->shape;
  const GlossAttentionItem *item = &attention->items[index / attention->max_tiles_per_item];
  gsize tile = index % attention->max_tiles_per_item;
  const GlossKernels *kernels = gloss_kernels_get ();
  gsize group = shape->n_heads / shape->n_kv_heads;
  gsize head_dim = shape->head_dim;
  gsize kv_stride = shape->n_kv_heads * head_dim;

  if (tile >= count_tiles (item, shape))
    return;

  Block block = get_block (item, shape, tile);
  gsize n_tokens = count_tokens (item);
  gsize n_scores = block.n_rows * block.n_heads;
  gsize row_stride = block.n_heads > 1 ? head_dim : shape->n_heads * head_dim;
  gsize offset = (block.first_row * shape->n_heads + block.first_head) * head_dim;
  gsize kv_offset = block.first_head / group * head_dim;
  float *scores =
      gloss_pool_get_scratch (attention->pool, worker, n_scores * n_tokens * sizeof (float));

  for (gsize i = 0, first = 0; i < GLOSS_ATTENTION_MAX_SEGMENTS; i++)
    {
      const GlossAttentionSegment *segment = &item->segments[i];

      if (segment->n_rows > 0)
        gloss_gemm (scores + first, n_tokens, item->queries + offset, row_stride,
                    segment->keys + kv_offset, kv_stride, TRUE, n_scores, segment->n_rows, head_dim,
                    shape->scale, 0);
      first += segment->n_rows;
    }

  for (gsize row = 0; row < n_scores; row++)
    {
      float *line = scores + row * n_tokens;
      gsize n_visible = n_tokens;

      if (item->n_visible)
        n_visible = item->n_visible[block.first_row + (block.n_heads > 1 ? 0 : row)];
      kernels->softmax (line, n_visible, shape->softcap);
      memset (line + n_visible, 0, (n_tokens - n_visible) * sizeof (float));
    }

  for (gsize i = 0, first = 0; i < GLOSS_ATTENTION_MAX_SEGMENTS; i++)
    {
      const GlossAttentionSegment *segment = &item->segments[i];

      if (segment->n_rows > 0)
        gloss_gemm (item->out + offset, row_stride, scores + first, n_tokens,
                    segment->values + kv_offset, kv_stride, FALSE, n_scores, head_dim,
                    segment->n_rows, 1, first == 0 ? 0 : 1);
      first += segment->n_rows;
    }
}

gsize
gloss_attention_get_scratch_bytes (gsize n_tokens)
{
  gsize n_bytes;

  return g_size_checked_mul (&n_bytes, n_tokens, MAX (TILE_ROWS, TILE_HEADS) * sizeof (float))
             ? n_bytes
             : G_MAXSIZE;
}

void
gloss_attention (GlossPool *pool, const GlossAttentionItem *items, gsize n_items,
                 const GlossAttentionShape *shape)
{
  Attention attention = { pool, items, shape, 0 };

  for (gsize i = 0; i < n_items; i++)
    attention.max_tiles_per_item =
        MAX (attention.max_tiles_per_item, count_tiles (&items[i], shape));
  gloss_pool_run (pool, n_items * attention.max_tiles_per_item, run_tile, &attention);
}
