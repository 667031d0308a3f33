/* One thing to do with a model that takes its time: what, and the doing of it. */
#pragma once

#include "library/found-models.h"
#include "library/pull.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_MODEL_TASK_DOWNLOAD, /* and verify, and prepare where that helps */
  GLOSS_MODEL_TASK_IMPORT,   /* the same */
  GLOSS_MODEL_TASK_PREPARE,
  GLOSS_MODEL_TASK_VERIFY,
} GlossModelTaskKind;

/* All owned but @accounts. */
typedef struct
{
  GlossModelTaskKind kind;
  char *name;                 /* of the model; of the folder to make, for the first two */
  char *models_folder;        /* where that folder goes */
  GlossModelOrigin *origin;   /* download */
  char *path;                 /* of what is imported, prepared or verified */
  char *tokenizer;            /* its path; NULL: as gloss_pull_run () finds one */
  gboolean is_own;            /* prepare: it lies in a folder of Gloss's own */
  gboolean fetches_tokenizer; /* import: may ask the services for a tokenizer */
  gboolean trusts_endpoint;   /* see gloss_endpoints_init () */
  GlossAccounts *accounts;    /* borrowed; outlives the task */
} GlossModelTask;

void gloss_model_task_free (GlossModelTask *task);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossModelTask, gloss_model_task_free)

typedef enum
{
  GLOSS_MODEL_STAGE_LISTING, /* these are GlossInstallStage */
  GLOSS_MODEL_STAGE_DOWNLOADING,
  GLOSS_MODEL_STAGE_UNPACKING,
  GLOSS_MODEL_STAGE_TOKENIZER,
  GLOSS_MODEL_STAGE_COPYING,
  GLOSS_MODEL_STAGE_VERIFYING,
  GLOSS_MODEL_STAGE_PREPARING,
} GlossModelStage;

/* How far it is. */
typedef struct
{
  GlossModelStage stage;
  guint64 n_bytes;       /* downloaded or prepared */
  guint64 n_total_bytes; /* 0: unknown, or there is nothing to count */
  double bytes_per_second;
  double seconds_left; /* less than 0: no telling yet */
  gboolean is_waiting; /* for the server, for some seconds */
  guint n_failures;    /* of the connection, in a row */
} GlossModelProgress;

/* From some other thread, never from two at once. */
typedef void (*GlossModelProgressFunc) (const GlossModelProgress *progress, gpointer user_data);

/*
 * Does it, and returns the path of the model to use, newly allocated. NULL as gloss_pull_run (),
 * gloss_install_import (), gloss_prepare_installed_run () and gloss_verify_model () fail. When only
 * preparing what is installed fails or is cancelled, the model is used as it is. Any thread, which
 * waits.
 */
char *gloss_model_task_run (const GlossModelTask *task, GCancellable *cancellable,
                            GlossModelProgressFunc func, gpointer user_data, GError **error);

/* Removes what a download that ended early has left. Waits for the disk. */
void gloss_model_task_discard (const GlossModelTask *task);

G_END_DECLS
