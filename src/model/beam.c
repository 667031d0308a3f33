/* Beam search as big_vision does it: no length penalty, and ending competes apart from going on.
 *
 * Each step, every live beam that now ended is compared with the best finished answer, the sum of
 * the log-probabilities deciding; then each live beam is extended by its n + 1 best tokens, EOS
 * among them counting as hopeless, and the n best of all extensions live on. When even the best
 * live sum is below the finished one, which longer answers cannot win back, the search ends.
 */
#include "model/decode.h"

#include <float.h>
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

static void
hypothesis_init (Hypothesis *hypothesis)
{
  hypothesis->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  hypothesis->log_probs = g_array_new (FALSE, FALSE, sizeof (float));
  hypothesis->total = 0;
}

static void
hypothesis_clear (Hypothesis *hypothesis)
{
  g_clear_pointer (&hypothesis->ids, g_array_unref);
  g_clear_pointer (&hypothesis->log_probs, g_array_unref);
}

/* @out becomes @from with one more token. */
static void
hypothesis_extend (Hypothesis *out, const Hypothesis *from, gint32 id, float log_prob)
{
  g_array_set_size (out->ids, 0);
  g_array_set_size (out->log_probs, 0);
  g_array_append_vals (out->ids, from->ids->data, from->ids->len);
  g_array_append_vals (out->log_probs, from->log_probs->data, from->log_probs->len);
  g_array_append_val (out->ids, id);
  g_array_append_val (out->log_probs, log_prob);
  out->total = from->total + log_prob;
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
extend_beams (const GlossDecoder *decoder, const float *logits, const double *normalisers,
              const Hypothesis *live, guint n_live, Candidate *best)
{
  guint n_best = 0;

  for (guint beam = 0; beam < n_live; beam++)
    {
      const float *row = logits + beam * decoder->n_vocab;
      Candidate own[GLOSS_MAX_BEAMS + 1];
      guint n_own = 0;

      for (gsize i = 0; i < decoder->n_vocab; i++)
        {
          Candidate candidate = { beam, (gint32) i, 0, row[i] };

          if (n_own <= decoder->n_beams || row[i] > own[n_own - 1].total)
            insert_candidate (own, &n_own, decoder->n_beams + 1, candidate);
        }
      for (guint i = 0; i < n_own; i++)
        {
          own[i].log_prob = (float) (row[own[i].id] - normalisers[beam]);
          own[i].total =
              own[i].id == decoder->eos_id ? -FLT_MAX : live[beam].total + own[i].log_prob;
          insert_candidate (best, &n_best, decoder->n_beams, own[i]);
        }
    }
  return n_best;
}

typedef struct
{
  Hypothesis live[GLOSS_MAX_BEAMS];
  Hypothesis next[GLOSS_MAX_BEAMS];
  Hypothesis finished; /* no ids: none yet */
  guint n_live;
} Search;

/* Takes what the logits of the live beams say; FALSE when the search is over. */
static gboolean
search_advance (Search *search, const GlossDecoder *decoder, const float *logits)
{
  double normalisers[GLOSS_MAX_BEAMS];
  Candidate best[GLOSS_MAX_BEAMS];
  guint parents[GLOSS_MAX_BEAMS];
  Hypothesis swap[GLOSS_MAX_BEAMS];

  for (guint beam = 0; beam < search->n_live; beam++)
    {
      const float *row = logits + beam * decoder->n_vocab;
      float end;

      normalisers[beam] = gloss_log_sum_exp (row, decoder->n_vocab);
      end = (float) (row[decoder->eos_id] - normalisers[beam]);
      if (search->finished.ids->len == 0 || search->live[beam].total + end > search->finished.total)
        hypothesis_extend (&search->finished, &search->live[beam], decoder->eos_id, end);
    }

  search->n_live = extend_beams (decoder, logits, normalisers, search->live, search->n_live, best);
  for (guint i = 0; i < search->n_live; i++)
    {
      parents[i] = best[i].parent;
      hypothesis_extend (&search->next[i], &search->live[parents[i]], best[i].id, best[i].log_prob);
      search->next[i].total = best[i].total;
    }
  memcpy (swap, search->live, sizeof swap);
  memcpy (search->live, search->next, sizeof swap);
  memcpy (search->next, swap, sizeof swap);
  gloss_kv_cache_reorder (decoder->cache, parents, search->n_live);

  return search->live[0].total >= search->finished.total
         && search->live[0].ids->len < decoder->max_tokens;
}

GlossDecoded *
gloss_decode_beams (const GlossDecoder *decoder, const float *state)
{
  const GlossModelConfig *config = gloss_model_get_config (decoder->model);
  gsize mark = gloss_arena_get_mark (decoder->arena);
  float *logits = gloss_arena_alloc_floats (decoder->arena, decoder->n_beams * decoder->n_vocab);
  float *x = gloss_arena_alloc_floats (decoder->arena, decoder->n_beams * config->width);
  GlossDecoded *decoded = g_new0 (GlossDecoded, 1);
  Search search = { .n_live = 1 };

  for (guint i = 0; i < GLOSS_MAX_BEAMS; i++)
    {
      hypothesis_init (&search.live[i]);
      hypothesis_init (&search.next[i]);
    }
  hypothesis_init (&search.finished);

  gloss_gemma_logits (decoder->model, decoder->pool, logits, state, 1, decoder->n_vocab, 0);
  while (!gloss_pool_is_cancelled (decoder->pool) && search_advance (&search, decoder, logits))
    {
      for (guint beam = 0; beam < search.n_live; beam++)
        {
          GArray *ids = search.live[beam].ids;

          gloss_gemma_embed (decoder->model, x + beam * config->width,
                             &g_array_index (ids, gint32, ids->len - 1), 1);
        }
      gloss_gemma_step (decoder->model, decoder->pool, decoder->arena, decoder->cache, x,
                        search.n_live, NULL);
      gloss_gemma_logits (decoder->model, decoder->pool, logits, x, search.n_live, decoder->n_vocab,
                          decoder->final_softcap);
    }

  decoded->ids = g_array_ref (search.finished.ids);
  decoded->log_probs = g_array_ref (search.finished.log_probs);
  for (guint i = 0; i < GLOSS_MAX_BEAMS; i++)
    {
      hypothesis_clear (&search.live[i]);
      hypothesis_clear (&search.next[i]);
    }
  hypothesis_clear (&search.finished);
  gloss_arena_reset (decoder->arena, mark);
  return decoded;
}
