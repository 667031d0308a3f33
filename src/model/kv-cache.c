/* Keys and values of the tokens so far.
 *
 * Beams differ only in what they added, so the image and the prompt stand once and a reorder copies
 * the added tokens alone, into the second of two halves that then change places.
 */
#include "model/kv-cache.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/i18n.h"

#include <string.h>

struct _GlossKvCache
{
  gsize depth;
  gsize row; /* floats of one token in one layer: n_kv_heads × head_dim */
  gsize n_prefix;
  gsize n_beams;
  gsize n_new;
  gsize n_added;
  GlossKvPrecision precision;

  float *prefix; /* owned, [layer][keys, values][n_prefix][row] */
  float *added;  /* owned, [beam][layer][keys, values][n_new][row] */
  float *spare;  /* owned, as added; NULL with one beam */
};

/* Floats of the prefix and of one half of what is added; FALSE on overflow. */
static gboolean
count_floats (const GlossModelConfig *config, gsize n_prefix, gsize n_beams, gsize n_new,
              gsize *prefix, gsize *added)
{
  gsize row = 2 * config->depth * config->n_kv_heads; /* three sizes below 2²⁰ */

  return g_size_checked_mul (&row, row, config->head_dim)
         && g_size_checked_mul (prefix, row, n_prefix) && g_size_checked_mul (added, row, n_new)
         && g_size_checked_mul (added, *added, n_beams)
         && *prefix <= G_MAXSSIZE / sizeof (float) / 2 && *added <= G_MAXSSIZE / sizeof (float) / 4;
}

gsize
gloss_kv_cache_get_size_bytes (const GlossModelConfig *config, gsize n_prefix, gsize n_beams,
                               gsize n_new)
{
  gsize prefix, added;

  if (!count_floats (config, n_prefix, n_beams, n_new, &prefix, &added))
    return G_MAXSIZE;
  return (prefix + added * (n_beams > 1 ? 2 : 1)) * sizeof (float);
}

GlossKvCache *
gloss_kv_cache_new (const GlossModelConfig *config, gsize n_prefix, gsize n_beams, gsize n_new,
                    GlossKvPrecision precision, GError **error)
{
  g_autoptr (GlossKvCache) cache = g_new0 (GlossKvCache, 1);
  gsize prefix, added;

  cache->depth = config->depth;
  cache->row = config->n_kv_heads * config->head_dim;
  cache->n_prefix = n_prefix;
  cache->n_beams = n_beams;
  cache->n_new = n_new;
  cache->precision = precision;
  if (count_floats (config, n_prefix, n_beams, n_new, &prefix, &added))
    {
      cache->prefix = g_try_malloc (MAX (1, prefix) * sizeof (float));
      cache->added = g_try_malloc (MAX (1, added) * sizeof (float));
      if (n_beams > 1)
        cache->spare = g_try_malloc (MAX (1, added) * sizeof (float));
    }
  if (!cache->prefix || !cache->added || (n_beams > 1 && !cache->spare))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("no memory for the keys and values of %zu tokens and %zu beams of %zu "
                      "tokens; ask for fewer beams or tokens"),
                   n_prefix, n_beams, n_new);
      return NULL;
    }
  return g_steal_pointer (&cache);
}

void
gloss_kv_cache_free (GlossKvCache *cache)
{
  g_free (cache->prefix);
  g_free (cache->added);
  g_free (cache->spare);
  g_free (cache);
}

gsize
gloss_kv_cache_get_n_prefix (GlossKvCache *cache)
{
  return cache->n_prefix;
}

gsize
gloss_kv_cache_get_n_added (GlossKvCache *cache)
{
  return cache->n_added;
}

static float *
get_prefix (GlossKvCache *cache, gsize layer, gboolean values)
{
  return cache->prefix + (layer * 2 + (values ? 1 : 0)) * cache->n_prefix * cache->row;
}

static float *
get_added (GlossKvCache *cache, float *half, gsize layer, gsize beam, gboolean values)
{
  gsize index = (beam * cache->depth + layer) * 2 + (values ? 1 : 0);

  return half + index * cache->n_new * cache->row;
}

static void
store (GlossKvCache *cache, float *out, const float *x, gsize n)
{
  switch (cache->precision)
    {
    case GLOSS_KV_F32:
      memcpy (out, x, n * sizeof (float));
      break;
    case GLOSS_KV_BF16:
      for (gsize i = 0; i < n; i++)
        out[i] = gloss_float_from_bf16 (gloss_float_to_bf16 (x[i]));
      break;
    }
}

void
gloss_kv_cache_write_prefix (GlossKvCache *cache, gsize layer, const float *keys,
                             const float *values)
{
  store (cache, get_prefix (cache, layer, FALSE), keys, cache->n_prefix * cache->row);
  store (cache, get_prefix (cache, layer, TRUE), values, cache->n_prefix * cache->row);
}

void
gloss_kv_cache_write_step (GlossKvCache *cache, gsize layer, gsize beam, const float *keys,
                           const float *values)
{
  gsize offset = cache->n_added * cache->row;

  g_assert (cache->n_added < cache->n_new && beam < cache->n_beams);
  store (cache, get_added (cache, cache->added, layer, beam, FALSE) + offset, keys, cache->row);
  store (cache, get_added (cache, cache->added, layer, beam, TRUE) + offset, values, cache->row);
}

void
gloss_kv_cache_get_segments (GlossKvCache *cache, gsize layer, gsize beam, gsize n_added,
                             GlossAttentionSegment segments[2])
{
  segments[0].keys = get_prefix (cache, layer, FALSE);
  segments[0].values = get_prefix (cache, layer, TRUE);
  segments[0].n_rows = cache->n_prefix;
  segments[1].keys = get_added (cache, cache->added, layer, beam, FALSE);
  segments[1].values = get_added (cache, cache->added, layer, beam, TRUE);
  segments[1].n_rows = n_added;
}

void
gloss_kv_cache_advance (GlossKvCache *cache)
{
  cache->n_added++;
}

void
gloss_kv_cache_reorder (GlossKvCache *cache, const guint *parents, gsize n)
{
  float *old = cache->added;

  if (n < 2)
    return;
  for (gsize beam = 0; beam < n; beam++)
    {
      for (gsize layer = 0; layer < cache->depth; layer++)
        {
          for (int values = 0; values < 2; values++)
            memcpy (get_added (cache, cache->spare, layer, beam, values),
                    get_added (cache, cache->added, layer, parents[beam], values),
                    cache->n_added * cache->row * sizeof (float));
        }
    }
  cache->added = cache->spare;
  cache->spare = old;
}
