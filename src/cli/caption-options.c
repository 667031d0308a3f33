/* The options of gloss-cli caption. */
#include "cli/caption-options.h"

#include "cli/commands.h"
#include "model/task.h"

#include <string.h>

#define COMMAND "caption"

static gboolean
check_numbers (GlossCaptionOptions *options)
{
  return gloss_cli_check_range (COMMAND, "--max-tokens", options->max_tokens, 1,
                                GLOSS_CAPTION_MAX_TOKENS)
         && gloss_cli_check_range (COMMAND, "--beams", options->n_beams, 1, GLOSS_MAX_BEAMS)
         && gloss_cli_check_range (COMMAND, "--threads", options->n_threads, 0, 1024)
         && gloss_cli_check_range (COMMAND, "--temperature", options->temperature, 0, 100)
         && gloss_cli_check_range (COMMAND, "--top-p", options->top_p, 1e-6, 1)
         && gloss_cli_check_range (COMMAND, "--image-size", options->image_size_px, 0, 1792)
         && (options->seed >= 0 || gloss_cli_refuse_usage (COMMAND, "--seed must not be negative"));
}

/* Text reaches us as bytes; the model's tokenizer wants UTF-8. */
static gboolean
check_utf8 (const char *option, const char *value)
{
  if (!value || g_utf8_validate (value, -1, NULL))
    return TRUE;
  return gloss_cli_refuse_usage (COMMAND, "%s is not valid UTF-8", option);
}

static gboolean
check_combinations (GlossCaptionOptions *options)
{
  if (options->n_beams > 1 && options->temperature > 0)
    return gloss_cli_refuse_usage (COMMAND, "--beams searches and --temperature draws; use one");
  if (options->top_p < 1 && options->temperature == 0)
    return gloss_cli_refuse_usage (COMMAND, "--top-p draws tokens, so it needs --temperature");
  if (options->with_names && options->no_names)
    return gloss_cli_refuse_usage (COMMAND, "--with-names and --no-names exclude each other");
  if (options->task && options->prompt)
    return gloss_cli_refuse_usage (COMMAND, "--task makes a prompt; --prompt is one; use one");
  if (!options->task && (options->language || options->text))
    return gloss_cli_refuse_usage (COMMAND, "%s belongs to --task",
                                   options->language ? "--language" : "--text");
  if (options->save_input && !g_file_test (options->save_input, G_FILE_TEST_IS_DIR))
    return gloss_cli_refuse_usage (COMMAND, "--save-input: there is no folder \"%s\"",
                                   options->save_input);
  if (!options->paths && !options->files_from)
    return gloss_cli_refuse_usage (COMMAND, "no picture given");
  return TRUE;
}

static gboolean
make_prompt (GlossCaptionOptions *options)
{
  g_autoptr (GError) error = NULL;
  GlossTask task;

  if (!options->task)
    return TRUE;
  if (!gloss_task_from_name (options->task, &task))
    {
      g_autoptr (GString) names = g_string_new (NULL);

      for (guint i = 0; i < GLOSS_N_TASKS; i++)
        g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", gloss_task_get_info (i)->name);
      return gloss_cli_refuse_usage (COMMAND, "--task must be one of %s, not \"%s\"", names->str,
                                     options->task);
    }
  options->prompt = gloss_task_make_prompt (task, options->language, options->text, &error);
  return options->prompt || gloss_cli_refuse_usage (COMMAND, "%s", error->message);
}

static gboolean
make_request (GlossCaptionOptions *options)
{
  static const char *const formats[] = { "text", "json", "jsonl", NULL };
  static const char *const resizes[] = { "bilinear", "bicubic", NULL };
  static const char *const precisions[] = { "f32", "bf16", NULL };
  const char *arithmetics[GLOSS_N_ARITHMETICS + 1] = { NULL };
  int format, resize, precision, arithmetic = GLOSS_ARITHMETIC_AUTO;

  for (guint i = 0; i < GLOSS_N_ARITHMETICS; i++)
    arithmetics[i] = gloss_arithmetic_get_name (i);

  if (!gloss_cli_parse_choice (COMMAND, "--format", options->format_name, formats, &format)
      || !gloss_cli_parse_choice (COMMAND, "--resize", options->resize, resizes, &resize)
      || !gloss_cli_parse_choice (COMMAND, "--kv-cache", options->kv_cache, precisions, &precision)
      || (options->arithmetic_name
          && !gloss_cli_parse_choice (COMMAND, "--arithmetic", options->arithmetic_name,
                                      arithmetics, &arithmetic))
      || !make_prompt (options))
    return FALSE;
  options->format = (GlossFormat) format;
  options->arithmetic = (GlossArithmetic) arithmetic;
  options->request = (GlossCaptionRequest){
    .prompt = options->prompt,
    .start_with = options->start_with,
    .max_tokens = (guint) options->max_tokens,
    .n_beams = (guint) options->n_beams,
    .sampling = { (float) options->temperature, (float) options->top_p, (guint64) options->seed },
    .resize = (GlossResize) resize,
    .kv_precision = (GlossKvPrecision) precision,
    .use_final_softcap = options->use_softcap,
  };
  return TRUE;
}

