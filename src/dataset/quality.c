/* How good a model's captions are. */
#include "dataset/quality.h"

#include "base/i18n.h"
#include "dataset/caption-tokens.h"

#include <math.h>
#include <string.h>

static void
record_clear (gpointer data)
{
  GlossQualityRecord *record = data;

  g_free (record->image_path);
  g_free (record->prompt);
  g_clear_pointer (&record->references, g_ptr_array_unref);
  g_free (record->text);
  g_free (record->failure);
}

void
gloss_quality_free (GlossQuality *quality)
{
  if (!quality)
    return;
  g_array_unref (quality->records);
  g_free (quality->most_common);
  g_free (quality);
}

/* What is said of one picture for one prompt is one record. */
static GArray *
make_records (const GlossPairs *pairs, const GlossQualityOptions *options)
{
  GArray *records = g_array_new (FALSE, TRUE, sizeof (GlossQualityRecord));
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const char *default_prompt = options->prompt ? options->prompt : GLOSS_CAPTION_DEFAULT_PROMPT;
  gboolean takes_all = options->takes_all || gloss_pairs_count_held_out (pairs) == 0;

  g_array_set_clear_func (records, record_clear);
  for (guint i = 0; i < pairs->pairs->len; i++)
    {
      const GlossPair *pair = gloss_pairs_get (pairs, i);
      const char *prompt = pair->prefix ? pair->prefix : default_prompt;
      char *key = g_strconcat (pair->image_path, "\n", prompt, NULL);
      gpointer place = g_hash_table_lookup (known, key);

      if ((!pair->is_held_out && !takes_all)
          || (!place && options->limit > 0 && records->len >= options->limit))
        {
          g_free (key);
          continue;
        }
      if (!place)
        {
          GlossQualityRecord record = {
            .image_path = g_strdup (pair->image_path),
            .prompt = g_strdup (prompt),
            .references = g_ptr_array_new_with_free_func (g_free),
          };

          g_array_append_val (records, record);
          place = GUINT_TO_POINTER (records->len);
          g_hash_table_insert (known, g_steal_pointer (&key), place);
        }
      g_free (key);
      g_ptr_array_add (
          g_array_index (records, GlossQualityRecord, GPOINTER_TO_UINT (place) - 1).references,
          g_strdup (pair->suffix));
    }
  return records;
}

guint
gloss_quality_count_records (const GlossPairs *pairs, const GlossQualityOptions *options)
{
  g_autoptr (GArray) records = make_records (pairs, options);

  return records->len;
}

static gboolean
measure_loss (GlossQualityRecord *record, GlossCaptioner *captioner, const GlossImage *image,
              const GlossCaptionRequest *request, const GlossQualityOptions *options,
              GCancellable *cancellable, GError **error)
{
  double sum = 0, loss;

  for (guint i = 0; i < record->references->len; i++)
    {
      const char *reference = g_ptr_array_index (record->references, i);
      g_autofree char *learnt =
          options->lower_case ? g_utf8_strdown (reference, -1) : g_strdup (reference);

      if (!gloss_captioner_measure_loss (captioner, image, request, learnt, options->max_ids, &loss,
                                         cancellable, error))
        return FALSE;
      sum += loss;
    }
  record->loss = sum / record->references->len;
  return TRUE;
}

/* @key names the picture, which is looked at once for all that is asked about it. */
static gboolean
answer (GlossQualityRecord *record, guint64 key, GlossCaptioner *captioner,
        const GlossQualityOptions *options, GCancellable *cancellable, GError **error)
{
  const GlossCaptionRequest request = { .prompt = record->prompt,
                                        .max_tokens = options->max_tokens,
                                        .image_key = key };
  g_autoptr (GError) failure = NULL;
  g_autoptr (GlossImage) image = gloss_image_load (record->image_path, cancellable, &failure);
  g_autoptr (GlossCaption) caption = NULL;

  if (!image && g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (!image)
    {
      record->failure = g_strdup (failure->message);
      return TRUE;
    }
  caption = gloss_captioner_run (captioner, image, &request, NULL, NULL, cancellable, error);
  if (!caption || !measure_loss (record, captioner, image, &request, options, cancellable, error))
    return FALSE;
  record->text = g_steal_pointer (&caption->text);
  return TRUE;
}

/* The records that were answered, in tokens. */
typedef struct
{
  GlossScoredCaption *captions; /* owned, with all below */
  GlossQualityRecord **records; /* owned array of borrowed */
  guint n;
} Scored;

static void
scored_init (Scored *scored, GArray *records)
{
  scored->captions = g_new0 (GlossScoredCaption, records->len);
  scored->records = g_new0 (GlossQualityRecord *, records->len);
  scored->n = 0;
  for (guint i = 0; i < records->len; i++)
    {
      GlossQualityRecord *record = &g_array_index (records, GlossQualityRecord, i);
      const char ***references;

      if (!record->text)
        continue;
      references = g_new0 (const char **, record->references->len + 1);
      for (guint j = 0; j < record->references->len; j++)
        references[j] =
            (const char **) gloss_caption_tokens_split (g_ptr_array_index (record->references, j));
      scored->captions[scored->n].references = (const char *const *const *) references;
      scored->captions[scored->n].candidate =
          (const char *const *) gloss_caption_tokens_split (record->text);
      scored->records[scored->n++] = record;
    }
}

static void
scored_clear (Scored *scored)
{
  for (guint i = 0; i < scored->n; i++)
    {
      for (guint j = 0; scored->captions[i].references[j]; j++)
        g_strfreev ((char **) scored->captions[i].references[j]);
      g_free ((gpointer) scored->captions[i].references);
      g_strfreev ((char **) scored->captions[i].candidate);
    }
  g_free (scored->captions);
  g_free (scored->records);
}

/* How often the most frequent of @texts[n] is there, 0 when each is once; which it is in @which
 * (of several the first), and in @n_alike how many are not alone. */
static guint
find_most_common (const char *const *texts, guint n, const char **which, guint *n_alike)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_most = 1;

  *which = NULL;
  *n_alike = 0;
  for (guint i = 0; i < n; i++)
    {
      guint before = GPOINTER_TO_UINT (g_hash_table_lookup (counts, texts[i]));

      g_hash_table_insert (counts, (gpointer) texts[i], GUINT_TO_POINTER (before + 1));
    }
  for (guint i = 0; i < n; i++)
    {
      guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, texts[i]));

      *n_alike += count > 1;
      if (count > n_most)
        {
          n_most = count;
          *which = texts[i];
        }
    }
  return n_most > 1 ? n_most : 0;
}

