/* gloss-cli data: getting pictures with their captions, and looking at them. */
#include "cli/data.h"

#include "cli/messages.h"
#include "cli/transfer-line.h"
#include "library/data-pull.h"

#include <stdio.h>
#include <string.h>

#define COMMAND "data"

static void
note (const GlossDownloadProgress *progress, gpointer user_data)
{
  gloss_transfer_line_update (user_data, progress);
}

/* "longcap100", or for an address the name of its list without the suffix. */
static char *
make_folder (const char *what)
{
  g_autofree char *base = g_path_get_basename (what);

  if (g_str_has_suffix (base, ".jsonl"))
    base[strlen (base) - strlen (".jsonl")] = '\0';
  return g_strdup (*base && strcmp (base, "/") != 0 ? base : "data");
}

static int
pull (const char *what, const char *to, gboolean is_quiet)
{
  g_autofree char *folder = to ? g_strdup (to) : make_folder (what);
  g_auto (GlossEndpoints) endpoints = { 0 };
  g_autoptr (GError) error = NULL;
  GlossTransferLine line;
  guint n_files = 0;
  gboolean is_done;

  gloss_transfer_line_begin (&line, is_quiet);
  is_done =
      gloss_endpoints_init (&endpoints, TRUE, &error)
      && gloss_data_pull (what, folder, &endpoints, NULL, NULL, note, &line, &n_files, &error);
  gloss_transfer_line_clear (&line);
  if (!is_done)
    {
      gloss_cli_complain (what, error->message);
      return GLOSS_EXIT_NOTHING_DONE;
    }
  if (!is_quiet)
    gloss_cli_note ("%u files are in %s", n_files, folder);
  return GLOSS_EXIT_OK;
}

#define HELP                                                                                       \
  "pull: SET is longcap100, big_vision's example, or the https address of a JSONL file whose "     \
  "lines\n"                                                                                        \
  "have \"image\", a name relative to it, and \"suffix\", the caption. Pictures that are there\n"  \
  "already are not downloaded again.\n\n"                                                          \
  "check: PATH is a .jsonl, a .csv, COCO's captions .json, or a folder with one of them or with\n" \
  "text files beside its pictures. Says what is in it, how long the captions are, and what\n"      \
  "cannot be used.\n"

static int
check (GlossDataCheck *options, const char *path, gint64 max_tokens, gint64 seed)
{
  options->path = path;
  if (!gloss_cli_check_range (COMMAND, "--hold-out", options->hold_out, 0, 0.9)
      || !gloss_cli_check_range (COMMAND, "--max-tokens", (double) max_tokens, 8, 4096)
      || !gloss_cli_check_range (COMMAND, "--seed", (double) seed, 0, 1e15))
    return GLOSS_EXIT_USAGE;
  options->max_tokens = (guint) max_tokens;
  options->seed = (guint64) seed;
  return gloss_cli_finish_output (gloss_data_check_run (options));
}

int
gloss_command_data (int argc, char **argv)
{
  g_autofree char *to = NULL;
  g_autofree char *model = NULL;
  g_auto (GStrv) words = NULL;
  gboolean is_quiet = FALSE, is_edited = FALSE;
  gint64 max_tokens = 128, seed = 0;
  GlossDataCheck options = { .hold_out = 0.1 };
  const GOptionEntry entries[] = {
    { "to", 0, 0, G_OPTION_ARG_FILENAME, &to,
      "pull: the folder to make (default: the name of the set)", "FOLDER" },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &is_quiet, "pull: no notes, no progress", NULL },
    { "edited", 0, 0, G_OPTION_ARG_NONE, &is_edited,
      "check: the captions that you edited in Gloss's window, instead of PATH", NULL },
    { "pictures", 0, 0, G_OPTION_ARG_NONE, &options.looks_at_pictures,
      "check: read every picture, too, and find those that are the same", NULL },
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &model,
      "check: the model whose tokens count (default: the demo)", "MODEL" },
    { "max-tokens", 0, 0, G_OPTION_ARG_INT64, &max_tokens,
      "check: more are too long (default 128, prompt included)", "N" },
    { "hold-out", 0, 0, G_OPTION_ARG_DOUBLE, &options.hold_out,
      "check: the share of pictures that is not learnt from (default 0.1)", "SHARE" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "check: which those are (default 0)", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.is_json, "check: print JSON", NULL },
    { G_OPTION_REMAINING, 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME_ARRAY, &words, NULL,
      NULL },
    { NULL },
  };

  if (!gloss_cli_parse_options (COMMAND, entries,
                                "pull SET | check PATH — pictures with their captions", HELP, argc,
                                argv))
    return GLOSS_EXIT_USAGE;
  options.model = model;
  if (words && g_strv_length (words) == 2 && strcmp (words[0], "pull") == 0)
    return pull (words[1], to, is_quiet);
  if (words && g_strv_length (words) == 2 && strcmp (words[0], "check") == 0 && !is_edited)
    return check (&options, words[1], max_tokens, seed);
  if (words && g_strv_length (words) == 1 && strcmp (words[0], "check") == 0 && is_edited)
    return check (&options, NULL, max_tokens, seed);
  gloss_cli_refuse_usage (COMMAND, "data wants \"pull\" and the name or address of one set, or "
                                   "\"check\" and one file or folder, or --edited");
  return GLOSS_EXIT_USAGE;
}
