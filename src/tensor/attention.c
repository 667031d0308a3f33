/* Attention of query rows to keys and values. (Vaswani et al., arXiv 1706.03762; soft-cap: Gemma 2,
 * arXiv 2408.00118.)
 *
 * Nowhere is there a matrix of all rows and all tokens. A tile is a block of query rows of one
 * head; where heads share keys and values, of several heads, whose rows are then stacked; or for a
 * single row up to four such heads. It goes over the tokens block by block: scores stand in the
 * worker's scratch, become powers of e above the largest so far, and weigh the values; when a
 * larger one comes, what was summed is scaled down. The last step divides by the sum. (Milakov &
 * Gimelshein, arXiv 1805.02867; Rabe & Staats, arXiv 2112.05682.) Blocks are of one size for a
 * shape, whatever the number of threads, so the sums are always in the same order.
 */
#include "tensor/attention.h"

#include "tensor/gemm.h"
#include "tensor/kernels/kernels.h"

#include <math.h>
#include <string.h>

/* Rows of a tile, those of stacked heads counted one by one, and tokens of a block. 512 × 512
 * scores are 1 MiB, and the more rows there are the less it weighs that OpenBLAS copies the keys of
 * a block for each tile; with fewer than so many tiles there are too few to share out. */
#define TILE_ROWS 512
#define MIN_TILE_ROWS 128
#define WANTED_TILES 32
#define BLOCK_TOKENS 512

/* Heads of a tile of a single row. */
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

/* What a tile computes: rows of heads that share keys and values. */
typedef struct
{
  gsize first_row;
  gsize n_rows;
  gsize first_head;
  gsize n_heads;
} Block;

static gsize
get_group (const GlossAttentionShape *shape)
{
  return shape->n_heads / shape->n_kv_heads;
}

/* Heads of one tile, of those that share keys and values. */
static gsize
get_tile_heads (const GlossAttentionItem *item, const GlossAttentionShape *shape)
{
  return MIN (get_group (shape), item->n_rows == 1 ? TILE_HEADS : MIN_TILE_ROWS);
}

static gsize
get_tile_rows (const GlossAttentionItem *item, const GlossAttentionShape *shape)
{
  gsize n_stacked = MIN_TILE_ROWS;

  while (n_stacked < TILE_ROWS && item->n_rows * shape->n_heads >= WANTED_TILES * 2 * n_stacked)
    n_stacked *= 2;
  return n_stacked / get_tile_heads (item, shape);
}

static gsize
divide_up (gsize n, gsize by)
{
  return (n + by - 1) / by;
}

static gsize
count_tiles (const GlossAttentionItem *item, const GlossAttentionShape *shape)
{
  return shape->n_kv_heads * divide_up (get_group (shape), get_tile_heads (item, shape))
         * divide_up (item->n_rows, get_tile_rows (item, shape));
}

static Block
get_block (const GlossAttentionItem *item, const GlossAttentionShape *shape, gsize tile)
{
  gsize group = get_group (shape);
  gsize tile_heads = get_tile_heads (item, shape), tile_rows = get_tile_rows (item, shape);
  gsize row_tiles = divide_up (item->n_rows, tile_rows);
  gsize head_tiles = divide_up (group, tile_heads);
  gsize inside = tile / row_tiles % head_tiles * tile_heads;
  Block block;

  block.first_row = tile % row_tiles * tile_rows;
  block.n_rows = MIN (tile_rows, item->n_rows - block.first_row);
  block.first_head = tile / row_tiles / head_tiles * group + inside;
  block.n_heads = MIN (tile_heads, group - inside);
  return block;
}

/* One tile at work. Scores have a line for each row and head: the heads of a row one after the
 * other where that makes the lines' queries evenly spaced, else the rows of a head. */
typedef struct
{
  const GlossAttentionItem *item;
  const GlossAttentionShape *shape;
  Block block;
  gsize n_products;     /* the lines are that many matrices, one below the other, */
  gsize n_lines;        /* of so many lines each, */
  gsize line_stride;    /* whose queries and outputs are so far apart, in floats, */
  gsize product_stride; /* and the first ones of two matrices so far */
  gsize offset;         /* of the first line's queries and output */
  float *scores;        /* [lines × BLOCK_TOKENS] */
  float *stats;         /* [lines][GLOSS_SOFTMAX_STATS] */
} Tile;

static void
lay_out_lines (Tile *tile)
{
  const GlossAttentionShape *shape = tile->shape;
  gsize head_dim = shape->head_dim, row_stride = shape->n_heads * head_dim;
  gboolean is_even = tile->block.n_rows == 1 || tile->block.n_heads == shape->n_heads;

  tile->offset = tile->block.first_row * row_stride + tile->block.first_head * head_dim;
  tile->n_products = is_even ? 1 : tile->block.n_heads;
  tile->n_lines = is_even ? tile->block.n_rows * tile->block.n_heads : tile->block.n_rows;
  tile->line_stride = is_even ? head_dim : row_stride;
  tile->product_stride = head_dim;
}

static gsize
get_line_row (const Tile *tile, gsize line)
{
  return tile->block.first_row + (tile->n_products == 1 ? line / tile->block.n_heads : line);
}

