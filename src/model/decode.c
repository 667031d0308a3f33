/* Greedy search. */
#include "model/decode.h"

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

  /* the logits and the states of all beams, each block rounded up */
  if (!g_size_checked_mul (&n_floats, n_vocab + config->width, n_beams)
      || !g_size_checked_add (&n_floats, n_floats, 2 * GLOSS_ARENA_ALIGN_BYTES / sizeof (float)))
    return G_MAXSIZE;
  return gloss_arena_size_floats (n_floats);
}

double
gloss_log_sum_exp (const float *x, gsize n)
{
  float max = -INFINITY;
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    max = MAX (max, x[i]);
  for (gsize i = 0; i < n; i++)
    sum += expf (x[i] - max);
  return max + log (sum);
}

GlossDecoded *
gloss_decode_greedy (const GlossDecoder *decoder, const float *state, GlossTokenFunc func,
                     gpointer user_data)
{
  const GlossModelConfig *config = gloss_model_get_config (decoder->model);
  gsize mark = gloss_arena_get_mark (decoder->arena);
  float *logits = gloss_arena_alloc_floats (decoder->arena, decoder->n_vocab);
  float *x = gloss_arena_alloc_floats (decoder->arena, config->width);
  GlossDecoded *decoded = g_new0 (GlossDecoded, 1);

  decoded->ids = g_array_sized_new (FALSE, FALSE, sizeof (gint32), decoder->max_tokens);
  decoded->log_probs = g_array_sized_new (FALSE, FALSE, sizeof (float), decoder->max_tokens);

  gloss_gemma_logits (decoder->model, decoder->pool, logits, state, 1, decoder->n_vocab, 0);
  while (!gloss_pool_is_cancelled (decoder->pool))
    {
      gint32 id = 0;
      float log_prob;

      for (gsize i = 1; i < decoder->n_vocab; i++)
        {
          if (logits[i] > logits[id])
            id = (gint32) i;
        }
      log_prob = (float) (logits[id] - gloss_log_sum_exp (logits, decoder->n_vocab));
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
