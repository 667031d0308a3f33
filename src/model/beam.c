/* Beam search as big_vision does it.
 *
 * Each step, every live beam that now ended is compared with the best finished answer, the sum of
 * the log-probabilities deciding; then each live beam is extended by its n + 1 best tokens, EOS
 * among them counting as hopeless, and the n best of all extensions live on. When even the best
 * live sum is below the finished one, which longer answers cannot win back, the search ends.
 */
#include "model/beam.h"

#include "tensor/log-sum-exp.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct
{
  guint parent;
  gint32 id;
  float log_prob;
  float total;
} Candidate;

typedef struct
{
  GArray *ids;       /* owned */
  GArray *log_probs; /* owned */
  float total;
} Hypothesis;

struct _GlossBeamSearch
{
  guint n_beams;
  gsize n_vocab;
  gint32 eos_id;
  guint max_tokens;

  Hypothesis live[GLOSS_MAX_BEAMS];
  Hypothesis next[GLOSS_MAX_BEAMS];
  Hypothesis finished; /* no ids: none yet */
  guint n_live;
  gboolean is_broken;
};

static void
hypothesis_init (Hypothesis *hypothesis)
{
  hypothesis->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  hypothesis->log_probs = g_array_new (FALSE, FALSE, sizeof (float));
}

static void
hypothesis_clear (Hypothesis *hypothesis)
{
  g_array_unref (hypothesis->ids);
  g_array_unref (hypothesis->log_probs);
}

/* @out becomes @from with one more token. */
static void
hypothesis_extend (Hypothesis *out, const Hypothesis *from, gint32 id, float log_prob, float total)
{
  g_array_set_size (out->ids, 0);
  g_array_set_size (out->log_probs, 0);
  g_array_append_vals (out->ids, from->ids->data, from->ids->len);
  g_array_append_vals (out->log_probs, from->log_probs->data, from->log_probs->len);
  g_array_append_val (out->ids, id);
  g_array_append_val (out->log_probs, log_prob);
  out->total = total;
}

GlossBeamSearch *
gloss_beam_search_new (guint n_beams, gsize n_vocab, gint32 eos_id, guint max_tokens)
{
  GlossBeamSearch *search = g_new0 (GlossBeamSearch, 1);

  g_assert (n_beams >= 1 && n_beams <= GLOSS_MAX_BEAMS);
  search->n_beams = n_beams;
  search->n_vocab = n_vocab;
  search->eos_id = eos_id;
  search->max_tokens = max_tokens;
  search->n_live = 1;
  for (guint i = 0; i < GLOSS_MAX_BEAMS; i++)
    {
      hypothesis_init (&search->live[i]);
      hypothesis_init (&search->next[i]);
    }
  hypothesis_init (&search->finished);
  return search;
}

void
gloss_beam_search_free (GlossBeamSearch *search)
{
  for (guint i = 0; i < GLOSS_MAX_BEAMS; i++)
    {
      hypothesis_clear (&search->live[i]);
      hypothesis_clear (&search->next[i]);
    }
  hypothesis_clear (&search->finished);
  g_free (search);
}

guint
gloss_beam_search_get_n_live (const GlossBeamSearch *search)
{
  return search->n_live;
}

/* Puts @candidate into best[*n], which is sorted downwards and holds at most @max. An equal one
 * stays behind those before it. */
static void
insert_candidate (Candidate *best, guint *n, guint max, Candidate candidate)
{
  guint place = *n;

  while (place > 0 && candidate.total > best[place - 1].total)
    place--;
  if (place >= max)
    return;
  if (*n < max)
    (*n)++;
  memmove (best + place + 1, best + place, (*n - 1 - place) * sizeof *best);
  best[place] = candidate;
}

