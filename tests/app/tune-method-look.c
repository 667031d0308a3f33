/* The method page of fine-tuning in a window of its own, for looking at it and for tests/ui.
 *
 * tune-method-look MODEL DATA [WIDTH [PRESET]] opens a window with it; each change is told. */
#include "app/tune-method-page.h"

#include <adwaita.h>
#include <stdio.h>
#include <stdlib.h>

static void
tell (GlossTuneMethodPage *page)
{
  g_autoptr (GlossTuningSettings) settings = gloss_tuning_settings_new ();

  setvbuf (stdout, NULL, _IOLBF, 0);
  if (!gloss_tune_method_page_can_start (page))
    {
      g_print ("cannot start\n");
      return;
    }
  gloss_tune_method_page_apply (page, settings);
  g_print ("%s: %u steps of %u at %g\n", settings->preset, settings->trainer.n_steps,
           settings->trainer.batch, settings->trainer.learning_rate);
}

static void
show_task (GlossTuneMethodPage *page, char **argv)
{
  g_autoptr (GlossModelSource) model = gloss_model_source_new_for_path (argv[1]);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossPairs) pairs = gloss_pairs_read (argv[2], NULL, &error);
  GlossTurn *turn = gloss_turn_new ();

  if (!pairs)
    {
      g_printerr ("%s\n", error->message);
      exit (EXIT_FAILURE);
    }
  gloss_pairs_split (pairs, 0.1, 0);
  gloss_tune_method_page_set_task (page, model, pairs, turn);
  if (argv[3] && argv[4])
    {
      g_autoptr (GlossTuningSettings) settings = gloss_tuning_settings_new ();

      settings->preset = g_strdup (argv[4]);
      gloss_tune_method_page_set_settings (page, settings);
    }
}

static void
quit (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  g_application_quit (application);
}

static void
activate (AdwApplication *application, char **argv)
{
  GtkWidget *window = adw_application_window_new (GTK_APPLICATION (application));
  GtkWidget *page = gloss_tune_method_page_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  g_autoptr (GtkCssProvider) css = gtk_css_provider_new ();
  static const GActionEntry actions[] = { { .name = "quit", .activate = quit } };

  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  gtk_application_set_accels_for_action (GTK_APPLICATION (application), "app.quit",
                                         (const char *[]){ "<Control>q", NULL });
  gtk_css_provider_load_from_resource (css, "/io/github/gloss/Gloss/style.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (css),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  g_signal_connect (page, "changed", G_CALLBACK (tell), NULL);
  show_task (GLOSS_TUNE_METHOD_PAGE (page), argv);
  gtk_widget_set_vexpand (page, TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), page);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), box);
  gtk_window_set_title (GTK_WINDOW (window), "Fine-tune");
  gtk_window_set_default_size (GTK_WINDOW (window), argv[3] ? atoi (argv[3]) : 640, 640);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (AdwApplication) application = NULL;

  if (argc < 3)
    {
      g_printerr ("tune-method-look MODEL DATA [WIDTH [PRESET]]\n");
      return EXIT_FAILURE;
    }
  application = adw_application_new ("io.github.gloss.MethodLook", G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "activate", G_CALLBACK (activate), argv);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
