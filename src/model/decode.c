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
  gsize n_floats, n_bytes;

  /* the logits and the states of all beams, or the sampler's two copies of them, each block rounded
   * up */
  if (!g_size_checked_mul (&n_floats, n_vocab + config->width + GLOSS_BEST_MORE_FLOATS,
                           MAX (n_beams, 3))
      || !g_size_checked_add (&n_floats, n_floats, 3 * GLOSS_ARENA_ALIGN_BYTES / sizeof (float))
      || !g_size_checked_add (&n_bytes, gloss_arena_size_floats (n_floats),
                              gloss_gemma_get_logits_bytes (config, n_beams)))
    return G_MAXSIZE;
  return n_bytes;
}

/* Where one decoding writes. */
typedef struct
{
  float *logits;  /* [n_vocab + GLOSS_BEST_MORE_FLOATS] */
  float *scratch; /* [2 × n_vocab], the sampler's */
  GlossRandom random;
} Choice;

/* The next token behind @state, and its log-probability in *log_prob. FALSE when the logits are not
 * numbers. */
static gboolean
choose (const GlossDecoder *decoder, Choice *choice, const float *state, float softcap, gint32 *id,
        float *log_prob)
{
  GlossBest best;

  if (decoder->sampling.temperature > 0
      || !gloss_gemma_find_best (decoder->model, decoder->pool, &best, state, decoder->n_vocab,
                                 softcap, choice->logits))
    {
      gloss_gemma_logits (decoder->model, decoder->pool, choice->logits, state, 1, decoder->n_vocab,
                          softcap);
      best.log_sum_exp = gloss_log_sum_exp (choice->logits, decoder->n_vocab);
      if (!isfinite (best.log_sum_exp))
        return FALSE;
      best.index = (gsize) gloss_sampling_draw (&decoder->sampling, &choice->random, choice->logits,
                                                decoder->n_vocab, choice->scratch);
      best.value = choice->logits[best.index];
    }
  *id = (gint32) best.index;
  *log_prob = (float) (best.value - best.log_sum_exp);
  return isfinite (best.log_sum_exp);
}

GlossDecoded *
gloss_decode_single (const GlossDecoder *decoder, const float *state, GlossTokenFunc func,
                     gpointer user_data)
{
  const GlossModelConfig *config = gloss_model_get_config (decoder->model);
  gsize mark = gloss_arena_get_mark (decoder->arena);
  float *x = gloss_arena_alloc_floats (decoder->arena, config->width);
  Choice choice = {
    .logits = gloss_arena_alloc_floats (decoder->arena, decoder->n_vocab + GLOSS_BEST_MORE_FLOATS),
    .scratch = gloss_arena_alloc_floats (decoder->arena, 2 * decoder->n_vocab),
  };
  GlossDecoded *decoded = g_new0 (GlossDecoded, 1);
  float softcap = 0;

  gloss_random_init (&choice.random, decoder->sampling.seed);
  decoded->ids = g_array_sized_new (FALSE, FALSE, sizeof (gint32), decoder->max_tokens);
  decoded->log_probs = g_array_sized_new (FALSE, FALSE, sizeof (float), decoder->max_tokens);

  while (!gloss_pool_is_cancelled (decoder->pool))
    {
      float log_prob = 0;
      gint32 id = 0;
      gboolean is_chosen = choose (decoder, &choice, state, softcap, &id, &log_prob);

      if (gloss_pool_is_cancelled (decoder->pool))
        break;
      decoded->is_broken = !is_chosen;
      if (decoded->is_broken)
        break;
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
      state = x;
      softcap = decoder->final_softcap;
    }
  gloss_arena_reset (decoder->arena, mark);
  return decoded;
}
