/* A run of fine-tuning as Gloss does it. */
#include "library/tuning.h"

#include "base/atomic-file.h"
#include "base/i18n.h"
#include "library/model-files.h"
#include "library/run-log.h"
#include "train/state-file.h"

#define TOKENIZER_NAME "tokenizer.model"

struct _GlossTuning
{
  GlossTrainObserver observer;
  GlossRunLogFunc line;
  gpointer line_data;
  guint n_steps;

  /* owned */
  GlossModel *base;
  GlossTokenizer *tokenizer;
  GlossTuningData *data;
  GlossTrainable *trainable;
  GlossTrainer *trainer;
  GlossRunLog *log;
  json_t *about;
};

static void
record (GlossTuning *tuning, json_t *line)
{
  if (tuning->line)
    tuning->line (line, tuning->line_data);
  gloss_run_log_write (tuning->log, line);
}

static void
handle_step (const GlossTrainStep *step, gpointer user_data)
{
  GlossTuning *tuning = user_data;

  record (tuning, json_pack ("{s:s, s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "event", "step",
                             "step", (int) step->step, "steps", (int) step->n_steps, "loss",
                             step->loss, "smoothed_loss", step->smoothed_loss, "learning_rate",
                             step->learning_rate, "gradient_norm", step->gradient_norm,
                             "examples_per_second", step->examples_per_second, "tokens_per_second",
                             step->tokens_per_second, "seconds_left", step->seconds_left));
  if (tuning->observer.step)
    tuning->observer.step (step, tuning->observer.user_data);
}

static void
handle_evaluation (const GlossTrainEvaluation *evaluation, gpointer user_data)
{
  GlossTuning *tuning = user_data;
  json_t *captions = json_array ();

  for (guint i = 0; i < evaluation->n_captions; i++)
    {
      const GlossTrainCaption *caption = &evaluation->captions[i];
      g_autofree char *name = g_filename_display_basename (caption->example->image_path);
      g_autofree char *path = g_uri_escape_string (caption->example->image_path, "/ ", TRUE);

      json_array_append_new (captions,
                             json_pack ("{s:s, s:s, s:s, s:s}", "image", name, "path", path, "text",
                                        caption->text, "suffix", caption->example->suffix));
    }
  record (tuning, json_pack ("{s:s, s:i, s:f, s:b, s:o}", "event", "evaluation", "step",
                             (int) evaluation->step, "validation_loss", evaluation->loss, "best",
                             evaluation->is_best, "captions", captions));
  if (tuning->observer.evaluation)
    tuning->observer.evaluation (evaluation, tuning->observer.user_data);
}

static void
handle_slice (gpointer user_data)
{
  GlossTuning *tuning = user_data;

  if (tuning->observer.slice)
    tuning->observer.slice (tuning->observer.user_data);
}

/* The tokenizer goes beside the result, so that the folder is all that a caption needs. */
static gboolean
copy_tokenizer (const char *from, const char *folder, GError **error)
{
  g_autofree char *to = g_build_filename (folder, TOKENIZER_NAME, NULL);
  g_autofree char *data = NULL;
  gsize n_bytes;

  return g_file_get_contents (from, &data, &n_bytes, error)
         && gloss_atomic_file_write (to, data, n_bytes, error);
}

static gboolean
open_model (GlossTuning *tuning, const GlossTuningSettings *settings, const char *folder,
            GError **error)
{
  g_autofree char *tokenizer = settings->tokenizer
                                   ? g_strdup (settings->tokenizer)
                                   : gloss_model_files_find_tokenizer (settings->base_path);

  tuning->base = gloss_model_load (settings->base_path, NULL, error);
  if (!tuning->base)
    return FALSE;
  if (!tokenizer)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("%s: there is no tokenizer beside it; put the model's tokenizer.model into "
                      "the same folder"),
                   settings->base_name ? settings->base_name : settings->base_path);
      return FALSE;
    }
  tuning->tokenizer = gloss_tokenizer_load (tokenizer, error);
  return tuning->tokenizer && copy_tokenizer (tokenizer, folder, error);
}

