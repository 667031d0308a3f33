/* gloss-cli prepare: makes Gloss's own file of a model. */
#include "cli/commands.h"

#include "base/error.h"
#include "cli/messages.h"
#include "cli/model-choice.h"
#include "cli/progress.h"
#include "library/model-files.h"
#include "library/prepared-model.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COMMAND "prepare"

static volatile sig_atomic_t pending_signal;

static void
handle_signal (int number)
{
  pending_signal = number;
}

/* From here on a signal stops the work instead of the program, which then ends by it. */
static void
catch_signals (void)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
  struct sigaction action = { .sa_handler = handle_signal, .sa_flags = SA_RESTART };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      struct sigaction before;

      /* nohup stays in force */
      if (sigaction (numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction (numbers[i], &action, NULL);
    }
  /* a limit on the size of files is an error like a full disk */
  signal (SIGXFSZ, SIG_IGN);
}

typedef struct
{
  /* owned */
  char *output;
  char *tokenizer;
  char **models;
  gboolean may_replace;
  gboolean quiet;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->output);
  g_free (options->tokenizer);
  g_strfreev (options->models);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

typedef struct
{
  const Options *options; /* borrowed */

  /* owned */
  char *source; /* path of what is prepared */
  char *name;   /* and what it is called */
  char *tokenizer;
  char *path; /* of what is made */
  GlossCheckpoint *checkpoint;
  GlossPreparation *preparation;
  GCancellable *cancellable;

  GlossProgressLine progress;
} Run;

static void
run_clear (Run *run)
{
  g_free (run->source);
  g_free (run->name);
  g_free (run->tokenizer);
  g_free (run->path);
  g_clear_pointer (&run->preparation, gloss_preparation_free);
  g_clear_pointer (&run->checkpoint, gloss_checkpoint_free);
  g_clear_object (&run->cancellable);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static gboolean
parse_options (Options *options, int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
      "the file to make, named *.gloss, or the folder for it (default: a folder among Gloss's own "
      "models)",
      "PATH" },
    { "tokenizer", 0, 0, G_OPTION_ARG_FILENAME, &options->tokenizer,
      "the SentencePiece model (default: the one beside MODEL)", "FILE" },
    { "force", 0, 0, G_OPTION_ARG_NONE, &options->may_replace, "replace what is there", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, "no notes and no progress", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->models, NULL, "MODEL" },
    { NULL },
  };

  if (!gloss_cli_parse_options (
          COMMAND, entries, "— make Gloss's own file of a model",
          "MODEL is a Hugging Face folder, a .safetensors or big_vision .npz file, compressed or "
          "not, or\na name that gloss-cli models lists. It stays as it is. The file, whose path is "
          "printed, has about\nits size, is used without it, and decodes faster than an .npz.\n",
          argc, argv))
    return FALSE;
  if (options->models && !options->models[1])
    return TRUE;
  if (options->models)
    return gloss_cli_refuse_usage (COMMAND, "one model at a time, not %u",
                                   g_strv_length (options->models));
  return gloss_cli_refuse_usage (COMMAND, "name the model to prepare");
}

static gboolean
check_tokenizer (Run *run, GError **error)
{
  g_autoptr (GlossTokenizer) tokenizer = gloss_tokenizer_load (run->tokenizer, error);

  return tokenizer
         && gloss_checkpoint_check_vocabulary (run->checkpoint,
                                               gloss_tokenizer_get_n_pieces (tokenizer), error);
}

static gboolean
open_source (Run *run)
{
  const Options *options = run->options;
  const char *source = options->models[0];
  g_autoptr (GError) error = NULL;

  run->source = gloss_model_choice_find (source, &run->name, &error);
  if (run->source)
    run->checkpoint = gloss_checkpoint_open_streamed (run->source, NULL, &error);
  if (run->checkpoint)
    run->preparation = gloss_preparation_new (run->checkpoint, &error);
  if (!run->preparation)
    {
      gloss_cli_complain (source, error->message);
      return FALSE;
    }
  run->tokenizer = options->tokenizer ? g_strdup (options->tokenizer)
                                      : gloss_model_files_find_tokenizer (run->source);
  if (run->tokenizer && !check_tokenizer (run, &error))
    {
      gloss_cli_complain (options->tokenizer ? options->tokenizer : source, error->message);
      return FALSE;
    }
  run->path = gloss_prepared_model_make_path (run->source, run->name, options->output);
  return TRUE;
}

static void
say_what_is_missing (const Run *run)
{
  const char *const *unknown = gloss_checkpoint_get_unknown (run->checkpoint);
  guint n = g_strv_length ((char **) unknown);

  if (run->options->quiet)
    return;
  if (n > 0)
    gloss_cli_note ("%s: %u of its tensors are not PaliGemma's and left out, the first is \"%s\"",
                    run->name, n, unknown[0]);
  if (!run->tokenizer)
    gloss_cli_note ("%s: there is no tokenizer beside it to copy; caption will need --tokenizer",
                    run->name);
}

/* Who is the last to close a file of gigabytes that will not be waits until the disk has its blocks
 * back, a second perhaps. A child that stays for a moment after us is, so that nobody waits. */
static void
leave_closing_to_child (void)
{
  pid_t parent = getpid ();

  if (fork () != 0)
    return;
  /* whoever reads what we print need not wait either */
  for (int fd = 0; fd <= STDERR_FILENO; fd++)
    close (fd);
  for (guint i = 0; i < 1000 && getppid () == parent; i++)
    g_usleep (10000);
  _exit (0);
}

static void
handle_progress (guint64 n_done, guint64 n_all, gpointer user_data)
{
  Run *run = user_data;

  if (pending_signal && !g_cancellable_is_cancelled (run->cancellable))
    {
      leave_closing_to_child ();
      g_cancellable_cancel (run->cancellable);
    }
  gloss_progress_line_update_bytes (&run->progress, n_done, n_all);
}

static int
fail (const Run *run, const GError *error)
{
  g_autofree char *sentence = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      signal (pending_signal, SIG_DFL);
      raise (pending_signal);
    }
  sentence = g_strconcat (error->message,
                          g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS)
                              ? "; --force replaces it, --output names another place"
                              : "",
                          NULL);
  gloss_cli_complain (run->path, sentence);
  /* compressed values are looked at only now */
  return g_error_matches (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT) ? GLOSS_EXIT_NO_MODEL
                                                                  : GLOSS_EXIT_NOTHING_DONE;
}

static int
write_model (Run *run)
{
  const Options *options = run->options;
  g_autoptr (GError) error = NULL;
  gboolean was_there, is_written;

  run->cancellable = g_cancellable_new ();
  gloss_progress_line_begin_bytes (&run->progress, options->quiet);
  catch_signals ();
  is_written =
      gloss_prepared_model_write (run->preparation, run->path, run->tokenizer, options->may_replace,
                                  handle_progress, run, run->cancellable, &was_there, &error);
  gloss_progress_line_clear (&run->progress);
  if (!is_written)
    return fail (run, error);
  if (was_there && !options->quiet)
    gloss_cli_note ("%s was made of this model already", run->path);
  printf ("%s\n", run->path);
  return GLOSS_EXIT_OK;
}

int
gloss_command_prepare (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_auto (Run) run = { .options = &options };

  if (!parse_options (&options, argc, argv))
    return GLOSS_EXIT_USAGE;
  if (!open_source (&run))
    return GLOSS_EXIT_NO_MODEL;
  say_what_is_missing (&run);
  return gloss_cli_finish_output (write_model (&run));
}
