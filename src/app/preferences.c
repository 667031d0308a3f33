/* The preferences window. */
#include "app/preferences.h"

#include "app/chosen-model.h"
#include "app/languages.h"
#include "app/settings.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

/* A model is opened again for other options, and not at every step on the way to them. */
#define REOPEN_REST_MS 600

#define GLOSS_TYPE_PREFERENCES (gloss_preferences_get_type ())
G_DECLARE_FINAL_TYPE (GlossPreferences, gloss_preferences, GLOSS, PREFERENCES, AdwPreferencesWindow)

struct _GlossPreferences
{
  AdwPreferencesWindow parent_instance;

  AdwComboRow *task;
  AdwComboRow *language;
  GtkSpinButton *max_tokens;
  GtkSwitch *caption_at_once;
  AdwComboRow *arithmetic;
  GtkSpinButton *threads;
  GtkSpinButton *idle_minutes;
  GlossEngine *engine; /* owned reference */
  guint reopen_timer;  /* runs while the person is still choosing, else 0 */
};

G_DEFINE_FINAL_TYPE (GlossPreferences, gloss_preferences, ADW_TYPE_PREFERENCES_WINDOW)

static void
store_task (AdwComboRow *row)
{
  g_settings_set_string (gloss_settings_get (), "task",
                         gloss_task_get_info ((GlossTask) adw_combo_row_get_selected (row))->name);
}

static void
store_language (AdwComboRow *row)
{
  g_settings_set_string (gloss_settings_get (), "language",
                         gloss_task_get_languages ()[adw_combo_row_get_selected (row)]);
}

static gboolean
reopen_model (gpointer data)
{
  GlossPreferences *preferences = data;
  const GlossModelSource *source = gloss_engine_get_source (preferences->engine);
  g_autoptr (GlossModelSource) same = source ? gloss_model_source_copy (source) : NULL;

  preferences->reopen_timer = 0;
  if (same)
    gloss_chosen_model_open (preferences->engine, same);
  return G_SOURCE_REMOVE;
}

static void
engine_options_changed (GlossPreferences *preferences)
{
  g_clear_handle_id (&preferences->reopen_timer, g_source_remove);
  preferences->reopen_timer = g_timeout_add (REOPEN_REST_MS, reopen_model, preferences);
}

static void
store_arithmetic (AdwComboRow *row)
{
  g_settings_set_enum (gloss_settings_get (), "arithmetic", (int) adw_combo_row_get_selected (row));
}

static void
fill_rows (GlossPreferences *preferences)
{
  GSettings *settings = gloss_settings_get ();
  g_autofree char *task = g_settings_get_string (settings, "task");
  g_autofree char *language = g_settings_get_string (settings, "language");
  g_autoptr (GtkStringList) tasks = gtk_string_list_new (NULL);
  g_autoptr (GtkStringList) languages = gtk_string_list_new (NULL);
  const char *const *codes = gloss_task_get_languages ();
  GlossTask chosen = GLOSS_TASK_CAPTION;

  for (guint i = 0; i < GLOSS_N_TASKS; i++)
    gtk_string_list_append (tasks, gloss_task_get_title ((GlossTask) i));
  adw_combo_row_set_model (preferences->task, G_LIST_MODEL (tasks));
  gloss_task_from_name (task, &chosen);
  adw_combo_row_set_selected (preferences->task, chosen);
  for (guint i = 0; codes[i]; i++)
    gtk_string_list_append (languages, gloss_language_get_name (codes[i]));
  adw_combo_row_set_model (preferences->language, G_LIST_MODEL (languages));
  adw_combo_row_set_selected (preferences->arithmetic,
                              (guint) g_settings_get_enum (settings, "arithmetic"));
  for (guint i = 0; codes[i]; i++)
    {
      if (strcmp (codes[i], language) == 0)
        adw_combo_row_set_selected (preferences->language, i);
    }
}

static void
gloss_preferences_dispose (GObject *object)
{
  GlossPreferences *preferences = GLOSS_PREFERENCES (object);

  if (preferences->reopen_timer != 0)
    {
      g_clear_handle_id (&preferences->reopen_timer, g_source_remove);
      reopen_model (preferences);
    }
  g_clear_object (&preferences->engine);
  G_OBJECT_CLASS (gloss_preferences_parent_class)->dispose (object);
}

static void
gloss_preferences_class_init (GlossPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_preferences_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossPreferences, task);
  gtk_widget_class_bind_template_child (widget_class, GlossPreferences, language);
  gtk_widget_class_bind_template_child (widget_class, GlossPreferences, max_tokens);
  gtk_widget_class_bind_template_child (widget_class, GlossPreferences, caption_at_once);
  gtk_widget_class_bind_template_child (widget_class, GlossPreferences, arithmetic);
  gtk_widget_class_bind_template_child (widget_class, GlossPreferences, threads);
  gtk_widget_class_bind_template_child (widget_class, GlossPreferences, idle_minutes);
}

static void
gloss_preferences_init (GlossPreferences *preferences)
{
  GSettings *settings = gloss_settings_get ();
  GtkAdjustment *adjustment;

  gtk_widget_init_template (GTK_WIDGET (preferences));
  adjustment = gtk_spin_button_get_adjustment (preferences->threads);
  gtk_adjustment_set_upper (adjustment, gloss_pool_count_cpus ());
  fill_rows (preferences);
  g_settings_bind (settings, "max-tokens", preferences->max_tokens, "value",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "caption-at-once", preferences->caption_at_once, "active",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "threads", preferences->threads, "value", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "idle-minutes", preferences->idle_minutes, "value",
                   G_SETTINGS_BIND_DEFAULT);
  g_signal_connect (preferences->task, "notify::selected", G_CALLBACK (store_task), NULL);
  g_signal_connect (preferences->language, "notify::selected", G_CALLBACK (store_language), NULL);
  g_signal_connect (preferences->arithmetic, "notify::selected", G_CALLBACK (store_arithmetic),
                    NULL);
  g_signal_connect_object (settings, "changed::arithmetic", G_CALLBACK (engine_options_changed),
                           preferences, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "changed::threads", G_CALLBACK (engine_options_changed),
                           preferences, G_CONNECT_SWAPPED);
}

GtkWidget *
gloss_preferences_new (GlossEngine *engine)
{
  GlossPreferences *preferences = g_object_new (GLOSS_TYPE_PREFERENCES, NULL);

  preferences->engine = g_object_ref (engine);
  return GTK_WIDGET (preferences);
}
