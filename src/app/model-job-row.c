/* One job with a model in a list. */
#include "app/model-job-row.h"

#include "app/choose-files.h"
#include "app/model-job-words.h"

#include <glib/gi18n.h>

struct _GlossModelJobRow
{
  GtkListBoxRow parent_instance;

  GtkLabel *title;
  GtkLabel *status;
  GtkProgressBar *bar;
  GtkWidget *pause;
  GtkWidget *resume;
  GtkWidget *cancel;
  GtkButton *way;

  GlossModelJobs *jobs; /* owned reference */
  GlossModelJob *job;   /* owned reference */
};

G_DEFINE_FINAL_TYPE (GlossModelJobRow, gloss_model_job_row, GTK_TYPE_LIST_BOX_ROW)

static void
pause_job (GlossModelJobRow *row)
{
  gloss_model_job_pause (row->job);
}

static void
resume_job (GlossModelJobRow *row)
{
  gloss_model_jobs_resume (row->jobs, row->job);
}

static void
cancel_job (GlossModelJobRow *row)
{
  gloss_model_job_cancel (row->job);
}

static void
use_tokenizer (GObject *subject, GListModel *files)
{
  GlossModelJobRow *row = GLOSS_MODEL_JOB_ROW (subject);
  g_autoptr (GFile) file = g_list_model_get_item (files, 0);
  g_autofree char *path = g_file_get_path (file);

  /* it may have been given up meanwhile, in the other window */
  if (!path || !row->job || gloss_model_job_get_state (row->job) != GLOSS_MODEL_JOB_FAILED)
    return;
  gloss_model_job_set_tokenizer (row->job, path);
  gloss_model_jobs_resume (row->jobs, row->job);
}

static void
go_way (GlossModelJobRow *row)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (row)));
  g_autofree char *page = NULL;

  switch (gloss_model_job_get_way (row->job))
    {
    case GLOSS_MODEL_WAY_NONE:
      break;
    case GLOSS_MODEL_WAY_PAGE:
      page = gloss_model_origin_get_page (gloss_model_job_get_task (row->job)->origin);
      gtk_show_uri (window, page, GDK_CURRENT_TIME);
      break;
    case GLOSS_MODEL_WAY_ACCOUNT:
      gtk_widget_activate_action (GTK_WIDGET (row), "app.models", "s", "accounts");
      break;
    case GLOSS_MODEL_WAY_TOKENIZER:
      gloss_choose_files (window, GLOSS_CHOOSE_TOKENIZER, use_tokenizer, G_OBJECT (row));
      break;
    }
}

static const char *
get_way_label (GlossModelWay way)
{
  switch (way)
    {
    case GLOSS_MODEL_WAY_NONE:
      return NULL;
    case GLOSS_MODEL_WAY_PAGE:
      return _ ("Open Page");
    case GLOSS_MODEL_WAY_ACCOUNT:
      return _ ("Accounts");
    case GLOSS_MODEL_WAY_TOKENIZER:
      return _ ("Choose Tokenizer…");
    }
  g_assert_not_reached ();
}

