/*
 * Downloading a model, from its origin to the folder of models; and what is left of downloads that
 * ended early.
 */
#pragma once

#include "library/install.h"
#include "library/model-origin.h"

G_BEGIN_DECLS

/* All borrowed for the call. */
typedef struct
{
  const GlossModelOrigin *origin;
  const char *name;           /* of the folder to make; NULL: the origin's name */
  const char *models_folder;  /* made when it is not there */
  const char *tokenizer_path; /* a file to take instead of any other, or NULL */
  GlossAccounts *accounts;
  gboolean trusts_endpoint; /* the person has confirmed HF_ENDPOINT; see gloss_endpoints_init () */
  gboolean with_values;     /* verify that all values are finite, too */
} GlossPull;

/* As gloss_install_run (), with the account for the service if there is one, and a tokenizer from
 * the public bucket or Hugging Face's repository where the model brings none. Also fails as
 * gloss_endpoints_init () and gloss_accounts_find () do. Any thread, which waits. */
char *gloss_pull_run (const GlossPull *pull, GCancellable *cancellable, GlossInstallFunc func,
                      gpointer user_data, GError **error);

/* FALSE as gloss_source_new () fails for @origin, or gloss_endpoints_init (). Asks nobody. Any
 * thread. */
gboolean gloss_pull_check (const GlossModelOrigin *origin, gboolean trusts_endpoint,
                           GError **error);

/* Where a tokenizer for the model called @name may be had: a new array of GlossSource. NULL as
 * gloss_endpoints_init () fails. Waits for the Secret Service. Any thread. */
GPtrArray *gloss_pull_make_tokenizer_sources (const char *name, GlossAccounts *accounts,
                                              gboolean trusts_endpoint, GError **error);

/* A download that can be gone on with. All owned. */
typedef struct
{
  char *name; /* of the folder to make */
  GlossModelOrigin *origin;
  guint64 n_bytes; /* that are there */
} GlossUnfinished;

void gloss_unfinished_free (GlossUnfinished *unfinished);

/* Those in @models_folder, a new array of GlossUnfinished. Any thread; it waits for the disk. */
GPtrArray *gloss_pull_list_unfinished (const char *models_folder);

/* Removes what is left of the download of @name. Nothing may go on with it. Best effort. Any
 * thread; it waits for the disk. */
void gloss_pull_discard (const char *models_folder, const char *name);

G_END_DECLS
