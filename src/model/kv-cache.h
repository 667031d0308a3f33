/* Keys and values of the tokens so far: one prefix, shared by all beams, and what each beam added.
 */
#pragma once

#include "model/config.h"
#include "tensor/attention.h"

G_BEGIN_DECLS

/* How keys and values are kept. big_vision keeps them in bfloat16; the values are then rounded to
 * it, already for the attention inside the prefill. */
typedef enum
{
  GLOSS_KV_F32,
  GLOSS_KV_BF16,
} GlossKvPrecision;

/* More beams than anybody has found useful; items for each stand on the stack. */
#define GLOSS_MAX_BEAMS 16

typedef struct _GlossKvCache GlossKvCache;

/*
 * Room for @n_prefix tokens and @n_beams × @n_new more, @n_beams from 1 to GLOSS_MAX_BEAMS. Fails
 * with GLOSS_ERROR_TOO_LARGE. Not for use by two threads at once.
 */
GlossKvCache *gloss_kv_cache_new (const GlossModelConfig *config, gsize n_prefix, gsize n_beams,
                                  gsize n_new, GlossKvPrecision precision, GError **error);
void gloss_kv_cache_free (GlossKvCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossKvCache, gloss_kv_cache_free)

/* Bytes that such a cache takes; G_MAXSIZE on overflow. Any thread. */
gsize gloss_kv_cache_get_size_bytes (const GlossModelConfig *config, gsize n_prefix, gsize n_beams,
                                     gsize n_new);

gsize gloss_kv_cache_get_n_prefix (GlossKvCache *cache);

/* Tokens that every beam has added so far. */
gsize gloss_kv_cache_get_n_added (GlossKvCache *cache);

/* The keys and values [n_prefix × n_kv_heads × head_dim] of @layer for the whole prefix. */
void gloss_kv_cache_write_prefix (GlossKvCache *cache, gsize layer, const float *keys,
                                  const float *values);

/* The keys and values [n_kv_heads × head_dim] of the token that @beam adds in this step. */
void gloss_kv_cache_write_step (GlossKvCache *cache, gsize layer, gsize beam, const float *keys,
                                const float *values);

/* What @beam sees in @layer: the prefix, and with @n_added > 0 that many of its own tokens. Views
 * of the cache, valid until it is reordered or freed. */
void gloss_kv_cache_get_segments (GlossKvCache *cache, gsize layer, gsize beam, gsize n_added,
                                  GlossAttentionSegment segments[2]);

/* Ends a step in which all beams have added a token. */
void gloss_kv_cache_advance (GlossKvCache *cache);

/* Beam i continues what beam parents[i] had; @parents has one index for each of the @n beams. */
void gloss_kv_cache_reorder (GlossKvCache *cache, const guint *parents, gsize n);

G_END_DECLS
