/* What came of a run of fine-tuning, for other programs. */
#include "app/tune-export.h"

#include "app/chart-export.h"
#include "app/export-task.h"
#include "app/tune-words.h"
#include "base/atomic-file.h"
#include "model/adapter.h"

#include <glib/gi18n.h>
#include <string.h>

#define CHOOSER_KEY "gloss-chooser"

struct _GlossTuneExport
{
  GtkWidget parent_instance;

  GtkWidget *box; /* owned as a child */
  GtkWidget *progress_box;
  GtkProgressBar *progress;

  GlossTuningJob *job;       /* owned reference, or NULL */
  GSimpleActionGroup *group; /* owned */
  GCancellable *cancellable; /* owned; of the model that is being written, or NULL */
};

/* The names of the actions. */
static const char *const targets[] = {
  [GLOSS_EXPORT_TO_NPZ] = "npz",
  [GLOSS_EXPORT_TO_HF] = "hf",
  [GLOSS_EXPORT_TO_PEFT] = "peft",
};
static const char *const charts[] = {
  [GLOSS_CHART_PNG] = "png",
  [GLOSS_CHART_SVG] = "svg",
  [GLOSS_CHART_CSV] = "csv",
};
#define REPORT "json"

enum
{
  SAID,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossTuneExport, gloss_tune_export, GTK_TYPE_WIDGET)

static void
say (GlossTuneExport *export, const char *words)
{
  g_signal_emit (export, signals[SAID], 0, words);
}

static void
say_exported (GlossTuneExport *export, const char *path)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *words = g_strdup_printf (_ ("Exported as “%s”"), name);

  say (export, words);
}

static void
enable (GlossTuneExport *export, const char *action, gboolean is_enabled)
{
  GAction *found = g_action_map_lookup_action (G_ACTION_MAP (export->group), action);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (found), is_enabled);
}

static gboolean
is_file_there (const char *path)
{
  return path && g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Where the model is: in the run's folder, or where it was saved. */
static const char *
get_folder (GlossTuneExport *export)
{
  const GlossTuningRecord *record = gloss_tuning_job_get_record (export->job);

  return is_file_there (record->saved_path) ? record->saved_path : record->folder;
}

void
gloss_tune_export_refresh (GlossTuneExport *export)
{
  GlossTuningJob *job = export->job;
  const GlossTuningRecord *record = job ? gloss_tuning_job_get_record (job) : NULL;
  gboolean has_model =
      job && (gloss_tuning_record_has_result (record) || is_file_there (record->saved_path))
      && !export->cancellable;
  guint n_points = 0;

  if (job)
    gloss_loss_series_get_points (gloss_tuning_job_get_series (job), &n_points);
  enable (export, targets[GLOSS_EXPORT_TO_NPZ], has_model);
  enable (export, targets[GLOSS_EXPORT_TO_HF], has_model);
  enable (export, targets[GLOSS_EXPORT_TO_PEFT],
          has_model && gloss_adapter_is_there (get_folder (export)));
  for (guint i = 0; i < G_N_ELEMENTS (charts); i++)
    enable (export, charts[i], n_points > 0);
  enable (export, REPORT, job && gloss_tuning_job_get_report (job));
  gtk_widget_set_visible (export->progress_box, export->cancellable != NULL);
  gtk_widget_set_visible (GTK_WIDGET (export), has_model || n_points > 0 || export->cancellable);
}

static void
show_progress (double fraction, gpointer data)
{
  gtk_progress_bar_set_fraction (GLOSS_TUNE_EXPORT (data)->progress, fraction);
}

static void
was_exported (GObject *object, GAsyncResult *result, gpointer data)
{
  GlossTuneExport *export = GLOSS_TUNE_EXPORT (object);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = gloss_export_task_finish (result, &error);

  if (!export->box) /* closed meanwhile */
    return;
  g_clear_object (&export->cancellable);
  gloss_tune_export_refresh (export);
  if (path)
    say_exported (export, path);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    say (export, error->message);
}

/* The name that the files get. */
static char *
make_name (GlossTuneExport *export)
{
  const GlossTuningRecord *record = gloss_tuning_job_get_record (export->job);

  return is_file_there (record->saved_path) ? g_path_get_basename (record->saved_path)
                                            : gloss_tune_words_make_name (record);
}

static void
export_model (GlossTuneExport *export, GlossExportTarget target, const char *parent)
{
  g_autofree char *name = make_name (export);

  if (export->cancellable)
    return;
  export->cancellable = g_cancellable_new ();
  gtk_progress_bar_set_fraction (export->progress, 0);
  gloss_export_task_begin (G_OBJECT (export), get_folder (export),
                           gloss_tuning_job_get_record (export->job)->settings->tokenizer, parent,
                           name, target, show_progress, export->cancellable, was_exported, export);
  gloss_tune_export_refresh (export);
}

static void
export_chart (GlossTuneExport *export, GlossChartFormat format, const char *path)
{
  g_autoptr (GError) error = NULL;

  if (gloss_chart_export (gloss_tuning_job_get_series (export->job), format, FALSE, path, &error))
    say_exported (export, path);
  else
    say (export, error->message);
}

static void
export_report (GlossTuneExport *export, const char *path)
{
  json_t *report = gloss_tuning_job_get_report (export->job);
  g_autoptr (GError) error = NULL;
  char *text;

  if (!report)
    return;
  text = json_dumps (report, JSON_INDENT (1) | JSON_REAL_PRECISION (9));
  if (gloss_atomic_file_write (path, text, strlen (text), &error))
    say_exported (export, path);
  else
    say (export, error->message);
  free (text);
}

static void
export_to (GlossTuneExport *export, const char *what, const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      if (strcmp (targets[i], what) == 0)
        export_model (export, (GlossExportTarget) i, path);
    }
  for (guint i = 0; i < G_N_ELEMENTS (charts); i++)
    {
      if (strcmp (charts[i], what) == 0)
        export_chart (export, (GlossChartFormat) i, path);
    }
  if (strcmp (what, REPORT) == 0)
    export_report (export, path);
}