static gboolean
open_trainer (GlossTuning *tuning, const GlossTuningSettings *settings, const char *folder,
              GlossPool *pool, GError **error)
{
  const GlossTrainObserver observer = { handle_step, handle_evaluation, handle_slice, tuning };
  GlossTrainerOptions options = settings->trainer;
  guint quarter;

  tuning->n_steps = gloss_tuning_settings_count_steps (settings, tuning->data->training->len);
  quarter = MAX (1, tuning->n_steps / 4);
  options.n_steps = tuning->n_steps;
  options.max_ids = tuning->data->max_ids;
  if (options.eval_steps == 0)
    options.eval_steps = quarter;
  if (options.snapshot_steps == 0)
    options.snapshot_steps = options.eval_steps;
  tuning->trainable = gloss_trainable_new (tuning->base, &settings->train, error);
  if (!tuning->trainable)
    return FALSE;

  tuning->about =
      json_pack ("{s:s?, s:b}", "preset", settings->preset, "lower_case", !settings->keeps_case);

  const GlossTrainerParts parts = {
    .trainable = tuning->trainable,
    .tokenizer = tuning->tokenizer,
    .pool = pool,
    .training = tuning->data->training,
    .validation = tuning->data->validation,
    .folder = folder,
    .base_path = settings->base_path,
    .about = tuning->about,
  };

  tuning->trainer = gloss_trainer_new (&parts, &options, &observer, error);
  return tuning->trainer != NULL;
}

GlossTuning *
gloss_tuning_open (const GlossTuningSettings *settings, const char *folder, gboolean resumes,
                   GlossPool *pool, const GlossTrainObserver *observer, GlossRunLogFunc line,
                   gpointer line_data, GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossTuning) tuning = g_new0 (GlossTuning, 1);
  g_autofree char *log_path = g_build_filename (folder, GLOSS_TUNING_LOG_NAME, NULL);

  tuning->observer = *observer;
  tuning->line = line;
  tuning->line_data = line_data;
  if (!open_model (tuning, settings, folder, error))
    return NULL;
  tuning->data = gloss_tuning_data_read (settings, tuning->tokenizer, cancellable, error);
  if (!tuning->data || !open_trainer (tuning, settings, folder, pool, error))
    return NULL;
  if (resumes && gloss_snapshot_is_there (folder) && !gloss_trainer_resume (tuning->trainer, error))
    return NULL;
  tuning->log =
      gloss_run_log_open (log_path, (gint) gloss_trainer_get_step (tuning->trainer),
                          gloss_trainer_get_evaluated_step (tuning->trainer), FALSE, error);
  return tuning->log ? g_steal_pointer (&tuning) : NULL;
}

void
gloss_tuning_free (GlossTuning *tuning)
{
  if (!tuning)
    return;
  g_clear_pointer (&tuning->trainer, gloss_trainer_free);
  g_clear_pointer (&tuning->trainable, gloss_trainable_free);
  g_clear_pointer (&tuning->data, gloss_tuning_data_free);
  g_clear_pointer (&tuning->tokenizer, gloss_tokenizer_unref);
  g_clear_pointer (&tuning->base, gloss_model_unref);
  g_clear_pointer (&tuning->about, json_decref);
  g_clear_pointer (&tuning->log, gloss_run_log_free);
  g_free (tuning);
}

gboolean
gloss_tuning_run (GlossTuning *tuning, GCancellable *cancellable, GError **error)
{
  return gloss_trainer_run (tuning->trainer, cancellable, error);
}

GlossTrainer *
gloss_tuning_get_trainer (GlossTuning *tuning)
{
  return tuning->trainer;
}

GlossModel *
gloss_tuning_get_base (GlossTuning *tuning)
{
  return tuning->base;
}

GlossTokenizer *
gloss_tuning_get_tokenizer (GlossTuning *tuning)
{
  return tuning->tokenizer;
}

const GlossTuningData *
gloss_tuning_get_data (GlossTuning *tuning)
{
  return tuning->data;
}

guint
gloss_tuning_get_n_steps (GlossTuning *tuning)
{
  return tuning->n_steps;
}
