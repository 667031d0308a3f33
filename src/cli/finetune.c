/* gloss-cli finetune: teaches a model captions. */
#include "cli/commands.h"

#include "base/atomic-file.h"
#include "base/error.h"
#include "cli/finetune-data.h"
#include "cli/messages.h"
#include "cli/model-choice.h"
#include "library/run-advice.h"
#include "cli/stop-signal.h"
#include "cli/transfer-line.h"
#include "library/model-files.h"
#include "library/run-log.h"
#include "model/tuned.h"
#include "train/state-file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#define LOG_NAME "log.jsonl"
#define TOKENIZER_NAME "tokenizer.model"

typedef struct
{
  GlossFinetuneOptions *options; /* borrowed */
  gboolean shows_progress;

  /* owned */
  char *base_path;
  GlossModelChoice choice;
  GlossPool *pool;
  GArray *training;
  GArray *validation;
  json_t *about;
  GlossTrainable *trainable;
  GlossTrainer *trainer;
  GlossRunLog *log;
  GlossRunAdvice *advice;
  GCancellable *cancellable;
} Run;

static void
run_clear (Run *run)
{
  g_free (run->base_path);
  g_clear_pointer (&run->trainer, gloss_trainer_free);
  g_clear_pointer (&run->trainable, gloss_trainable_free);
  g_clear_pointer (&run->training, g_array_unref);
  g_clear_pointer (&run->validation, g_array_unref);
  g_clear_pointer (&run->about, json_decref);
  g_clear_pointer (&run->log, gloss_run_log_free);
  g_clear_pointer (&run->advice, gloss_run_advice_free);
  gloss_model_choice_clear (&run->choice);
  g_clear_pointer (&run->pool, gloss_pool_free);
  g_clear_object (&run->cancellable);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static void
clear_line (const Run *run)
{
  if (run->shows_progress)
    fputs ("\r\033[K", stderr);
}

/* Takes @list, what is new to say after @step steps. After the last all is said at the end. */
static void
give_advice (Run *run, GPtrArray *list, guint step)
{
  for (guint i = 0; i < list->len; i++)
    {
      const GlossAdvice *advice = g_ptr_array_index (list, i);

      gloss_run_log_write (run->log,
                           json_pack ("{s:s, s:i, s:s, s:s}", "event", "advice", "step", (int) step,
                                      "kind", gloss_advice_kind_get_name (advice->kind), "text",
                                      advice->text));
      if (run->options->quiet || step >= run->options->trainer.n_steps)
        continue;
      clear_line (run);
      gloss_cli_note ("step %u: %s", step, advice->text);
    }
  g_ptr_array_unref (list);
}

static void
handle_step (const GlossTrainStep *step, gpointer user_data)
{
  Run *run = user_data;

  gloss_run_log_write (
      run->log, json_pack ("{s:s, s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "event", "step",
                           "step", (int) step->step, "steps", (int) step->n_steps, "loss",
                           step->loss, "smoothed_loss", step->smoothed_loss, "learning_rate",
                           step->learning_rate, "gradient_norm", step->gradient_norm,
                           "examples_per_second", step->examples_per_second, "tokens_per_second",
                           step->tokens_per_second, "seconds_left", step->seconds_left));
  if (run->shows_progress)
    {
      g_autofree char *left = gloss_transfer_line_format_left (step->seconds_left);

      fprintf (stderr,
               "\r\033[Kstep %u of %u · loss %.3f (%.3f) · lr %.2e · norm %.2f · %.2f pictures/s · "
               "%.0f tokens/s · %s left",
               step->step, step->n_steps, step->loss, step->smoothed_loss, step->learning_rate,
               step->gradient_norm, step->examples_per_second, step->tokens_per_second, left);
      fflush (stderr);
    }
  give_advice (run, gloss_run_advice_note_step (run->advice, step->step, step->loss), step->step);
}

static void
handle_evaluation (const GlossTrainEvaluation *evaluation, gpointer user_data)
{
  Run *run = user_data;
  json_t *captions = json_array ();

  clear_line (run);
  if (!run->options->prints_json)
    printf ("after step %u: loss of held-out pictures %.4f%s\n", evaluation->step, evaluation->loss,
            evaluation->is_best ? " (the best so far)" : "");
  for (guint i = 0; i < evaluation->n_captions; i++)
    {
      const GlossTrainCaption *caption = &evaluation->captions[i];
      g_autofree char *name = g_filename_display_basename (caption->example->image_path);
      g_autofree char *safe_name = gloss_cli_make_safe (name, '?');
      g_autofree char *safe_text = gloss_cli_make_safe (caption->text, ' ');

      if (!run->options->prints_json)
        printf ("  %s: %s\n", safe_name, safe_text);
      json_array_append_new (captions,
                             json_pack ("{s:s, s:s, s:s}", "image", name, "text", caption->text,
                                        "suffix", caption->example->suffix));
    }
  fflush (stdout);
  gloss_run_log_write (run->log,
                       json_pack ("{s:s, s:i, s:f, s:b, s:o}", "event", "evaluation", "step",
                                  (int) evaluation->step, "validation_loss", evaluation->loss,
                                  "best", evaluation->is_best, "captions", captions));
  give_advice (run, gloss_run_advice_note_evaluation (run->advice, evaluation), evaluation->step);
}

/* Where the result goes: a folder that is new or empty, or one with a run that is to go on. */
static gboolean
prepare_folder (const GlossFinetuneOptions *options)
{
  const char *folder = options->folder;
  g_autoptr (GDir) dir = NULL;

  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      gloss_cli_complain (folder, g_strerror (errno));
      return FALSE;
    }
  dir = g_dir_open (folder, 0, NULL);
  if (options->resumes || !dir || !g_dir_read_name (dir))
    return TRUE;
  gloss_cli_complain (folder,
                      gloss_snapshot_is_there (folder)
                          ? "has a run already; --resume goes on with it, or choose another folder"
                          : "is not empty; choose another folder with --out");
  return FALSE;
}

