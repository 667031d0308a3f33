/* For looking at the page of a result.
 *
 * tune-result-look FOLDER [WIDTH] shows the run in FOLDER; tune-result-look --run DATA [WIDTH]
 * teaches the demo a few steps of DATA first, and prints the run's folder. The test of the page
 * drives it, too. */
#include "app/tune-result-page.h"
#include "library/model-place.h"

#include <adwaita.h>
#include <stdlib.h>
#include <string.h>

static GlossTuningJob *job;
static GlossTurn *turn;

static void
tell (GObject *page, const char *path, const char *name)
{
  g_print ("use %s (%s)\n", path, name);
}

static void
tell_name (GObject *page, const char *signal)
{
  g_print ("%s\n", signal);
}

static void
ended (GlossTuningJob *ended_job)
{
  g_print ("%s\n", gloss_tuning_job_get_record (ended_job)->folder);
}

static GlossTuningRecord *
make_record (const char *data)
{
  g_autoptr (GlossTuningSettings) settings = gloss_tuning_settings_new ();
  g_autofree char *title = g_path_get_basename (data);
  g_autoptr (GError) error = NULL;
  GlossTuningRecord *record;

  settings->base_path = gloss_model_place_get_folder (GLOSS_MODEL_PLACE_DEMO);
  settings->base_name = g_strdup ("Demo");
  settings->tokenizer = g_build_filename (settings->base_path, "tokenizer.model", NULL);
  settings->data_path = g_strdup (data);
  settings->train.set = GLOSS_TRAIN_LORA;
  settings->epochs = 3;
  settings->validation_share = 0.1;
  record = gloss_tuning_record_new (settings, title, &error);
  if (!record)
    g_error ("%s", error->message);
  return record;
}

static GlossTuningJob *
make_job (char **argv)
{
  g_autoptr (GError) error = NULL;
  GlossTuningRecord *record;

  if (strcmp (argv[1], "--run") == 0)
    {
      job = gloss_tuning_job_new (make_record (argv[2]), turn);
      gloss_tuning_job_start (job, 0);
      return job;
    }
  record = gloss_tuning_record_read (argv[1], &error);
  if (!record)
    g_error ("%s", error->message);
  job = gloss_tuning_job_new (record, turn);
  gloss_tuning_job_load (job);
  return job;
}

static void
activate (AdwApplication *application, char **argv)
{
  GtkWidget *window = adw_application_window_new (GTK_APPLICATION (application));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *page = gloss_tune_result_page_new ();
  const char *width = argv[strcmp (argv[1], "--run") == 0 ? 3 : 2];
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (provider, "/io/github/gloss/Gloss/style.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (),
                                              GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), page);
  gtk_widget_set_vexpand (page, TRUE);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), box);
  gtk_window_set_title (GTK_WINDOW (window), "Fine-tune");
  gtk_window_set_default_size (GTK_WINDOW (window), width ? atoi (width) : 640, 640);
  g_signal_connect (page, "use", G_CALLBACK (tell), NULL);
  g_signal_connect (page, "continue", G_CALLBACK (tell_name), "continue");
  g_signal_connect (page, "again", G_CALLBACK (tell_name), "again");
  gloss_tune_result_page_set_job (GLOSS_TUNE_RESULT_PAGE (page), make_job (argv));
  g_signal_connect (job, "ended", G_CALLBACK (ended), NULL);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (AdwApplication) application = NULL;
  int status;

  if (argc < 2 || (strcmp (argv[1], "--run") == 0 && argc < 3))
    return 2;
  application = adw_application_new ("io.github.gloss.TuneLook", G_APPLICATION_NON_UNIQUE);
  turn = gloss_turn_new ();
  gtk_application_set_accels_for_action (GTK_APPLICATION (application), "window.close",
                                         (const char *[]){ "<Control>q", NULL });
  g_signal_connect (application, "activate", G_CALLBACK (activate), argv);
  status = g_application_run (G_APPLICATION (application), 1, argv);
  gloss_tuning_job_shut_down (job);
  g_object_unref (job);
  gloss_turn_free (turn);
  return status;
}
