/* ROUGE-L: how long a sequence of words, with gaps, a caption and a reference have in common. */
#include "dataset/caption-scores.h"

#include <string.h>

/* Recall counts a little more than precision. */
#define BETA 1.2

static guint
find_common_length (const char *const *a, const char *const *b)
{
  guint n_b = g_strv_length ((char **) b);
  g_autofree guint *lengths = g_new0 (guint, n_b + 1); /* up to the word of @a, for each of @b */

  for (guint i = 0; a[i]; i++)
    {
      guint diagonal = 0;

      for (guint j = 0; j < n_b; j++)
        {
          guint above = lengths[j + 1];

          lengths[j + 1] = strcmp (a[i], b[j]) == 0 ? diagonal + 1 : MAX (above, lengths[j]);
          diagonal = above;
        }
    }
  return lengths[n_b];
}

static double
score (const GlossScoredCaption *caption)
{
  guint n_said = g_strv_length ((char **) caption->candidate);
  double precision = 0, recall = 0;

  for (guint i = 0; n_said > 0 && caption->references[i]; i++)
    {
      guint n_reference = g_strv_length ((char **) caption->references[i]);
      double common = find_common_length (caption->candidate, caption->references[i]);

      if (n_reference == 0)
        continue;
      precision = MAX (precision, common / n_said);
      recall = MAX (recall, common / n_reference);
    }
  if (precision == 0 || recall == 0)
    return 0;
  return (1 + BETA * BETA) * precision * recall / (recall + BETA * BETA * precision);
}

void
gloss_rouge_l_compute (const GlossScoredCaption *captions, guint n, GlossCaptionScores *all,
                       GlossCaptionScores *each)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    {
      double value = score (&captions[i]);

      sum += value;
      if (each)
        each[i].rouge_l = value;
    }
  all->rouge_l = n > 0 ? sum / n : 0;
}
