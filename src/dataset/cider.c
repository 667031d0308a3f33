/*
 * CIDEr-D: how alike a caption and its references are, counted in runs of words, of which those
 * weigh more that few pictures have.
 */
#include "dataset/caption-scores.h"

#include <math.h>

/* How much another length costs. */
#define SIGMA 6.0

/* A text as weights of its runs. */
typedef struct
{
  GHashTable *runs[GLOSS_NGRAM_MAX]; /* owned; string to owned double */
  double norm[GLOSS_NGRAM_MAX];
  guint n_pairs; /* the length, which coco-caption counts in runs of two */
} Vector;

/* In how many pictures each run stands, of whatever length: string to count. */
static GHashTable *
count_pictures (const GlossScoredCaption *captions, guint n)
{
  GHashTable *pictures = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GHashTable) runs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      GHashTableIter iter;
      gpointer run;

      for (guint j = 0; captions[i].references[j]; j++)
        {
          for (guint length = 1; length <= GLOSS_NGRAM_MAX; length++)
            {
              g_autoptr (GHashTable) counts =
                  gloss_ngrams_count (captions[i].references[j], length);

              g_hash_table_iter_init (&iter, counts);
              while (g_hash_table_iter_next (&iter, &run, NULL))
                g_hash_table_add (runs, g_strdup (run));
            }
        }
      g_hash_table_iter_init (&iter, runs);
      while (g_hash_table_iter_next (&iter, &run, NULL))
        {
          guint before = GPOINTER_TO_UINT (g_hash_table_lookup (pictures, run));

          g_hash_table_replace (pictures, g_strdup (run), GUINT_TO_POINTER (before + 1));
        }
    }
  return pictures;
}

static void
vector_init (Vector *vector, const char *const *tokens, GHashTable *pictures, guint n_pictures)
{
  guint n_tokens = g_strv_length ((char **) tokens);

  vector->n_pairs = n_tokens > 1 ? n_tokens - 1 : 0;
  for (guint i = 0; i < GLOSS_NGRAM_MAX; i++)
    {
      g_autoptr (GHashTable) counts = gloss_ngrams_count (tokens, i + 1);
      GHashTableIter iter;
      gpointer run, count;
      double sum = 0;

      vector->runs[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_iter_init (&iter, counts);
      while (g_hash_table_iter_next (&iter, &run, &count))
        {
          guint n_with = GPOINTER_TO_UINT (g_hash_table_lookup (pictures, run));
          double *weight = g_new (double, 1);

          *weight = GPOINTER_TO_UINT (count) * (log (n_pictures) - log (MAX (n_with, 1)));
          sum += *weight * *weight;
          g_hash_table_insert (vector->runs[i], g_strdup (run), weight);
        }
      vector->norm[i] = sqrt (sum);
    }
}

static void
vector_clear (Vector *vector)
{
  for (guint i = 0; i < GLOSS_NGRAM_MAX; i++)
    g_hash_table_unref (vector->runs[i]);
}

static double
compare (const Vector *said, const Vector *reference)
{
  double apart = (double) said->n_pairs - reference->n_pairs;
  double sum = 0;

  for (guint i = 0; i < GLOSS_NGRAM_MAX; i++)
    {
      GHashTableIter iter;
      gpointer run, weight;
      double product = 0;

      g_hash_table_iter_init (&iter, said->runs[i]);
      while (g_hash_table_iter_next (&iter, &run, &weight))
        {
          const double *other = g_hash_table_lookup (reference->runs[i], run);

          /* what is said again and again is not worth more */
          if (other)
            product += MIN (*(double *) weight, *other) * *other;
        }
      if (said->norm[i] != 0 && reference->norm[i] != 0)
        product /= said->norm[i] * reference->norm[i];
      sum += product * exp (-apart * apart / (2 * SIGMA * SIGMA));
    }
  return sum / GLOSS_NGRAM_MAX;
}

static double
score (const GlossScoredCaption *caption, GHashTable *pictures, guint n_pictures)
{
  Vector said;
  double sum = 0;
  guint n = 0;

  vector_init (&said, caption->candidate, pictures, n_pictures);
  for (; caption->references[n]; n++)
    {
      Vector reference;

      vector_init (&reference, caption->references[n], pictures, n_pictures);
      sum += compare (&said, &reference);
      vector_clear (&reference);
    }
  vector_clear (&said);
  return 10 * sum / MAX (n, 1);
}

void
gloss_cider_compute (const GlossScoredCaption *captions, guint n, GlossCaptionScores *all,
                     GlossCaptionScores *each)
{
  g_autoptr (GHashTable) pictures = count_pictures (captions, n);
  double sum = 0;

  for (guint i = 0; i < n; i++)
    {
      double value = score (&captions[i], pictures, n);

      sum += value;
      if (each)
        each[i].cider = value;
    }
  all->cider = n > 0 ? sum / n : 0;
}
