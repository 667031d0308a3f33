/* The third page of fine-tuning: how a run goes. */
#include "app/tune-run-page.h"

#include "app/loss-chart.h"
#include "app/loss-table.h"
#include "app/thumbnailer.h"
#include "app/tune-picture-row.h"
#include "app/tune-run-words.h"
#include "train/advice.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define THUMBNAIL_BYTES (16 << 20)

struct _GlossTuneRunPage
{
  GtkWidget parent_instance;

  GtkWidget *scrolled; /* owned as a child */
  GtkLabel *state;
  GtkToggleButton *log_scale;
  GtkToggleButton *as_table;
  GtkStack *views;
  GlossLossChart *chart;
  GlossLossTable *table;
  GtkProgressBar *bar;
  GtkLabel *step;
  GtkLabel *figures;
  GtkLabel *time;
  GtkLabel *advice;
  GtkButton *pause;
  GtkWidget *keep;
  GtkWidget *discard;
  GtkWidget *samples_head;
  GtkWidget *sample;
  GtkListBox *samples;

  GlossTuningJob *job;           /* owned reference, or NULL */
  GlossThumbnailer *thumbnailer; /* owned */
  guint clock_id;                /* while it is to be seen */
};

G_DEFINE_FINAL_TYPE (GlossTuneRunPage, gloss_tune_run_page, GTK_TYPE_WIDGET)

static void
show_advice (GlossTuneRunPage *page)
{
  GPtrArray *list = gloss_tuning_job_get_advice (page->job);
  const GlossAdvice *first = list->len > 0 ? g_ptr_array_index (list, 0) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (page->advice), first != NULL);
  if (first)
    gtk_label_set_label (page->advice, first->text);
}

static void
show_figures (GlossTuneRunPage *page)
{
  g_autofree char *step = gloss_tune_run_words_make_step (page->job);
  g_autofree char *figures = gloss_tune_run_words_make_figures (page->job);
  g_autofree char *time = gloss_tune_run_words_make_time (page->job);

  gtk_label_set_label (page->step, step);
  gtk_label_set_label (page->figures, figures);
  gtk_widget_set_visible (GTK_WIDGET (page->figures), *figures != '\0');
  gtk_label_set_label (page->time, time);
}

static void
show_job (GlossTuneRunPage *page)
{
  GlossTuningJobState state = gloss_tuning_job_get_state (page->job);
  gboolean is_paused = state == GLOSS_TUNING_JOB_PAUSED || state == GLOSS_TUNING_JOB_PAUSING;
  gboolean runs = state == GLOSS_TUNING_JOB_RUNNING || state == GLOSS_TUNING_JOB_OPENING;

  gtk_label_set_label (page->state, gloss_tune_run_words_get_state (page->job));
  gtk_progress_bar_set_fraction (page->bar, gloss_tuning_job_get_fraction (page->job));
  show_figures (page);
  show_advice (page);
  gtk_button_set_label (page->pause, is_paused ? _ ("_Resume") : _ ("_Pause"));
  gtk_widget_set_sensitive (GTK_WIDGET (page->pause), runs || is_paused);
  gtk_widget_set_sensitive (page->keep, runs || is_paused);
  gtk_widget_set_sensitive (page->sample, state == GLOSS_TUNING_JOB_RUNNING);
  gtk_widget_set_sensitive (page->discard, state != GLOSS_TUNING_JOB_DISCARDING);
}

static void
show_samples (GlossTuneRunPage *page)
{
  GPtrArray *samples = gloss_tuning_job_get_samples (page->job);
  GtkListBoxRow *old;

  while ((old = gtk_list_box_get_row_at_index (page->samples, 0)))
    gtk_list_box_remove (page->samples, GTK_WIDGET (old));
  for (guint i = 0; i < samples->len; i++)
    {
      const GlossTuningSample *sample = g_ptr_array_index (samples, i);
      g_autoptr (json_t) picture =
          json_pack ("{s:s, s:[s], s:{s:s}, s:{s:s}}", "image", sample->image_path, "references",
                     sample->reference ? sample->reference : "", "base", "text", sample->before,
                     "model", "text", sample->now);

      if (picture) /* a path need not be UTF-8 */
        gtk_list_box_append (
            page->samples,
            /* Translators: what was said of a picture before the training */
            gloss_tune_picture_row_new (picture, _ ("Before"), page->thumbnailer, i));
    }
  gtk_widget_set_visible (page->samples_head, samples->len > 0);
  gtk_widget_set_visible (GTK_WIDGET (page->samples), samples->len > 0);
}

static void
pause_or_resume (GlossTuneRunPage *page)
{
  GlossTuningJobState state = gloss_tuning_job_get_state (page->job);

  if (state == GLOSS_TUNING_JOB_PAUSED || state == GLOSS_TUNING_JOB_PAUSING)
    gloss_tuning_job_resume (page->job);
  else
    gloss_tuning_job_pause (page->job);
}

