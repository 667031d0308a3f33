/* The models on this machine. */
#include "app/installed-group.h"

#include "app/chosen-model.h"
#include "app/installed-row.h"
#include "library/install.h"

#include <glib/gi18n.h>
#include <string.h>

struct _GlossInstalledGroup
{
  AdwPreferencesGroup parent_instance;

  GPtrArray *rows;      /* owned; borrowed GlossInstalledRow */
  GlossEngine *engine;  /* owned reference */
  GlossModelJobs *jobs; /* owned reference */
};

enum
{
  REMOVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossInstalledGroup, gloss_installed_group, ADW_TYPE_PREFERENCES_GROUP)

static GlossFoundModel *
copy (const GlossFoundModel *model)
{
  GlossFoundModel *same = g_new0 (GlossFoundModel, 1);

  *same = *model;
  same->name = g_strdup (model->name);
  same->path = g_strdup (model->path);
  same->tokenizer = g_strdup (model->tokenizer);
  same->family = g_strdup (model->family);
  same->base = g_strdup (model->base);
  same->missing = g_strdup (model->missing);
  return same;
}

static void
use (GlossInstalledRow *row, GlossInstalledGroup *group)
{
  g_autoptr (GlossModelSource) source =
      gloss_model_source_new_for_found (gloss_installed_row_get_model (row));

  gloss_chosen_model_set (group->engine, source);
}

static void
begin (GlossInstalledGroup *group, GlossInstalledRow *row, GlossModelTaskKind kind)
{
  const GlossFoundModel *model = gloss_installed_row_get_model (row);
  GlossModelTask *task = g_new0 (GlossModelTask, 1);

  task->kind = kind;
  task->name = g_strdup (model->name);
  task->path = g_strdup (model->path);
  task->tokenizer = g_strdup (model->tokenizer);
  task->is_own = gloss_installed_row_is_own (row);
  gloss_model_jobs_add (group->jobs, task);
}

static void
prepare (GlossInstalledRow *row, GlossInstalledGroup *group)
{
  begin (group, row, GLOSS_MODEL_TASK_PREPARE);
}

static void
verify (GlossInstalledRow *row, GlossInstalledGroup *group)
{
  begin (group, row, GLOSS_MODEL_TASK_VERIFY);
}

static void
do_remove (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const GlossFoundModel *model = data;
  g_autofree char *folder = gloss_model_place_get_folder (model->place);
  GError *error = NULL;

  if (gloss_install_remove (model, folder, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
removed (GObject *object, GAsyncResult *result, gpointer data)
{
  const GlossFoundModel *model = g_task_get_task_data (G_TASK (result));
  g_autofree char *size = g_format_size (model->n_bytes);
  g_autofree char *words = g_strdup_printf (_ ("%s freed"), size);
  g_autoptr (GError) error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  g_signal_emit (object, signals[REMOVED], 0, error ? error->message : words);
}

static void
answered (AdwMessageDialog *dialog, const char *response, GlossInstalledGroup *group)
{
  const GlossFoundModel *model = g_object_get_data (G_OBJECT (dialog), "model");
  g_autoptr (GTask) task = NULL;

  if (strcmp (response, "remove") != 0)
    return;
  /* before its files go */
  if (gloss_chosen_model_is (group->engine, model->path))
    gloss_chosen_model_set_demo (group->engine);
  task = g_task_new (group, NULL, removed, NULL);
  g_task_set_task_data (task, copy (model), (GDestroyNotify) gloss_found_model_free);
  g_task_run_in_thread (task, do_remove);
}

static void
ask_remove (GlossInstalledRow *row, GlossInstalledGroup *group)
{
  const GlossFoundModel *model = gloss_installed_row_get_model (row);
  g_autofree char *size = g_format_size (model->n_bytes);
  g_autofree char *heading = g_strdup_printf (_ ("Remove %s?"), model->name);
  g_autofree char *body = g_strdup_printf (
      model->base ? _ ("This frees %s. What was learnt is lost, unless its run is still there.")
                  : _ ("This frees %s. To use the model again it must be downloaded again."),
      size);
  GtkWidget *dialog =
      adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (group))), heading, body);

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "remove",
                                    _ ("_Remove"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "remove",
                                              ADW_RESPONSE_DESTRUCTIVE);
  g_object_set_data_full (G_OBJECT (dialog), "model", copy (model),
                          (GDestroyNotify) gloss_found_model_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (answered), group, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* Whether the rows show just @models, so that none need lose the focus. */
static gboolean
is_shown (GlossInstalledGroup *group, const GPtrArray *models)
{
  if (group->rows->len != models->len)
    return FALSE;
  for (guint i = 0; i < models->len; i++)
    {
      const GlossFoundModel *old =
          gloss_installed_row_get_model (g_ptr_array_index (group->rows, i));
      const GlossFoundModel *new = g_ptr_array_index (models, i);

      if (strcmp (old->name, new->name) != 0 || strcmp (old->path, new->path) != 0
          || old->n_bytes != new->n_bytes || g_strcmp0 (old->missing, new->missing) != 0)
        return FALSE;
    }
  return TRUE;
}

void
gloss_installed_group_show (GlossInstalledGroup *group, const GlossModelsSurvey *survey)
{
  if (is_shown (group, survey->models))
    return;
  for (guint i = 0; i < group->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (group),
                                  g_ptr_array_index (group->rows, i));
  g_ptr_array_set_size (group->rows, 0);
  for (guint i = 0; i < survey->models->len; i++)
    {
      GlossInstalledRow *row =
          gloss_installed_row_new (copy (g_ptr_array_index (survey->models, i)), group->engine);

      g_signal_connect_object (row, "asked::" GLOSS_INSTALLED_USE, G_CALLBACK (use), group, 0);
      g_signal_connect_object (row, "asked::" GLOSS_INSTALLED_PREPARE, G_CALLBACK (prepare), group,
                               0);
      g_signal_connect_object (row, "asked::" GLOSS_INSTALLED_VERIFY, G_CALLBACK (verify), group,
                               0);
      g_signal_connect_object (row, "asked::" GLOSS_INSTALLED_REMOVE, G_CALLBACK (ask_remove),
                               group, 0);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (row));
      g_ptr_array_add (group->rows, row);
    }
}

static void
gloss_installed_group_dispose (GObject *object)
{
  GlossInstalledGroup *group = GLOSS_INSTALLED_GROUP (object);

  g_clear_object (&group->engine);
  g_clear_object (&group->jobs);
  g_clear_pointer (&group->rows, g_ptr_array_unref);
  G_OBJECT_CLASS (gloss_installed_group_parent_class)->dispose (object);
}

static void
gloss_installed_group_class_init (GlossInstalledGroupClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gloss_installed_group_dispose;
  signals[REMOVED] = g_signal_new ("removed", GLOSS_TYPE_INSTALLED_GROUP, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gloss_installed_group_init (GlossInstalledGroup *group)
{
  group->rows = g_ptr_array_new ();
}

void
gloss_installed_group_set_up (GlossInstalledGroup *group, GlossEngine *engine, GlossModelJobs *jobs)
{
  group->engine = g_object_ref (engine);
  group->jobs = g_object_ref (jobs);
}
