/* What was found out about captions, for other programs. */
#include "dataset/quality-report.h"

#include <math.h>

/* What is not finite has no place in JSON. */
static json_t *
make_number (double value)
{
  return isfinite (value) ? json_real (value) : json_null ();
}

static void
add_scores (json_t *object, const GlossCaptionScores *scores)
{
  json_t *bleu = json_array ();

  for (guint i = 0; i < GLOSS_NGRAM_MAX; i++)
    json_array_append_new (bleu, make_number (scores->bleu[i]));
  json_object_set_new (object, "bleu", bleu);
  json_object_set_new (object, "rouge_l", make_number (scores->rouge_l));
  json_object_set_new (object, "cider", make_number (scores->cider));
}

static json_t *
make_summary (const GlossQuality *quality, const char *model)
{
  json_t *object = json_object ();
  guint n = quality->n_scored;

  json_object_set_new (object, "model", json_string (model));
  json_object_set_new (object, "loss", n > 0 ? make_number (quality->loss) : json_null ());
  add_scores (object, &quality->scores);
  json_object_set_new (object, "mean_words", make_number (quality->mean_words));
  json_object_set_new (object, "alike_share", make_number ((double) quality->n_alike / MAX (1, n)));
  json_object_set_new (object, "most_common",
                       quality->most_common ? json_string (quality->most_common) : json_null ());
  json_object_set_new (object, "most_common_count", json_integer (quality->n_most_common));
  return object;
}

static json_t *
make_answer (const GlossQualityRecord *record)
{
  json_t *object = json_object ();

  json_object_set_new (object, "text", json_string (record->text));
  json_object_set_new (object, "loss", make_number (record->loss));
  add_scores (object, &record->scores);
  return object;
}

static json_t *
make_picture (const GlossQualityReport *report, guint index)
{
  const GlossQualityRecord *record = gloss_quality_get (report->quality, index);
  const GlossQualityRecord *base = report->base ? gloss_quality_get (report->base, index) : NULL;
  g_autofree char *path = g_filename_display_name (record->image_path);
  json_t *object = json_object ();
  json_t *references = json_array ();

  for (guint i = 0; i < record->references->len; i++)
    json_array_append_new (references, json_string (g_ptr_array_index (record->references, i)));
  json_object_set_new (object, "image", json_string (path));
  json_object_set_new (object, "prompt", json_string (record->prompt));
  json_object_set_new (object, "references", references);
  if (record->failure)
    {
      g_autofree char *failure = g_utf8_make_valid (record->failure, -1);

      json_object_set_new (object, "failure", json_string (failure));
    }
  if (record->text)
    json_object_set_new (object, "model", make_answer (record));
  if (base && base->text)
    json_object_set_new (object, "base", make_answer (base));
  return object;
}

json_t *
gloss_quality_report_make_json (const GlossQualityReport *report)
{
  const GlossQuality *quality = report->quality;
  g_autofree guint *order = gloss_quality_rank (quality);
  json_t *root = json_object ();
  json_t *pictures = json_array ();
  json_t *said = json_array ();

  json_object_set_new (root, "data", json_string (report->data));
  json_object_set_new (root, "pictures_scored", json_integer (quality->n_scored));
  json_object_set_new (root, "pictures_failed",
                       json_integer (quality->records->len - quality->n_scored));
  json_object_set_new (root, "mean_reference_words", make_number (quality->mean_reference_words));
  json_object_set_new (root, "model", make_summary (quality, report->model));
  if (report->base)
    json_object_set_new (root, "base", make_summary (report->base, report->base_model));
  for (guint i = 0; report->said && report->said[i]; i++)
    json_array_append_new (said, json_string (report->said[i]));
  json_object_set_new (root, "advice", said);
  for (guint i = 0; i < quality->records->len; i++)
    json_array_append_new (pictures, make_picture (report, order[i]));
  json_object_set_new (root, "pictures", pictures);
  return root;
}