static char *
make_description (void)
{
  g_autoptr (GString) text = g_string_new ("Tasks:\n");
  g_autofree char *languages = g_strjoinv (" ", (char **) gloss_task_get_languages ());

  for (guint i = 0; i < GLOSS_N_TASKS; i++)
    {
      const GlossTaskInfo *info = gloss_task_get_info (i);

      g_string_append_printf (text, "  %-10s %s%s%s%s\n", info->name, info->summary,
                              info->text ? "; --text: " : "", info->text ? info->text : "",
                              info->has_language ? "; --language" : "");
    }
  g_string_append_printf (text,
                          "\nLanguages: %s\n\nThe demo model, which is used when none is named, "
                          "knows drawn sample scenes "
                          "only, and two\nprompts: \"caption en\" and \"detect THING\".\n",
                          languages);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
gloss_caption_options_parse (GlossCaptionOptions *options, int argc, char **argv)
{
  /* texts are "filenames" to GLib, which leaves those as they are whatever the locale */
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &options->model,
      "Hugging Face folder, .safetensors or big_vision .npz file, or a name that gloss-cli models "
      "lists (default: the demo)",
      "MODEL" },
    { "tokenizer", 0, 0, G_OPTION_ARG_FILENAME, &options->tokenizer,
      "SentencePiece model (default: the one beside the model)", "FILE" },
    { "image-size", 0, 0, G_OPTION_ARG_INT, &options->image_size_px,
      "side of the square that the model sees, a multiple of its patch up to 1792; positions are "
      "resampled (default: the model's own)",
      "PX" },
    { "task", 't', 0, G_OPTION_ARG_FILENAME, &options->task, "what to do, see below", "TASK" },
    { "language", 'l', 0, G_OPTION_ARG_FILENAME, &options->language,
      "language of the answer to --task (default: en)", "CODE" },
    { "text", 0, 0, G_OPTION_ARG_FILENAME, &options->text, "the text that the --task needs",
      "TEXT" },
    { "prompt", 'p', 0, G_OPTION_ARG_FILENAME, &options->prompt,
      "what to ask, in the model's own words (default: \"" GLOSS_CAPTION_DEFAULT_PROMPT "\")",
      "PROMPT" },
    { "start-with", 0, 0, G_OPTION_ARG_FILENAME, &options->start_with,
      "what the answer must start with", "TEXT" },
    { "max-tokens", 0, 0, G_OPTION_ARG_INT, &options->max_tokens,
      "longest answer, in tokens (default: 128)", "N" },
    { "beams", 0, 0, G_OPTION_ARG_INT, &options->n_beams,
      "search with N beams, 1 to 16 (default: 1, none)", "N" },
    { "temperature", 0, 0, G_OPTION_ARG_DOUBLE, &options->temperature,
      "draw tokens; 1 as the model has them, less for surer ones (default: 0, the likeliest)",
      "T" },
    { "top-p", 0, 0, G_OPTION_ARG_DOUBLE, &options->top_p,
      "draw only from the likeliest tokens that have this share together (default: 1)", "P" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &options->seed,
      "the same seed draws the same tokens (default: 0)", "N" },
    { "kv-cache", 0, 0, G_OPTION_ARG_FILENAME, &options->kv_cache,
      "f32, or bf16 as big_vision rounds keys and values (default: f32)", "TYPE" },
    { "arithmetic", 0, 0, G_OPTION_ARG_FILENAME, &options->arithmetic_name,
      "exact in floats, fast in bfloat16 where several rows are multiplied at once, or auto: fast "
      "where weights have 16 bits and the CPU gains (default: auto)",
      "KIND" },
    { "softcap", 0, 0, G_OPTION_ARG_NONE, &options->use_softcap,
      "PaliGemma 2: cap the logits of all tokens after the first", NULL },
    { "resize", 0, 0, G_OPTION_ARG_FILENAME, &options->resize,
      "bilinear as big_vision, or bicubic as Hugging Face (default: bilinear)", "KIND" },
    { "save-input", 0, 0, G_OPTION_ARG_FILENAME, &options->save_input,
      "write what the model sees of each picture as a new PNG into FOLDER", "FOLDER" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options->n_threads,
      "threads that compute, at most one for each CPU (default: all)", "N" },
    { "recursive", 'r', 0, G_OPTION_ARG_NONE, &options->recursive,
      "look into the folders of folders too", NULL },
    { "skip-captioned", 0, 0, G_OPTION_ARG_NONE, &options->skip_captioned,
      "leave out pictures with a text file beside them (photo.txt, photo.caption) that is not "
      "empty",
      NULL },
    { "files-from", 0, 0, G_OPTION_ARG_FILENAME, &options->files_from,
      "read names of pictures from FILE, - for standard input; one a line, or NUL-separated",
      "FILE" },
    { "format", 'f', 0, G_OPTION_ARG_FILENAME, &options->format_name,
      "text, json or jsonl (default: text)", "FORMAT" },
    { "with-names", 'H', 0, G_OPTION_ARG_NONE, &options->with_names,
      "text: the file and a tab before each caption (default with several pictures)", NULL },
    { "no-names", 0, 0, G_OPTION_ARG_NONE, &options->no_names, "text: captions alone", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, "no notes and no progress", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->paths, NULL, "FILE…" },
    { NULL },
  };
  g_autofree char *description = make_description ();

  options->max_tokens = GLOSS_CAPTION_DEFAULT_MAX_TOKENS;
  options->n_beams = 1;
  options->top_p = 1;
  return gloss_cli_parse_options (COMMAND, entries, "— say what is in pictures", description, argc,
                                  argv)
         && check_numbers (options) && check_utf8 ("--prompt", options->prompt)
         && check_utf8 ("--start-with", options->start_with) && check_utf8 ("--text", options->text)
         && check_combinations (options) && make_request (options);
}

void
gloss_caption_options_clear (GlossCaptionOptions *options)
{
  g_free (options->model);
  g_free (options->tokenizer);
  g_free (options->prompt);
  g_free (options->task);
  g_free (options->language);
  g_free (options->text);
  g_free (options->start_with);
  g_free (options->kv_cache);
  g_free (options->arithmetic_name);
  g_free (options->resize);
  g_free (options->save_input);
  g_free (options->files_from);
  g_free (options->format_name);
  g_strfreev (options->paths);
}
