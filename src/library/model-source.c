/* Which model to use. */
#include "library/model-source.h"

#include "base/error.h"
#include "base/i18n.h"
#include "library/model-files.h"
#include "model/captioner.h"

#include <string.h>

/* What memory is told for: a short prompt, and an answer of the usual length. */
#define TYPICAL_PROMPT_TOKENS 32

GlossModelSource *
gloss_model_source_new_for_found (const GlossFoundModel *model)
{
  GlossModelSource *source = g_new0 (GlossModelSource, 1);

  source->name = g_strdup (model->name);
  source->path = g_strdup (model->path);
  source->tokenizer = g_strdup (model->tokenizer);
  source->is_demo = model->place == GLOSS_MODEL_PLACE_DEMO;
  return source;
}

GlossModelSource *
gloss_model_source_new_for_path (const char *path)
{
  GlossModelSource *source = g_new0 (GlossModelSource, 1);

  source->path = g_canonicalize_filename (path, NULL);
  source->name = g_filename_display_basename (source->path);
  source->tokenizer = gloss_model_files_find_tokenizer (source->path);
  return source;
}

GlossModelSource *
gloss_model_source_copy (const GlossModelSource *source)
{
  GlossModelSource *copy = g_new0 (GlossModelSource, 1);

  copy->name = g_strdup (source->name);
  copy->path = g_strdup (source->path);
  copy->tokenizer = g_strdup (source->tokenizer);
  copy->is_demo = source->is_demo;
  return copy;
}

void
gloss_model_source_free (GlossModelSource *source)
{
  if (!source)
    return;
  g_free (source->name);
  g_free (source->path);
  g_free (source->tokenizer);
  g_free (source);
}

/* Whether "mix" is a word of the name, as in "paligemma-3b-mix-224". */
static gboolean
is_mix (const GlossModelSource *source)
{
  g_auto (GStrv) words = NULL;
  g_autofree char *name = g_ascii_strdown (source->name, -1);

  g_strdelimit (name, "/_.@", '-');
  words = g_strsplit (name, "-", -1);
  return g_strv_contains ((const char *const *) words, "mix");
}

GlossAbility
gloss_model_source_can_do (const GlossModelSource *source, GlossTask task)
{
  switch (task)
    {
    case GLOSS_TASK_CAPTION:
    case GLOSS_TASK_DETECT:
      return GLOSS_ABILITY_YES;
    case GLOSS_TASK_ANSWER:
    case GLOSS_TASK_SEGMENT:
      return source->is_demo ? GLOSS_ABILITY_NOT_DEMO : GLOSS_ABILITY_YES;
    case GLOSS_TASK_CAP:
    case GLOSS_TASK_DESCRIBE:
    case GLOSS_TASK_OCR:
    case GLOSS_TASK_QUESTION:
      if (source->is_demo)
        return GLOSS_ABILITY_NOT_DEMO;
      /* ai.google.dev/gemma/docs/paligemma/prompt-system-instructions names these for pt only */
      return is_mix (source) ? GLOSS_ABILITY_NOT_MIX : GLOSS_ABILITY_YES;
    case GLOSS_N_TASKS:
      break;
    }
  g_assert_not_reached ();
}

GlossAbility
gloss_model_source_can_speak (const GlossModelSource *source, const char *language)
{
  return source->is_demo && strcmp (language, "en") != 0 ? GLOSS_ABILITY_NOT_ENGLISH
                                                         : GLOSS_ABILITY_YES;
}

gboolean
gloss_model_source_check_fit (const GlossModelSource *source, guint n_threads,
                              guint64 available_bytes, GError **error)
{
  g_autoptr (GlossCheckpoint) checkpoint = gloss_checkpoint_open (source->path, NULL, error);
  g_autofree char *needed = NULL;
  g_autofree char *available = NULL;
  const GlossModelConfig *config;
  GlossWeights *weights;
  guint64 n_bytes;

  if (!checkpoint)
    return FALSE;
  weights = gloss_checkpoint_get_weights (checkpoint);
  config = gloss_checkpoint_get_config (checkpoint);
  /* what is wrong with it is told, better, when it is loaded */
  if (gloss_checkpoint_get_problems (checkpoint)->len > 0)
    return TRUE;
  n_bytes = gloss_captioner_get_memory_bytes (config, config->n_table_rows, TYPICAL_PROMPT_TOKENS,
                                              GLOSS_CAPTION_DEFAULT_MAX_TOKENS, 1, n_threads);
  for (guint i = 0; i < gloss_weights_get_n_tensors (weights); i++)
    {
      if (!g_uint64_checked_add (&n_bytes, n_bytes, gloss_weights_get_tensor (weights, i)->n_bytes))
        n_bytes = G_MAXUINT64;
    }
  if (n_bytes <= available_bytes)
    return TRUE;
  needed = g_format_size (n_bytes);
  available = g_format_size (available_bytes);
  g_set_error (
      error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
      _ ("%s needs %s of memory, and %s are free; close other programs or choose a smaller "
         "model"),
      source->name, needed, available);
  return FALSE;
}
