/* One thing to do with a model that takes its time. */
#include "app/model-task.h"

#include "library/prepare-installed.h"
#include "library/verify.h"

typedef struct
{
  GlossModelProgressFunc func;
  gpointer user_data;
} Tell;

void
gloss_model_task_free (GlossModelTask *task)
{
  g_free (task->name);
  g_free (task->models_folder);
  g_clear_pointer (&task->origin, gloss_model_origin_free);
  g_free (task->path);
  g_free (task->tokenizer);
  g_free (task);
}

static void
tell_stage (const Tell *tell, GlossModelStage stage)
{
  GlossModelProgress progress = { .stage = stage, .seconds_left = -1 };

  tell->func (&progress, tell->user_data);
}

static void
tell_install (GlossInstallStage stage, const GlossDownloadProgress *download, gpointer user_data)
{
  GlossModelProgress progress = { .stage = (GlossModelStage) stage, .seconds_left = -1 };
  const Tell *tell = user_data;

  if (download)
    {
      progress.n_bytes = download->n_bytes;
      progress.n_total_bytes = download->n_total_bytes;
      progress.bytes_per_second = download->bytes_per_second;
      progress.seconds_left = download->seconds_left;
      progress.n_failures = download->n_failures;
      progress.is_waiting = download->is_waiting;
    }
  tell->func (&progress, tell->user_data);
}

static void
tell_prepare (guint64 n_done, guint64 n_all, gpointer user_data)
{
  const Tell *tell = user_data;
  GlossModelProgress progress = { .stage = GLOSS_MODEL_STAGE_PREPARING,
                                  .n_bytes = n_done,
                                  .n_total_bytes = n_all,
                                  .seconds_left = -1 };

  tell->func (&progress, tell->user_data);
}

/* What was installed in @folder, prepared where that helps; else as it is. */
static char *
prepare_installed (const GlossModelTask *task, const char *folder, Tell *tell,
                   GCancellable *cancellable)
{
  g_autoptr (GlossFoundModel) model = gloss_install_look (folder);
  char *prepared = NULL;

  if (!model)
    return g_strdup (folder);
  if (gloss_prepare_installed_helps (model->path))
    prepared = gloss_prepare_installed_run (model->path, task->name, model->tokenizer, TRUE,
                                            tell_prepare, tell, cancellable, NULL);
  return prepared ? prepared : g_strdup (model->path);
}

static char *
download (const GlossModelTask *task, Tell *tell, GCancellable *cancellable, GError **error)
{
  GlossPull pull = { .origin = task->origin,
                     .name = task->name,
                     .models_folder = task->models_folder,
                     .tokenizer_path = task->tokenizer,
                     .accounts = task->accounts,
                     .trusts_endpoint = task->trusts_endpoint,
                     .with_values = TRUE };

  return gloss_pull_run (&pull, cancellable, tell_install, tell, error);
}

static char *
import (const GlossModelTask *task, Tell *tell, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) sources = NULL;
  GlossInstall install = { .name = task->name,
                           .models_folder = task->models_folder,
                           .tokenizer_path = task->tokenizer,
                           .with_values = TRUE };

  if (task->fetches_tokenizer)
    {
      sources = gloss_pull_make_tokenizer_sources (task->name, task->accounts,
                                                   task->trusts_endpoint, error);
      if (!sources)
        return NULL;
      install.tokenizer_sources = sources;
    }
  return gloss_install_import (&install, task->path, cancellable, tell_install, tell, error);
}

char *
gloss_model_task_run (const GlossModelTask *task, GCancellable *cancellable,
                      GlossModelProgressFunc func, gpointer user_data, GError **error)
{
  Tell tell = { func, user_data };
  g_autofree char *folder = NULL;

  switch (task->kind)
    {
    case GLOSS_MODEL_TASK_DOWNLOAD:
    case GLOSS_MODEL_TASK_IMPORT:
      folder = task->kind == GLOSS_MODEL_TASK_DOWNLOAD ? download (task, &tell, cancellable, error)
                                                       : import (task, &tell, cancellable, error);
      return folder ? prepare_installed (task, folder, &tell, cancellable) : NULL;
    case GLOSS_MODEL_TASK_PREPARE:
      tell_stage (&tell, GLOSS_MODEL_STAGE_PREPARING);
      return gloss_prepare_installed_run (task->path, task->name, task->tokenizer, task->is_own,
                                          tell_prepare, &tell, cancellable, error);
    case GLOSS_MODEL_TASK_VERIFY:
      tell_stage (&tell, GLOSS_MODEL_STAGE_VERIFYING);
      return gloss_verify_model (task->path, task->tokenizer, TRUE, cancellable, error)
                 ? g_strdup (task->path)
                 : NULL;
    }
  g_assert_not_reached ();
}

void
gloss_model_task_discard (const GlossModelTask *task)
{
  if (task->kind == GLOSS_MODEL_TASK_DOWNLOAD)
    gloss_pull_discard (task->models_folder, task->name);
}
