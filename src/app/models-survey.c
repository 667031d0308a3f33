/* What there is of models on this machine, and what room there is for more. */
#include "app/models-survey.h"

#include "base/memory.h"
#include "library/models-folder.h"

#include <string.h>
#include <sys/statvfs.h>

void
gloss_models_survey_free (GlossModelsSurvey *survey)
{
  g_ptr_array_unref (survey->models);
  g_free (survey->folder);
  g_free (survey);
}

/* Of the nearest folder that is there. */
static guint64
get_free_disk_bytes (const char *folder)
{
  g_autofree char *path = g_strdup (folder);
  struct statvfs disk;
  guint64 n_bytes;

  while (statvfs (path, &disk) != 0)
    {
      char *parent = g_path_get_dirname (path);

      if (strcmp (parent, path) == 0)
        {
          g_free (parent);
          return G_MAXUINT64;
        }
      g_free (path);
      path = parent;
    }
  return g_uint64_checked_mul (&n_bytes, disk.f_bavail, disk.f_frsize) ? n_bytes : G_MAXUINT64;
}

static void
look (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GlossModelsSurvey *survey = g_new0 (GlossModelsSurvey, 1);
  g_autofree char *chosen = gloss_models_folder_get_chosen ();

  survey->models = gloss_found_models_list_here ();
  survey->folder = gloss_models_folder_get ();
  survey->is_chosen = chosen != NULL;
  survey->free_disk_bytes = get_free_disk_bytes (survey->folder);
  survey->free_memory_bytes = gloss_memory_get_available_bytes ();
  g_task_return_pointer (task, survey, (GDestroyNotify) gloss_models_survey_free);
}

void
gloss_models_survey_make_async (gpointer source, GCancellable *cancellable,
                                GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (source, cancellable, callback, NULL);

  g_task_run_in_thread (task, look);
}

GlossModelsSurvey *
gloss_models_survey_make_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

gboolean
gloss_models_survey_has_own (const GlossModelsSurvey *survey, const char *name)
{
  for (guint i = 0; i < survey->models->len; i++)
    {
      const GlossFoundModel *model = g_ptr_array_index (survey->models, i);

      if ((model->place == GLOSS_MODEL_PLACE_GLOSS || model->place == GLOSS_MODEL_PLACE_CHOSEN)
          && strcmp (model->name, name) == 0)
        return TRUE;
    }
  return FALSE;
}
