/* All runs of fine-tuning that there were. */
#include "app/tune-runs-page.h"

#include "library/tuning-record.h"
#include "train/preset.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define FOLDER_KEY "gloss-run-folder"

struct _GlossTuneRunsPage
{
  GtkWidget parent_instance;

  GtkWidget *stack; /* owned as a child */
  GtkListBox *list;

  GCancellable *reading; /* owned; or NULL */
};

enum
{
  OPEN,
  CONTINUE,
  AGAIN,
  PROBLEM,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossTuneRunsPage, gloss_tune_runs_page, GTK_TYPE_WIDGET)

static const char *
get_state_words (const GlossTuningRecord *record)
{
  switch (record->state)
    {
    case GLOSS_TUNING_RUNNING:
      return _ ("goes on");
    case GLOSS_TUNING_INTERRUPTED:
      return _ ("was interrupted");
    case GLOSS_TUNING_STOPPED:
      return _ ("was stopped early");
    case GLOSS_TUNING_FINISHED:
      return _ ("came to its end");
    case GLOSS_TUNING_FAILED:
      return _ ("failed");
    }
  g_assert_not_reached ();
}

/* "24 November 2026, 18:05 · Quick on PaliGemma 3B · was stopped early" */
static char *
describe (const GlossTuningRecord *record)
{
  const GlossPreset *preset =
      record->settings->preset ? gloss_preset_find (record->settings->preset) : NULL;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (record->begun_at);
  g_autofree char *when = time ? g_date_time_format (time, "%x, %H:%M") : g_strdup ("");
  GString *words = g_string_new (when);

  if (preset)
    g_string_append_printf (words, " · %s", _ (preset->title));
  if (record->settings->base_name)
    g_string_append_printf (words, " · %s", record->settings->base_name);
  g_string_append_printf (words, "\n%s", get_state_words (record));
  if (record->message)
    g_string_append_printf (words, ": %s", record->message);
  return g_string_free (words, FALSE);
}

static const char *
get_folder (gpointer widget)
{
  return g_object_get_data (G_OBJECT (widget), FOLDER_KEY);
}

static GtkWidget *
add_button (AdwActionRow *row, const char *icon, const char *words, const char *folder,
            GCallback callback, GlossTuneRunsPage *page)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, words,
                                  -1);
  g_object_set_data_full (G_OBJECT (button), FOLDER_KEY, g_strdup (folder), g_free);
  g_signal_connect (button, "clicked", callback, page);
  adw_action_row_add_suffix (row, button);
  return button;
}

static void
emit_continue (GtkButton *button, GlossTuneRunsPage *page)
{
  g_signal_emit (page, signals[CONTINUE], 0, get_folder (button));
}

static void
emit_again (GtkButton *button, GlossTuneRunsPage *page)
{
  g_signal_emit (page, signals[AGAIN], 0, get_folder (button));
}

static void
emit_open (AdwActionRow *row, GlossTuneRunsPage *page)
{
  g_signal_emit (page, signals[OPEN], 0, get_folder (row));
}

