/* The window of fine-tuning. */
#include "app/tune-window.h"

#include "app/tune-data-page.h"
#include "app/tune-method-page.h"
#include "app/tune-result-page.h"
#include "app/tune-run-page.h"
#include "app/tune-runs-page.h"

#include <glib/gi18n.h>
#include <string.h>

struct _GlossTuneWindow
{
  AdwWindow parent_instance;

  AdwWindowTitle *title;
  GtkWidget *back;
  GtkWidget *runs_button;
  GtkWidget *new_run;
  GtkButton *next;
  AdwToastOverlay *toasts;
  GtkStack *stack;
  GlossTuneRunsPage *runs;
  GlossTuneDataPage *data;
  GlossTuneMethodPage *method;
  GlossTuneRunPage *run;
  GlossTuneResultPage *result;

  GlossEngine *engine;   /* owned reference */
  GlossTuningJobs *jobs; /* owned reference */
  GlossTuningJob *job;   /* owned reference; what is shown, or NULL */
};

G_DEFINE_FINAL_TYPE (GlossTuneWindow, gloss_tune_window, ADW_TYPE_WINDOW)

void
gloss_tune_window_add_toast (GlossTuneWindow *window, AdwToast *toast)
{
  adw_toast_overlay_add_toast (window->toasts, toast);
}

static void
say (GlossTuneWindow *window, const char *words)
{
  /* a toast takes markup */
  g_autofree char *escaped = g_markup_escape_text (words, -1);

  gloss_tune_window_add_toast (window, adw_toast_new (escaped));
}

static gboolean
shows (GlossTuneWindow *window, const char *page)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (window->stack), page) == 0;
}

/* The header bar, as the page and what is chosen on it have it. */
static void
update (GlossTuneWindow *window)
{
  gboolean on_data = shows (window, "data"), on_method = shows (window, "method");
  const GlossModelSource *source = gloss_engine_get_source (window->engine);
  gboolean can_go_on = (on_data && gloss_tune_data_page_get_pairs (window->data) && source)
                       || (on_method && gloss_tune_method_page_can_start (window->method));
  g_autofree char *subtitle = NULL;

  gtk_widget_set_visible (window->back, on_method || shows (window, "runs"));
  gtk_widget_set_visible (window->runs_button, !on_method && !shows (window, "runs"));
  gtk_widget_set_visible (window->new_run, !on_data && !on_method);
  gtk_widget_set_visible (GTK_WIDGET (window->next), on_data || on_method);
  gtk_button_set_label (window->next, on_method ? _ ("_Start") : _ ("_Next"));
  gtk_widget_action_set_enabled (GTK_WIDGET (window), "tune.next", can_go_on);
  if (on_data)
    subtitle = source ? g_strdup_printf (_ ("Teaching %s"), source->name) : NULL;
  else if (on_method)
    subtitle = gloss_tune_data_page_make_title (window->data);
  else if (shows (window, "runs"))
    subtitle = g_strdup (_ ("All runs"));
  else if (window->job)
    subtitle = g_strdup (gloss_tuning_job_get_record (window->job)->title);
  adw_window_title_set_subtitle (window->title, subtitle ? subtitle : "");
}

static void
show_page (GlossTuneWindow *window, const char *page)
{
  gtk_stack_set_visible_child_name (window->stack, page);
  update (window);
}

static void
drop_job (GlossTuneWindow *window)
{
  if (window->job)
    g_signal_handlers_disconnect_by_data (window->job, window);
  g_clear_object (&window->job);
}

static gboolean
is_over (GlossTuningJob *job)
{
  GlossTuningJobState state = gloss_tuning_job_get_state (job);

  return state == GLOSS_TUNING_JOB_PAST || state == GLOSS_TUNING_JOB_READING
         || state == GLOSS_TUNING_JOB_COMPARING;
}

static void
job_changed (GlossTuneWindow *window)
{
  if (gloss_tuning_job_get_state (window->job) == GLOSS_TUNING_JOB_DISCARDED)
    {
      drop_job (window);
      gloss_tune_run_page_set_job (window->run, NULL);
      gloss_tune_result_page_set_job (window->result, NULL);
      say (window, _ ("The run was discarded"));
      show_page (window, "data");
      return;
    }
  if (is_over (window->job) && shows (window, "run"))
    {
      gloss_tune_result_page_set_job (window->result, window->job);
      show_page (window, "result");
    }
}

void
gloss_tune_window_show_job (GlossTuneWindow *window, GlossTuningJob *job)
{
  drop_job (window);
  window->job = g_object_ref (job);
  g_signal_connect_swapped (job, "changed", G_CALLBACK (job_changed), window);
  gloss_tune_run_page_set_job (window->run, job);
  gloss_tune_result_page_set_job (window->result, is_over (job) ? job : NULL);
  if (gloss_tuning_job_get_state (job) == GLOSS_TUNING_JOB_PAST)
    gloss_tuning_job_load (job);
  show_page (window, is_over (job) ? "result" : "run");
}

