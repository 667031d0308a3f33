/* The program. */
#include "app/application.h"

#include "app/chosen-model.h"
#include "app/debug-info.h"
#include "app/models-actions.h"
#include "app/preferences.h"
#include "app/settings.h"
#include "app/tune-actions.h"
#include "app/window.h"
#include "library/model-place.h"

#include <glib/gi18n.h>
#include <stdlib.h>

#define APPLICATION_ID "io.github.gloss.Gloss"

struct _GlossApplication
{
  AdwApplication parent_instance;

  GlossEngine *engine;     /* owned reference, from startup to shutdown */
  GlossModelJobs *jobs;    /* the same */
  GlossTuningJobs *tuning; /* the same */
  gboolean has_offered;    /* to go on with what was interrupted */
};

G_DEFINE_FINAL_TYPE (GlossApplication, gloss_application, ADW_TYPE_APPLICATION)

/* Every shortcut of the program; ui/shortcuts.ui tells people of them, and a test compares. Those
 * of text come with the text view. */
static const struct
{
  const char *action;
  const char *accelerators[4];
} shortcuts[] = {
  { "win.open", { "<Control>o" } },
  { "win.open-folder", { "<Control><Shift>o" } },
  { "win.caption", { "<Control>Return", "<Control>KP_Enter" } },
  { "win.caption-all", { "<Control><Shift>Return" } },
  { "win.stop", { "<Control>period" } },
  { "win.copy", { "<Control><Shift>c" } },
  { "win.next", { "<Control>Down", "<Alt>Right" } },
  { "win.previous", { "<Control>Up", "<Alt>Left" } },
  { "win.show-film-strip", { "F9" } },
  { "win.zoom-in", { "<Control>plus", "<Control>equal", "<Control>KP_Add" } },
  { "win.zoom-out", { "<Control>minus", "<Control>KP_Subtract" } },
  { "win.zoom-full", { "<Control>1" } },
  { "win.zoom-fit", { "<Control>0" } },
  { "win.model-view", { "<Control>m" } },
  { "window.close", { "<Control>w" } },
  { "app.fine-tune", { "<Control>t" } },
  { "app.preferences", { "<Control>comma" } },
  { "app.quit", { "<Control>q" } },
};

/* The next picture is where reading goes on: on the left in languages that are written that way. */
static const char *
mirror (const char *accelerator)
{
  if (g_strcmp0 (accelerator, "<Alt>Right") == 0)
    return "<Alt>Left";
  return g_strcmp0 (accelerator, "<Alt>Left") == 0 ? "<Alt>Right" : accelerator;
}

static void
set_shortcuts (GtkApplication *application)
{
  gboolean is_mirrored = gtk_widget_get_default_direction () == GTK_TEXT_DIR_RTL;

  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    {
      const char *accelerators[G_N_ELEMENTS (shortcuts[i].accelerators)];

      for (guint j = 0; j < G_N_ELEMENTS (accelerators); j++)
        accelerators[j] =
            is_mirrored ? mirror (shortcuts[i].accelerators[j]) : shortcuts[i].accelerators[j];
      gtk_application_set_accels_for_action (application, shortcuts[i].action, accelerators);
    }
}

static void
choose_model_at_start (GlossApplication *application)
{
  GSettings *settings = gloss_settings_get ();
  g_autofree char *path = g_settings_get_string (settings, "model");
  g_autofree char *name = g_settings_get_string (settings, "model-name");
  g_autofree char *demo = gloss_model_place_get_folder (GLOSS_MODEL_PLACE_DEMO);
  g_autoptr (GlossModelSource) source = gloss_model_source_new_for_path (*path ? path : demo);

  source->is_demo = *path == '\0';
  if (*path && *name) /* a cache's folders have names that say nothing */
    {
      g_free (source->name);
      source->name = g_steal_pointer (&name);
    }
  gloss_chosen_model_open (application->engine, source);
  gloss_engine_set_idle_minutes (application->engine,
                                 g_settings_get_uint (settings, "idle-minutes"));
}

static void
follow_idle_minutes (GSettings *settings, const char *key, GlossApplication *application)
{
  gloss_engine_set_idle_minutes (application->engine, g_settings_get_uint (settings, key));
}

static void
show_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossApplication *application = data;
  GtkWindow *parent = gtk_application_get_active_window (GTK_APPLICATION (application));
  g_autofree char *debug_info = gloss_debug_info_make (application->engine);
  GtkWidget *about = adw_about_window_new ();

  g_object_set (about, "transient-for", parent, "application-name", "Gloss", "application-icon",
                APPLICATION_ID, "version", GLOSS_VERSION, "developer-name",
                _ ("The Gloss developers"), "license-type", GTK_LICENSE_GPL_3_0, "comments",
                _ ("Captions pictures on this machine, with Google’s PaliGemma."), "website",
                "https://github.com/gloss/gloss", "debug-info", debug_info, "debug-info-filename",
                "gloss-debug-info.txt",
                /* Translators: put your names here, one a line */
                "translator-credits", _ ("translator-credits"), NULL);
  adw_about_window_add_legal_section (
      ADW_ABOUT_WINDOW (about), _ ("The demo model"), NULL, GTK_LICENSE_CUSTOM,
      _ ("Made from the stamps of Tux Paint, © 2002–2022 Bill Kendrick and contributors, under the "
         "GNU General Public License, version 2 or later."));
  gtk_window_present (GTK_WINDOW (about));
}

