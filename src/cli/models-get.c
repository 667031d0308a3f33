/* gloss-cli models pull, import, verify and rm. */
#include "base/error.h"
#include "cli/messages.h"
#include "cli/model-choice.h"
#include "cli/models.h"
#include "cli/transfer-line.h"
#include "library/import-adapter.h"
#include "library/catalogue.h"
#include "library/consent.h"
#include "library/model-files.h"
#include "library/models-folder.h"
#include "library/prepare-installed.h"
#include "library/pull.h"
#include "library/verify.h"
#include "model/adapter.h"
#include "net/net-error.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
note (GlossInstallStage stage, const GlossDownloadProgress *progress, gpointer user_data)
{
  static const char *const words[] = {
    [GLOSS_INSTALL_LISTING] = "asking which files there are",
    [GLOSS_INSTALL_DOWNLOADING] = "downloading",
    [GLOSS_INSTALL_UNPACKING] = "unpacking",
    [GLOSS_INSTALL_TOKENIZER] = "getting the tokenizer",
    [GLOSS_INSTALL_COPYING] = "copying",
    [GLOSS_INSTALL_VERIFYING] = "verifying",
  };

  if (progress)
    gloss_transfer_line_update (user_data, progress);
  else
    gloss_transfer_line_say (user_data, words[stage]);
}

static void
note_preparing (guint64 n_done, guint64 n_all, gpointer user_data)
{
}

static GlossAccount *
find_account (GlossAccounts *accounts, GlossSourceKind kind, GError **error)
{
  return gloss_accounts_find (
      accounts, kind == GLOSS_SOURCE_KAGGLE ? GLOSS_SERVICE_KAGGLE : GLOSS_SERVICE_HUGGING_FACE,
      NULL, error);
}

/* The service to ask for @entry: the one that is named, else the one with an account. */
static gboolean
choose_kind (const GlossModelsOptions *options, GlossAccounts *accounts, GlossSourceKind *out,
             GError **error)
{
  static const GlossSourceKind kinds[] = { GLOSS_SOURCE_HUGGING_FACE, GLOSS_SOURCE_KAGGLE };

  *out = g_strcmp0 (options->from, "kaggle") == 0 ? GLOSS_SOURCE_KAGGLE : GLOSS_SOURCE_HUGGING_FACE;
  for (guint i = 0; i < G_N_ELEMENTS (kinds) && !options->from; i++)
    {
      g_autoptr (GlossAccount) account = NULL;
      GError *failure = NULL;

      account = find_account (accounts, kinds[i], &failure);
      if (failure)
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      if (account)
        {
          *out = kinds[i];
          break;
        }
    }
  return TRUE;
}

static GlossModelOrigin *
choose (const GlossModelsOptions *options, GlossAccounts *accounts, GError **error)
{
  const GlossCatalogueEntry *entry = gloss_catalogue_find (options->target);
  GlossModelOrigin *origin = gloss_model_origin_parse (options->target);
  GlossSourceKind kind;

  if (origin)
    return origin;
  if (!entry)
    {
      g_set_error (
          error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
          "there is no model \"%s\" to download; \"gloss-cli models list --available\" lists "
          "them",
          options->target);
      return NULL;
    }
  return choose_kind (options, accounts, &kind, error)
             ? gloss_model_origin_new_for_entry (entry, kind)
             : NULL;
}

