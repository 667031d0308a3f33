/* The subcommands of gloss-cli and its exit statuses. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_EXIT_OK = 0,
  GLOSS_EXIT_SOME_FAILED = 1, /* some of the files */
  GLOSS_EXIT_USAGE = 2,
  GLOSS_EXIT_NO_MODEL = 3,
  GLOSS_EXIT_NOTHING_DONE = 4, /* data, network, disk */
} GlossExit;

/* argv[0] is the name of the subcommand. Returns the exit status. */
int gloss_command_bench (int argc, char **argv);
int gloss_command_caption (int argc, char **argv);
int gloss_command_data (int argc, char **argv);
int gloss_command_eval (int argc, char **argv);
int gloss_command_finetune (int argc, char **argv);
int gloss_command_inspect (int argc, char **argv);
int gloss_command_models (int argc, char **argv);
int gloss_command_prepare (int argc, char **argv);

/*
 * Parses the options @entries of @command, whose other arguments are @arguments ("FILE…"), out of
 * @argv. Option texts are taken as the bytes that they are, whatever the locale. On FALSE the
 * complaint has been printed. @description (may be NULL) ends --help.
 */
gboolean gloss_cli_parse_options (const char *command, const GOptionEntry *entries,
                                  const char *arguments, const char *description, int argc,
                                  char **argv);

/* Prints the complaint about a wrong use of @command; returns FALSE. */
gboolean gloss_cli_refuse_usage (const char *command, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* FALSE, with a complaint, when @value is not min … max. */
gboolean gloss_cli_check_range (const char *command, const char *option, double value, double min,
                                double max);

/* Sets @out to the index of @value (NULL: 0) among the NULL-terminated @names; FALSE, with a
 * complaint, when it is none. */
gboolean gloss_cli_parse_choice (const char *command, const char *option, const char *value,
                                 const char *const *names, int *out);

/* Flushes standard output; GLOSS_EXIT_NOTHING_DONE with a complaint when it could not take
 * everything, else @status. */
int gloss_cli_finish_output (int status);

G_END_DECLS