/* Scores of tokens first … +n become weights, and what is there of the sums is scaled to them. */
static void
weigh (Tile *tile, gsize first, gsize n)
{
  const GlossKernels *kernels = gloss_kernels_get ();
  const GlossAttentionItem *item = tile->item;
  gsize head_dim = tile->shape->head_dim;

  for (gsize i = 0; i < tile->n_products * tile->n_lines; i++)
    {
      gsize product = i / tile->n_lines, line = i % tile->n_lines;
      gsize row = get_line_row (tile, line);
      gsize n_visible = n;
      float *scores = tile->scores + i * n;
      float *stats = tile->stats + i * GLOSS_SOFTMAX_STATS;
      float *out =
          item->out + tile->offset + product * tile->product_stride + line * tile->line_stride;

      if (item->n_visible)
        n_visible = MIN (n, MAX (item->n_visible[row], first) - first);
      memset (scores + n_visible, 0, (n - n_visible) * sizeof (float));
      if (n_visible == 0)
        continue;
      kernels->softmax_block (scores, n_visible, tile->shape->softcap, stats);
      if (first > 0 && stats[GLOSS_SOFTMAX_FACTOR] != 1)
        kernels->scale (out, head_dim, stats[GLOSS_SOFTMAX_FACTOR]);
    }
}

/* Tokens of a segment, of which @first is the item's number @first_of_all. */
static void
run_block (Tile *tile, const GlossAttentionSegment *segment, gsize first, gsize n,
           gsize first_of_all)
{
  const GlossAttentionShape *shape = tile->shape;
  gsize head_dim = shape->head_dim, kv_stride = shape->n_kv_heads * head_dim;
  gsize kv_offset = first * kv_stride + tile->block.first_head / get_group (shape) * head_dim;

  for (gsize i = 0; i < tile->n_products; i++)
    gloss_gemm (tile->scores + i * tile->n_lines * n, n,
                tile->item->queries + tile->offset + i * tile->product_stride, tile->line_stride,
                segment->keys + kv_offset, kv_stride, TRUE, tile->n_lines, n, head_dim,
                shape->scale, 0);
  weigh (tile, first_of_all, n);
  for (gsize i = 0; i < tile->n_products; i++)
    gloss_gemm (tile->item->out + tile->offset + i * tile->product_stride, tile->line_stride,
                tile->scores + i * tile->n_lines * n, n, segment->values + kv_offset, kv_stride,
                FALSE, tile->n_lines, head_dim, n, 1, first_of_all == 0 ? 0 : 1);
}

static void
finish (Tile *tile)
{
  const GlossKernels *kernels = gloss_kernels_get ();

  for (gsize i = 0; i < tile->n_products * tile->n_lines; i++)
    kernels->scale (tile->item->out + tile->offset + i / tile->n_lines * tile->product_stride
                        + i % tile->n_lines * tile->line_stride,
                    tile->shape->head_dim,
                    1 / tile->stats[i * GLOSS_SOFTMAX_STATS + GLOSS_SOFTMAX_SUM]);
}

/* Tokens that some row of the tile sees. */
static gsize
count_visible (const Tile *tile)
{
  gsize n = 0;

  if (!tile->item->n_visible)
    return count_tokens (tile->item);
  for (gsize row = 0; row < tile->block.n_rows; row++)
    n = MAX (n, tile->item->n_visible[tile->block.first_row + row]);
  return n;
}

static void
run_tile (gsize index, guint worker, gpointer user_data)
{
  const Attention *attention = user_data;
  const GlossAttentionShape *shape = attention->shape;
  const GlossAttentionItem *item = &attention->items[index / attention->max_tiles_per_item];
  Tile tile = { .item = item, .shape = shape };
  gsize n_visible, first_of_all = 0;

  if (index % attention->max_tiles_per_item >= count_tiles (item, shape))
    return;
  tile.block = get_block (item, shape, index % attention->max_tiles_per_item);
  lay_out_lines (&tile);
  tile.stats = gloss_pool_get_scratch (attention->pool, worker,
                                       gloss_attention_get_scratch_bytes (count_tokens (item)));
  tile.scores = tile.stats + TILE_ROWS * GLOSS_SOFTMAX_STATS;
  for (gsize i = 0; i < tile.n_products * tile.n_lines; i++)
    {
      tile.stats[i * GLOSS_SOFTMAX_STATS + GLOSS_SOFTMAX_MAX] = -INFINITY;
      tile.stats[i * GLOSS_SOFTMAX_STATS + GLOSS_SOFTMAX_SUM] = 0;
    }

  n_visible = count_visible (&tile);
  for (gsize i = 0; i < GLOSS_ATTENTION_MAX_SEGMENTS; i++)
    {
      const GlossAttentionSegment *segment = &item->segments[i];

      for (gsize first = 0; first < segment->n_rows && first_of_all < n_visible;
           first += BLOCK_TOKENS)
        {
          gsize n = MIN (BLOCK_TOKENS, segment->n_rows - first);

          /* at 4096 tokens a tile takes long enough to be missed by who wants to stop */
          if (gloss_pool_is_cancelled (attention->pool))
            return;
          run_block (&tile, segment, first, n, first_of_all);
          first_of_all += n;
        }
    }
  finish (&tile);
}

gsize
gloss_attention_get_scratch_bytes (gsize n_tokens)
{
  return TILE_ROWS * (MIN (n_tokens, BLOCK_TOKENS) + GLOSS_SOFTMAX_STATS) * sizeof (float);
}

void
gloss_attention (GlossPool *pool, const GlossAttentionItem *items, gsize n_items,
                 const GlossAttentionShape *shape)
{
  Attention attention = { pool, items, shape, 0 };
  gsize n_rows = n_items > 0 ? items[0].n_rows : 0;
  GLOSS_PROFILE (pool, "attention", n_rows, shape->n_heads,
                 n_rows > 1 ? count_tokens (&items[0]) : 0);

  for (gsize i = 0; i < n_items; i++)
    attention.max_tiles_per_item =
        MAX (attention.max_tiles_per_item, count_tiles (&items[i], shape));
  gloss_pool_run (pool, n_items * attention.max_tiles_per_item, run_tile, &attention);
}
