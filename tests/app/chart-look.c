/* For looking at the chart of the loss, and for measuring its frames.
 *
 * chart-look [POINTS [log] [rtl] [live] [narrow]] opens a window with a made-up run
 * and prints, with "live", how long drawing took while a point a frame is added. */
#include "app/loss-chart.h"

#include <adwaita.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define VALIDATION_STEPS 20

typedef struct
{
  GlossLossSeries *series; /* owned */
  GRand *random;           /* owned */
  double smoothed;
  guint step;
  guint n_points;
} Run;

static void
add (Run *run)
{
  double t = (double) run->step / run->n_points;
  double level = 0.8 + 2.4 * exp (-5 * t) + 0.15 * t * t;
  double loss = level
                * (1 + 0.25 * (g_rand_double (run->random) - 0.5)
                   + (g_rand_int_range (run->random, 0, 97) == 0 ? 0.4 : 0));

  if (run->step == 0)
    gloss_loss_series_append_validation (run->series, 0, 3.3);
  run->smoothed = run->step == 0 ? loss : 0.9 * run->smoothed + 0.1 * loss;
  gloss_loss_series_append (run->series, ++run->step, loss, run->smoothed);
  if (run->step % MAX (run->n_points / VALIDATION_STEPS, 1) == 0)
    gloss_loss_series_append_validation (run->series, run->step, level * 1.12 + 0.3 * t * t);
}

static gboolean
tick (GtkWidget *chart, GdkFrameClock *clock, gpointer data)
{
  static gint64 last_usec, n_frames, sum_usec, worst_usec;
  gint64 now_usec = g_get_monotonic_time ();

  if (n_frames > 10)
    {
      sum_usec += now_usec - last_usec;
      worst_usec = MAX (worst_usec, now_usec - last_usec);
    }
  last_usec = now_usec;
  add (data);
  if (++n_frames < 311)
    return G_SOURCE_CONTINUE;
  g_print ("300 frames: %.1f ms each, the longest %.1f ms\n", (double) sum_usec / 300e3,
           (double) worst_usec / 1e3);
  return G_SOURCE_REMOVE;
}

static void
activate (AdwApplication *application, char **argv)
{
  GtkWidget *window = adw_application_window_new (GTK_APPLICATION (application));
  GtkWidget *chart = gloss_loss_chart_new ();
  Run *run = g_new0 (Run, 1);
  guint width_px = 720;

  run->series = gloss_loss_series_new ();
  run->random = g_rand_new_with_seed (1);
  run->n_points = argv[1] ? (guint) atoi (argv[1]) : 640;
  for (guint i = 0; i < run->n_points; i++)
    add (run);
  gloss_loss_chart_set_series (GLOSS_LOSS_CHART (chart), run->series);
  for (guint i = 2; argv[1] && argv[i]; i++)
    {
      if (strcmp (argv[i], "log") == 0)
        gloss_loss_chart_set_log_scale (GLOSS_LOSS_CHART (chart), TRUE);
      else if (strcmp (argv[i], "rtl") == 0)
        gtk_widget_set_direction (chart, GTK_TEXT_DIR_RTL);
      else if (strcmp (argv[i], "narrow") == 0)
        width_px = 320;
      else if (strcmp (argv[i], "live") == 0)
        gtk_widget_add_tick_callback (chart, tick, run, NULL);
    }
  gtk_widget_set_hexpand (chart, TRUE);
  gtk_widget_set_vexpand (chart, TRUE);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), chart);
  gtk_window_set_default_size (GTK_WINDOW (window), (int) width_px, 300);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (AdwApplication) application =
      adw_application_new ("io.github.gloss.ChartLook", G_APPLICATION_NON_UNIQUE);

  g_signal_connect (application, "activate", G_CALLBACK (activate), argv);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
