/* gloss-cli models login and logout. A key or token is never an argument, which all users can see.
 */
#include "cli/messages.h"
#include "cli/models.h"
#include "net/account-trial.h"
#include "net/net-error.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define MAX_LINE_BYTES 4200

static gboolean
read_service (const GlossModelsOptions *options, GlossService *out)
{
  for (guint i = 0; i < GLOSS_N_SERVICES; i++)
    {
      if (strcmp (options->target, gloss_service_get_name ((GlossService) i)) == 0)
        {
          *out = (GlossService) i;
          return TRUE;
        }
    }
  return gloss_cli_refuse_usage ("models", "an account is of kaggle or huggingface, not \"%s\"",
                                 options->target);
}

/* One line, without echo where @is_secret, in memory to be freed by gloss_secret_free (). */
static char *
read_line (const char *prompt, gboolean is_secret)
{
  gboolean is_terminal = isatty (STDIN_FILENO);
  struct termios before, silent;
  char *line = g_malloc0 (MAX_LINE_BYTES);
  gboolean is_read;

  if (is_terminal)
    {
      fputs (prompt, stderr);
      fflush (stderr);
      is_secret = is_secret && tcgetattr (STDIN_FILENO, &before) == 0;
    }
  if (is_terminal && is_secret)
    {
      silent = before;
      silent.c_lflag &= (tcflag_t) ~ECHO;
      tcsetattr (STDIN_FILENO, TCSAFLUSH, &silent);
    }
  is_read = fgets (line, MAX_LINE_BYTES, stdin) != NULL;
  if (is_terminal && is_secret)
    {
      tcsetattr (STDIN_FILENO, TCSAFLUSH, &before);
      fputc ('\n', stderr);
    }
  if (!is_read)
    line[0] = '\0';
  return g_strchomp (line);
}

/* FALSE when the service refuses it. */
static gboolean
try (GlossAccount *account, const char *target)
{
  g_auto (GlossEndpoints) endpoints = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *untried = NULL;
  GlossAccountTrial trial = GLOSS_ACCOUNT_TRIAL_UNTRIED;

  if (gloss_endpoints_init (&endpoints, FALSE, &error))
    trial = gloss_account_trial_run (account, &endpoints, NULL, NULL, &error);
  account->is_tried = trial == GLOSS_ACCOUNT_TRIAL_ACCEPTED;
  if (trial == GLOSS_ACCOUNT_TRIAL_REFUSED)
    gloss_cli_complain (target, error->message);
  if (trial != GLOSS_ACCOUNT_TRIAL_UNTRIED)
    return trial == GLOSS_ACCOUNT_TRIAL_ACCEPTED;
  untried = g_strdup_printf ("the account is not yet tried: %s", error->message);
  gloss_cli_complain (target, untried);
  return TRUE;
}

int
gloss_models_login (const GlossModelsOptions *options)
{
  g_autoptr (GlossAccounts) accounts = gloss_accounts_new ();
  g_autoptr (GlossAccount) account = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *user = g_strdup (options->user);
  GlossService service;
  char *secret;

  if (!read_service (options, &service))
    return GLOSS_EXIT_USAGE;
  if (!user && service == GLOSS_SERVICE_KAGGLE && isatty (STDIN_FILENO))
    user = read_line ("User name (nothing, when you have a token): ", FALSE);
  if (user && !*user)
    g_clear_pointer (&user, g_free);
  secret = read_line (user ? "Key: " : "Token: ", TRUE);
  account = gloss_account_new (service, user, secret, "you", &error);
  gloss_secret_free (secret);
  if (!account)
    {
      gloss_cli_complain (options->target, error->message);
      return GLOSS_EXIT_USAGE;
    }
  if (!try (account, options->target))
    return GLOSS_EXIT_NOTHING_DONE;
  if (gloss_accounts_keep (accounts, account, NULL, &error))
    return GLOSS_EXIT_OK;
  gloss_cli_complain (
      options->target,
      service == GLOSS_SERVICE_KAGGLE
          ? "no keyring could keep the account, and it is not written to a plain file; "
            "set KAGGLE_API_TOKEN, or KAGGLE_USERNAME and KAGGLE_KEY instead"
          : "no keyring could keep the account, and it is not written to a plain file; "
            "set HF_TOKEN instead");
  return GLOSS_EXIT_NOTHING_DONE;
}

int
gloss_models_logout (const GlossModelsOptions *options)
{
  g_autoptr (GlossAccounts) accounts = gloss_accounts_new ();
  g_autoptr (GError) error = NULL;
  GlossService service;

  if (!read_service (options, &service))
    return GLOSS_EXIT_USAGE;
  if (gloss_accounts_forget (accounts, service, NULL, &error))
    return GLOSS_EXIT_OK;
  gloss_cli_complain (options->target, error->message);
  return GLOSS_EXIT_NOTHING_DONE;
}
