/* gloss-cli: Gloss without a screen. */
#include "cli/commands.h"

#include "cli/messages.h"
#include "tensor/gemm.h"
#include "tensor/linear.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct
{
  const char *name;
  int (*run) (int argc, char **argv);
  const char *summary;
} commands[] = {
  { "bench", gloss_command_bench, "measure the engine on this machine" },
  { "caption", gloss_command_caption, "say what is in pictures" },
  { "data", gloss_command_data, "get pictures with their captions" },
  { "eval", gloss_command_eval, "say how good a model's captions are" },
  { "finetune", gloss_command_finetune, "teach a model your captions" },
  { "inspect", gloss_command_inspect, "say what is in a model, and what is wrong with it" },
  { "models", gloss_command_models, "say which models are on this machine, and get more" },
  { "prepare", gloss_command_prepare, "make Gloss's own file of a model" },
};

/* What libraries have to say on the terminal (a decoder about a damaged picture) is not for a
 * person; our own sentence follows. Criticals are bugs and are shown, but for those that
 * GdkPixbuf's decoders raise over damaged pictures. */
static void
handle_log (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  if ((level & G_LOG_LEVEL_MASK) < G_LOG_LEVEL_WARNING && g_strcmp0 (domain, "GdkPixbuf") != 0)
    g_log_default_handler (domain, level, message, user_data);
}

static void
print_help (void)
{
  fputs ("Usage: gloss-cli COMMAND [OPTION…]\n\n"
         "Captions pictures on this machine with PaliGemma.\n\nCommands:\n",
         stdout);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    printf ("  %-10s %s\n", commands[i].name, commands[i].summary);
  fputs ("\n  gloss-cli COMMAND --help    options of a command\n"
         "  gloss-cli --version         version, instruction set, OpenBLAS core, build\n\n"
         "Exit status: 0 all well, 1 some of the files failed, 2 wrong use, 3 no usable model,\n"
         "4 nothing could be done, 130 interrupted.\n",
         stdout);
}

static void
print_version (void)
{
  printf ("gloss-cli %s\ninstruction set: %s\nOpenBLAS core: %s\nbuild: %s\n", GLOSS_VERSION,
          gloss_linear_get_isa (), gloss_gemm_get_core (), GLOSS_BUILD);
}

/* A program may be started with these closed; what is opened first would take their place.
 * Read-only, so that what is written there fails instead of vanishing. */
static void
open_standard_files (void)
{
  for (int fd = 0; fd <= STDERR_FILENO; fd++)
    {
      if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDONLY) < 0)
        return;
    }
}

static gboolean
is_one_of (const char *argument, const char *a, const char *b, const char *c)
{
  return strcmp (argument, a) == 0 || strcmp (argument, b) == 0 || strcmp (argument, c) == 0;
}

int
main (int argc, char **argv)
{
  const char *isa;

  open_standard_files ();
  /* The program speaks English; other words than ours should too. */
  setlocale (LC_CTYPE, "");
  g_log_set_default_handler (handle_log, NULL);

  if (argc < 2)
    {
      gloss_cli_note ("no command given; gloss-cli --help lists them");
      return GLOSS_EXIT_USAGE;
    }
  if (is_one_of (argv[1], "--help", "-h", "help"))
    {
      print_help ();
      return gloss_cli_finish_output (GLOSS_EXIT_OK);
    }
  if (is_one_of (argv[1], "--version", "-V", "version"))
    {
      print_version ();
      return gloss_cli_finish_output (GLOSS_EXIT_OK);
    }
  isa = g_getenv ("GLOSS_ISA");
  if (isa && strcmp (isa, gloss_linear_get_isa ()) != 0)
    gloss_cli_note ("GLOSS_ISA is \"%s\", which this CPU or build does not have; using \"%s\"", isa,
                    gloss_linear_get_isa ());
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      if (strcmp (argv[1], commands[i].name) == 0)
        return commands[i].run (argc - 1, argv + 1);
    }
  gloss_cli_note ("there is no command \"%s\"; gloss-cli --help lists them", argv[1]);
  return GLOSS_EXIT_USAGE;
}
