/* The window of models. */
#include "app/models-window.h"

#include "app/account-group.h"
#include "app/catalogue-page.h"
#include "app/choose-files.h"
#include "app/import-model.h"
#include "app/installed-group.h"
#include "app/model-job-row.h"
#include "library/models-folder.h"

#include <glib/gi18n.h>

struct _GlossModelsWindow
{
  AdwPreferencesWindow parent_instance;

  GtkWidget *jobs_group;
  GtkListBox *job_list;
  GlossInstalledGroup *installed;
  AdwActionRow *folder;
  GtkWidget *own_folder;
  GlossCataloguePage *catalogue;
  GlossAccountGroup *hugging_face;
  GlossAccountGroup *kaggle;

  GlossModelJobs *jobs; /* owned reference */
  GCancellable *search; /* owned; of the survey that goes on, or NULL */
};

G_DEFINE_FINAL_TYPE (GlossModelsWindow, gloss_models_window, ADW_TYPE_PREFERENCES_WINDOW)

void
gloss_models_window_add_toast (GlossModelsWindow *window, AdwToast *toast)
{
  adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (window), toast);
}

static void
say (GlossModelsWindow *window, const char *words)
{
  /* a toast takes markup, and a path may have an ampersand */
  g_autofree char *escaped = g_markup_escape_text (words, -1);

  gloss_models_window_add_toast (window, adw_toast_new (escaped));
}

static void
surveyed (GObject *object, GAsyncResult *result, gpointer data)
{
  GlossModelsWindow *window = GLOSS_MODELS_WINDOW (object);
  GlossModelsSurvey *survey = gloss_models_survey_make_finish (result);
  g_autofree char *folder = NULL;

  if (!survey)
    return;
  if (!window->jobs) /* closed meanwhile */
    {
      gloss_models_survey_free (survey);
      return;
    }
  folder = g_filename_display_name (survey->folder);
  adw_action_row_set_subtitle (window->folder, folder);
  gtk_widget_set_visible (window->own_folder, survey->is_chosen);
  gloss_installed_group_show (window->installed, survey);
  gloss_catalogue_page_show (window->catalogue, survey);
}

void
gloss_models_window_refresh (GlossModelsWindow *window)
{
  g_cancellable_cancel (window->search);
  g_clear_object (&window->search);
  window->search = g_cancellable_new ();
  gloss_models_survey_make_async (window, window->search, surveyed);
}

static void
show_jobs (GlossModelsWindow *window)
{
  GListModel *list = gloss_model_jobs_get_list (window->jobs);

  gtk_widget_set_visible (window->jobs_group, g_list_model_get_n_items (list) > 0);
}

static void
model_removed (GlossInstalledGroup *group, const char *words, GlossModelsWindow *window)
{
  say (window, words);
  gloss_models_window_refresh (window);
}

static void
import_chosen (GObject *subject, GListModel *files)
{
  g_autoptr (GFile) file = g_list_model_get_item (files, 0);

  gloss_import_model (GTK_WINDOW (subject), GLOSS_MODELS_WINDOW (subject)->jobs, file);
}

static void
import_file (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gloss_choose_files (GTK_WINDOW (widget), GLOSS_CHOOSE_MODEL_FILE, import_chosen,
                      G_OBJECT (widget));
}

static void
import_folder (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gloss_choose_files (GTK_WINDOW (widget), GLOSS_CHOOSE_MODEL_FOLDER, import_chosen,
                      G_OBJECT (widget));
}

static gboolean
take_drop (GtkDropTarget *target, const GValue *value, double x, double y,
           GlossModelsWindow *window)
{
  GSList *files = g_value_get_boxed (value);

  for (GSList *link = files; link; link = link->next)
    gloss_import_model (GTK_WINDOW (window), window->jobs, link->data);
  return files != NULL;
}

