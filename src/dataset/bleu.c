/* BLEU: how many runs of words of a caption stand in one of its references. */
#include "dataset/caption-scores.h"

#include <math.h>

/* As coco-caption has them, so that nothing is divided by zero. */
#define TINY 1e-15
#define SMALL 1e-9

typedef struct
{
  double n_right[GLOSS_NGRAM_MAX]; /* runs that stand in a reference, as often as there at most */
  double n_said[GLOSS_NGRAM_MAX];  /* runs of the caption */
  double n_words;
  double n_reference_words; /* of the reference whose length is nearest, of two the shorter */
} Counts;

static double
find_nearest_length (const GlossScoredCaption *caption, guint n_words)
{
  guint nearest = G_MAXUINT, distance = G_MAXUINT;

  for (guint i = 0; caption->references[i]; i++)
    {
      guint length = g_strv_length ((char **) caption->references[i]);
      guint apart = MAX (length, n_words) - MIN (length, n_words);

      if (apart < distance || (apart == distance && length < nearest))
        {
          nearest = length;
          distance = apart;
        }
    }
  return nearest;
}

/* The most often that each run of @n words stands in one reference. */
static GHashTable *
count_most (const GlossScoredCaption *caption, guint n)
{
  GHashTable *most = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; caption->references[i]; i++)
    {
      g_autoptr (GHashTable) counts = gloss_ngrams_count (caption->references[i], n);
      GHashTableIter iter;
      gpointer run, count;

      g_hash_table_iter_init (&iter, counts);
      while (g_hash_table_iter_next (&iter, &run, &count))
        {
          guint before = GPOINTER_TO_UINT (g_hash_table_lookup (most, run));

          if (GPOINTER_TO_UINT (count) > before)
            g_hash_table_replace (most, g_strdup (run), count);
        }
    }
  return most;
}

static double
count_right (const GlossScoredCaption *caption, guint n)
{
  g_autoptr (GHashTable) said = gloss_ngrams_count (caption->candidate, n);
  g_autoptr (GHashTable) most = count_most (caption, n);
  GHashTableIter iter;
  gpointer run, count;
  guint n_right = 0;

  g_hash_table_iter_init (&iter, said);
  while (g_hash_table_iter_next (&iter, &run, &count))
    n_right += MIN (GPOINTER_TO_UINT (count), GPOINTER_TO_UINT (g_hash_table_lookup (most, run)));
  return n_right;
}

static void
compute (const Counts *counts, double bleu[GLOSS_NGRAM_MAX])
{
  double product = 1;
  double ratio = (counts->n_words + TINY) / (counts->n_reference_words + SMALL);

  for (guint i = 0; i < GLOSS_NGRAM_MAX; i++)
    {
      product *= (counts->n_right[i] + TINY) / (counts->n_said[i] + SMALL);
      bleu[i] = pow (product, 1.0 / (i + 1)) * (ratio < 1 ? exp (1 - 1 / ratio) : 1);
    }
}

void
gloss_bleu_compute (const GlossScoredCaption *captions, guint n, GlossCaptionScores *all,
                    GlossCaptionScores *each)
{
  Counts sums = { 0 };

  for (guint i = 0; i < n; i++)
    {
      guint n_words = g_strv_length ((char **) captions[i].candidate);
      Counts counts = { .n_words = n_words,
                        .n_reference_words = find_nearest_length (&captions[i], n_words) };

      sums.n_words += counts.n_words;
      sums.n_reference_words += counts.n_reference_words;
      for (guint j = 0; j < GLOSS_NGRAM_MAX; j++)
        {
          counts.n_said[j] = n_words > j ? n_words - j : 0;
          counts.n_right[j] = count_right (&captions[i], j + 1);
          sums.n_said[j] += counts.n_said[j];
          sums.n_right[j] += counts.n_right[j];
        }
      if (each)
        compute (&counts, each[i].bleu);
    }
  compute (&sums, all->bleu);
}
