/* Naming and saving the model that a run of fine-tuning made. */
#include "app/tune-save.h"

#include "app/tune-words.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _GlossTuneSave
{
  GtkWidget parent_instance;

  GtkWidget *box; /* owned as a child */
  GtkWidget *fresh;
  GtkEditable *name;
  GtkLabel *problem;
  GtkWidget *save;
  GtkWidget *save_and_use;
  GtkSpinner *spinner;
  GtkWidget *saved;
  AdwActionRow *saved_row;

  GlossTuningJob *job; /* owned reference, or NULL */
  gboolean is_saving;
};

/* What the thread works on; owned. */
typedef struct
{
  char *folder; /* of the run */
  char *name;
  gboolean is_for_use;
  GlossTuningJob *job; /* the thread leaves it alone */
} Saving;

enum
{
  SAVED,
  USE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossTuneSave, gloss_tune_save, GTK_TYPE_WIDGET)

static void
saving_free (gpointer data)
{
  Saving *saving = data;

  g_free (saving->folder);
  g_free (saving->name);
  g_object_unref (saving->job);
  g_free (saving);
}

/* Where it was saved, unless the model is gone since. */
static const char *
get_saved_path (GlossTuneSave *save)
{
  const char *path = save->job ? gloss_tuning_job_get_record (save->job)->saved_path : NULL;

  return path && g_file_test (path, G_FILE_TEST_IS_DIR) ? path : NULL;
}

static void
show_problem (GlossTuneSave *save, const char *words)
{
  GtkWidget *name = GTK_WIDGET (save->name);

  gtk_label_set_text (save->problem, words ? words : "");
  gtk_widget_set_visible (GTK_WIDGET (save->problem), words != NULL);
  gtk_accessible_update_state (GTK_ACCESSIBLE (name), GTK_ACCESSIBLE_STATE_INVALID,
                               words ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (name), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  words ? words : "", -1);
  if (words)
    gtk_widget_add_css_class (name, "error");
  else
    gtk_widget_remove_css_class (name, "error");
}

static void
set_can_save (GlossTuneSave *save, gboolean can_save)
{
  gtk_widget_set_sensitive (save->save, can_save);
  gtk_widget_set_sensitive (save->save_and_use, can_save);
}

static void
check_name (GlossTuneSave *save)
{
  g_autoptr (GError) error = NULL;
  const char *name = gtk_editable_get_text (save->name);
  gboolean is_good = *name && gloss_tuning_record_check_name (name, &error);

  show_problem (save, error ? error->message : NULL);
  set_can_save (save, is_good && !save->is_saving);
}

void
gloss_tune_save_refresh (GlossTuneSave *save)
{
  const char *path = get_saved_path (save);
  gboolean has_result =
      save->job && gloss_tuning_record_has_result (gloss_tuning_job_get_record (save->job));

  gtk_widget_set_visible (GTK_WIDGET (save), path || has_result);
  gtk_widget_set_visible (save->saved, path != NULL);
  gtk_widget_set_visible (save->fresh, path == NULL);
  if (path)
    {
      g_autofree char *name = g_filename_display_basename (path);
      g_autofree char *shown = g_filename_display_name (path);
      g_autofree char *title = g_strdup_printf (_ ("Saved as “%s”"), name);

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (save->saved_row), title);
      adw_action_row_set_subtitle (save->saved_row, shown);
    }
}

static void
set_saving (GlossTuneSave *save, gboolean is_saving)
{
  save->is_saving = is_saving;
  gtk_spinner_set_spinning (save->spinner, is_saving);
  gtk_widget_set_visible (GTK_WIDGET (save->spinner), is_saving);
  gtk_editable_set_editable (save->name, !is_saving);
  set_can_save (save, !is_saving);
}

/* On a record of its own: the job's belongs to the main thread. */
static void
save_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Saving *saving = data;
  GError *error = NULL;
  g_autoptr (GlossTuningRecord) record = gloss_tuning_record_read (saving->folder, &error);

  if (record && gloss_tuning_record_save (record, saving->name, &error))
    g_task_return_pointer (task, g_steal_pointer (&record->saved_path), g_free);
  else
    g_task_return_error (task, error);
}

