/* gloss-cli export: makes a model for other programs. */
#include "cli/commands.h"

#include "base/error.h"
#include "cli/messages.h"
#include "cli/model-choice.h"
#include "cli/progress.h"
#include "cli/stop-signal.h"
#include "library/export-model.h"
#include "library/model-files.h"

#include <stdio.h>
#include <string.h>

#define COMMAND "export"

typedef struct
{
  /* owned */
  char *to;
  char *output;
  char *type;
  char *tokenizer;
  char **models;
  gboolean merges;
  gboolean may_replace;
  gboolean quiet;

  int target; /* GlossExportTarget */
  int type_index;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->to);
  g_free (options->output);
  g_free (options->type);
  g_free (options->tokenizer);
  g_strfreev (options->models);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static const char *const targets[] = { "npz", "hf", "peft", NULL };
static const char *const types[] = { "keep", "f32", "f16", "bf16", NULL };
static const GlossDtype dtypes[] = { GLOSS_DTYPE_F32, GLOSS_DTYPE_F32, GLOSS_DTYPE_F16,
                                     GLOSS_DTYPE_BF16 };

static gboolean
parse_options (Options *options, int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "to", 0, 0, G_OPTION_ARG_STRING, &options->to,
      "npz, a file for big_vision; hf, a folder for transformers; or peft, a folder with the "
      "adapter alone",
      "FORM" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output, "the file or folder to make",
      "PATH" },
    { "merge", 0, 0, G_OPTION_ARG_NONE, &options->merges,
      "make the model's adapter part of its matrices", NULL },
    { "type", 0, 0, G_OPTION_ARG_STRING, &options->type,
      "of the values: keep, f32, f16 or bf16 (default: keep, with f32 for what was trained)",
      "TYPE" },
    { "tokenizer", 0, 0, G_OPTION_ARG_FILENAME, &options->tokenizer,
      "the SentencePiece model (default: the one beside MODEL)", "FILE" },
    { "force", 0, 0, G_OPTION_ARG_NONE, &options->may_replace, "replace a file that is there",
      NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, "no progress", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->models, NULL, "MODEL" },
    { NULL },
  };

  if (!gloss_cli_parse_options (
          COMMAND, entries, "— make a model for other programs",
          "MODEL is a path, a name that gloss-cli models lists, or a folder of gloss-cli finetune. "
          "It stays\nas it is.\n",
          argc, argv))
    return FALSE;
  if (!options->models || options->models[1])
    return gloss_cli_refuse_usage (COMMAND, "name one model to export");
  if (!options->to)
    return gloss_cli_refuse_usage (COMMAND, "say with --to what to make: npz, hf or peft");
  if (!options->output)
    return gloss_cli_refuse_usage (COMMAND, "name the file or folder to make with --output");
  return gloss_cli_parse_choice (COMMAND, "--to", options->to, targets, &options->target)
         && gloss_cli_parse_choice (COMMAND, "--type", options->type, types, &options->type_index);
}

typedef struct
{
  GlossModelChoice choice;   /* owned */
  char *path;                /* owned */
  char *tokenizer;           /* owned */
  GCancellable *cancellable; /* owned */
  GlossProgressLine progress;
} Run;

static void
run_clear (Run *run)
{
  gloss_model_choice_clear (&run->choice);
  g_free (run->path);
  g_free (run->tokenizer);
  g_clear_object (&run->cancellable);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static gboolean
open_model (Run *run, const Options *options)
{
  const char *name = options->models[0];
  g_autofree char *display_name = NULL;
  g_autoptr (GError) error = NULL;

  run->path = gloss_model_choice_find (name, &display_name, &error);
  if (run->path)
    run->tokenizer = options->tokenizer ? g_strdup (options->tokenizer)
                                        : gloss_model_choice_find_tokenizer (run->path, &error);
  if (run->tokenizer && gloss_model_choice_load (&run->choice, name, run->tokenizer, NULL, &error)
      && gloss_checkpoint_check_vocabulary (gloss_model_get_checkpoint (run->choice.model),
                                            gloss_tokenizer_get_n_pieces (run->choice.tokenizer),
                                            &error))
    return TRUE;
  gloss_cli_complain (name, error->message);
  return FALSE;
}

static void
handle_progress (guint64 n_done, guint64 n_all, gpointer user_data)
{
  gloss_progress_line_update_bytes (user_data, n_done, n_all);
}

static const char *
add_advice (const GError *error, const Options *options)
{
  if (g_error_matches (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED))
    return options->target == GLOSS_EXPORT_TO_PEFT ? " with --to hf or npz"
                                                   : " (--merge, or --to peft)";
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS)
                 && options->target == GLOSS_EXPORT_TO_NPZ
             ? "; --force replaces it"
             : "";
}

int
gloss_command_export (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_auto (Run) run = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean is_done;

  if (!parse_options (&options, argc, argv))
    return GLOSS_EXIT_USAGE;
  if (!open_model (&run, &options))
    return GLOSS_EXIT_NO_MODEL;

  const GlossModelExport export = {
    .model = run.choice.model,
    .tokenizer = run.choice.tokenizer,
    .tokenizer_path = run.tokenizer,
    .model_path = run.path,
    .path = options.output,
    .target = (GlossExportTarget) options.target,
    .merges = options.merges,
    .may_replace = options.may_replace,
    .converts = options.type_index > 0,
    .dtype = dtypes[options.type_index],
  };

  run.cancellable = g_cancellable_new ();
  gloss_stop_signal_catch (run.cancellable);
  gloss_progress_line_begin_bytes (&run.progress, options.quiet);
  is_done =
      gloss_model_export_run (&export, handle_progress, &run.progress, run.cancellable, &error);
  gloss_progress_line_clear (&run.progress);
  if (is_done)
    {
      printf ("%s\n", options.output);
      return gloss_cli_finish_output (GLOSS_EXIT_OK);
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gloss_stop_signal_obey ();

  g_autofree char *sentence = g_strconcat (error->message, add_advice (error, &options), NULL);

  gloss_cli_complain (options.models[0], sentence);
  return GLOSS_EXIT_NOTHING_DONE;
}
