/* gloss-cli: Gloss without a screen. */
#include "cli/commands.h"

#include "tensor/gemm.h"
#include "tensor/linear.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

static const struct
{
  const char *name;
  int (*run) (int argc, char **argv);
  const char *summary;
} commands[] = {
  { "caption", gloss_command_caption, "say what is in pictures" },
};

static void
print_help (void)
{
  g_print ("Usage: gloss-cli COMMAND [OPTION…]\n\n"
           "Captions pictures on this machine with PaliGemma.\n\nCommands:\n");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-10s %s\n", commands[i].name, commands[i].summary);
  g_print ("\n  gloss-cli COMMAND --help    options of a command\n"
           "  gloss-cli --version         version, instruction set, OpenBLAS core, build\n\n"
           "Exit status: 0 all well, 1 some of the files failed, 2 wrong use, 3 no usable model,\n"
           "4 nothing could be done, 130 interrupted.\n");
}

static void
print_version (void)
{
  g_print ("gloss-cli %s\ninstruction set: %s\nOpenBLAS core: %s\nbuild: %s\n", GLOSS_VERSION,
           gloss_linear_get_isa (), gloss_gemm_get_core (), GLOSS_BUILD);
}

void
gloss_cli_complain (const char *subject, const char *sentence)
{
  if (!subject || g_str_has_prefix (sentence, subject))
    g_printerr ("gloss-cli: %s\n", sentence);
  else
    g_printerr ("gloss-cli: %s: %s\n", subject, sentence);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");

  if (argc < 2)
    {
      gloss_cli_complain (NULL, "no command given; gloss-cli --help lists them");
      return GLOSS_EXIT_USAGE;
    }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0)
    {
      print_help ();
      return GLOSS_EXIT_OK;
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      print_version ();
      return GLOSS_EXIT_OK;
    }
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      if (strcmp (argv[1], commands[i].name) == 0)
        return commands[i].run (argc - 1, argv + 1);
    }
  gloss_cli_complain (argv[1], "there is no such command; gloss-cli --help lists them");
  return GLOSS_EXIT_USAGE;
}