/* The best extensions of all live beams, at most n_beams. Returns their number. */
static guint
extend_beams (const GlossBeamSearch *search, const float *logits, const double *normalisers,
              Candidate *best)
{
  guint n_best = 0;

  for (guint beam = 0; beam < search->n_live; beam++)
    {
      const float *row = logits + beam * search->n_vocab;
      Candidate own[GLOSS_MAX_BEAMS + 1];
      guint n_own = 0;

      for (gsize i = 0; i < search->n_vocab; i++)
        {
          Candidate candidate = { beam, (gint32) i, 0, row[i] };

          if (n_own <= search->n_beams || row[i] > own[n_own - 1].total)
            insert_candidate (own, &n_own, search->n_beams + 1, candidate);
        }
      for (guint i = 0; i < n_own; i++)
        {
          own[i].log_prob = (float) (row[own[i].id] - normalisers[beam]);
          own[i].total =
              own[i].id == search->eos_id ? -FLT_MAX : search->live[beam].total + own[i].log_prob;
          insert_candidate (best, &n_best, search->n_beams, own[i]);
        }
    }
  return n_best;
}

gboolean
gloss_beam_search_advance (GlossBeamSearch *search, const float *logits, guint *parents,
                           gint32 *ids)
{
  double normalisers[GLOSS_MAX_BEAMS];
  Candidate best[GLOSS_MAX_BEAMS];
  Hypothesis swap[GLOSS_MAX_BEAMS];

  for (guint beam = 0; beam < search->n_live; beam++)
    {
      const float *row = logits + beam * search->n_vocab;
      float end, total;

      normalisers[beam] = gloss_log_sum_exp (row, search->n_vocab);
      search->is_broken |= !isfinite (normalisers[beam]);
      if (search->is_broken)
        return FALSE;
      end = (float) (row[search->eos_id] - normalisers[beam]);
      total = search->live[beam].total + end;
      if (search->finished.ids->len == 0 || total > search->finished.total)
        hypothesis_extend (&search->finished, &search->live[beam], search->eos_id, end, total);
    }

  search->n_live = extend_beams (search, logits, normalisers, best);
  for (guint i = 0; i < search->n_live; i++)
    {
      parents[i] = best[i].parent;
      ids[i] = best[i].id;
      hypothesis_extend (&search->next[i], &search->live[best[i].parent], best[i].id,
                         best[i].log_prob, best[i].total);
    }
  memcpy (swap, search->live, sizeof swap);
  memcpy (search->live, search->next, sizeof swap);
  memcpy (search->next, swap, sizeof swap);
  return search->live[0].total >= search->finished.total
         && search->live[0].ids->len < search->max_tokens;
}

GlossDecoded *
gloss_beam_search_get_answer (const GlossBeamSearch *search)
{
  GlossDecoded *decoded = g_new0 (GlossDecoded, 1);

  decoded->ids = g_array_ref (search->finished.ids);
  decoded->log_probs = g_array_ref (search->finished.log_probs);
  decoded->is_broken = search->is_broken;
  return decoded;
}

GlossDecoded *
gloss_decode_beams (const GlossDecoder *decoder, const float *state)
{
  const GlossModelConfig *config = gloss_model_get_config (decoder->model);
  gsize mark = gloss_arena_get_mark (decoder->arena);
  float *logits = gloss_arena_alloc_floats (decoder->arena, decoder->n_beams * decoder->n_vocab);
  float *x = gloss_arena_alloc_floats (decoder->arena, decoder->n_beams * config->width);
  g_autoptr (GlossBeamSearch) search = gloss_beam_search_new (decoder->n_beams, decoder->n_vocab,
                                                              decoder->eos_id, decoder->max_tokens);
  guint parents[GLOSS_MAX_BEAMS];
  gint32 ids[GLOSS_MAX_BEAMS];

  gloss_gemma_logits (decoder->model, decoder->pool, logits, state, 1, decoder->n_vocab, 0);
  while (!gloss_pool_is_cancelled (decoder->pool)
         && gloss_beam_search_advance (search, logits, parents, ids))
    {
      guint n_live = gloss_beam_search_get_n_live (search);

      gloss_kv_cache_reorder (decoder->cache, parents, n_live);
      gloss_gemma_embed (decoder->model, x, ids, n_live);
      gloss_gemma_step (decoder->model, decoder->pool, decoder->arena, decoder->cache, x, n_live,
                        NULL);
      gloss_gemma_logits_at_once (decoder->model, decoder->pool, decoder->arena, logits, x, n_live,
                                  decoder->n_vocab, decoder->final_softcap);
    }
  gloss_arena_reset (decoder->arena, mark);
  return gloss_beam_search_get_answer (search);
}