static void
count_alike (GlossQuality *quality, const Scored *scored)
{
  g_autofree const char **texts = g_new0 (const char *, scored->n);
  const char *which;
  guint n_alike;

  for (guint i = 0; i < scored->n; i++)
    texts[i] = g_ptr_array_index (scored->records[i]->references, 0);
  quality->n_most_common_reference = find_most_common (texts, scored->n, &which, &n_alike);
  for (guint i = 0; i < scored->n; i++)
    texts[i] = scored->records[i]->text;
  quality->n_most_common = find_most_common (texts, scored->n, &which, &quality->n_alike);
  quality->most_common = g_strdup (which);
}

static void
summarize (GlossQuality *quality)
{
  g_autofree GlossCaptionScores *each = NULL;
  guint n_references = 0;
  Scored scored;

  scored_init (&scored, quality->records);
  each = g_new0 (GlossCaptionScores, scored.n);
  quality->n_scored = scored.n;
  gloss_caption_scores_compute (scored.captions, scored.n, &quality->scores, each);
  count_alike (quality, &scored);
  for (guint i = 0; i < scored.n; i++)
    {
      GlossQualityRecord *record = scored.records[i];

      record->scores = each[i];
      record->n_words = g_strv_length ((char **) scored.captions[i].candidate);
      quality->mean_words += (double) record->n_words / scored.n;
      quality->loss += record->loss * record->references->len;
      for (guint j = 0; j < record->references->len; j++)
        quality->mean_reference_words += g_strv_length ((char **) scored.captions[i].references[j]);
      n_references += record->references->len;
    }
  quality->loss /= MAX (1, n_references);
  quality->mean_reference_words /= MAX (1, n_references);
  scored_clear (&scored);
}

GlossQuality *
gloss_quality_measure (const GlossPairs *pairs, GlossCaptioner *captioner,
                       const GlossQualityOptions *options, GlossQualityFunc func,
                       gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossQuality) quality = g_new0 (GlossQuality, 1);
  GArray *records = quality->records = make_records (pairs, options);
  guint64 key = 0;

  if (records->len == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("there is no picture with a caption in it; gloss-cli data check says what "
                      "there is"));
      return NULL;
    }
  for (guint i = 0; i < records->len; i++)
    {
      GlossQualityRecord *record = &g_array_index (records, GlossQualityRecord, i);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (func)
        func (i, records->len, record, user_data);
      /* the captioner may have kept a picture of somebody else */
      key = ((guint64) g_random_int () << 32 | g_random_int ()) | 1;
      if (!answer (record, key, captioner, options, cancellable, error))
        return NULL;
    }
  summarize (quality);
  return g_steal_pointer (&quality);
}

static int
compare_losses (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const GlossQualityRecord *first = gloss_quality_get (user_data, *(const guint *) a);
  const GlossQualityRecord *second = gloss_quality_get (user_data, *(const guint *) b);

  if (!first->text || !second->text)
    return !first->text - !second->text;
  if (!isfinite (first->loss) || !isfinite (second->loss))
    return !!isfinite (first->loss) - !!isfinite (second->loss);
  return (first->loss < second->loss) - (first->loss > second->loss);
}

guint *
gloss_quality_rank (const GlossQuality *quality)
{
  guint *order = g_new (guint, quality->records->len);

  for (guint i = 0; i < quality->records->len; i++)
    order[i] = i;
  g_qsort_with_data (order, (gint) quality->records->len, sizeof (guint), compare_losses,
                     (gpointer) quality);
  return order;
}
