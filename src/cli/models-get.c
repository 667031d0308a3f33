/* gloss-cli models pull, import, verify and rm. */
#include "base/error.h"
#include "cli/messages.h"
#include "cli/model-choice.h"
#include "cli/models.h"
#include "cli/transfer-line.h"
#include "library/catalogue.h"
#include "library/consent.h"
#include "library/install.h"
#include "library/model-files.h"
#include "library/verify.h"

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

/* Where a model is from. */
typedef struct
{
  GlossSourceKind kind;
  char *handle;   /* owned, as all */
  char *revision; /* or NULL */
  char *name;
} Origin;

static void
origin_clear (Origin *origin)
{
  g_free (origin->handle);
  g_free (origin->revision);
  g_free (origin->name);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Origin, origin_clear)

/* Reads "kaggle:…" or "huggingface:…", with "@REVISION" at its end. FALSE when @target is neither.
 */
static gboolean
read_handle (const char *target, Origin *out)
{
  const char *colon = strchr (target, ':');
  const char *at;

  if (!colon)
    return FALSE;
  if (g_str_has_prefix (target, "kaggle:"))
    out->kind = GLOSS_SOURCE_KAGGLE;
  else if (g_str_has_prefix (target, "huggingface:"))
    out->kind = GLOSS_SOURCE_HUGGING_FACE;
  else
    return FALSE;
  at = strchr (colon, '@');
  out->handle = at ? g_strndup (colon + 1, (gsize) (at - colon - 1)) : g_strdup (colon + 1);
  out->revision = at ? g_strdup (at + 1) : NULL;
  out->name = g_path_get_basename (out->handle);
  return TRUE;
}

/* The account to use, and with it the service where @options leave that open. */
static gboolean
choose (const GlossModelsOptions *options, Origin *out, GlossAccount **out_account, GError **error)
{
  g_autoptr (GlossAccounts) accounts = gloss_accounts_new ();
  const GlossCatalogueEntry *entry = gloss_catalogue_find (options->target);
  gboolean is_free = !options->from;
  GError *failure = NULL;

  if (read_handle (options->target, out))
    is_free = FALSE;
  else if (!entry)
    {
      g_set_error (
          error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
          "there is no model \"%s\" to download; \"gloss-cli models list --available\" lists "
          "them",
          options->target);
      return FALSE;
    }
  else
    out->kind =
        g_strcmp0 (options->from, "kaggle") == 0 ? GLOSS_SOURCE_KAGGLE : GLOSS_SOURCE_HUGGING_FACE;
  *out_account = gloss_accounts_find (accounts,
                                      out->kind == GLOSS_SOURCE_KAGGLE ? GLOSS_SERVICE_KAGGLE
                                                                       : GLOSS_SERVICE_HUGGING_FACE,
                                      NULL, &failure);
  if (!*out_account && is_free && !failure)
    {
      *out_account = gloss_accounts_find (accounts, GLOSS_SERVICE_KAGGLE, NULL, &failure);
      if (*out_account)
        out->kind = GLOSS_SOURCE_KAGGLE;
    }
  if (failure)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  if (entry && !out->handle)
    {
      gboolean is_kaggle = out->kind == GLOSS_SOURCE_KAGGLE;

      out->handle = g_strdup (is_kaggle ? entry->kaggle_handle : entry->hugging_face_handle);
      out->revision = is_kaggle ? NULL : g_strdup (entry->hugging_face_revision);
      out->name = g_strdup (entry->name);
    }
  return TRUE;
}

