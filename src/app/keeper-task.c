/* What the keeper's thread does. */
#include "app/keeper-task.h"

#include "dataset/sidecar-sharers.h"

GlossKeeperTask *
gloss_keeper_task_new (GObject *keeper, GlossKeeperTaskKind kind, GlossPicture *const *pictures,
                       guint n)
{
  GlossKeeperTask *task = g_new0 (GlossKeeperTask, 1);

  task->kind = kind;
  task->keeper = g_object_ref (keeper);
  task->pictures = g_ptr_array_new_with_free_func (g_object_unref);
  task->paths = g_ptr_array_new_with_free_func (g_free);
  task->revisions = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < n; i++)
    {
      guint revision = gloss_picture_get_revision (pictures[i]);

      g_array_append_val (task->revisions, revision);
      g_ptr_array_add (task->pictures, g_object_ref (pictures[i]));
      g_ptr_array_add (task->paths, g_strdup (gloss_picture_get_path (pictures[i])));
    }
  g_ptr_array_add (task->paths, NULL);
  return task;
}

void
gloss_keeper_task_free (GlossKeeperTask *task)
{
  g_object_unref (task->keeper);
  g_clear_pointer (&task->pictures, g_ptr_array_unref);
  g_clear_pointer (&task->revisions, g_array_unref);
  g_clear_pointer (&task->paths, g_ptr_array_unref);
  g_clear_pointer (&task->kept, g_array_unref);
  gloss_caption_record_free (task->record);
  g_free (task->folders_have);
  g_free (task->text);
  g_free (task->problem);
  g_free (task);
}

static guint
count (const GlossKeeperTask *task)
{
  return task->paths->len - 1;
}

static const char *
get_path (const GlossKeeperTask *task, guint index)
{
  return g_ptr_array_index (task->paths, index);
}

static void
note_problem (GlossKeeperTask *task, GError *error)
{
  if (error && !task->problem)
    task->problem = g_strdup (error->message);
  g_clear_error (&error);
}

static void
kept_clear (gpointer data)
{
  gloss_kept_caption_clear (data);
}

static void
load (GlossKeeperTask *task, GlossKeptCaptions *captions)
{
  g_autoptr (GPtrArray) sharers =
      gloss_sidecar_find_sharers ((const char *const *) task->paths->pdata, count (task));

  task->kept = g_array_new (FALSE, TRUE, sizeof (GlossKeptCaption));
  g_array_set_clear_func (task->kept, kept_clear);
  g_array_set_size (task->kept, count (task));
  task->folders_have = g_new0 (gboolean, count (task));
  for (guint i = 0; i < count (task); i++)
    {
      GError *error = NULL;

      gloss_kept_captions_load (captions, get_path (task, i),
                                g_ptr_array_index (sharers, i) != NULL,
                                &g_array_index (task->kept, GlossKeptCaption, i), NULL, &error);
      note_problem (task, error);
      task->folders_have[i] = gloss_kept_captions_has_sidecars (captions, get_path (task, i));
    }
}

static void
set_sidecars (GlossKeeperTask *task, GlossKeptCaptions *captions)
{
  g_autoptr (GPtrArray) sharers = NULL;
  GError *error = NULL;

  if (task->has_sidecars)
    sharers = gloss_sidecar_find_sharers ((const char *const *) task->paths->pdata, count (task));
  gloss_kept_captions_set_sidecars (captions, get_path (task, 0), task->has_sidecars, &error);
  note_problem (task, error);
  for (guint i = 0; task->has_sidecars && i < count (task); i++)
    {
      gboolean merged;

      error = NULL;
      if (!gloss_kept_captions_has_sidecars (captions, get_path (task, i)))
        continue;
      gloss_kept_captions_write_sidecar (captions, get_path (task, i),
                                         g_ptr_array_index (sharers, i), &merged, &error);
      task->must_reload = task->must_reload || merged;
      note_problem (task, error);
    }
}

static void
clear_history (GlossKeeperTask *task, GlossKeptCaptions *captions)
{
  for (guint i = 0; i < count (task); i++)
    {
      GError *error = NULL;

      gloss_caption_store_clear_history (gloss_kept_captions_get_store (captions),
                                         get_path (task, i), &error);
      note_problem (task, error);
    }
}

static void
forget (GlossKeeperTask *task, GlossKeptCaptions *captions, GlossForgottenCaptions **forgotten)
{
  GError *error = NULL;

  g_clear_pointer (forgotten, gloss_forgotten_captions_free);
  gloss_caption_store_forget (gloss_kept_captions_get_store (captions),
                              (const char *const *) task->paths->pdata, forgotten, &error);
  note_problem (task, error);
}

static void
restore (GlossKeeperTask *task, GlossKeptCaptions *captions, GlossForgottenCaptions *forgotten)
{
  GError *error = NULL;

  if (forgotten)
    gloss_caption_store_restore (gloss_kept_captions_get_store (captions), forgotten, &error);
  note_problem (task, error);
  task->must_reload = TRUE;
}

void
gloss_keeper_task_run (GlossKeeperTask *task, GlossKeptCaptions *captions,
                       GlossForgottenCaptions **forgotten)
{
  GError *error = NULL;

  switch (task->kind)
    {
    case GLOSS_KEEPER_LOAD:
      load (task, captions);
      break;
    case GLOSS_KEEPER_SET:
      gloss_kept_captions_set (captions, get_path (task, 0), task->record, &task->must_reload,
                               &error);
      break;
    case GLOSS_KEEPER_EDIT:
      gloss_kept_captions_edit (captions, get_path (task, 0), task->text, &task->must_reload,
                                &error);
      break;
    case GLOSS_KEEPER_FORGET:
      forget (task, captions, forgotten);
      break;
    case GLOSS_KEEPER_RESTORE:
      restore (task, captions, *forgotten);
      break;
    case GLOSS_KEEPER_CLEAR_HISTORY:
      clear_history (task, captions);
      break;
    case GLOSS_KEEPER_SET_SIDECARS:
      set_sidecars (task, captions);
      break;
    case GLOSS_KEEPER_TELL:
    case GLOSS_KEEPER_END:
      break;
    }
  note_problem (task, error);
}
