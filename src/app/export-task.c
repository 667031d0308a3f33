/* A fine-tuned model that is written for other programs. */
#include "app/export-task.h"

#include <math.h>

#define MAX_NAMES 1000
/* News of less is none. */
#define MIN_PROGRESS 0.005

static const char *const endings[] = {
  [GLOSS_EXPORT_TO_NPZ] = ".npz",
  [GLOSS_EXPORT_TO_HF] = "-hf",
  [GLOSS_EXPORT_TO_PEFT] = "-peft",
};

typedef struct
{
  /* owned */
  char *folder;
  char *tokenizer;
  char *parent;
  char *name;

  GlossExportTarget target;
  GlossExportTaskProgress progress;
  gpointer user_data;
  GTask *task;     /* borrowed */
  double reported; /* the thread's */
} Work;

/* A step of it, on its way to the main loop. */
typedef struct
{
  GTask *task; /* owned reference */
  double fraction;
} News;

static void
work_free (gpointer data)
{
  Work *work = data;

  g_free (work->folder);
  g_free (work->tokenizer);
  g_free (work->parent);
  g_free (work->name);
  g_free (work);
}

static void
news_free (gpointer data)
{
  News *news = data;

  g_object_unref (news->task);
  g_free (news);
}

static gboolean
tell (gpointer data)
{
  const News *news = data;
  const Work *work = g_task_get_task_data (news->task);
  GCancellable *cancellable = g_task_get_cancellable (news->task);

  if (!g_task_get_completed (news->task) && !g_cancellable_is_cancelled (cancellable))
    work->progress (news->fraction, work->user_data);
  return G_SOURCE_REMOVE;
}

static void
note_progress (guint64 n_done, guint64 n_all, gpointer user_data)
{
  Work *work = user_data;
  double fraction = n_all > 0 ? (double) n_done / (double) n_all : 0;
  News *news;

  if (fabs (fraction - work->reported) < MIN_PROGRESS)
    return;
  work->reported = fraction;
  news = g_new (News, 1);
  news->task = g_object_ref (work->task);
  news->fraction = fraction;
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, tell, news, news_free);
}

/* A path where nothing is yet. */
static char *
make_path (const Work *work)
{
  for (guint i = 1; i < MAX_NAMES; i++)
    {
      g_autofree char *number = i > 1 ? g_strdup_printf (" %u", i) : g_strdup ("");
      g_autofree char *name = g_strconcat (work->name, number, endings[work->target], NULL);
      char *path = g_build_filename (work->parent, name, NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return path;
      g_free (path);
    }
  return g_build_filename (work->parent, work->name, NULL);
}

static char *
write_model (Work *work, GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossModel) model = gloss_model_load (work->folder, NULL, error);
  g_autoptr (GlossTokenizer) tokenizer =
      model ? gloss_tokenizer_load (work->tokenizer, error) : NULL;
  g_autofree char *path = make_path (work);
  const GlossModelExport export = {
    .model = model,
    .tokenizer = tokenizer,
    .tokenizer_path = work->tokenizer,
    .model_path = work->folder,
    .path = path,
    .target = work->target,
    .merges = work->target != GLOSS_EXPORT_TO_PEFT,
  };

  if (!tokenizer || !gloss_model_export_run (&export, note_progress, work, cancellable, error))
    return NULL;
  return g_steal_pointer (&path);
}

static void
run (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  char *path = write_model (data, cancellable, &error);

  if (path)
    g_task_return_pointer (task, path, g_free);
  else
    g_task_return_error (task, error);
}

void
gloss_export_task_begin (GObject *source, const char *folder, const char *tokenizer,
                         const char *parent, const char *name, GlossExportTarget target,
                         GlossExportTaskProgress progress, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (source, cancellable, callback, user_data);
  Work *work = g_new0 (Work, 1);

  work->folder = g_strdup (folder);
  work->tokenizer = g_strdup (tokenizer);
  work->parent = g_strdup (parent);
  work->name = g_strdup (name);
  work->target = target;
  work->progress = progress;
  work->user_data = user_data;
  work->task = task;
  /* what was made counts, also when the wish to stop came too late */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, run);
}

char *
gloss_export_task_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