static void
respond (GtkNativeDialog *dialog, int response, GlossTuneExport *export)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file ? g_file_get_path (file) : NULL;

  if (response == GTK_RESPONSE_ACCEPT && path && export->job)
    export_to (export, g_object_get_data (G_OBJECT (dialog), "what"), path);
  g_object_set_data (G_OBJECT (export), CHOOSER_KEY, NULL);
}

static gboolean
is_target (const char *what)
{
  return g_strv_contains ((const char *const[]){ targets[0], targets[1], targets[2], NULL }, what);
}

/* A model is several files, so a folder is asked for, which a sandbox then gives us whole. */
static void
ask (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossTuneExport *export = data;
  const char *what = g_action_get_name (G_ACTION (action));
  gboolean is_model = is_target (what);
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (export)));
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      is_model ? _ ("Choose a Folder for the Model") : _ ("Export"), window,
      is_model ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER : GTK_FILE_CHOOSER_ACTION_SAVE,
      is_model ? _ ("_Export Here") : NULL, NULL);
  g_autofree char *name = make_name (export);
  g_autofree char *file_name = g_strdup_printf ("%s.%s", name, what);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  if (!is_model)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), file_name);
  g_object_set_data (G_OBJECT (chooser), "what", (gpointer) what);
  g_signal_connect_object (chooser, "response", G_CALLBACK (respond), export, 0);
  /* nobody else owns a native dialog */
  g_object_set_data_full (G_OBJECT (export), CHOOSER_KEY, chooser, g_object_unref);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
cancel (GlossTuneExport *export)
{
  g_cancellable_cancel (export->cancellable);
}

void
gloss_tune_export_set_job (GlossTuneExport *export, GlossTuningJob *job)
{
  g_set_object (&export->job, job);
  gloss_tune_export_refresh (export);
}

static void
gloss_tune_export_dispose (GObject *object)
{
  GlossTuneExport *export = GLOSS_TUNE_EXPORT (object);

  g_cancellable_cancel (export->cancellable);
  g_clear_object (&export->cancellable);
  g_clear_object (&export->job);
  g_clear_object (&export->group);
  g_clear_pointer (&export->box, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_tune_export_parent_class)->dispose (object);
}

static void
gloss_tune_export_class_init (GlossTuneExportClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_tune_export_dispose;
  signals[SAID] = g_signal_new ("said", GLOSS_TYPE_TUNE_EXPORT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/tune-export.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossTuneExport, box);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneExport, progress_box);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneExport, progress);
  gtk_widget_class_bind_template_callback (widget_class, cancel);
}

static void
gloss_tune_export_init (GlossTuneExport *export)
{
  static const GActionEntry entries[] = {
    { .name = "npz", .activate = ask },  { .name = "hf", .activate = ask },
    { .name = "peft", .activate = ask }, { .name = "png", .activate = ask },
    { .name = "svg", .activate = ask },  { .name = "csv", .activate = ask },
    { .name = REPORT, .activate = ask },
  };

  export->group = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (export->group), entries, G_N_ELEMENTS (entries),
                                   export);
  gtk_widget_init_template (GTK_WIDGET (export));
  gtk_widget_insert_action_group (GTK_WIDGET (export), "export", G_ACTION_GROUP (export->group));
  gloss_tune_export_refresh (export);
}
