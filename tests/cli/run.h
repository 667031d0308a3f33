/* Running gloss-cli as a person or a script does. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  char *out;  /* owned */
  char *err;  /* owned */
  int status; /* as a shell has it: 128 + signal when one ended it */
} RunResult;

void run_result_clear (RunResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RunResult, run_result_clear)

/* Takes the program to test from the last argument. */
void run_init (int *argc, char **argv);
const char *run_get_program (void);

/* Runs it at the top of the source, with @arguments as a shell splits them. */
RunResult run_cli (const char *arguments);

/* The same with a line of shell, in which $GLOSS is the program; @variable=@value is set when not
 * NULL. */
RunResult run_shell (const char *line, const char *variable, const char *value);

/* Fails the test unless @text holds @part. */
void run_assert_says (const char *text, const char *part);

#define TEAPOT "data/demo/pictures/04-a-teapot.png"
#define ORANGE "data/demo/pictures/02-an-orange-on-a-gray-background.png"

G_END_DECLS
