/* Attention of query rows to keys and values, with grouped heads, soft-cap and prefix masks. */
#pragma once

#include "base/pool.h"

G_BEGIN_DECLS

/* Keys and values of one stretch of tokens, each [n_rows × n_kv_heads × head_dim]. */
typedef struct
{
  const float *keys;
  const float *values;
  gsize n_rows;
} GlossAttentionSegment;

#define GLOSS_ATTENTION_MAX_SEGMENTS 2

/* Queries that see the same tokens: the segments one after the other. */
typedef struct
{
  float *out;           /* [n_rows × n_heads × head_dim], overlaps nothing */
  const float *queries; /* the same shape */
  gsize n_rows;
  const guint *n_visible; /* [n_rows]: row r sees that many tokens from the first, ≥ 1; NULL: all */
  GlossAttentionSegment segments[GLOSS_ATTENTION_MAX_SEGMENTS];
} GlossAttentionItem;

typedef struct
{
  guint n_heads; /* a multiple of n_kv_heads: query head n uses kv head n / (n_heads/n_kv_heads) */
  guint n_kv_heads;
  guint head_dim;
  float scale;   /* of the products of queries and keys */
  float softcap; /* of the scaled products, before the mask; 0 is none */
} GlossAttentionShape;

/*
 * For each item, row and head: softmax over the visible tokens of softcap(scale·q·k), times the
 * values. The sums run in float by OpenBLAS. A mask by counts is all that a prefix-LM needs: what a
 * row sees is always a run from the first token. From the thread that runs the job.
 */
void gloss_attention (GlossPool *pool, const GlossAttentionItem *items, gsize n_items,
                      const GlossAttentionShape *shape);

/* Scratch that a tile takes from the pool for queries that see @n_tokens, in bytes; G_MAXSIZE on
 * overflow. Any thread. */
gsize gloss_attention_get_scratch_bytes (gsize n_tokens);

G_END_DECLS