/* Where the tokenizer may be had when the model brings none. */
static GPtrArray *
make_tokenizer_sources (const GlossCatalogueEntry *entry, const GlossEndpoints *endpoints)
{
  g_autoptr (GlossAccounts) accounts = gloss_accounts_new ();
  g_autoptr (GlossAccount) account =
      gloss_accounts_find (accounts, GLOSS_SERVICE_HUGGING_FACE, NULL, NULL);
  GPtrArray *sources = g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_source_free);

  g_ptr_array_add (
      sources, gloss_source_new (GLOSS_SOURCE_BUCKET, "big_vision", NULL, endpoints, NULL, NULL));
  g_ptr_array_add (
      sources, gloss_source_new (GLOSS_SOURCE_HUGGING_FACE,
                                 entry ? entry->hugging_face_handle : "google/paligemma-3b-pt-224",
                                 NULL, endpoints, account, NULL));
  return sources;
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
has_consent (const GlossModelsOptions *options, const GlossSource *source)
{
  g_autofree char *page = gloss_source_get_page (source);
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

static gboolean
init_endpoints (const GlossModelsOptions *options, GlossEndpoints *endpoints, GError **error)
{
  g_autofree char *question = NULL;
  g_autoptr (GError) failure = NULL;

  if (gloss_endpoints_init (endpoints, options->trusts_endpoint, &failure))
    return TRUE;
  gloss_endpoints_clear (endpoints);
  question = g_strdup_printf ("%s.\nIs it?", failure->message);
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) && ask (question))
    return gloss_endpoints_init (endpoints, TRUE, error);
  if (!options->trusts_endpoint && g_str_has_prefix (failure->message, "HF_ENDPOINT names"))
    g_set_error (error, G_IO_ERROR, failure->code, "%s with --trust-endpoint", failure->message);
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
  g_autofree char *folder = gloss_model_place_get_folder (GLOSS_MODEL_PLACE_GLOSS);
  g_autofree char *path = NULL;
  g_auto (GlossEndpoints) endpoints = { 0 };
  g_auto (Origin) origin = { 0 };
  g_autoptr (GlossAccount) account = NULL;
  g_autoptr (GlossSource) source = NULL;
  g_autoptr (GPtrArray) tokenizer_sources = NULL;
  g_autoptr (GError) error = NULL;
  GlossTransferLine line;
  GlossInstall install = { .models_folder = folder,
                           .tokenizer_path = options->tokenizer,
                           .with_values = options->with_values };

  if (options->from && strcmp (options->from, "kaggle") != 0
      && strcmp (options->from, "huggingface") != 0)
    {
      gloss_cli_refuse_usage ("models", "--from must be one of kaggle, huggingface, not \"%s\"",
                              options->from);
      return GLOSS_EXIT_USAGE;
    }
  if (!choose (options, &origin, &account, &error))
    return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
               ? (fail (options->target, error), GLOSS_EXIT_NO_MODEL)
               : fail (options->target, error);
  if (!init_endpoints (options, &endpoints, &error)
      || !(source = gloss_source_new (origin.kind, origin.handle, origin.revision, &endpoints,
                                      account, &error)))
    return fail (options->target, error);
  if (!has_consent (options, source))
    return GLOSS_EXIT_NOTHING_DONE;
  tokenizer_sources = make_tokenizer_sources (gloss_catalogue_find (origin.name), &endpoints);
  install.name = options->name ? options->name : origin.name;
  install.source = source;
  install.tokenizer_sources = tokenizer_sources;
  gloss_transfer_line_begin (&line, options->is_quiet);
  path = gloss_install_run (&install, NULL, NULL, note, &line, &error);
  gloss_transfer_line_clear (&line);
  return finish (options, install.name, path, error);
}

/* "paligemma.npz" is called "paligemma", "model.tar.gz" "model". */
static char *
make_name (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  char *name = g_path_get_basename (absolute);
  static const char *const suffixes[] = { ".npz", ".zip", ".tgz", ".tar.gz", ".tar" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      if (g_str_has_suffix (name, suffixes[i]) && strlen (name) > strlen (suffixes[i]))
        {
          name[strlen (name) - strlen (suffixes[i])] = '\0';
          break;
        }
    }
  return name;
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

int
gloss_models_import (const GlossModelsOptions *options)
{
  g_autofree char *folder = gloss_model_place_get_folder (GLOSS_MODEL_PLACE_GLOSS);
  g_autofree char *name = options->name ? g_strdup (options->name) : make_name (options->target);
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
  gloss_transfer_line_clear (&line);
  return finish (options, name, path, error);
}

static GPtrArray *
list_models (void)
{
  char *folders[GLOSS_N_MODEL_PLACES];
  GPtrArray *models;

  for (guint i = 0; i < GLOSS_N_MODEL_PLACES; i++)
    folders[i] = gloss_model_place_get_folder ((GlossModelPlace) i);
  models = gloss_found_models_list ((const char *const *) folders, NULL);
  for (guint i = 0; i < GLOSS_N_MODEL_PLACES; i++)
    g_free (folders[i]);
  return models;
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
  g_autofree char *folder = gloss_model_place_get_folder (GLOSS_MODEL_PLACE_GLOSS);
  g_autoptr (GPtrArray) models = list_models ();
  g_autoptr (GError) error = NULL;
  const GlossFoundModel *model = NULL;
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
  size = gloss_models_format_size (model->n_bytes);
  if (!gloss_install_remove (model, folder, &error))
    {
      gloss_cli_complain (options->target, error->message);
      return GLOSS_EXIT_NOTHING_DONE;
    }
  printf ("%s freed\n", size);
  return gloss_cli_finish_output (GLOSS_EXIT_OK);
}
