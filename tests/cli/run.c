/* Running gloss-cli as a person or a script does. */
#include "cli/run.h"

#include "support/asserts.h"

#include <string.h>
#include <sys/wait.h>

static char *program; /* absolute */

void
run_result_clear (RunResult *result)
{
  g_free (result->out);
  g_free (result->err);
}

void
run_init (int *argc, char **argv)
{
  g_test_init (argc, &argv, NULL);
  g_assert_cmpint (*argc, >=, 2);
  program = g_canonicalize_filename (argv[*argc - 1], NULL);
}

const char *
run_get_program (void)
{
  return program;
}

RunResult
run_shell (const char *line, const char *variable, const char *value)
{
  g_autofree char *folder = gloss_test_data_path ("..");
  char *argv[] = { "sh", "-c", (char *) line, NULL };
  g_auto (GStrv) env = g_environ_setenv (g_get_environ (), "GLOSS", program, TRUE);
  g_autoptr (GError) error = NULL;
  RunResult result = { 0 };
  int wait_status;

  if (variable)
    env = g_environ_setenv (env, variable, value, TRUE);
  g_spawn_sync (folder, argv, env, G_SPAWN_SEARCH_PATH, NULL, NULL, &result.out, &result.err,
                &wait_status, &error);
  g_assert_no_error (error);
  result.status =
      WIFEXITED (wait_status) ? WEXITSTATUS (wait_status) : 128 + WTERMSIG (wait_status);
  return result;
}

RunResult
run_cli (const char *arguments)
{
  g_autofree char *line = g_strconcat ("exec \"$GLOSS\" ", arguments, NULL);

  return run_shell (line, NULL, NULL);
}

void
run_assert_says (const char *text, const char *part)
{
  if (!strstr (text, part))
    g_error ("\"%s\" does not say \"%s\"", text, part);
}
