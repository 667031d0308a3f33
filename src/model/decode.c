/* One token after the other, greedily or drawn. */
#include "model/decode.h"

#include "tensor/log-sum-exp.h"

#include <math.h>

void
gloss_decoded_free (GlossDecoded *decoded)
{
  g_array_unref (decoded->ids);
  g_array_unref (decoded->log_probs);
  g_free (decoded);
}

gsize
gloss_decoder_get_workspace_bytes (const GlossModelConfig *config, gsize n_vocab, guint n_beams)
{
  gsize n_floats;

  /* the logits and the states of all beams, or the sampler's two copies of them, each block rounded
   * up */
  if (!g_size_checked_mul (&n_floats, n_vocab + config->width, MAX (n_beams, 3))
      || !g_size_checked_add (&n_floats, n_floats, 3 * GLOSS_ARENA_ALIGN_BYTES / sizeof (float)))
    return G_MAXSIZE;
  return gloss_arena_size_floats (n_floats);
}

GlossDecoded *
gloss_decode_single (const GlossDecoder *decoder, const float *state, GlossTokenFunc func,
                     gpointer user_data)
{
  const GlossModelConfig *config = gloss_model_get_config (decoder->model);
  gsize mark = gloss_arena_get_mark (decoder->arena);
  float *logits = gloss_arena_alloc_floats (decoder->arena, decoder->n_vocab);
  float *x = gloss_arena_alloc_floats (decoder->arena, config->width);
  float *scratch = gloss_arena_alloc_floats (decoder->arena, 2 * decoder->n_vocab);
  GlossDecoded *decoded = g_new0 (GlossDecoded, 1);
  GlossRandom random;

  gloss_random_init (&random, decoder->sampling.seed);
  decoded->ids = g_array_sized_new (FALSE, FALSE, sizeof (gint32), decoder->max_tokens);
  decoded->log_probs = g_array_sized_new (FALSE, FALSE, sizeof (float), decoder->max_tokens);

  gloss_gemma_logits (decoder->model, decoder->pool, logits, state, 1, decoder->n_vocab, 0);
  while (!gloss_pool_is_cancelled (decoder->pool))
    {
      double normaliser = gloss_log_sum_exp (logits, decoder->n_vocab);
      float log_prob;
      gint32 id;

      decoded->is_broken = !isfinite (normaliser);
      if (decoded->is_broken)
        break;
      id = gloss_sampling_draw (&decoder->sampling, &random, logits, decoder->n_vocab, scratch);
      log_prob = (float) (logits[id] - normaliser);
      g_array_append_val (decoded->ids, id);
      g_array_append_val (decoded->log_probs, log_prob);
      if (id == decoder->eos_id)
        break;
      if (func)
        func (id, user_data);
      if (decoded->ids->len >= decoder->max_tokens)
        break;

      gloss_gemma_embed (decoder->model, x, &id, 1);
      gloss_gemma_step (decoder->model, decoder->pool, decoder->arena, decoder->cache, x, 1, NULL);
      gloss_gemma_logits (decoder->model, decoder->pool, logits, x, 1, decoder->n_vocab,
                          decoder->final_softcap);
    }
  gloss_arena_reset (decoder->arena, mark);
  return decoded;
}