void
gloss_tune_window_show_runs (GlossTuneWindow *window)
{
  gloss_tune_runs_page_refresh (window->runs);
  show_page (window, "runs");
}

void
gloss_tune_window_show_present (GlossTuneWindow *window)
{
  g_autoptr (GlossTuningJob) job =
      g_list_model_get_item (gloss_tuning_jobs_get_list (window->jobs), 0);

  if (job)
    gloss_tune_window_show_job (window, job);
  else if (!window->job)
    show_page (window, "data");
}

/* What is chosen becomes a run, which begins or waits for another to end. */
static void
start (GlossTuneWindow *window)
{
  const GlossModelSource *source = gloss_engine_get_source (window->engine);
  const GlossPairs *pairs = gloss_tune_data_page_get_pairs (window->data);
  const char *path = gloss_tune_data_page_get_path (window->data);
  g_autoptr (GlossTuningSettings) settings = gloss_tuning_settings_new ();
  g_autofree char *title = gloss_tune_data_page_make_title (window->data);
  g_autoptr (GError) error = NULL;
  GlossTuningRecord *record;

  settings->base_path = g_strdup (source->path);
  settings->base_name = g_strdup (source->name);
  settings->tokenizer = g_strdup (source->tokenizer);
  settings->data_path = g_strdup (path);
  settings->validation_share = gloss_tune_data_page_get_validation_share (window->data);
  settings->trainer.seed = gloss_tune_data_page_get_seed (window->data);
  gloss_tune_method_page_apply (window->method, settings);
  record = gloss_tuning_record_new (settings, title, &error);
  if (!record)
    {
      say (window, error->message);
      return;
    }
  record->n_validation = gloss_pairs_count_held_out (pairs);
  record->n_training = pairs->pairs->len - record->n_validation;
  gloss_tune_window_show_job (window, gloss_tuning_jobs_add (window->jobs, record));
}

static void
go_on (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GlossTuneWindow *window = GLOSS_TUNE_WINDOW (widget);

  if (shows (window, "method"))
    {
      start (window);
      return;
    }
  gloss_tune_method_page_set_task (window->method, gloss_engine_get_source (window->engine),
                                   gloss_tune_data_page_get_pairs (window->data),
                                   gloss_engine_get_turn (window->engine));
  show_page (window, "method");
}

static void
go_back (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GlossTuneWindow *window = GLOSS_TUNE_WINDOW (widget);

  if (shows (window, "runs") && window->job)
    gloss_tune_window_show_job (window, window->job);
  else
    show_page (window, "data");
}

static void
show_runs (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gloss_tune_window_show_runs (GLOSS_TUNE_WINDOW (widget));
}

static void
begin_new (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GlossTuneWindow *window = GLOSS_TUNE_WINDOW (widget);

  gloss_tune_method_page_set_settings (window->method, NULL);
  show_page (window, "data");
}

/* The model of the main window is the one that is taught. */
static void
engine_changed (GlossTuneWindow *window)
{
  gloss_tune_data_page_set_model (window->data, gloss_engine_get_source (window->engine));
  update (window);
}

static void
caption_first (GlossTuneWindow *window, GListModel *files)
{
  GtkApplication *application = GTK_APPLICATION (g_application_get_default ());
  guint n = g_list_model_get_n_items (files);
  g_autofree GFile **array = g_new (GFile *, MAX (n, 1));

  for (guint i = 0; i < n; i++)
    array[i] = g_list_model_get_item (files, i);
  g_application_open (G_APPLICATION (application), array, (int) n, "");
  for (guint i = 0; i < n; i++)
    g_object_unref (array[i]);
}

static void
use_result (GlossTuneWindow *window, const char *path, const char *name)
{
  g_autofree char *words = g_strdup_printf (_ ("Captions come from “%s” from now on"), name);

  g_action_group_activate_action (G_ACTION_GROUP (g_application_get_default ()), "use-model",
                                  g_variant_new ("(^ays)", path, name));
  say (window, words);
}

/* Goes on with a run that was stopped; one that had come to its end gets half as many steps more.
 */
void
gloss_tune_window_continue (GlossTuneWindow *window, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossTuningRecord) record = gloss_tuning_record_read (folder, &error);
  GlossTuningJob *job = gloss_tuning_jobs_find (window->jobs, folder);

  if (!job && record && gloss_tuning_record_lock (record, &error))
    {
      GlossTuningSettings *settings = record->settings;

      if (record->state == GLOSS_TUNING_FINISHED)
        {
          guint n_steps = gloss_tuning_settings_count_steps (settings, record->n_training);

          settings->epochs = 0;
          settings->trainer.n_steps = MIN (n_steps + MAX (n_steps / 2, 1), GLOSS_TUNING_MAX_STEPS);
        }
      job = gloss_tuning_jobs_add (window->jobs, g_steal_pointer (&record));
    }
  if (job)
    gloss_tune_window_show_job (window, job);
  else
    say (window, error->message);
}