static void
use (GlossTuneSave *save)
{
  const char *path = get_saved_path (save);
  g_autofree char *name = path ? g_filename_display_basename (path) : NULL;

  if (path)
    g_signal_emit (save, signals[USE], 0, path, name);
  else
    gloss_tune_save_refresh (save);
}

static void
was_saved (GObject *object, GAsyncResult *result, gpointer data)
{
  GlossTuneSave *save = GLOSS_TUNE_SAVE (object);
  const Saving *saving = g_task_get_task_data (G_TASK (result));
  GlossTuningRecord *record = gloss_tuning_job_get_record (saving->job);
  g_autoptr (GError) error = NULL;
  char *path = g_task_propagate_pointer (G_TASK (result), &error);

  if (path)
    {
      /* a run that ended meanwhile has written its record too */
      g_free (record->saved_path);
      record->saved_path = path;
      gloss_tuning_record_write (record, NULL);
    }
  if (saving->job != save->job)
    return;
  set_saving (save, FALSE);
  if (!path)
    {
      show_problem (save, error->message);
      return;
    }
  gloss_tune_save_refresh (save);
  g_signal_emit (save, signals[SAVED], 0, saving->name);
  if (saving->is_for_use)
    use (save);
}

static void
begin (GlossTuneSave *save, gboolean is_for_use)
{
  g_autoptr (GTask) task = NULL;
  Saving *saving;

  if (!save->job || save->is_saving || !gtk_widget_get_sensitive (save->save))
    return;
  saving = g_new0 (Saving, 1);
  saving->folder = g_strdup (gloss_tuning_job_get_record (save->job)->folder);
  saving->name = g_strdup (gtk_editable_get_text (save->name));
  saving->is_for_use = is_for_use;
  saving->job = g_object_ref (save->job);
  set_saving (save, TRUE);
  task = g_task_new (save, NULL, was_saved, NULL);
  g_task_set_task_data (task, saving, saving_free);
  g_task_run_in_thread (task, save_in_thread);
}

static void
save_only (GlossTuneSave *save)
{
  begin (save, FALSE);
}

static void
save_and_use (GlossTuneSave *save)
{
  begin (save, TRUE);
}

void
gloss_tune_save_set_job (GlossTuneSave *save, GlossTuningJob *job)
{
  g_autofree char *name = NULL;

  if (!g_set_object (&save->job, job))
    return;
  set_saving (save, FALSE);
  if (job)
    {
      name = gloss_tune_words_make_name (gloss_tuning_job_get_record (job));
      gtk_editable_set_text (save->name, name);
    }
  check_name (save);
  gloss_tune_save_refresh (save);
}

static void
gloss_tune_save_dispose (GObject *object)
{
  GlossTuneSave *save = GLOSS_TUNE_SAVE (object);

  g_clear_pointer (&save->box, gtk_widget_unparent);
  g_clear_object (&save->job);
  G_OBJECT_CLASS (gloss_tune_save_parent_class)->dispose (object);
}

static void
gloss_tune_save_class_init (GlossTuneSaveClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_tune_save_dispose;
  signals[SAVED] = g_signal_new ("saved", GLOSS_TYPE_TUNE_SAVE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[USE] = g_signal_new ("use", GLOSS_TYPE_TUNE_SAVE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/gloss/Gloss/tune-save.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossTuneSave, box);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneSave, fresh);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneSave, name);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneSave, problem);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneSave, save);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneSave, save_and_use);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneSave, spinner);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneSave, saved);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneSave, saved_row);
  gtk_widget_class_bind_template_callback (widget_class, check_name);
  gtk_widget_class_bind_template_callback (widget_class, save_only);
  gtk_widget_class_bind_template_callback (widget_class, save_and_use);
  gtk_widget_class_bind_template_callback (widget_class, use);
}

static void
gloss_tune_save_init (GlossTuneSave *save)
{
  gtk_widget_init_template (GTK_WIDGET (save));
  gtk_widget_set_visible (GTK_WIDGET (save), FALSE);
}