/* The folder is made and tried: that may be on a disk that sleeps. */
static void
do_choose (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (gloss_models_folder_choose (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
folder_tried (GObject *object, GAsyncResult *result, gpointer data)
{
  GlossModelsWindow *window = GLOSS_MODELS_WINDOW (object);
  g_autoptr (GError) error = NULL;

  /* closed meanwhile */
  if (!window->jobs)
    return;
  if (g_task_propagate_boolean (G_TASK (result), &error))
    say (window, _ ("New models go there now"));
  else
    say (window, error->message);
  gloss_models_window_refresh (window);
  gloss_model_jobs_find_unfinished (window->jobs);
}

static void
choose_folder (GlossModelsWindow *window, const char *path)
{
  g_autoptr (GTask) task = g_task_new (window, NULL, folder_tried, NULL);

  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, do_choose);
}

static void
folder_chosen (GObject *subject, GListModel *files)
{
  g_autoptr (GFile) file = g_list_model_get_item (files, 0);
  g_autofree char *path = g_file_get_path (file);

  if (path)
    choose_folder (GLOSS_MODELS_WINDOW (subject), path);
}

static void
change_folder (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gloss_choose_files (GTK_WINDOW (widget), GLOSS_CHOOSE_MODELS_FOLDER, folder_chosen,
                      G_OBJECT (widget));
}

static void
use_own_folder (GtkWidget *widget, const char *action, GVariant *parameter)
{
  choose_folder (GLOSS_MODELS_WINDOW (widget), NULL);
}

static void
gloss_models_window_dispose (GObject *object)
{
  GlossModelsWindow *window = GLOSS_MODELS_WINDOW (object);

  g_cancellable_cancel (window->search);
  g_clear_object (&window->search);
  g_clear_object (&window->jobs);
  G_OBJECT_CLASS (gloss_models_window_parent_class)->dispose (object);
}

static void
gloss_models_window_class_init (GlossModelsWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_models_window_dispose;
  g_type_ensure (GLOSS_TYPE_INSTALLED_GROUP);
  g_type_ensure (GLOSS_TYPE_CATALOGUE_PAGE);
  g_type_ensure (GLOSS_TYPE_ACCOUNT_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/models-window.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossModelsWindow, jobs_group);
  gtk_widget_class_bind_template_child (widget_class, GlossModelsWindow, job_list);
  gtk_widget_class_bind_template_child (widget_class, GlossModelsWindow, installed);
  gtk_widget_class_bind_template_child (widget_class, GlossModelsWindow, folder);
  gtk_widget_class_bind_template_child (widget_class, GlossModelsWindow, own_folder);
  gtk_widget_class_bind_template_child (widget_class, GlossModelsWindow, catalogue);
  gtk_widget_class_bind_template_child (widget_class, GlossModelsWindow, hugging_face);
  gtk_widget_class_bind_template_child (widget_class, GlossModelsWindow, kaggle);
  gtk_widget_class_install_action (widget_class, "models.import-file", NULL, import_file);
  gtk_widget_class_install_action (widget_class, "models.import-folder", NULL, import_folder);
  gtk_widget_class_install_action (widget_class, "models.change-folder", NULL, change_folder);
  gtk_widget_class_install_action (widget_class, "models.own-folder", NULL, use_own_folder);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
gloss_models_window_init (GlossModelsWindow *window)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  gtk_widget_init_template (GTK_WIDGET (window));
  g_signal_connect (target, "drop", G_CALLBACK (take_drop), window);
  gtk_widget_add_controller (GTK_WIDGET (window), GTK_EVENT_CONTROLLER (target));
  g_signal_connect_object (window->installed, "removed", G_CALLBACK (model_removed), window, 0);
}

GlossModelsWindow *
gloss_models_window_new (GlossEngine *engine, GlossModelJobs *jobs)
{
  GlossModelsWindow *window = g_object_new (GLOSS_TYPE_MODELS_WINDOW, NULL);

  window->jobs = g_object_ref (jobs);
  gloss_installed_group_set_up (window->installed, engine, jobs);
  gloss_catalogue_page_set_up (window->catalogue, jobs);
  gloss_account_group_set_up (window->hugging_face, GLOSS_SERVICE_HUGGING_FACE, jobs);
  gloss_account_group_set_up (window->kaggle, GLOSS_SERVICE_KAGGLE, jobs);
  gloss_model_job_row_fill_list (window->job_list, jobs);
  g_signal_connect_object (gloss_model_jobs_get_list (jobs), "items-changed",
                           G_CALLBACK (show_jobs), window, G_CONNECT_SWAPPED);
  show_jobs (window);
  gloss_models_window_refresh (window);
  return window;
}

void
gloss_models_window_show_page (GlossModelsWindow *window, const char *name)
{
  adw_preferences_window_set_visible_page_name (ADW_PREFERENCES_WINDOW (window), name);
  gloss_account_group_refresh (window->hugging_face);
  gloss_account_group_refresh (window->kaggle);
}
