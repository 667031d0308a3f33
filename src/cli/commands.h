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
int gloss_command_caption (int argc, char **argv);

/* "gloss-cli: sentence", or with @subject "gloss-cli: subject: sentence", on stderr. A subject that
 * the sentence begins with is not said twice. */
void gloss_cli_complain (const char *subject, const char *sentence);

G_END_DECLS