static void
show_preferences (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossApplication *application = data;
  GtkWindow *parent = gtk_application_get_active_window (GTK_APPLICATION (application));
  GtkWidget *preferences = gloss_preferences_new (application->engine);

  gtk_window_set_transient_for (GTK_WINDOW (preferences), parent);
  gtk_window_present (GTK_WINDOW (preferences));
}

static gpointer
ref (gconstpointer object, gpointer unused)
{
  return g_object_ref ((gpointer) object);
}

static void
quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  /* one may take others along, those that belong to it */
  GList *windows = g_list_copy_deep (gtk_application_get_windows (data), ref, NULL);

  /* each has something to write before it goes */
  for (GList *link = windows; link; link = link->next)
    gtk_window_close (link->data);
  g_list_free_full (windows, g_object_unref);
}

static GlossWindow *
get_window (GlossApplication *application)
{
  GList *windows = gtk_application_get_windows (GTK_APPLICATION (application));

  for (; windows; windows = windows->next)
    {
      if (GLOSS_IS_WINDOW (windows->data))
        return windows->data;
    }
  if (!application->has_offered)
    gloss_tune_actions_offer_interrupted (GTK_APPLICATION (application));
  application->has_offered = TRUE;
  return gloss_window_new (GTK_APPLICATION (application), application->engine, application->jobs,
                           application->tuning);
}

static void
gloss_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (get_window (GLOSS_APPLICATION (application))));
}

static void
gloss_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  g_autoptr (GListStore) list = g_list_store_new (G_TYPE_FILE);
  GlossWindow *window = get_window (GLOSS_APPLICATION (application));

  for (int i = 0; i < n_files; i++)
    g_list_store_append (list, files[i]);
  gtk_window_present (GTK_WINDOW (window));
  gloss_window_open (window, G_LIST_MODEL (list));
}

static void
gloss_application_startup (GApplication *application)
{
  static const GActionEntry actions[] = {
    { .name = "about", .activate = show_about },
    { .name = "preferences", .activate = show_preferences },
    { .name = "quit", .activate = quit },
  };
  GlossApplication *self = GLOSS_APPLICATION (application);

  /* GTK would end the program too, with words that help nobody */
  if (!gtk_init_check ())
    {
      g_printerr ("gloss: %s\n",
                  _ ("There is no display to open a window on. Start it in a graphical session; "
                     "where there is none, gloss-cli does the same on the command line."));
      exit (EXIT_FAILURE);
    }
  G_APPLICATION_CLASS (gloss_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (APPLICATION_ID);
  self->engine = gloss_engine_new ();
  choose_model_at_start (self);
  self->jobs = gloss_model_jobs_new ();
  gloss_models_actions_add (GTK_APPLICATION (application), self->engine, self->jobs);
  gloss_model_jobs_find_unfinished (self->jobs);
  self->tuning = gloss_tuning_jobs_new (gloss_engine_get_turn (self->engine));
  gloss_tune_actions_add (GTK_APPLICATION (application), self->engine, self->tuning);
  g_signal_connect_object (gloss_settings_get (), "changed::idle-minutes",
                           G_CALLBACK (follow_idle_minutes), self, 0);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  set_shortcuts (GTK_APPLICATION (application));
}

static void
gloss_application_shutdown (GApplication *application)
{
  GlossApplication *self = GLOSS_APPLICATION (application);
  GList *windows;

  /* at the end of a session they are still there, with what was typed last */
  while ((windows = gtk_application_get_windows (GTK_APPLICATION (application))))
    gtk_window_destroy (windows->data);
  gloss_model_jobs_shut_down (self->jobs);
  g_clear_object (&self->jobs);
  gloss_tuning_jobs_shut_down (self->tuning);
  g_clear_object (&self->tuning);
  gloss_engine_shut_down (self->engine);
  g_clear_object (&self->engine);
  G_APPLICATION_CLASS (gloss_application_parent_class)->shutdown (application);
}

static int
gloss_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (!g_variant_dict_contains (options, "version"))
    return -1;
  g_print ("gloss %s\n", GLOSS_VERSION);
  return 0;
}

static void
gloss_application_class_init (GlossApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->activate = gloss_application_activate;
  application_class->open = gloss_application_open;
  application_class->startup = gloss_application_startup;
  application_class->shutdown = gloss_application_shutdown;
  application_class->handle_local_options = gloss_application_handle_local_options;
}

static void
gloss_application_init (GlossApplication *application)
{
  g_application_add_main_option (G_APPLICATION (application), "version", 0, 0, G_OPTION_ARG_NONE,
                                 _ ("Print the version and exit"), NULL);
  g_application_set_option_context_parameter_string (G_APPLICATION (application),
                                                     _ ("[FILE OR FOLDER…]"));
}

GlossApplication *
gloss_application_new (void)
{
  return g_object_new (GLOSS_TYPE_APPLICATION, "application-id", APPLICATION_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path", "/io/github/gloss/Gloss",
                       NULL);
}
