/* What came of a run of fine-tuning: how good it is, and what to do with it. */
#include "app/tune-result-page.h"

#include "app/loss-chart.h"
#include "app/tune-comparison.h"
#include "app/tune-export.h"
#include "app/tune-save.h"
#include "app/tune-scores.h"
#include "app/tune-words.h"
#include "train/advice.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _GlossTuneResultPage
{
  GtkWidget parent_instance;

  AdwToastOverlay *toasts; /* owned as a child */
  GtkLabel *heading;
  GtkLabel *summary;
  GtkWidget *failure;
  GtkLabel *message;
  GtkLabel *advice;
  GtkWidget *comparing;
  GtkProgressBar *progress;
  GlossTuneScores *scores;
  GlossTuneSave *save;
  GtkLabel *nothing;
  GlossTuneComparison *comparison;
  GtkWidget *chart_group;
  GlossLossChart *chart;
  GlossTuneExport *export;
  GtkWidget *go_on;
  GtkWidget *again;

  GlossTuningJob *job; /* owned reference, or NULL */
};

enum
{
  USE,
  CONTINUE,
  AGAIN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossTuneResultPage, gloss_tune_result_page, GTK_TYPE_WIDGET)

static void
say (GlossTuneResultPage *page, const char *words)
{
  /* a toast takes markup, and a name may have an ampersand */
  g_autofree char *escaped = g_markup_escape_text (words, -1);

  adw_toast_overlay_add_toast (page->toasts, adw_toast_new (escaped));
}

static GlossTuneEnd
get_end (GlossTuningJob *job)
{
  const GlossTrainStep *step = gloss_tuning_job_get_step (job);
  GlossLossSeries *series = gloss_tuning_job_get_series (job);
  int best = gloss_loss_series_get_best (series);
  guint n;
  const GlossLossValidation *validations = gloss_loss_series_get_validations (series, &n);

  return (GlossTuneEnd){
    .record = gloss_tuning_job_get_record (job),
    .is_comparing = gloss_tuning_job_get_state (job) == GLOSS_TUNING_JOB_COMPARING,
    .has_result = gloss_tuning_record_has_result (gloss_tuning_job_get_record (job)),
    .step = step ? step->step : 0,
    .n_steps = step ? step->n_steps : 0,
    .best_step = best >= 0 ? (int) validations[best].step : -1,
    .seconds = gloss_tuning_job_get_elapsed_seconds (job),
  };
}

/* A label that is there only with words. */
static void
show_words (GtkLabel *label, const char *words)
{
  gtk_label_set_text (label, words ? words : "");
  gtk_widget_set_visible (GTK_WIDGET (label), words && *words);
}

static void
show_head (GlossTuneResultPage *page)
{
  const GlossTuneEnd end = get_end (page->job);
  g_autofree char *heading = gloss_tune_words_make_heading (&end);
  g_autofree char *summary = gloss_tune_words_make_summary (&end);

  gtk_label_set_text (page->heading, heading);
  show_words (page->summary, summary);
  gtk_label_set_text (page->message, end.record->message ? end.record->message : "");
  gtk_widget_set_visible (page->failure, !end.is_comparing && end.record->message);
}

static void
show_advice (GlossTuneResultPage *page)
{
  const GPtrArray *advice = gloss_tuning_job_get_advice (page->job);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < advice->len; i++)
    {
      const GlossAdvice *one = g_ptr_array_index (advice, i);

      g_string_append_printf (text, "%s%s", text->len > 0 ? "\n\n" : "", one->text);
    }
  show_words (page->advice, text->str);
  g_string_free (text, TRUE);
}

static void
show_progress (GlossTuneResultPage *page)
{
  gboolean is_comparing = gloss_tuning_job_get_state (page->job) == GLOSS_TUNING_JOB_COMPARING;

  gtk_widget_set_visible (page->comparing, is_comparing);
  gtk_progress_bar_set_fraction (page->progress, gloss_tuning_job_get_fraction (page->job));
}

/* Why there is no comparison, or NULL. */
static const char *
explain_nothing (GlossTuningJob *job)
{
  const GlossTuningRecord *record = gloss_tuning_job_get_record (job);

  if (gloss_tuning_job_get_state (job) != GLOSS_TUNING_JOB_PAST || gloss_tuning_job_get_report (job)
      || !gloss_tuning_record_has_result (record))
    return NULL;
  if (record->n_validation == 0)
    return _ ("No pictures were held out, so there is nothing to compare on. Hold out some of them "
              "next time to see how much better the model became.");
  return _ ("The comparison with the base was skipped.");
}

