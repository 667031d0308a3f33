/*
 * How long texts are, counted once: cutting them elsewhere, or learning them in lower case, needs
 * no other look at them.
 */
#include "app/tune-lengths.h"

#include "app/tune-recipe.h"
#include "base/error.h"
#include "model/captioner.h"
#include "train/example-set.h"

#include <string.h>

/* The mean of so many is that of all, to a few in a thousand. */
#define MAX_TEXTS 20000

struct _GlossTuneTexts
{
  GStringChunk *chunk;
  GPtrArray *prefixes; /* const char *, of the chunk */
  GPtrArray *suffixes; /* likewise */
  guint n_training, n_validation;
};

struct _GlossTuneLengths
{
  guint counts[2][GLOSS_TUNE_MAX_IDS + 1]; /* of [keeps_case][n_ids] */
  guint least;
};

static void
add (GlossTuneTexts *texts, const GlossPair *pair)
{
  const char *prefix = pair->prefix ? pair->prefix : GLOSS_CAPTION_DEFAULT_PROMPT;

  g_ptr_array_add (texts->prefixes, g_string_chunk_insert_const (texts->chunk, prefix));
  g_ptr_array_add (texts->suffixes, g_string_chunk_insert (texts->chunk, pair->suffix));
}

GlossTuneTexts *
gloss_tune_texts_new (const GlossPairs *pairs)
{
  GlossTuneTexts *texts = g_atomic_rc_box_new0 (GlossTuneTexts);
  guint n = pairs->pairs->len, stride = n / MAX_TEXTS + 1, longest = 0;
  gsize most = 0;

  texts->chunk = g_string_chunk_new (4096);
  texts->prefixes = g_ptr_array_new ();
  texts->suffixes = g_ptr_array_new ();
  texts->n_validation = gloss_pairs_count_held_out (pairs);
  texts->n_training = n - texts->n_validation;
  for (guint i = 0; i < n; i++)
    {
      const GlossPair *pair = gloss_pairs_get (pairs, i);
      gsize n_bytes = strlen (pair->suffix);

      if (n_bytes > most)
        longest = i;
      most = MAX (most, n_bytes);
      if (i % stride == 0)
        add (texts, pair);
    }
  /* memory goes by the longest */
  if (n > 0)
    add (texts, gloss_pairs_get (pairs, longest));
  return texts;
}

GlossTuneTexts *
gloss_tune_texts_ref (GlossTuneTexts *texts)
{
  return g_atomic_rc_box_acquire (texts);
}

static void
texts_clear (gpointer data)
{
  GlossTuneTexts *texts = data;

  g_string_chunk_free (texts->chunk);
  g_ptr_array_unref (texts->prefixes);
  g_ptr_array_unref (texts->suffixes);
}

void
gloss_tune_texts_unref (GlossTuneTexts *texts)
{
  g_atomic_rc_box_release_full (texts, texts_clear);
}

guint
gloss_tune_texts_get_n_training (const GlossTuneTexts *texts)
{
  return texts->n_training;
}

guint
gloss_tune_texts_get_n_validation (const GlossTuneTexts *texts)
{
  return texts->n_validation;
}

/* What is too long even so is as long as can be. */
static gboolean
count (GlossTuneLengths *lengths, GArray *set, GlossTokenizer *tokenizer, const char *prefix,
       const char *suffix, gboolean keeps_case, GError **error)
{
  g_autoptr (GError) failure = NULL;
  guint n_ids = GLOSS_TUNE_MAX_IDS;

  g_array_set_size (set, 0);
  if (gloss_example_set_add (set, tokenizer, "", prefix, suffix, GLOSS_TUNE_MAX_IDS, keeps_case,
                             &failure))
    {
      const GlossTrainExample *example = gloss_example_set_get (set, 0);

      n_ids = (guint) example->n_ids;
      lengths->least = MAX (lengths->least, (guint) example->n_prefix + 1);
    }
  else if (!g_error_matches (failure, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  lengths->counts[keeps_case][n_ids]++;
  return TRUE;
}

GlossTuneLengths *
gloss_tune_lengths_new (const GlossTuneTexts *texts, GlossTokenizer *tokenizer,
                        GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossTuneLengths) lengths = g_new0 (GlossTuneLengths, 1);
  g_autoptr (GArray) set = gloss_example_set_new ();

  for (guint i = 0; i < texts->suffixes->len; i++)
    {
      const char *prefix = g_ptr_array_index (texts->prefixes, i);
      const char *suffix = g_ptr_array_index (texts->suffixes, i);

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !count (lengths, set, tokenizer, prefix, suffix, FALSE, error)
          || !count (lengths, set, tokenizer, prefix, suffix, TRUE, error))
        return NULL;
    }
  return g_steal_pointer (&lengths);
}

void
gloss_tune_lengths_free (GlossTuneLengths *lengths)
{
  g_free (lengths);
}

double
gloss_tune_lengths_get_mean (const GlossTuneLengths *lengths, guint max_ids, gboolean keeps_case)
{
  const guint *counts = lengths->counts[keeps_case != 0];
  double total = 0, n = 0;

  for (guint i = 0; i <= GLOSS_TUNE_MAX_IDS; i++)
    {
      total += (double) counts[i] * MIN (i, max_ids);
      n += counts[i];
    }
  return n > 0 ? total / n : 1;
}

guint
gloss_tune_lengths_get_longest (const GlossTuneLengths *lengths, guint max_ids, gboolean keeps_case)
{
  const guint *counts = lengths->counts[keeps_case != 0];
  guint longest = GLOSS_TUNE_MAX_IDS;

  while (longest > 1 && counts[longest] == 0)
    longest--;
  return MIN (longest, max_ids);
}

guint
gloss_tune_lengths_get_least (const GlossTuneLengths *lengths)
{
  return MAX (lengths->least, GLOSS_TUNE_MIN_IDS);
}
