/* One caption of a picture, and how it was made. */
#include "library/caption-record.h"

GlossCaptionRecord *
gloss_caption_record_copy (const GlossCaptionRecord *record)
{
  GlossCaptionRecord *copy;

  if (!record)
    return NULL;
  copy = g_new (GlossCaptionRecord, 1);
  *copy = *record;
  copy->text = g_strdup (record->text);
  copy->model = g_strdup (record->model);
  copy->prompt = g_strdup (record->prompt);
  copy->note = g_strdup (record->note);
  return copy;
}

void
gloss_caption_record_free (GlossCaptionRecord *record)
{
  if (!record)
    return;
  g_free (record->text);
  g_free (record->model);
  g_free (record->prompt);
  g_free (record->note);
  g_free (record);
}
