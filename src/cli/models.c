/* gloss-cli models: what is on this machine, getting more, and taking them away. */
#include "cli/models.h"

#include <string.h>

#define COMMAND "models"

typedef enum
{
  FOR_LIST = 1 << 0,
  FOR_PULL = 1 << 1,
  FOR_IMPORT = 1 << 2,
  FOR_VERIFY = 1 << 3,
  FOR_REMOVE = 1 << 4,
  FOR_LOGIN = 1 << 5,
  FOR_LOGOUT = 1 << 6,
} Actions;

static const struct
{
  const char *name;
  Actions bit;
  const char *target; /* what comes after it, or NULL */
  int (*run) (const GlossModelsOptions *options);
} actions[] = {
  { "list", FOR_LIST, NULL, gloss_models_list },
  { "pull", FOR_PULL, "the name of a model", gloss_models_pull },
  { "import", FOR_IMPORT, "a file or folder", gloss_models_import },
  { "verify", FOR_VERIFY, "the name of a model", gloss_models_verify },
  { "rm", FOR_REMOVE, "the name of a model", gloss_models_remove },
  { "login", FOR_LOGIN, "kaggle or huggingface", gloss_models_login },
  { "logout", FOR_LOGOUT, "kaggle or huggingface", gloss_models_logout },
};

static const char help[] =
    "Actions:\n"
    "  list            say which models are on this machine (when there is no action), or with\n"
    "                  --available which ones can be downloaded\n"
    "  pull NAME       download one of those, or "
    "kaggle:OWNER/MODEL/FRAMEWORK/VARIATION[@VERSION],\n"
    "                  or huggingface:OWNER/REPOSITORY[@REVISION]; what was interrupted goes on\n"
    "  import PATH     copy a .npz file, a Hugging Face folder or an archive into Gloss's own "
    "folder;\n"
    "                  or with --base a PEFT adapter\n"
    "  verify NAME     check every shape, the tokenizer, and with --values every value\n"
    "  rm NAME         remove a model from Gloss's own folder\n"
    "  login SERVICE   keep an account of kaggle or huggingface in the keyring; the key or token "
    "is\n"
    "                  asked for, or read from standard input\n"
    "  logout SERVICE  forget it\n"
    "\n"
    "Accounts are also taken from KAGGLE_API_TOKEN, KAGGLE_USERNAME with KAGGLE_KEY, HF_TOKEN and\n"
    "the files of the services' own programs. The name in the first column of the list can be\n"
    "given to --model.\n";

/* FALSE, with a complaint, when an option is given that this action does not have. */
static gboolean
check_options (guint action, const GlossModelsOptions *options, const char *format)
{
  const struct
  {
    gboolean is_given;
    const char *name;
    int allowed;
  } given[] = {
    { format != NULL, "--format", FOR_LIST },
    { options->is_available, "--available", FOR_LIST },
    { options->from != NULL, "--from", FOR_PULL },
    { options->tokenizer != NULL, "--tokenizer", FOR_PULL | FOR_IMPORT | FOR_VERIFY },
    { options->name != NULL, "--name", FOR_PULL | FOR_IMPORT },
    { options->base != NULL, "--base", FOR_IMPORT },
    { options->accepts_licence, "--accept-licence", FOR_PULL },
    { options->trusts_endpoint, "--trust-endpoint", FOR_PULL },
    { options->with_values, "--values", FOR_PULL | FOR_IMPORT | FOR_VERIFY },
    { options->user != NULL, "--user", FOR_LOGIN },
    { options->is_quiet, "--quiet", FOR_PULL | FOR_IMPORT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (given); i++)
    {
      if (given[i].is_given && !(given[i].allowed & (int) actions[action].bit))
        return gloss_cli_refuse_usage (COMMAND, "%s is not for models %s", given[i].name,
                                       actions[action].name);
    }
  if (actions[action].target && (!options->target || !*options->target))
    return gloss_cli_refuse_usage (COMMAND, "models %s wants %s", actions[action].name,
                                   actions[action].target);
  return TRUE;
}

int
gloss_command_models (int argc, char **argv)
{
  static const char *const formats[] = { "text", "json", NULL };
  GlossModelsOptions options = { 0 };
  g_autofree char *format_name = NULL, *from = NULL, *tokenizer = NULL, *name = NULL, *user = NULL;
  g_autofree char *base = NULL;
  g_auto (GStrv) words = NULL;
  guint n_words, action = 0;
  int format;
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_FILENAME, &format_name, "list: text or json (default: text)",
      "FORMAT" },
    { "available", 0, 0, G_OPTION_ARG_NONE, &options.is_available, "list: what can be downloaded",
      NULL },
    { "from", 0, 0, G_OPTION_ARG_FILENAME, &from,
      "pull: kaggle or huggingface (default: the one with an account)", "SERVICE" },
    { "tokenizer", 0, 0, G_OPTION_ARG_FILENAME, &tokenizer,
      "pull, import, verify: the tokenizer to use", "FILE" },
    { "name", 0, 0, G_OPTION_ARG_FILENAME, &name, "pull, import: what to call the model", "NAME" },
    { "base", 0, 0, G_OPTION_ARG_FILENAME, &base,
      "import: the model that a PEFT adapter was made for", "MODEL" },
    { "accept-licence", 0, 0, G_OPTION_ARG_NONE, &options.accepts_licence,
      "pull: I accept the terms of use of the models", NULL },
    { "trust-endpoint", 0, 0, G_OPTION_ARG_NONE, &options.trusts_endpoint,
      "pull: the server in HF_ENDPOINT may get my token", NULL },
    { "values", 0, 0, G_OPTION_ARG_NONE, &options.with_values,
      "pull, import, verify: read all values, too", NULL },
    { "user", 0, 0, G_OPTION_ARG_FILENAME, &user, "login: the user name that belongs to a key",
      "NAME" },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &options.is_quiet, "pull, import: no notes, no progress",
      NULL },
    { G_OPTION_REMAINING, 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME_ARRAY, &words, NULL,
      NULL },
    { NULL },
  };

  if (!gloss_cli_parse_options (COMMAND, entries, "[ACTION [TARGET]] — models on this machine",
                                help, argc, argv)
      || !gloss_cli_parse_choice (COMMAND, "--format", format_name, formats, &format))
    return GLOSS_EXIT_USAGE;
  n_words = words ? g_strv_length (words) : 0;
  while (n_words > 0 && action < G_N_ELEMENTS (actions)
         && strcmp (words[0], actions[action].name) != 0)
    action++;
  if (action == G_N_ELEMENTS (actions))
    {
      gloss_cli_refuse_usage (COMMAND, "models has no action \"%s\"", words[0]);
      return GLOSS_EXIT_USAGE;
    }
  if (n_words > (actions[action].target ? 2u : 1u))
    {
      gloss_cli_refuse_usage (COMMAND, "models %s takes no \"%s\"", actions[action].name,
                              words[n_words - 1]);
      return GLOSS_EXIT_USAGE;
    }
  options.target = n_words > 1 ? words[1] : NULL;
  options.is_json = format == 1;
  options.from = from;
  options.tokenizer = tokenizer;
  options.name = name;
  options.base = base;
  options.user = user;
  if (!check_options (action, &options, format_name))
    return GLOSS_EXIT_USAGE;
  return actions[action].run (&options);
}