static gboolean
open_model (Run *run)
{
  const GlossFinetuneOptions *options = run->options;
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;

  run->base_path = gloss_model_choice_find (options->model, &name, &error);
  if (run->base_path && gloss_tuned_model_is_there (run->base_path))
    {
      gloss_cli_complain (options->model, "was fine-tuned itself; begin with its base model");
      return FALSE;
    }
  if (run->base_path
      && gloss_model_choice_load (&run->choice, options->model, options->tokenizer, NULL, &error))
    return TRUE;
  gloss_cli_complain (options->model ? options->model : "demo", error->message);
  return FALSE;
}

/* The tokenizer goes beside the result, so that the folder is all that caption needs. */
static gboolean
copy_tokenizer (Run *run, GError **error)
{
  g_autofree char *from = run->options->tokenizer
                              ? g_strdup (run->options->tokenizer)
                              : gloss_model_files_find_tokenizer (run->base_path);
  g_autofree char *to = g_build_filename (run->options->folder, TOKENIZER_NAME, NULL);
  g_autofree char *data = NULL;
  gsize n_bytes;

  return g_file_get_contents (from, &data, &n_bytes, error)
         && gloss_atomic_file_write (to, data, n_bytes, error);
}

static gboolean
begin (Run *run, GError **error)
{
  GlossFinetuneOptions *options = run->options;
  GlossTrainerOptions *trainer = &options->trainer;
  const GlossTrainObserver observer = { handle_step, handle_evaluation, NULL, run };
  g_autofree char *log_path = g_build_filename (options->folder, LOG_NAME, NULL);
  guint quarter;

  gloss_finetune_options_fit (options, gloss_model_get_config (run->choice.model),
                              run->training->len);
  quarter = MAX (1, trainer->n_steps / 4);
  trainer->eval_steps = options->eval_steps >= 0 ? (guint) options->eval_steps : quarter;
  trainer->snapshot_steps =
      options->snapshot_steps >= 0 ? (guint) options->snapshot_steps : trainer->eval_steps;
  run->trainable = gloss_trainable_new (run->choice.model, &options->train, error);
  if (!run->trainable)
    return FALSE;

  run->about =
      json_pack ("{s:s, s:b}", "preset", options->preset->id, "lower_case", options->lower_case);

  const GlossTrainerParts parts = {
    .trainable = run->trainable,
    .tokenizer = run->choice.tokenizer,
    .pool = run->pool,
    .training = run->training,
    .validation = run->validation,
    .folder = options->folder,
    .base_path = run->base_path,
    .about = run->about,
  };

  run->trainer = gloss_trainer_new (&parts, trainer, &observer, error);
  if (!run->trainer || !copy_tokenizer (run, error))
    return FALSE;
  if (options->resumes && gloss_snapshot_is_there (options->folder)
      && !gloss_trainer_resume (run->trainer, error))
    return FALSE;
  run->log = gloss_run_log_open (log_path, (gint) gloss_trainer_get_step (run->trainer),
                                 gloss_trainer_get_evaluated_step (run->trainer),
                                 options->prints_json, error);
  run->advice = gloss_run_advice_new (trainer->learning_rate, trainer->n_steps);
  if (run->log && options->resumes)
    gloss_run_advice_read_log (run->advice, log_path);
  if (run->log && !options->quiet)
    gloss_cli_note ("preset %s: %u pictures to learn from, %u held out, %zu numbers to train, "
                    "steps %u to %u",
                    options->preset->id, run->training->len, run->validation->len,
                    gloss_trainable_count_values (run->trainable),
                    gloss_trainer_get_step (run->trainer) + 1, trainer->n_steps);
  return run->log != NULL;
}

