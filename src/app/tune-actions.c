/* What the program does about fine-tuning, from all of its windows. */
#include "app/tune-actions.h"

#include "app/settings.h"
#include "app/tune-window.h"
#include "app/window.h"
#include "library/tuning-record.h"

#include <glib/gi18n.h>

#define CONTEXT_KEY "gloss-tune-actions"
#define NOTIFICATION "fine-tune"
/* Long enough to come back to the desk. */
#define OFFER_SECONDS 30

typedef struct
{
  GtkApplication *application; /* borrowed; owns this */
  GlossEngine *engine;         /* owned reference */
  GlossTuningJobs *jobs;       /* owned reference */
  guint inhibitor;             /* what keeps the machine awake, 0: nothing */
} Context;

static void
free_context (gpointer data)
{
  Context *context = data;

  g_signal_handlers_disconnect_by_data (context->jobs, context);
  g_object_unref (context->engine);
  g_object_unref (context->jobs);
  g_free (context);
}

static GlossTuneWindow *
find_window (Context *context)
{
  for (GList *link = gtk_application_get_windows (context->application); link; link = link->next)
    {
      if (GLOSS_IS_TUNE_WINDOW (link->data))
        return link->data;
    }
  return NULL;
}

static GlossTuneWindow *
get_window (Context *context)
{
  GlossTuneWindow *window = find_window (context);

  if (window)
    return window;
  window = gloss_tune_window_new (context->engine, context->jobs);
  gtk_window_set_application (GTK_WINDOW (window), context->application);
  return window;
}

static void
fine_tune (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossTuneWindow *window = get_window (data);

  gloss_tune_window_show_present (window);
  gtk_window_present (GTK_WINDOW (window));
}

static void
show_runs (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossTuneWindow *window = get_window (data);

  gloss_tune_window_show_runs (window);
  gtk_window_present (GTK_WINDOW (window));
}

static void
resume (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  Context *context = data;
  const char *folder = g_variant_get_bytestring (parameter);
  GlossTuneWindow *window = get_window (context);

  gloss_tune_window_continue (window, folder);
  gtk_window_present (GTK_WINDOW (window));
}

/* A machine that falls asleep learns nothing. */
static void
jobs_changed (Context *context)
{
  guint n = g_list_model_get_n_items (gloss_tuning_jobs_get_list (context->jobs));

  if (n > 0 && context->inhibitor == 0)
    context->inhibitor =
        gtk_application_inhibit (context->application, NULL, GTK_APPLICATION_INHIBIT_SUSPEND,
                                 _ ("A model is being fine-tuned"));
  else if (n == 0 && context->inhibitor != 0)
    {
      gtk_application_uninhibit (context->application, context->inhibitor);
      context->inhibitor = 0;
    }
}

/* Where nobody looks at the window, the desktop tells it. */
static void
job_ended (GlossTuningJobs *jobs, GlossTuningJob *job, Context *context)
{
  const GlossTuningRecord *record = gloss_tuning_job_get_record (job);
  GlossTuneWindow *window = find_window (context);
  g_autoptr (GNotification) notification = NULL;

  if (gloss_tuning_job_get_state (job) == GLOSS_TUNING_JOB_DISCARDED
      || record->state == GLOSS_TUNING_STOPPED
      || (window && gtk_window_is_active (GTK_WINDOW (window))))
    return;
  notification = g_notification_new (
      record->state == GLOSS_TUNING_FAILED ? _ ("Fine-tuning Failed") : _ ("Fine-tuning Is Done"));
  g_notification_set_body (notification, record->message ? record->message : record->title);
  g_notification_set_default_action (notification, "app.fine-tune");
  g_application_send_notification (G_APPLICATION (context->application), NOTIFICATION,
                                   notification);
}

static void
follow_threads (GSettings *settings, const char *key, GlossTuningJobs *jobs)
{
  gloss_tuning_jobs_set_n_threads (jobs, g_settings_get_uint (settings, "threads"));
}

void
gloss_tune_actions_add (GtkApplication *application, GlossEngine *engine, GlossTuningJobs *jobs)
{
  static const GActionEntry actions[] = {
    { .name = "fine-tune", .activate = fine_tune },
    { .name = "tuning-runs", .activate = show_runs },
    { .name = "resume-tuning", .activate = resume, .parameter_type = "ay" },
  };
  Context *context = g_new (Context, 1);

  *context = (Context){ application, g_object_ref (engine), g_object_ref (jobs), 0 };
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   context);
  g_signal_connect_swapped (jobs, "changed", G_CALLBACK (jobs_changed), context);
  g_signal_connect (jobs, "ended", G_CALLBACK (job_ended), context);
  follow_threads (gloss_settings_get (), NULL, jobs);
  g_signal_connect_object (gloss_settings_get (), "changed::threads", G_CALLBACK (follow_threads),
                           jobs, 0);
  g_object_set_data_full (G_OBJECT (application), CONTEXT_KEY, context, free_context);
}

static void
do_find (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) records = gloss_tuning_records_list ();

  for (guint i = 0; i < records->len; i++)
    {
      const GlossTuningRecord *record = g_ptr_array_index (records, i);

      if (record->state == GLOSS_TUNING_INTERRUPTED)
        {
          g_task_return_pointer (task, g_strdup (record->folder), g_free);
          return;
        }
    }
  g_task_return_pointer (task, NULL, NULL);
}

static void
found (GObject *object, GAsyncResult *result, gpointer data)
{
  GtkApplication *application = GTK_APPLICATION (object);
  g_autofree char *folder = g_task_propagate_pointer (G_TASK (result), NULL);
  GtkWindow *active = gtk_application_get_active_window (application);
  AdwToast *toast;

  for (GList *link = gtk_application_get_windows (application); link && !GLOSS_IS_WINDOW (active);
       link = link->next)
    active = link->data;
  if (!folder || !GLOSS_IS_WINDOW (active))
    return;
  toast = adw_toast_new (_ ("A run of fine-tuning was interrupted"));
  adw_toast_set_timeout (toast, OFFER_SECONDS);
  adw_toast_set_button_label (toast, _ ("_Resume"));
  adw_toast_set_action_name (toast, "app.resume-tuning");
  adw_toast_set_action_target_value (toast, g_variant_new_bytestring (folder));
  gloss_window_add_toast (GLOSS_WINDOW (active), toast);
}

void
gloss_tune_actions_offer_interrupted (GtkApplication *application)
{
  g_autoptr (GTask) task = g_task_new (application, NULL, found, NULL);

  g_task_run_in_thread (task, do_find);
}
