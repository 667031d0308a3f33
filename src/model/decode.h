/* Choosing tokens over a prefilled sequence: greedily, by drawing, or by beam search. */
#pragma once

#include "model/gemma.h"
#include "model/sampler.h"

G_BEGIN_DECLS

/* What a decoder works on; all borrowed, the same for every step. */
typedef struct
{
  GlossModel *model;
  GlossPool *pool;
  GlossArena *arena;
  GlossKvCache *cache; /* prefilled, with room for max_tokens − 1 more for each beam */
  gsize n_vocab;       /* ids from there on are never chosen */
  gint32 eos_id;
  guint max_tokens;       /* ≥ 1 */
  guint n_beams;          /* 1 … GLOSS_MAX_BEAMS */
  GlossSampling sampling; /* without beams; all zero is greedy */
  float
      final_softcap; /* of the logits of every token after the first, as big_vision does; 0: none */
} GlossDecoder;

/* The tokens of one answer. The last id is EOS unless max_tokens came first. */
typedef struct
{
  GArray *ids;        /* gint32 */
  GArray *log_probs;  /* float, log-softmax of the logits at each id */
  gboolean is_broken; /* the logits were not numbers, and the ids mean nothing */
} GlossDecoded;

void gloss_decoded_free (GlossDecoded *decoded);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossDecoded, gloss_decoded_free)

/* Called with each id as soon as it is certain, EOS excluded. */
typedef void (*GlossTokenFunc) (gint32 id, gpointer user_data);

/* Bytes of workspace beyond what gloss_gemma_step () takes; G_MAXSIZE on overflow. Any thread. */
gsize gloss_decoder_get_workspace_bytes (const GlossModelConfig *config, gsize n_vocab,
                                         guint n_beams);

/*
 * Continues from @state[width], the final-normed state of the last prefilled token. Greedy takes
 * the largest logit, the first of equals; drawing begins with the seed, so the same request gives
 * the same tokens. When the pool's job is cancelled the tokens so far are returned. From the thread
 * that runs the job.
 */
GlossDecoded *gloss_decode_single (const GlossDecoder *decoder, const float *state,
                                   GlossTokenFunc func, gpointer user_data);

G_END_DECLS