static void
print_advice (Run *run)
{
  g_autoptr (GPtrArray) list = gloss_run_advice_list (run->advice);

  for (guint i = 0; i < list->len; i++)
    printf ("%s\n", ((const GlossAdvice *) g_ptr_array_index (list, i))->text);
}

static int
run_training (Run *run)
{
  GlossFinetuneOptions *options = run->options;
  g_autofree char *snapshot = g_build_filename (options->folder, GLOSS_SNAPSHOT_NAME, NULL);
  g_autoptr (GError) error = NULL;
  gboolean is_done;

  if (!gloss_finetune_data_read (options, run->choice.tokenizer, &run->training, &run->validation,
                                 &error))
    {
      gloss_cli_complain (options->is_edited ? NULL : options->data[0], error->message);
      return GLOSS_EXIT_NOTHING_DONE;
    }
  run->shows_progress = !options->quiet && isatty (STDERR_FILENO);
  is_done = begin (run, &error) && gloss_trainer_run (run->trainer, run->cancellable, &error);
  clear_line (run);
  if (is_done)
    {
      /* a run that has come to its end is not continued */
      g_unlink (snapshot);
      if (!options->prints_json)
        {
          print_advice (run);
          printf ("%s\n", options->folder);
        }
      return gloss_cli_finish_output (GLOSS_EXIT_OK);
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      gloss_cli_note ("stopped after step %u; the same command with --resume goes on",
                      gloss_trainer_get_step (run->trainer));
      gloss_cli_finish_output (GLOSS_EXIT_OK);
      gloss_stop_signal_obey ();
    }
  if (g_error_matches (error, GLOSS_ERROR, GLOSS_ERROR_DIVERGED))
    {
      guint step = gloss_trainer_get_step (run->trainer) + 1;

      /* for the log: the error says the same */
      options->quiet = TRUE;
      give_advice (run, gloss_run_advice_note_step (run->advice, step, NAN), step);
    }
  gloss_cli_complain (options->folder, error->message);
  return GLOSS_EXIT_NOTHING_DONE;
}

int
gloss_command_finetune (int argc, char **argv)
{
  g_auto (GlossFinetuneOptions) options = { 0 };
  g_auto (Run) run = { .options = &options };

  if (!gloss_finetune_options_parse (&options, argc, argv))
    return GLOSS_EXIT_USAGE;
  run.cancellable = g_cancellable_new ();
  gloss_stop_signal_catch (run.cancellable);
  if (!open_model (&run))
    return GLOSS_EXIT_NO_MODEL;
  if (!prepare_folder (&options))
    return GLOSS_EXIT_NOTHING_DONE;
  run.pool = gloss_pool_new ((guint) options.n_threads);
  return run_training (&run);
}