static void
continue_shown (GlossTuneWindow *window)
{
  g_autofree char *folder = g_strdup (gloss_tuning_job_get_record (window->job)->folder);

  gloss_tune_window_continue (window, folder);
}

static void
repeat_settings (GlossTuneWindow *window, const GlossTuningSettings *settings)
{
  gloss_tune_method_page_set_settings (window->method, settings);
  gloss_tune_data_page_choose (window->data, settings->data_path);
  show_page (window, "data");
}

static void
repeat_shown (GlossTuneWindow *window)
{
  repeat_settings (window, gloss_tuning_job_get_record (window->job)->settings);
}

static void
open_run (GlossTuneWindow *window, const char *folder)
{
  GlossTuningJob *job = gloss_tuning_jobs_find (window->jobs, folder);
  g_autoptr (GlossTuningJob) past = NULL;
  g_autoptr (GError) error = NULL;
  GlossTuningRecord *record;

  if (!job)
    {
      record = gloss_tuning_record_read (folder, &error);
      if (!record)
        {
          say (window, error->message);
          return;
        }
      job = past = gloss_tuning_job_new (record, gloss_engine_get_turn (window->engine));
    }
  gloss_tune_window_show_job (window, job);
}

static void
repeat_run (GlossTuneWindow *window, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossTuningRecord) record = gloss_tuning_record_read (folder, &error);

  if (record)
    repeat_settings (window, record->settings);
  else
    say (window, error->message);
}

static void
gloss_tune_window_dispose (GObject *object)
{
  GlossTuneWindow *window = GLOSS_TUNE_WINDOW (object);

  drop_job (window);
  g_clear_object (&window->jobs);
  g_clear_object (&window->engine);
  G_OBJECT_CLASS (gloss_tune_window_parent_class)->dispose (object);
}

static void
gloss_tune_window_class_init (GlossTuneWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_tune_window_dispose;
  g_type_ensure (GLOSS_TYPE_TUNE_DATA_PAGE);
  g_type_ensure (GLOSS_TYPE_TUNE_METHOD_PAGE);
  g_type_ensure (GLOSS_TYPE_TUNE_RUN_PAGE);
  g_type_ensure (GLOSS_TYPE_TUNE_RESULT_PAGE);
  g_type_ensure (GLOSS_TYPE_TUNE_RUNS_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/tune-window.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossTuneWindow, title);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneWindow, back);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneWindow, runs_button);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneWindow, new_run);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneWindow, next);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneWindow, runs);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneWindow, data);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneWindow, method);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneWindow, run);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneWindow, result);
  gtk_widget_class_install_action (widget_class, "tune.next", NULL, go_on);
  gtk_widget_class_install_action (widget_class, "tune.back", NULL, go_back);
  gtk_widget_class_install_action (widget_class, "tune.runs", NULL, show_runs);
  gtk_widget_class_install_action (widget_class, "tune.new", NULL, begin_new);
}

static void
gloss_tune_window_init (GlossTuneWindow *window)
{
  gtk_widget_init_template (GTK_WIDGET (window));
  g_signal_connect_swapped (window->data, "changed", G_CALLBACK (update), window);
  g_signal_connect_swapped (window->data, "caption-first", G_CALLBACK (caption_first), window);
  g_signal_connect_swapped (window->method, "changed", G_CALLBACK (update), window);
  g_signal_connect_swapped (window->result, "use", G_CALLBACK (use_result), window);
  g_signal_connect_swapped (window->result, "continue", G_CALLBACK (continue_shown), window);
  g_signal_connect_swapped (window->result, "again", G_CALLBACK (repeat_shown), window);
  g_signal_connect_swapped (window->runs, "open", G_CALLBACK (open_run), window);
  g_signal_connect_swapped (window->runs, "continue", G_CALLBACK (gloss_tune_window_continue),
                            window);
  g_signal_connect_swapped (window->runs, "again", G_CALLBACK (repeat_run), window);
  g_signal_connect_swapped (window->runs, "problem", G_CALLBACK (say), window);
}

GlossTuneWindow *
gloss_tune_window_new (GlossEngine *engine, GlossTuningJobs *jobs)
{
  GlossTuneWindow *window = g_object_new (GLOSS_TYPE_TUNE_WINDOW, NULL);

  window->engine = g_object_ref (engine);
  window->jobs = g_object_ref (jobs);
  g_signal_connect_object (engine, "changed", G_CALLBACK (engine_changed), window,
                           G_CONNECT_SWAPPED);
  gloss_tune_data_page_set_model (window->data, gloss_engine_get_source (engine));
  show_page (window, "data");
  return window;
}
