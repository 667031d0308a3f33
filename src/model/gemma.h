/* The language tower: Gemma and Gemma 2 as a prefix language model. */
#pragma once

#include "base/arena.h"
#include "base/pool.h"
#include "model/kv-cache.h"
#include "model/model.h"
#include "model/tap.h"
#include "tensor/product.h"

G_BEGIN_DECLS

/* Bytes of workspace for @n_rows tokens at once; G_MAXSIZE on overflow. Any thread. */
gsize gloss_gemma_get_workspace_bytes (const GlossModelConfig *config, gsize n_rows);

/* out[n × width] = the embeddings of @ids, which must be table rows, times √width. Image tokens do
 * not come from here. Any thread. */
void gloss_gemma_embed (GlossModel *model, float *out, const gint32 *ids, gsize n);

/*
 * Runs the whole prefix of @cache at once, filling it: x[n_rows × width] are its embeddings, row i
 * is at position i and sees the first n_visible[i] rows. On return the last @n_needed rows of @x
 * hold the final-normed state, the others are unspecified: the last layer is computed for the
 * needed rows only. When the pool's job is cancelled the result is unspecified. From the thread
 * that runs the job.
 */
void gloss_gemma_prefill (GlossModel *model, GlossPool *pool, GlossArena *arena,
                          GlossKvCache *cache, float *x, gsize n_rows, const guint *n_visible,
                          gsize n_needed, const GlossTap *tap);

/*
 * One more token for each of the @n_beams first beams of @cache: x[n_beams × width] are their
 * embeddings, and on return the final-normed states. Each sees the prefix and what its beam has
 * added.
 */
void gloss_gemma_step (GlossModel *model, GlossPool *pool, GlossArena *arena, GlossKvCache *cache,
                       float *x, gsize n_beams, const GlossTap *tap);

/*
 * logits[n_rows × n_vocab] = x[n_rows × width] times the first @n_vocab rows of the embedding. With
 * @softcap > 0 each becomes softcap·tanh(logit/softcap).
 */
void gloss_gemma_logits (GlossModel *model, GlossPool *pool, float *logits, const float *x,
                         gsize n_rows, gsize n_vocab, float softcap);

/* The same for rows that are multiplied at once, faster with packed weights: takes from @arena what
 * gloss_gemma_get_logits_bytes () says. */
void gloss_gemma_logits_at_once (GlossModel *model, GlossPool *pool, GlossArena *arena,
                                 float *logits, const float *x, gsize n_rows, gsize n_vocab,
                                 float softcap);
gsize gloss_gemma_get_logits_bytes (const GlossModelConfig *config, gsize n_rows);

/*
 * The best of those logits for one row, which are not kept: *best, with their normaliser. FALSE
 * when the table is not packed, so that the logits have to be computed. @scratch has @n_vocab +
 * GLOSS_BEST_MORE_FLOATS floats.
 */
gboolean gloss_gemma_find_best (GlossModel *model, GlossPool *pool, GlossBest *best, const float *x,
                                gsize n_vocab, float softcap, float *scratch);

G_END_DECLS