static gboolean
ask (const char *question)
{
  char answer[16];

  if (!isatty (STDIN_FILENO) || !isatty (STDERR_FILENO))
    return FALSE;
  fprintf (stderr, "%s [y/N] ", question);
  fflush (stderr);
  return fgets (answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

/* The terms are Google's, and the gate is the service's; here is only where to read and where to
 * accept. */
static gboolean
has_consent (const GlossModelsOptions *options, const GlossModelOrigin *origin)
{
  g_autofree char *page = gloss_model_origin_get_page (origin);
  g_autoptr (GError) error = NULL;

  if (gloss_consent_is_given ())
    return TRUE;
  fprintf (stderr, "PaliGemma has terms of use: %s\nThe service asks whether you accept them: %s\n",
           gloss_catalogue_get_terms_page (), page);
  if (!options->accepts_licence && !ask ("Do you accept them?"))
    {
      gloss_cli_note ("nothing was downloaded, since the terms are not accepted; say so with "
                      "--accept-licence");
      return FALSE;
    }
  if (!gloss_consent_give (&error))
    gloss_cli_note ("%s", error->message);
  return TRUE;
}

/* Whether the person wants the servers that the environment names; @out_trusts gets whether that
 * had to be asked. */
static gboolean
check_endpoints (const GlossModelsOptions *options, gboolean *out_trusts, GError **error)
{
  g_auto (GlossEndpoints) endpoints = { 0 };
  g_autofree char *question = NULL;
  g_autoptr (GError) failure = NULL;
  gboolean is_unconfirmed;

  *out_trusts = options->trusts_endpoint;
  if (gloss_endpoints_init (&endpoints, *out_trusts, &failure))
    return TRUE;
  question = g_strdup_printf ("%s.\nIs it?", failure->message);
  is_unconfirmed = g_error_matches (failure, GLOSS_NET_ERROR, GLOSS_NET_ERROR_UNCONFIRMED);
  *out_trusts = is_unconfirmed && ask (question);
  if (*out_trusts)
    return TRUE;
  if (is_unconfirmed)
    g_set_error (error, GLOSS_NET_ERROR, GLOSS_NET_ERROR_UNCONFIRMED, "%s with --trust-endpoint",
                 failure->message);
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* 3 when it is the model that is of no use. */
static int
get_status (const GError *error)
{
  return error->domain == GLOSS_ERROR ? GLOSS_EXIT_NO_MODEL : GLOSS_EXIT_NOTHING_DONE;
}

static int
fail (const char *subject, const GError *error)
{
  gloss_cli_complain (subject, error->message);
  return get_status (error);
}

/* As in the window: what is faster when it is prepared is. What cannot be stays as it is. */
static void
prepare (GlossTransferLine *line, const char *name, const char *folder)
{
  g_autoptr (GlossFoundModel) model = gloss_install_look (folder);
  g_autofree char *prepared = NULL;

  if (!model || !gloss_prepare_installed_helps (model->path))
    return;
  gloss_transfer_line_say (line, "preparing");
  prepared = gloss_prepare_installed_run (model->path, name, model->tokenizer, TRUE, note_preparing,
                                          NULL, NULL, NULL);
}

static int
finish (const GlossModelsOptions *options, const char *name, const char *path, const GError *error)
{
  if (!path)
    return fail (options->target, error);
  if (!options->is_quiet)
    gloss_cli_note ("the model \"%s\" is in %s", name, path);
  return GLOSS_EXIT_OK;
}

int
gloss_models_pull (const GlossModelsOptions *options)
{
  g_autofree char *folder = gloss_models_folder_get ();
  g_autofree char *path = NULL;
  g_autoptr (GlossAccounts) accounts = gloss_accounts_new ();
  g_autoptr (GlossModelOrigin) origin = NULL;
  g_autoptr (GError) error = NULL;
  GlossTransferLine line;
  GlossPull pull = { .name = options->name,
                     .models_folder = folder,
                     .tokenizer_path = options->tokenizer,
                     .accounts = accounts,
                     .with_values = options->with_values };

  if (options->from && strcmp (options->from, "kaggle") != 0
      && strcmp (options->from, "huggingface") != 0)
    {
      gloss_cli_refuse_usage ("models", "--from must be one of kaggle, huggingface, not \"%s\"",
                              options->from);
      return GLOSS_EXIT_USAGE;
    }
  origin = choose (options, accounts, &error);
  if (!origin)
    return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
               ? (fail (options->target, error), GLOSS_EXIT_NO_MODEL)
               : fail (options->target, error);
  if (!check_endpoints (options, &pull.trusts_endpoint, &error)
      || !gloss_pull_check (origin, pull.trusts_endpoint, &error))
    return fail (options->target, error);
  if (!has_consent (options, origin))
    return GLOSS_EXIT_NOTHING_DONE;
  pull.origin = origin;
  gloss_transfer_line_begin (&line, options->is_quiet);
  path = gloss_pull_run (&pull, NULL, note, &line, &error);
  if (path)
    prepare (&line, pull.name ? pull.name : origin->name, path);
  gloss_transfer_line_clear (&line);
  return finish (options, pull.name ? pull.name : origin->name, path, error);
}

/* The tokenizer that the person names when there is none beside a model; NULL when nobody is there.
 */
static char *
ask_for_tokenizer (void)
{
  char answer[4096];

  if (!isatty (STDIN_FILENO) || !isatty (STDERR_FILENO))
    return NULL;
  fputs ("There is no tokenizer beside this model. Its path (tokenizer.model): ", stderr);
  fflush (stderr);
  if (!fgets (answer, sizeof answer, stdin))
    return NULL;
  g_strchomp (answer);
  return *answer ? g_strdup (answer) : NULL;
}

static int
import_model (const GlossModelsOptions *options)
{
  g_autofree char *folder = gloss_models_folder_get ();
  g_autofree char *name =
      options->name ? g_strdup (options->name) : gloss_install_make_name (options->target);
  g_autofree char *beside = gloss_model_files_find_tokenizer (options->target);
  g_autofree char *asked = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  GlossTransferLine line;
  GlossInstall install = { .name = name,
                           .models_folder = folder,
                           .tokenizer_path = options->tokenizer,
                           .with_values = options->with_values };

  if (!options->tokenizer && !beside && g_str_has_suffix (options->target, ".npz")
      && g_file_test (options->target, G_FILE_TEST_EXISTS))
    install.tokenizer_path = asked = ask_for_tokenizer ();
  gloss_transfer_line_begin (&line, options->is_quiet);
  path = gloss_install_import (&install, options->target, NULL, note, &line, &error);
  if (path)
    prepare (&line, name, path);
  gloss_transfer_line_clear (&line);
  return finish (options, name, path, error);
}

/* Of a PEFT adapter, for a model that is there. */
static int
import_adapter (const GlossModelsOptions *options)
{
  g_autofree char *folder = gloss_models_folder_get ();
  g_autofree char *name =
      options->name ? g_strdup (options->name) : gloss_install_make_name (options->target);
  g_autofree char *path = NULL;
  g_autofree char *tokenizer = NULL;
  g_autofree char *base_name = NULL;
  g_autofree char *base = NULL;
  g_autoptr (GError) error = NULL;

  if (!options->base)
    {
      gloss_cli_complain (options->target,
                          "is an adapter; name the model that it was made for with --base");
      return GLOSS_EXIT_NOTHING_DONE;
    }
  base = gloss_model_choice_find (options->base, &base_name, &error);
  if (base)
    tokenizer = options->tokenizer ? g_strdup (options->tokenizer)
                                   : gloss_model_choice_find_tokenizer (base, &error);
  if (!tokenizer)
    {
      gloss_cli_complain (options->base, error->message);
      return GLOSS_EXIT_NO_MODEL;
    }
  path = gloss_import_adapter (options->target, base, tokenizer, folder, name, &error);
  return finish (options, name, path, error);
}

int
gloss_models_import (const GlossModelsOptions *options)
{
  if (gloss_adapter_is_there (options->target))
    return import_adapter (options);
  if (options->base)
    {
      gloss_cli_complain (options->target,
                          "is no folder with an adapter, which is what --base is for");
      return GLOSS_EXIT_NOTHING_DONE;
    }
  return import_model (options);
}

int
gloss_models_verify (const GlossModelsOptions *options)
{
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = gloss_model_choice_find (options->target, &name, &error);
  g_autofree char *beside = path ? gloss_model_files_find_tokenizer (path) : NULL;
  const char *tokenizer = options->tokenizer ? options->tokenizer : beside;

  if (!path)
    {
      gloss_cli_complain (options->target, error->message);
      return GLOSS_EXIT_NO_MODEL;
    }
  if (!tokenizer)
    {
      gloss_cli_complain (options->target,
                          "there is no tokenizer beside it; name one with --tokenizer");
      return GLOSS_EXIT_NO_MODEL;
    }
  if (!gloss_verify_model (path, tokenizer, options->with_values, NULL, &error))
    {
      gloss_cli_complain (options->target, error->message);
      return GLOSS_EXIT_NO_MODEL;
    }
  printf ("%s is sound%s\n", name, options->with_values ? ", and all its values are finite" : "");
  return gloss_cli_finish_output (GLOSS_EXIT_OK);
}

int
gloss_models_remove (const GlossModelsOptions *options)
{
  g_autoptr (GPtrArray) models = gloss_found_models_list_here ();
  g_autoptr (GError) error = NULL;
  const GlossFoundModel *model = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *size = NULL;

  /* by its exact name: what is wholly or partly named like it is not what the person meant to lose
   */
  for (guint i = 0; i < models->len && !model; i++)
    {
      const GlossFoundModel *other = g_ptr_array_index (models, i);

      if (strcmp (other->name, options->target) == 0)
        model = other;
    }
  if (!model)
    {
      gloss_cli_complain (options->target,
                          "there is no model of just this name; \"gloss-cli models\" "
                          "lists them");
      return GLOSS_EXIT_NO_MODEL;
    }
  folder = gloss_model_place_get_folder (model->place);
  size = gloss_models_format_size (model->n_bytes);
  if (!gloss_install_remove (model, folder, &error))
    {
      gloss_cli_complain (options->target, error->message);
      return GLOSS_EXIT_NOTHING_DONE;
    }
  printf ("%s freed\n", size);
  return gloss_cli_finish_output (GLOSS_EXIT_OK);
}
