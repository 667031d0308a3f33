/* The pictures and captions that gloss-cli finetune learns from. */
#include "cli/finetune-data.h"

#include "cli/pair-lists.h"
#include "model/captioner.h"

static gboolean
add (GArray *set, const GlossPair *pair, GlossFinetuneOptions *options, GlossTokenizer *tokenizer,
     GError **error)
{
  const char *prefix = pair->prefix      ? pair->prefix
                       : options->prompt ? options->prompt
                                         : GLOSS_CAPTION_DEFAULT_PROMPT;

  if (!gloss_example_set_add (set, tokenizer, pair->image_path, prefix, pair->suffix,
                              (gsize) options->max_ids, !options->lower_case, error))
    return FALSE;
  options->trainer.max_ids =
      MAX (options->trainer.max_ids, gloss_example_set_get (set, set->len - 1)->n_ids);
  return TRUE;
}

/* What is held out goes to @validation; with @all_held_out everything does. */
static gboolean
add_all (GArray *training, GArray *validation, const GlossPairs *pairs, gboolean all_held_out,
         GlossFinetuneOptions *options, GlossTokenizer *tokenizer, GError **error)
{
  for (guint i = 0; i < pairs->pairs->len; i++)
    {
      const GlossPair *pair = gloss_pairs_get (pairs, i);

      if (!add (pair->is_held_out || all_held_out ? validation : training, pair, options, tokenizer,
                error))
        return FALSE;
    }
  return TRUE;
}

gboolean
gloss_finetune_data_read (GlossFinetuneOptions *options, GlossTokenizer *tokenizer,
                          GArray **training, GArray **validation, GError **error)
{
  const GlossPairLists lists = {
    .path = options->is_edited ? NULL : options->data[0],
    .validation = options->validation,
    .validation_share = options->validation_share,
    .seed = (guint64) options->seed,
    .quiet = options->quiet,
  };
  g_autoptr (GlossPairs) pairs = NULL;
  g_autoptr (GlossPairs) held_out = NULL;

  if (!gloss_pair_lists_read (&lists, &pairs, &held_out, NULL, error))
    return FALSE;
  *training = gloss_example_set_new ();
  *validation = gloss_example_set_new ();
  if (!add_all (*training, *validation, pairs, FALSE, options, tokenizer, error)
      || (held_out && !add_all (*training, *validation, held_out, TRUE, options, tokenizer, error)))
    return FALSE;
  if ((*training)->len > 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "there is no picture with a caption in it to learn from; gloss-cli data check says "
               "what there is");
  return FALSE;
}
