/* What the subcommands' options have in common. */
#include "cli/commands.h"

#include "cli/messages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

gboolean
gloss_cli_refuse_usage (const char *command, const char *format, ...)
{
  g_autofree char *sentence = NULL;
  va_list arguments;

  va_start (arguments, format);
  sentence = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  gloss_cli_complain (NULL, sentence);
  fprintf (stderr, "Try gloss-cli %s --help.\n", command);
  return FALSE;
}

gboolean
gloss_cli_parse_options (const char *command, const GOptionEntry *entries, const char *arguments,
                         const char *description, int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (arguments);
  g_autofree char *name = g_strconcat ("gloss-cli ", command, NULL);
  g_autofree char *help = NULL;
  g_autoptr (GError) error = NULL;
  gboolean wants_help = FALSE;

  g_set_prgname (name);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_description (context, description);

  /* GLib's own --help exits before a full disk could be noticed */
  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++)
    wants_help |= strcmp (argv[i], "--help") == 0 || strcmp (argv[i], "-h") == 0;
  if (wants_help)
    {
      help = g_option_context_get_help (context, TRUE, NULL);
      fputs (help, stdout);
      exit (gloss_cli_finish_output (GLOSS_EXIT_OK));
    }

  if (g_option_context_parse (context, &argc, &argv, &error))
    return TRUE;
  if (g_error_matches (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION))
    return gloss_cli_refuse_usage (
        command, "%s; a file whose name begins with \"-\" goes after \"--\"", error->message);
  return gloss_cli_refuse_usage (command, "%s", error->message);
}

gboolean
gloss_cli_check_range (const char *command, const char *option, double value, double min,
                       double max)
{
  if (value >= min && value <= max)
    return TRUE;
  return gloss_cli_refuse_usage (command, "%s must be from %g to %g, not %g", option, min, max,
                                 value);
}

gboolean
gloss_cli_parse_choice (const char *command, const char *option, const char *value,
                        const char *const *names, int *out)
{
  g_autofree char *list = g_strjoinv (", ", (char **) names);

  *out = 0;
  for (int i = 0; value && names[i]; i++)
    {
      if (strcmp (value, names[i]) == 0)
        {
          *out = i;
          return TRUE;
        }
    }
  if (!value)
    return TRUE;
  return gloss_cli_refuse_usage (command, "%s must be one of %s, not \"%s\"", option, list, value);
}

int
gloss_cli_finish_output (int status)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return status;
  gloss_cli_note ("the output could not be written: %s", g_strerror (errno));
  return GLOSS_EXIT_NOTHING_DONE;
}