static void
show_chart (GlossTuneResultPage *page)
{
  GlossLossSeries *series = gloss_tuning_job_get_series (page->job);
  guint n;

  gloss_loss_series_get_points (series, &n);
  gtk_widget_set_visible (page->chart_group, n > 0);
}

static void
show (GlossTuneResultPage *page)
{
  json_t *report;
  gboolean is_past;

  if (!page->job)
    return;
  report = gloss_tuning_job_get_report (page->job);
  is_past = gloss_tuning_job_get_state (page->job) == GLOSS_TUNING_JOB_PAST;
  show_head (page);
  show_advice (page);
  show_progress (page);
  gloss_tune_scores_set_report (page->scores, report);
  gloss_tune_comparison_set_report (page->comparison, report);
  show_words (page->nothing, explain_nothing (page->job));
  show_chart (page);
  gloss_tune_save_refresh (page->save);
  gloss_tune_export_refresh (page->export);
  gtk_widget_set_visible (
      page->go_on,
      is_past && gloss_tuning_record_has_snapshot (gloss_tuning_job_get_record (page->job)));
  gtk_widget_set_visible (page->again, is_past);
}

void
gloss_tune_result_page_set_job (GlossTuneResultPage *page, GlossTuningJob *job)
{
  if (page->job == job)
    return;
  if (page->job)
    g_signal_handlers_disconnect_by_func (page->job, show, page);
  g_set_object (&page->job, job);
  gloss_tune_save_set_job (page->save, job);
  gloss_tune_export_set_job (page->export, job);
  gloss_loss_chart_set_series (page->chart, job ? gloss_tuning_job_get_series (job) : NULL);
  if (!job)
    return;
  g_signal_connect_object (job, "changed", G_CALLBACK (show), page, G_CONNECT_SWAPPED);
  show (page);
}

static void
skip (GlossTuneResultPage *page)
{
  if (gloss_tuning_job_get_state (page->job) == GLOSS_TUNING_JOB_COMPARING)
    gloss_tuning_job_keep (page->job);
}

static void
was_saved (GlossTuneResultPage *page, const char *name)
{
  g_autofree char *words = g_strdup_printf (_ ("Saved as “%s”"), name);

  say (page, words);
  gloss_tune_export_refresh (page->export);
}

static void
use (GlossTuneResultPage *page, const char *path, const char *name)
{
  g_signal_emit (page, signals[USE], 0, path, name);
}

static void
go_on (GlossTuneResultPage *page)
{
  g_signal_emit (page, signals[CONTINUE], 0);
}

static void
again (GlossTuneResultPage *page)
{
  g_signal_emit (page, signals[AGAIN], 0);
}

static void
gloss_tune_result_page_dispose (GObject *object)
{
  GlossTuneResultPage *page = GLOSS_TUNE_RESULT_PAGE (object);

  if (page->toasts)
    gtk_widget_unparent (GTK_WIDGET (page->toasts));
  page->toasts = NULL;
  g_clear_object (&page->job);
  G_OBJECT_CLASS (gloss_tune_result_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, toasts);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, heading);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, summary);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, failure);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, message);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, advice);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, comparing);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, progress);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, scores);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, save);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, nothing);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, comparison);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, chart_group);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, chart);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, export);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, go_on);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneResultPage, again);
}

static void
gloss_tune_result_page_class_init (GlossTuneResultPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_tune_result_page_dispose;
  signals[USE] = g_signal_new ("use", GLOSS_TYPE_TUNE_RESULT_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[CONTINUE] = g_signal_new ("continue", GLOSS_TYPE_TUNE_RESULT_PAGE, G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[AGAIN] = g_signal_new ("again", GLOSS_TYPE_TUNE_RESULT_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (GLOSS_TYPE_TUNE_SCORES);
  g_type_ensure (GLOSS_TYPE_TUNE_SAVE);
  g_type_ensure (GLOSS_TYPE_TUNE_COMPARISON);
  g_type_ensure (GLOSS_TYPE_TUNE_EXPORT);
  g_type_ensure (GLOSS_TYPE_LOSS_CHART);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/tune-result-page.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, skip);
  gtk_widget_class_bind_template_callback (widget_class, was_saved);
  gtk_widget_class_bind_template_callback (widget_class, use);
  gtk_widget_class_bind_template_callback (widget_class, say);
  gtk_widget_class_bind_template_callback (widget_class, go_on);
  gtk_widget_class_bind_template_callback (widget_class, again);
}

static void
gloss_tune_result_page_init (GlossTuneResultPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
}

GtkWidget *
gloss_tune_result_page_new (void)
{
  return g_object_new (GLOSS_TYPE_TUNE_RESULT_PAGE, NULL);
}
