/* The examples of a run of fine-tuning. */
#include "library/tuning-data.h"

#include "base/i18n.h"
#include "library/edited-pairs.h"
#include "model/captioner.h"

static gboolean
add_all (GlossTuningData *data, const GlossPairs *pairs, gboolean all_held_out,
         const GlossTuningSettings *settings, GlossTokenizer *tokenizer, GError **error)
{
  for (guint i = 0; i < GLOSS_N_PAIRS_PROBLEMS; i++)
    data->n_left_out += pairs->n_problems[i];
  for (guint i = 0; i < pairs->pairs->len; i++)
    {
      const GlossPair *pair = gloss_pairs_get (pairs, i);
      GArray *set = pair->is_held_out || all_held_out ? data->validation : data->training;
      const char *prefix = pair->prefix       ? pair->prefix
                           : settings->prompt ? settings->prompt
                                              : GLOSS_CAPTION_DEFAULT_PROMPT;

      if (!gloss_example_set_add (set, tokenizer, pair->image_path, prefix, pair->suffix,
                                  settings->max_ids, settings->keeps_case, error))
        return FALSE;
      data->max_ids = MAX (data->max_ids, gloss_example_set_get (set, set->len - 1)->n_ids);
    }
  return TRUE;
}

static GlossPairs *
read_pairs (const char *path, GCancellable *cancellable, GError **error)
{
  GlossPairs *pairs = path ? gloss_pairs_read (path, cancellable, error)
                           : gloss_edited_pairs_read_default (cancellable, error);
  g_autofree char *shown = path ? g_filename_display_name (path) : NULL;

  if (!pairs && path)
    g_prefix_error (error, "%s: ", shown);
  return pairs;
}

GlossTuningData *
gloss_tuning_data_read (const GlossTuningSettings *settings, GlossTokenizer *tokenizer,
                        GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossTuningData) data = g_new0 (GlossTuningData, 1);

  data->pairs = read_pairs (settings->data_path, cancellable, error);
  if (!data->pairs)
    return NULL;
  if (settings->validation)
    {
      data->held_out = read_pairs (settings->validation, cancellable, error);
      if (!data->held_out)
        return NULL;
    }
  else
    gloss_pairs_split (data->pairs, settings->validation_share, settings->trainer.seed);
  data->training = gloss_example_set_new ();
  data->validation = gloss_example_set_new ();
  if (!add_all (data, data->pairs, FALSE, settings, tokenizer, error)
      || (data->held_out && !add_all (data, data->held_out, TRUE, settings, tokenizer, error)))
    return NULL;
  if (data->training->len > 0)
    return g_steal_pointer (&data);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               _ ("there is no picture with a caption in it to learn from"));
  return NULL;
}

void
gloss_tuning_data_free (GlossTuningData *data)
{
  if (!data)
    return;
  g_clear_pointer (&data->pairs, gloss_pairs_free);
  g_clear_pointer (&data->held_out, gloss_pairs_free);
  g_clear_pointer (&data->training, g_array_unref);
  g_clear_pointer (&data->validation, g_array_unref);
  g_free (data);
}
