/* The loss of a few examples, and its gradient in all that is trained. */
#pragma once

#include "train/packed.h"
#include "train/trainable.h"

G_BEGIN_DECLS

/* One example: its text, and one of the three; all borrowed. */
typedef struct
{
  GlossSequence sequence;
  const float *image;  /* [side × side × 3], as gloss_model_input_make () makes it */
  const float *states; /* what gloss_gradient_make_states () gave, else NULL */
} GlossGradientExample;

/* What is asked of a pass. */
typedef struct
{
  gsize n_batch;         /* the loss is the mean over that many examples, of which these are some */
  float label_smoothing; /* 0: none */
  float dropout;         /* 0: none */
  gboolean only_loss;    /* no gradient: neither smoothing nor dropout then */
} GlossGradientOptions;

typedef struct _GlossGradient GlossGradient;

/* Of PaliGemma 3B enough for all blocks of one example. */
#define GLOSS_GRADIENT_KEPT_BYTES ((gsize) 1000 << 20)

/*
 * For up to @max_examples at once of up to @max_ids each, and a vocabulary of the first @n_vocab
 * table rows. Activations are kept for the backward in up to @max_kept_bytes, and what finds no
 * room is computed twice; the bits are the same. With @uses_dropout every layer's forward is run in
 * each pass. @trainable and @pool are borrowed; scratch is reserved in @pool. NULL with
 * GLOSS_ERROR_TOO_LARGE. One thread at a time; what follows from the thread that runs the pool's
 * job, allocating nothing, and without meaning when the job was cancelled.
 */
GlossGradient *gloss_gradient_new (GlossTrainable *trainable, GlossPool *pool, gsize max_examples,
                                   gsize max_ids, gsize n_vocab, gsize max_kept_bytes,
                                   gboolean uses_dropout, GError **error);
void gloss_gradient_free (GlossGradient *gradient);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossGradient, gloss_gradient_free)

/*
 * Adds the gradient of the loss of examples[n] and returns that loss: the sum of what each gives to
 * the mean over the batch. @losses (may be NULL) gets each example's own, the mean over its ids.
 */
double gloss_gradient_run (GlossGradient *gradient, const GlossGradientExample *examples, gsize n,
                           const GlossGradientOptions *options, double *losses);

/*
 * Whether nothing that is trained comes before some layer, so that what goes into it is the same
 * each time: then gloss_gradient_make_states () makes it once, for
 * gloss_gradient_count_states () floats. Used or not, the loss has the same bits.
 */
gboolean gloss_gradient_has_states (GlossGradient *gradient);
gsize gloss_gradient_count_states (GlossGradient *gradient, const GlossSequence *sequence);
void gloss_gradient_make_states (GlossGradient *gradient, float *states,
                                 const GlossGradientExample *example);

/*
 * logits[n_active × n_vocab] of one example, a row for each id behind the prefix. For tests.
 */
void gloss_gradient_compute_logits (GlossGradient *gradient, float *logits,
                                    const GlossGradientExample *example);

G_END_DECLS
