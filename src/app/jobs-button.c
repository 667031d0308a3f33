/* The button in the header bar that is there while something goes on: models that are got, runs of
 * fine-tuning. */
#include "app/jobs-button.h"

#include "app/model-job-row.h"
#include "app/tune-run-words.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define LINE_PX 2.5

struct _GlossJobsButton
{
  GtkWidget parent_instance;

  GtkWidget *menu_button; /* owned as a child */
  GtkDrawingArea *ring;
  GtkPopover *popover;
  GtkListBox *list;
  GtkWidget *all;
  GtkListBox *runs;

  GlossModelJobs *jobs;    /* owned reference */
  GlossTuningJobs *tuning; /* owned reference */
  double fraction;
  gboolean has_failed;
};

G_DEFINE_FINAL_TYPE (GlossJobsButton, gloss_jobs_button, GTK_TYPE_WIDGET)

/* A ring that fills, and with an exclamation mark when one has failed. */
static void
draw_ring (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  GlossJobsButton *button = data;
  double x = width / 2.0, y = height / 2.0, radius = (MIN (width, height) - LINE_PX) / 2;
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (area)), &color);
  cairo_set_line_width (cr, LINE_PX);
  cairo_set_source_rgba (cr, color.red, color.green, color.blue, color.alpha * 0.25);
  cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
  cairo_stroke (cr);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_arc (cr, x, y, radius, -G_PI / 2, -G_PI / 2 + 2 * G_PI * button->fraction);
  cairo_stroke (cr);
  if (!button->has_failed)
    return;
  cairo_rectangle (cr, x - 1, y - 4, 2, 5);
  cairo_rectangle (cr, x - 1, y + 2, 2, 2);
  cairo_fill (cr);
}

/* Adds up how far they are; the number of them. */
static guint
count_models (GlossJobsButton *button, double *sum)
{
  GListModel *list = gloss_model_jobs_get_list (button->jobs);
  guint n = g_list_model_get_n_items (list);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GlossModelJob) job = g_list_model_get_item (list, i);

      *sum += MAX (0, gloss_model_job_get_fraction (job));
      button->has_failed |= gloss_model_job_get_state (job) == GLOSS_MODEL_JOB_FAILED;
    }
  return n;
}

static guint
count_runs (GlossJobsButton *button, double *sum)
{
  GListModel *list = gloss_tuning_jobs_get_list (button->tuning);
  guint n = g_list_model_get_n_items (list);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GlossTuningJob) job = g_list_model_get_item (list, i);

      *sum += gloss_tuning_job_get_fraction (job);
    }
  return n;
}

/* One row for each run, which leads to it. */
static void
show_runs (GlossJobsButton *button)
{
  GListModel *list = gloss_tuning_jobs_get_list (button->tuning);
  guint n = g_list_model_get_n_items (list);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GlossTuningJob) job = g_list_model_get_item (list, i);
      g_autofree char *words = gloss_tune_run_words_make_short (job);
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (button->runs, (int) i);

      if (!row)
        {
          row = GTK_LIST_BOX_ROW (adw_action_row_new ());
          adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
          gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "app.fine-tune");
          gtk_list_box_row_set_activatable (row, TRUE);
          gtk_list_box_append (button->runs, GTK_WIDGET (row));
        }
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                     gloss_tuning_job_get_record (job)->title);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), words);
    }
  for (GtkListBoxRow *row; (row = gtk_list_box_get_row_at_index (button->runs, (int) n));)
    gtk_list_box_remove (button->runs, GTK_WIDGET (row));
  gtk_widget_set_visible (GTK_WIDGET (button->runs), n > 0);
}

static void
show_jobs (GlossJobsButton *button)
{
  double sum = 0;
  guint n_models, n_runs, n;
  g_autofree char *label = NULL;

  button->has_failed = FALSE;
  n_models = count_models (button, &sum);
  n_runs = count_runs (button, &sum);
  n = n_models + n_runs;
  button->fraction = n > 0 ? sum / n : 0;
  if (n == 0)
    gtk_popover_popdown (button->popover);
  show_runs (button);
  gtk_widget_set_visible (GTK_WIDGET (button), n > 0);
  gtk_widget_queue_draw (GTK_WIDGET (button->ring));
  /* to the next ten percent, so that a screen reader is not told every moment */
  label = g_strdup_printf (n_runs > 0 ? _ ("Fine-tuning: %.0f %%") : _ ("Getting models: %.0f %%"),
                           floor (button->fraction * 10) * 10);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button->menu_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_set_tooltip_text (button->menu_button,
                               n_runs > 0 ? _ ("In Progress") : _ ("Getting Models"));
}

void
gloss_jobs_button_set_jobs (GlossJobsButton *button, GlossModelJobs *jobs, GlossTuningJobs *tuning)
{
  button->jobs = g_object_ref (jobs);
  button->tuning = g_object_ref (tuning);
  gloss_model_job_row_fill_list (button->list, jobs);
  g_signal_connect_object (jobs, "changed", G_CALLBACK (show_jobs), button, G_CONNECT_SWAPPED);
  g_signal_connect_object (tuning, "changed", G_CALLBACK (show_jobs), button, G_CONNECT_SWAPPED);
  show_jobs (button);
}

static void
gloss_jobs_button_dispose (GObject *object)
{
  GlossJobsButton *button = GLOSS_JOBS_BUTTON (object);

  g_clear_object (&button->jobs);
  g_clear_object (&button->tuning);
  g_clear_pointer (&button->menu_button, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_jobs_button_parent_class)->dispose (object);
}

static void
gloss_jobs_button_class_init (GlossJobsButtonClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_jobs_button_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/jobs-button.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossJobsButton, menu_button);
  gtk_widget_class_bind_template_child (widget_class, GlossJobsButton, ring);
  gtk_widget_class_bind_template_child (widget_class, GlossJobsButton, popover);
  gtk_widget_class_bind_template_child (widget_class, GlossJobsButton, list);
  gtk_widget_class_bind_template_child (widget_class, GlossJobsButton, all);
  gtk_widget_class_bind_template_child (widget_class, GlossJobsButton, runs);
}

static void
gloss_jobs_button_init (GlossJobsButton *button)
{
  gtk_widget_init_template (GTK_WIDGET (button));
  gtk_drawing_area_set_draw_func (button->ring, draw_ring, button, NULL);
  g_signal_connect_swapped (button->all, "clicked", G_CALLBACK (gtk_popover_popdown),
                            button->popover);
  g_signal_connect_swapped (button->runs, "row-activated", G_CALLBACK (gtk_popover_popdown),
                            button->popover);
}