static void
keep (GlossTuneRunPage *page)
{
  gloss_tuning_job_keep (page->job);
}

static void
sample (GlossTuneRunPage *page)
{
  gloss_tuning_job_sample (page->job);
}

static void
discard_answered (AdwMessageDialog *dialog, const char *answer, GlossTuningJob *job)
{
  if (g_strcmp0 (answer, "discard") == 0
      && gloss_tuning_job_get_state (job) != GLOSS_TUNING_JOB_DISCARDED)
    gloss_tuning_job_discard (job);
}

/* Hours of work cannot be brought back. */
static void
discard (GlossTuneRunPage *page)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (page)));
  GtkWidget *dialog = adw_message_dialog_new (
      window, _ ("Discard This Run?"),
      _ ("What it has learnt so far is lost. “Stop & Keep” ends it with the best that there is."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "discard",
                                    _ ("_Discard"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "discard",
                                              ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (discard_answered), page->job, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
show_view (GlossTuneRunPage *page)
{
  gtk_stack_set_visible_child_name (
      page->views, gtk_toggle_button_get_active (page->as_table) ? "table" : "chart");
}

static gboolean
tick (gpointer data)
{
  GlossTuneRunPage *page = data;

  if (page->job && gloss_tuning_job_is_active (page->job))
    show_figures (page);
  return G_SOURCE_CONTINUE;
}

static void
gloss_tune_run_page_map (GtkWidget *widget)
{
  GlossTuneRunPage *page = GLOSS_TUNE_RUN_PAGE (widget);

  GTK_WIDGET_CLASS (gloss_tune_run_page_parent_class)->map (widget);
  page->clock_id = g_timeout_add_seconds (1, tick, page);
}

static void
gloss_tune_run_page_unmap (GtkWidget *widget)
{
  GlossTuneRunPage *page = GLOSS_TUNE_RUN_PAGE (widget);

  g_clear_handle_id (&page->clock_id, g_source_remove);
  GTK_WIDGET_CLASS (gloss_tune_run_page_parent_class)->unmap (widget);
}

void
gloss_tune_run_page_set_job (GlossTuneRunPage *page, GlossTuningJob *job)
{
  if (page->job)
    g_signal_handlers_disconnect_by_data (page->job, page);
  g_set_object (&page->job, job);
  gloss_loss_chart_set_series (page->chart, job ? gloss_tuning_job_get_series (job) : NULL);
  gloss_loss_table_set_series (page->table, job ? gloss_tuning_job_get_series (job) : NULL);
  if (!job)
    return;
  g_signal_connect_swapped (job, "changed", G_CALLBACK (show_job), page);
  g_signal_connect_swapped (job, "sampled", G_CALLBACK (show_samples), page);
  show_job (page);
  show_samples (page);
}

static void
gloss_tune_run_page_dispose (GObject *object)
{
  GlossTuneRunPage *page = GLOSS_TUNE_RUN_PAGE (object);

  if (page->job)
    g_signal_handlers_disconnect_by_data (page->job, page);
  g_clear_object (&page->job);
  g_clear_pointer (&page->scrolled, gtk_widget_unparent);
  g_clear_pointer (&page->thumbnailer, gloss_thumbnailer_free); /* after the rows */
  G_OBJECT_CLASS (gloss_tune_run_page_parent_class)->dispose (object);
}

static void
gloss_tune_run_page_class_init (GlossTuneRunPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_tune_run_page_dispose;
  widget_class->map = gloss_tune_run_page_map;
  widget_class->unmap = gloss_tune_run_page_unmap;
  g_type_ensure (GLOSS_TYPE_LOSS_CHART);
  g_type_ensure (GLOSS_TYPE_LOSS_TABLE);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/tune-run-page.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, scrolled);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, state);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, log_scale);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, as_table);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, views);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, chart);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, table);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, bar);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, step);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, figures);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, time);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, advice);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, pause);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, keep);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, discard);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, samples_head);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, sample);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneRunPage, samples);
}

static void
gloss_tune_run_page_init (GlossTuneRunPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
  page->thumbnailer = gloss_thumbnailer_new (1, THUMBNAIL_BYTES);
  g_signal_connect_swapped (page->as_table, "toggled", G_CALLBACK (show_view), page);
  g_signal_connect_swapped (page->pause, "clicked", G_CALLBACK (pause_or_resume), page);
  g_signal_connect_swapped (page->keep, "clicked", G_CALLBACK (keep), page);
  g_signal_connect_swapped (page->discard, "clicked", G_CALLBACK (discard), page);
  g_signal_connect_swapped (page->sample, "clicked", G_CALLBACK (sample), page);
}
