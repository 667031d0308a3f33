/* Drawing a token from logits, by temperature and nucleus. */
#pragma once

#include "base/random.h"

G_BEGIN_DECLS

/* How tokens are drawn; all zero is greedy. */
typedef struct
{
  float temperature; /* ≥ 0; 0: the largest logit, nothing is drawn */
  float top_p;       /* 0 < top_p < 1: from the nucleus; else from all */
  guint64 seed;
} GlossSampling;

/*
 * The smallest logit of the nucleus of logits[n]: sorted downwards, the first at which the sum of
 * the probabilities is @top_p or more. All that are equal to it belong to the nucleus. @scratch[n]
 * is overwritten. −∞ when the sum never gets there. Any thread.
 */
float gloss_nucleus_get_threshold (const float *logits, gsize n, float top_p, float *scratch);

/*
 * An id 0 … n − 1 drawn by softmax(logits/temperature), of the nucleus alone if there is one; with
 * temperature 0 the first of the largest. @scratch[2·n] is overwritten. Any thread.
 */
gint32 gloss_sampling_draw (const GlossSampling *sampling, GlossRandom *random, const float *logits,
                            gsize n, float *scratch);

G_END_DECLS
