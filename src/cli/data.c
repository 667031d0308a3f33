/* gloss-cli data: getting pictures with their captions. */
#include "cli/commands.h"
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

int
gloss_command_data (int argc, char **argv)
{
  g_autofree char *to = NULL;
  g_auto (GStrv) words = NULL;
  gboolean is_quiet = FALSE;
  const GOptionEntry entries[] = {
    { "to", 0, 0, G_OPTION_ARG_FILENAME, &to, "the folder to make (default: the name of the set)",
      "FOLDER" },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &is_quiet, "no notes, no progress", NULL },
    { G_OPTION_REMAINING, 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME_ARRAY, &words, NULL,
      NULL },
    { NULL },
  };

  if (!gloss_cli_parse_options (COMMAND, entries, "pull SET — pictures with their captions",
                                "SET is longcap100, big_vision's example, or the https address of "
                                "a JSONL file whose lines\n"
                                "have \"image\", a name relative to it, and \"suffix\", the "
                                "caption. Pictures that are there\n"
                                "already are not downloaded again.\n",
                                argc, argv))
    return GLOSS_EXIT_USAGE;
  if (!words || strcmp (words[0], "pull") != 0 || g_strv_length (words) != 2)
    {
      gloss_cli_refuse_usage (COMMAND, "data wants \"pull\" and the name or address of one set");
      return GLOSS_EXIT_USAGE;
    }
  return pull (words[1], to, is_quiet);
}
