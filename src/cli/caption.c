/* gloss-cli caption: says what is in pictures. */
#include "cli/commands.h"

#include "cli/model-choice.h"
#include "cli/output.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_THREADS 1024

typedef struct
{
  char *model;
  char *tokenizer;
  char *prompt;
  char *start_with;
  int max_tokens;
  int n_beams;
  int n_threads;
  char *format;
  char **files;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->model);
  g_free (options->tokenizer);
  g_free (options->prompt);
  g_free (options->start_with);
  g_free (options->format);
  g_strfreev (options->files);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
check_range (const char *option, int value, int min, int max, GError **error)
{
  if (value >= min && value <= max)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s must be from %d to %d, not %d",
               option, min, max, value);
  return FALSE;
}

static gboolean
parse_format (const char *name, GlossFormat *format, GError **error)
{
  static const char *const names[] = { "text", "json", "jsonl" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (strcmp (name, names[i]) == 0)
        {
          *format = (GlossFormat) i;
          return TRUE;
        }
    }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--format must be text, json or jsonl, not \"%s\"", name);
  return FALSE;
}

static gboolean
parse_options (Options *options, GlossFormat *format, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &options->model,
      "Hugging Face folder or big_vision .npz file (default: the small demo model)", "MODEL" },
    { "tokenizer", 0, 0, G_OPTION_ARG_FILENAME, &options->tokenizer,
      "SentencePiece model (default: the one beside the model)", "FILE" },
    { "prompt", 'p', 0, G_OPTION_ARG_STRING, &options->prompt,
      "what to ask (default: \"" GLOSS_CAPTION_DEFAULT_PROMPT "\")", "PROMPT" },
    { "start-with", 0, 0, G_OPTION_ARG_STRING, &options->start_with,
      "what the answer must start with", "TEXT" },
    { "max-tokens", 0, 0, G_OPTION_ARG_INT, &options->max_tokens,
      "longest answer, in tokens (default: 128)", "N" },
    { "beams", 0, 0, G_OPTION_ARG_INT, &options->n_beams,
      "beams of the search (default: 1, greedy)", "N" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options->n_threads,
      "threads that compute (default: one for each CPU)", "N" },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &options->format,
      "text, json or jsonl (default: text)", "FORMAT" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->files, NULL, "FILE…" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("FILE… — say what is in pictures");

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_description (
      context, "Prints one line for each picture; with several pictures the file and a tab come "
               "first.\nThe demo model knows drawn sample scenes only, and two prompts: \"caption "
               "en\" and\n\"detect THING\".");
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  if (!options->files)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "no picture given");
      return FALSE;
    }
  return check_range ("--max-tokens", options->max_tokens, 1, GLOSS_CAPTION_MAX_TOKENS, error)
         && check_range ("--beams", options->n_beams, 1, GLOSS_MAX_BEAMS, error)
         && check_range ("--threads", options->n_threads, 0, MAX_THREADS, error)
         && parse_format (options->format ? options->format : "text", format, error);
}

static void
stream_text (const char *text, gpointer user_data)
{
  gloss_output_stream (user_data, text);
}

static gboolean
caption_file (GlossCaptioner *captioner, GlossOutput *output, const char *file,
              const GlossCaptionRequest *request, GError **error)
{
  gint64 start_usec = g_get_monotonic_time ();
  g_autoptr (GlossImage) image = gloss_image_load (file, NULL, error);
  g_autoptr (GlossCaption) caption = NULL;

  if (!image)
    return FALSE;
  if (output->streams)
    gloss_output_begin_file (output, file);
  caption = gloss_captioner_run (captioner, image, request, output->streams ? stream_text : NULL,
                                 output, NULL, error);
  if (!caption)
    {
      if (output->streams)
        gloss_output_abandon_file (output);
      return FALSE;
    }
  gloss_output_caption (output, file, image, caption,
                        (double) (g_get_monotonic_time () - start_usec) / 1e6);
  return TRUE;
}

static void
say_what_is_ignored (const GlossModelChoice *choice)
{
  const char *const *unknown =
      gloss_checkpoint_get_unknown (gloss_model_get_checkpoint (choice->model));
  guint n = g_strv_length ((char **) unknown);

  if (n > 0)
    g_printerr ("gloss-cli: %s: %u tensors that PaliGemma does not have are not used, the first is "
                "\"%s\"\n",
                choice->name, n, unknown[0]);
}

int
gloss_command_caption (int argc, char **argv)
{
  g_auto (Options) options = { .max_tokens = GLOSS_CAPTION_DEFAULT_MAX_TOKENS, .n_beams = 1 };
  g_auto (GlossModelChoice) choice = { 0 };
  g_autoptr (GlossPool) pool = NULL;
  g_autoptr (GlossCaptioner) captioner = NULL;
  g_autoptr (GError) error = NULL;
  GlossOutput output = { 0 };
  GlossCaptionRequest request = { 0 };
  guint n_failed = 0, n_files;

  if (!parse_options (&options, &output.format, argc, argv, &error))
    {
      gloss_cli_complain (NULL, error->message);
      g_printerr ("Try gloss-cli caption --help.\n");
      return GLOSS_EXIT_USAGE;
    }
  n_files = g_strv_length (options.files);

  if (gloss_model_choice_load (&choice, options.model, options.tokenizer, &error))
    {
      pool = gloss_pool_new ((guint) options.n_threads);
      captioner = gloss_captioner_new (choice.model, choice.tokenizer, pool, &error);
    }
  if (!captioner)
    {
      gloss_cli_complain (NULL, error->message);
      return GLOSS_EXIT_NO_MODEL;
    }
  if (choice.is_demo)
    g_printerr ("gloss-cli: no model chosen, so this is the small demo model, which knows drawn "
                "sample scenes and not photographs; --model chooses another\n");
  say_what_is_ignored (&choice);

  request.prompt = options.prompt;
  request.start_with = options.start_with;
  request.max_tokens = (guint) options.max_tokens;
  request.n_beams = (guint) options.n_beams;
  output.several_files = n_files > 1;
  output.streams = output.format == GLOSS_FORMAT_TEXT && isatty (STDOUT_FILENO);
  output.model = choice.name;
  output.prompt = options.prompt ? options.prompt : GLOSS_CAPTION_DEFAULT_PROMPT;
  output.start_with = options.start_with;

  gloss_output_begin (&output);
  for (guint i = 0; i < n_files; i++)
    {
      if (!caption_file (captioner, &output, options.files[i], &request, &error))
        {
          gloss_cli_complain (options.files[i], error->message);
          g_clear_error (&error);
          n_failed++;
        }
    }
  gloss_output_end (&output);

  if (!gloss_output_check (&output, &error))
    {
      gloss_cli_complain (NULL, error->message);
      return GLOSS_EXIT_NOTHING_DONE;
    }
  if (n_failed == n_files)
    return GLOSS_EXIT_NOTHING_DONE;
  return n_failed > 0 ? GLOSS_EXIT_SOME_FAILED : GLOSS_EXIT_OK;
}
