/* The gradients of attention. */
#pragma once

#include "tensor/attention.h"

G_BEGIN_DECLS

/* One item of gloss_attention () of one segment, and what belongs to it. Each gradient has the
 * shape of its value, is added to, and overlaps nothing. */
typedef struct
{
  const float *queries; /* [n_rows × n_heads × head_dim] */
  const float *keys;    /* [n_tokens × n_kv_heads × head_dim] */
  const float *values;
  const float *out;   /* what the attention gave, the shape of @queries */
  const float *d_out; /* and its gradient */
  gsize n_rows;
  gsize n_tokens;
  const guint *n_visible; /* [n_rows], as in GlossAttentionItem; NULL: all */
  float *d_queries;
  float *d_keys;
  float *d_values;
  float *stats; /* scratch: gloss_attention_backward_count_stats () floats */
} GlossAttentionGradItem;

gsize gloss_attention_backward_count_stats (gsize n_rows, guint n_heads);

/* Scratch that a tile takes from the pool for queries that see @n_tokens, in bytes; G_MAXSIZE on
 * overflow. Any thread. */
gsize gloss_attention_backward_get_scratch_bytes (gsize n_tokens);

/* From the thread that runs the job. */
void gloss_attention_backward (GlossPool *pool, const GlossAttentionGradItem *items, gsize n_items,
                               const GlossAttentionShape *shape);

G_END_DECLS