static void
set_accessible_label (GtkWidget *widget, const char *words, GlossModelJob *job)
{
  g_autofree char *label = g_strdup_printf (words, gloss_model_job_get_task (job)->name);

  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

static void
show_job (GlossModelJobRow *row)
{
  GlossModelJobState state = gloss_model_job_get_state (row->job);
  double fraction = gloss_model_job_get_fraction (row->job);
  const char *way = get_way_label (gloss_model_job_get_way (row->job));
  gboolean is_failed = state == GLOSS_MODEL_JOB_FAILED;
  gboolean is_running = state == GLOSS_MODEL_JOB_RUNNING;
  /* what is not a download begins anew, which is no pause */
  gboolean can_pause =
      gloss_model_job_get_task (row->job)->kind == GLOSS_MODEL_TASK_DOWNLOAD
      && gloss_model_job_get_progress (row->job)->stage < GLOSS_MODEL_STAGE_PREPARING;
  g_autofree char *status = gloss_model_job_make_status (row->job);

  gtk_label_set_label (row->status, status);
  gtk_widget_set_visible (GTK_WIDGET (row->bar), !is_failed);
  if (fraction >= 0)
    gtk_progress_bar_set_fraction (row->bar, fraction);
  else if (is_running)
    gtk_progress_bar_pulse (row->bar);
  gtk_widget_set_visible (row->pause,
                          can_pause && (is_running || state == GLOSS_MODEL_JOB_WAITING));
  gtk_widget_set_visible (row->resume, is_failed || state == GLOSS_MODEL_JOB_PAUSED);
  gtk_widget_set_sensitive (row->cancel, state != GLOSS_MODEL_JOB_STOPPING);
  gtk_widget_set_visible (GTK_WIDGET (row->way), way != NULL);
  if (way)
    gtk_button_set_label (row->way, way);
  gtk_widget_remove_css_class (GTK_WIDGET (row->status), is_failed ? "dim-label" : "error");
  gtk_widget_add_css_class (GTK_WIDGET (row->status), is_failed ? "error" : "dim-label");
}

static void
gloss_model_job_row_dispose (GObject *object)
{
  GlossModelJobRow *row = GLOSS_MODEL_JOB_ROW (object);

  g_clear_object (&row->jobs);
  g_clear_object (&row->job);
  G_OBJECT_CLASS (gloss_model_job_row_parent_class)->dispose (object);
}

static void
gloss_model_job_row_class_init (GlossModelJobRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_model_job_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/model-job-row.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossModelJobRow, title);
  gtk_widget_class_bind_template_child (widget_class, GlossModelJobRow, status);
  gtk_widget_class_bind_template_child (widget_class, GlossModelJobRow, bar);
  gtk_widget_class_bind_template_child (widget_class, GlossModelJobRow, pause);
  gtk_widget_class_bind_template_child (widget_class, GlossModelJobRow, resume);
  gtk_widget_class_bind_template_child (widget_class, GlossModelJobRow, cancel);
  gtk_widget_class_bind_template_child (widget_class, GlossModelJobRow, way);
}

static void
gloss_model_job_row_init (GlossModelJobRow *row)
{
  gtk_widget_init_template (GTK_WIDGET (row));
  g_signal_connect_swapped (row->pause, "clicked", G_CALLBACK (pause_job), row);
  g_signal_connect_swapped (row->resume, "clicked", G_CALLBACK (resume_job), row);
  g_signal_connect_swapped (row->cancel, "clicked", G_CALLBACK (cancel_job), row);
  g_signal_connect_swapped (row->way, "clicked", G_CALLBACK (go_way), row);
}

static GtkWidget *
make_row (gpointer item, gpointer data)
{
  GlossModelJobRow *row = g_object_new (GLOSS_TYPE_MODEL_JOB_ROW, NULL);
  g_autofree char *title = gloss_model_job_make_title (item);

  row->job = g_object_ref (item);
  row->jobs = g_object_ref (data);
  gtk_label_set_label (row->title, title);
  set_accessible_label (GTK_WIDGET (row), "%s", row->job);
  set_accessible_label (GTK_WIDGET (row->bar), _ ("How far %s is"), row->job);
  set_accessible_label (row->pause, _ ("Pause %s"), row->job);
  if (gloss_model_job_get_task (row->job)->kind == GLOSS_MODEL_TASK_DOWNLOAD)
    set_accessible_label (row->resume, _ ("Resume %s"), row->job);
  else
    {
      /* it begins anew */
      gtk_button_set_icon_name (GTK_BUTTON (row->resume), "view-refresh-symbolic");
      gtk_widget_set_tooltip_text (row->resume, _ ("Try Again"));
      set_accessible_label (row->resume, _ ("Try Again with %s"), row->job);
    }
  set_accessible_label (row->cancel, _ ("Cancel %s"), row->job);
  g_signal_connect_object (row->job, "changed", G_CALLBACK (show_job), row, G_CONNECT_SWAPPED);
  show_job (row);
  return GTK_WIDGET (row);
}

void
gloss_model_job_row_fill_list (GtkListBox *list, GlossModelJobs *jobs)
{
  gtk_list_box_bind_model (list, gloss_model_jobs_get_list (jobs), make_row, g_object_ref (jobs),
                           g_object_unref);
}
