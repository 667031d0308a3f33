/* The data page of fine-tuning in a window of its own, for looking at it and for
 * tests/ui/test-tune-data.py.
 *
 * tune-look [WIDTH [PATH [TOKENIZER]]] opens a window with it and shows what PATH holds; "edited"
 * stands for the captions that were edited. */
#include "app/tune-data-page.h"

#include <adwaita.h>
#include <stdlib.h>
#include <string.h>

static void
tell (GlossTuneDataPage *page)
{
  const GlossPairs *pairs = gloss_tune_data_page_get_pairs (page);
  g_autofree char *title = gloss_tune_data_page_make_title (page);

  g_print ("%s: %u pairs, %u held out\n", title, pairs ? pairs->pairs->len : 0,
           pairs ? gloss_pairs_count_held_out (pairs) : 0);
}

static void
tell_uncaptioned (GlossTuneDataPage *page, GListModel *files)
{
  g_autofree char *words =
      g_strdup_printf ("%u to be captioned first", g_list_model_get_n_items (files));

  gtk_window_set_title (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (page))), words);
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
  GtkWidget *page = gloss_tune_data_page_new ();
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
  g_signal_connect (page, "caption-first", G_CALLBACK (tell_uncaptioned), NULL);
  if (argv[1] && argv[2] && argv[3])
    {
      GlossModelSource model = { .tokenizer = argv[3] };

      gloss_tune_data_page_set_model (GLOSS_TUNE_DATA_PAGE (page), &model);
    }
  if (argv[1] && argv[2])
    gloss_tune_data_page_choose (GLOSS_TUNE_DATA_PAGE (page),
                                 strcmp (argv[2], "edited") == 0 ? NULL : argv[2]);
  gtk_widget_set_vexpand (page, TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), page);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), box);
  gtk_window_set_title (GTK_WINDOW (window), "Gloss: Fine-tune");
  gtk_window_set_default_size (GTK_WINDOW (window), argv[1] ? atoi (argv[1]) : 640, 700);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (AdwApplication) application =
      adw_application_new ("io.github.gloss.TuneLook", G_APPLICATION_NON_UNIQUE);

  g_signal_connect (application, "activate", G_CALLBACK (activate), argv);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
