/* How good captions are, measured against what people wrote, as coco-caption measures it. */
#pragma once

#include "dataset/ngrams.h"

G_BEGIN_DECLS

/* One picture in tokens (see caption-tokens.h); borrowed. */
typedef struct
{
  const char *const *candidate;         /* NULL-terminated; empty when nothing was said */
  const char *const *const *references; /* at least one, NULL-terminated */
} GlossScoredCaption;

/* All between 0 and 1, but CIDEr, which goes to 10. */
typedef struct
{
  double bleu[GLOSS_NGRAM_MAX]; /* with runs of up to 1, 2, 3, 4 words */
  double rouge_l;
  double cider;
} GlossCaptionScores;

/*
 * The scores of all @n captions together, and in @each, an array of @n or NULL, of each. CIDEr
 * weighs runs of words by how few of the pictures have them, so it depends on the others; of one
 * picture alone it is 0. Papineni et al. 2002 (BLEU, corpus-wide, nearest reference length), Lin
 * 2004 (ROUGE-L, β 1.2), Vedantam et al. 2015 (CIDEr-D, σ 6). Any thread.
 */
void gloss_caption_scores_compute (const GlossScoredCaption *captions, guint n,
                                   GlossCaptionScores *all, GlossCaptionScores *each);

/* The three parts of it. */
void gloss_bleu_compute (const GlossScoredCaption *captions, guint n, GlossCaptionScores *all,
                         GlossCaptionScores *each);
void gloss_rouge_l_compute (const GlossScoredCaption *captions, guint n, GlossCaptionScores *all,
                            GlossCaptionScores *each);
void gloss_cider_compute (const GlossScoredCaption *captions, guint n, GlossCaptionScores *all,
                          GlossCaptionScores *each);

G_END_DECLS
