/* Downloading a model. */
#include "library/pull.h"

#include "base/json.h"
#include "library/folder.h"
#include "net/unpack.h"

#include <glib/gstdio.h>
#include <string.h>

#define MAX_ORIGIN_BYTES 4096

static GPtrArray *
make_tokenizer_sources (const char *name, const GlossEndpoints *endpoints, GlossAccounts *accounts)
{
  const GlossCatalogueEntry *entry = gloss_catalogue_find (name);
  g_autoptr (GlossAccount) account =
      gloss_accounts_find (accounts, GLOSS_SERVICE_HUGGING_FACE, NULL, NULL);
  GPtrArray *sources = g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_source_free);

  g_ptr_array_add (
      sources, gloss_source_new (GLOSS_SOURCE_BUCKET, "big_vision", NULL, endpoints, NULL, NULL));
  /* all PaliGemma models have the same tokenizer */
  g_ptr_array_add (
      sources, gloss_source_new (GLOSS_SOURCE_HUGGING_FACE,
                                 entry ? entry->hugging_face_handle : "google/paligemma-3b-pt-224",
                                 NULL, endpoints, account, NULL));
  return sources;
}

GPtrArray *
gloss_pull_make_tokenizer_sources (const char *name, GlossAccounts *accounts,
                                   gboolean trusts_endpoint, GError **error)
{
  g_auto (GlossEndpoints) endpoints = { 0 };

  return gloss_endpoints_init (&endpoints, trusts_endpoint, error)
             ? make_tokenizer_sources (name, &endpoints, accounts)
             : NULL;
}

gboolean
gloss_pull_check (const GlossModelOrigin *origin, gboolean trusts_endpoint, GError **error)
{
  g_auto (GlossEndpoints) endpoints = { 0 };
  g_autoptr (GlossSource) source = NULL;

  if (gloss_endpoints_init (&endpoints, trusts_endpoint, error))
    source =
        gloss_source_new (origin->kind, origin->handle, origin->revision, &endpoints, NULL, error);
  return source != NULL;
}

char *
gloss_pull_run (const GlossPull *pull, GCancellable *cancellable, GlossInstallFunc func,
                gpointer user_data, GError **error)
{
  const GlossModelOrigin *origin = pull->origin;
  g_auto (GlossEndpoints) endpoints = { 0 };
  g_autoptr (GlossAccount) account = NULL;
  g_autoptr (GlossSource) source = NULL;
  g_autoptr (GPtrArray) tokenizer_sources = NULL;
  GError *failure = NULL;
  GlossInstall install = { .name = pull->name ? pull->name : origin->name,
                           .models_folder = pull->models_folder,
                           .tokenizer_path = pull->tokenizer_path,
                           .with_values = pull->with_values };

  if (!gloss_endpoints_init (&endpoints, pull->trusts_endpoint, error))
    return NULL;
  account = gloss_accounts_find (pull->accounts, gloss_model_origin_get_service (origin),
                                 cancellable, &failure);
  if (failure)
    {
      g_propagate_error (error, failure);
      return NULL;
    }
  source =
      gloss_source_new (origin->kind, origin->handle, origin->revision, &endpoints, account, error);
  if (!source)
    return NULL;
  tokenizer_sources = make_tokenizer_sources (origin->name, &endpoints, pull->accounts);
  install.source = source;
  install.tokenizer_sources = tokenizer_sources;
  return gloss_install_run (&install, NULL, cancellable, func, user_data, error);
}

void
gloss_unfinished_free (GlossUnfinished *unfinished)
{
  g_free (unfinished->name);
  gloss_model_origin_free (unfinished->origin);
  g_free (unfinished);
}

static guint64
measure (const char *folder)
{
  guint n_left = 1000;
  g_autoptr (GPtrArray) names = gloss_folder_list (folder, &n_left);
  guint64 n_bytes = 0;

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, g_ptr_array_index (names, i), NULL);
      GStatBuf status;

      if (g_lstat (path, &status) == 0 && S_ISREG (status.st_mode))
        n_bytes += (guint64) status.st_size;
    }
  return n_bytes;
}

GPtrArray *
gloss_pull_list_unfinished (const char *models_folder)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_unfinished_free);
  g_autofree char *downloads = g_build_filename (models_folder, ".downloads", NULL);
  guint n_left = 1000;
  g_autoptr (GPtrArray) names = gloss_folder_list (downloads, &n_left);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *folder = g_build_filename (downloads, g_ptr_array_index (names, i), NULL);
      g_autofree char *path = g_build_filename (folder, GLOSS_INSTALL_ORIGIN_NAME, NULL);
      g_autoptr (json_t) root = gloss_json_load (path, MAX_ORIGIN_BYTES, NULL);
      const char *from = json_string_value (json_object_get (root, "from"));
      GlossModelOrigin *origin = from ? gloss_model_origin_parse (from) : NULL;
      GlossUnfinished *unfinished;

      if (!origin || !g_utf8_validate (g_ptr_array_index (names, i), -1, NULL))
        {
          g_clear_pointer (&origin, gloss_model_origin_free);
          continue;
        }
      unfinished = g_new0 (GlossUnfinished, 1);
      unfinished->name = g_strdup (g_ptr_array_index (names, i));
      unfinished->origin = origin;
      unfinished->n_bytes = measure (folder);
      g_ptr_array_add (all, unfinished);
    }
  return all;
}

void
gloss_pull_discard (const char *models_folder, const char *name)
{
  g_autofree char *downloads = g_build_filename (models_folder, ".downloads", NULL);
  g_autofree char *folder = g_build_filename (downloads, name, NULL);

  /* as no download is called, and what it would lead to is not for removal */
  if (!*name || name[0] == '.' || strchr (name, '/'))
    return;
  gloss_unpack_remove (folder);
  g_rmdir (downloads);
}