/* Big files may take their time. */
static void
do_delete (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autoptr (GlossTuningRecord) record = gloss_tuning_record_read (data, &error);

  if (record && gloss_tuning_record_delete (record, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
deleted (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_signal_emit (object, signals[PROBLEM], 0, error->message);
  gloss_tune_runs_page_refresh (GLOSS_TUNE_RUNS_PAGE (object));
}

static void
delete_answered (AdwMessageDialog *dialog, const char *answer, GlossTuneRunsPage *page)
{
  g_autoptr (GTask) task = NULL;

  if (g_strcmp0 (answer, "delete") != 0)
    return;
  task = g_task_new (page, NULL, deleted, NULL);
  g_task_set_task_data (task, g_strdup (get_folder (dialog)), g_free);
  g_task_run_in_thread (task, do_delete);
}

static void
ask_delete (GtkButton *button, GlossTuneRunsPage *page)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (page)));
  GtkWidget *dialog = adw_message_dialog_new (
      window, _ ("Delete This Run?"),
      _ ("Its curve and its result are lost. A model that was saved of it stays."));

  g_object_set_data_full (G_OBJECT (dialog), FOLDER_KEY, g_strdup (get_folder (button)), g_free);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "delete",
                                    _ ("_Delete"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "delete",
                                              ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (delete_answered), page, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static GtkWidget *
make_row (GlossTuneRunsPage *page, const GlossTuningRecord *record)
{
  AdwActionRow *row = ADW_ACTION_ROW (adw_action_row_new ());
  g_autofree char *subtitle = describe (record);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), record->title);
  adw_action_row_set_subtitle (row, subtitle);
  adw_action_row_set_subtitle_lines (row, 4);
  g_object_set_data_full (G_OBJECT (row), FOLDER_KEY, g_strdup (record->folder), g_free);
  if (record->state != GLOSS_TUNING_RUNNING && gloss_tuning_record_has_snapshot (record))
    add_button (row, "media-playback-start-symbolic", _ ("Continue"), record->folder,
                G_CALLBACK (emit_continue), page);
  add_button (row, "edit-copy-symbolic", _ ("Use These Settings"), record->folder,
              G_CALLBACK (emit_again), page);
  if (record->state != GLOSS_TUNING_RUNNING)
    add_button (row, "user-trash-symbolic", _ ("Delete…"), record->folder, G_CALLBACK (ask_delete),
                page);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_signal_connect (row, "activated", G_CALLBACK (emit_open), page);
  return GTK_WIDGET (row);
}

static void
do_list (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, gloss_tuning_records_list (), (GDestroyNotify) g_ptr_array_unref);
}

static void
listed (GObject *object, GAsyncResult *result, gpointer data)
{
  GlossTuneRunsPage *page = GLOSS_TUNE_RUNS_PAGE (object);
  g_autoptr (GPtrArray) records = g_task_propagate_pointer (G_TASK (result), NULL);
  GtkListBoxRow *old;

  if (!records || !page->list)
    return;
  while ((old = gtk_list_box_get_row_at_index (page->list, 0)))
    gtk_list_box_remove (page->list, GTK_WIDGET (old));
  for (guint i = 0; i < records->len; i++)
    gtk_list_box_append (page->list, make_row (page, g_ptr_array_index (records, i)));
  gtk_stack_set_visible_child_name (GTK_STACK (page->stack), records->len > 0 ? "runs" : "empty");
}

void
gloss_tune_runs_page_refresh (GlossTuneRunsPage *page)
{
  g_autoptr (GTask) task = NULL;

  g_cancellable_cancel (page->reading);
  g_clear_object (&page->reading);
  page->reading = g_cancellable_new ();
  task = g_task_new (page, page->reading, listed, NULL);
  g_task_run_in_thread (task, do_list);
}

static void
gloss_tune_runs_page_dispose (GObject *object)
{
  GlossTuneRunsPage *page = GLOSS_TUNE_RUNS_PAGE (object);

  g_cancellable_cancel (page->reading);
  g_clear_object (&page->reading);
  page->list = NULL;
  g_clear_pointer (&page->stack, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_tune_runs_page_parent_class)->dispose (object);
}

static guint
make_signal (const char *name)
{
  return g_signal_new (name, GLOSS_TYPE_TUNE_RUNS_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gloss_tune_runs_page_class_init (GlossTuneRunsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_tune_runs_page_dispose;
  signals[OPEN] = make_signal ("open");
  signals[CONTINUE] = make_signal ("continue");
  signals[AGAIN] = make_signal ("again");
  signals[PROBLEM] = make_signal ("problem");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/tune-runs-page.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunsPage, list);
}

static void
gloss_tune_runs_page_init (GlossTuneRunsPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
}
