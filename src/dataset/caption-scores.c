/* How good captions are. */
#include "dataset/caption-scores.h"

void
gloss_caption_scores_compute (const GlossScoredCaption *captions, guint n, GlossCaptionScores *all,
                              GlossCaptionScores *each)
{
  gloss_bleu_compute (captions, n, all, each);
  gloss_rouge_l_compute (captions, n, all, each);
  gloss_cider_compute (captions, n, all, each);
}
