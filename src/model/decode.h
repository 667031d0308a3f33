/* Choosing tokens: greedy search and beam search over a prefilled sequence. */
#pragma once

#include "model/gemma.h"

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
  guint max_tokens; /* ≥ 1 */
  guint n_beams;    /* 1 … GLOSS_MAX_BEAMS; 1 is greedy */
  float
      final_softcap; /* of the logits of every token after the first, as big_vision does; 0: none */
} GlossDecoder;

/* The tokens of one answer. The last id is EOS unless max_tokens came first. */
typedef struct
{
  GArray *ids;       /* gint32 */
  GArray *log_probs; /* float, log-softmax of the logits at each id */
} GlossDecoded;

void gloss_decoded_free (GlossDecoded *decoded);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossDecoded, gloss_decoded_free)

/* Called with each id as soon as it is certain, EOS excluded. */
typedef void (*GlossTokenFunc) (gint32 id, gpointer user_data);

/* Bytes of workspace beyond what gloss_gemma_step () takes; G_MAXSIZE on overflow. Any thread. */
gsize gloss_decoder_get_workspace_bytes (const GlossModelConfig *config, gsize n_vocab,
                                         guint n_beams);

/*
 * Continues from @state[width], the final-normed state of the last prefilled token. The largest
 * logit wins, the first of equals. When the pool's job is cancelled the tokens so far are returned.
 * From the thread that runs the job.
 */
GlossDecoded *gloss_decode_greedy (const GlossDecoder *decoder, const float *state,
                                   GlossTokenFunc func, gpointer user_data);

/*
 * The same with beams: the finished answer whose log-probabilities, EOS's included, have the
 * largest sum, without a length penalty.
 */
GlossDecoded *gloss_decode_beams (const GlossDecoder *decoder, const float *state);

/* log Σ e^x of x[n]. Any thread. */
double gloss_log_sum_exp (const float *x, gsize n);

G_END_DECLS
