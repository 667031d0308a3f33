/* What the program does about models, from all of its windows. */
#include "app/models-actions.h"

#include "app/chosen-model.h"
#include "app/models-window.h"
#include "app/window.h"

#include <glib/gi18n.h>

/* Long enough to come back to the desk. */
#define READY_TOAST_SECONDS 20

#define CONTEXT_KEY "gloss-models-actions"

typedef struct
{
  GtkApplication *application; /* borrowed; owns this */
  GlossEngine *engine;         /* owned reference */
  GlossModelJobs *jobs;        /* owned reference */
} Context;

static void
free_context (gpointer data)
{
  Context *context = data;

  g_signal_handlers_disconnect_by_data (context->jobs, context);
  g_object_unref (context->engine);
  g_object_unref (context->jobs);
  g_free (context);
}

static GlossModelsWindow *
find_models_window (GtkApplication *application)
{
  for (GList *link = gtk_application_get_windows (application); link; link = link->next)
    {
      if (GLOSS_IS_MODELS_WINDOW (link->data))
        return link->data;
    }
  return NULL;
}

static void
show_models (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  Context *context = data;
  GlossModelsWindow *window = find_models_window (context->application);

  if (!window)
    {
      window = gloss_models_window_new (context->engine, context->jobs);
      gtk_window_set_application (GTK_WINDOW (window), context->application);
    }
  else
    gloss_models_window_refresh (window);
  gloss_models_window_show_page (window, g_variant_get_string (parameter, NULL));
  gtk_window_present (GTK_WINDOW (window));
}

static void
use_model (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  Context *context = data;
  const char *path, *name;
  g_autoptr (GlossModelSource) source = NULL;

  g_variant_get (parameter, "(^&ay&s)", &path, &name);
  source = gloss_model_source_new_for_path (path);
  g_free (source->name);
  source->name = g_strdup (name);
  gloss_chosen_model_set (context->engine, source);
}

static AdwToast *
make_toast (GlossModelJob *job)
{
  const GlossModelTask *task = gloss_model_job_get_task (job);
  gboolean is_verified = task->kind == GLOSS_MODEL_TASK_VERIFY;
  g_autofree char *words =
      is_verified ? g_strdup_printf (_ ("%s is sound, and all its values are finite"), task->name)
                  : g_strdup_printf (_ ("%s is ready"), task->name);
  /* a toast takes markup, and a name may have an ampersand */
  g_autofree char *escaped = g_markup_escape_text (words, -1);
  AdwToast *toast = adw_toast_new (escaped);

  if (!is_verified)
    {
      adw_toast_set_button_label (toast, _ ("_Use"));
      adw_toast_set_action_name (toast, "app.use-model");
      adw_toast_set_action_target_value (
          toast, g_variant_new ("(^ays)", gloss_model_job_get_path (job), task->name));
      adw_toast_set_timeout (toast, READY_TOAST_SECONDS);
    }
  return toast;
}

/* Where the person is. */
static void
show_toast (GtkApplication *application, AdwToast *toast)
{
  GtkWindow *active = gtk_application_get_active_window (application);

  for (GList *link = gtk_application_get_windows (application);
       link && !GLOSS_IS_WINDOW (active) && !GLOSS_IS_MODELS_WINDOW (active); link = link->next)
    active = link->data;
  if (GLOSS_IS_MODELS_WINDOW (active))
    gloss_models_window_add_toast (GLOSS_MODELS_WINDOW (active), toast);
  else if (GLOSS_IS_WINDOW (active))
    gloss_window_add_toast (GLOSS_WINDOW (active), toast);
  else
    g_object_unref (g_object_ref_sink (toast));
}

static void
job_done (GlossModelJobs *jobs, GlossModelJob *job, Context *context)
{
  const GlossModelTask *task = gloss_model_job_get_task (job);
  GlossModelsWindow *window = find_models_window (context->application);

  /* its file has another name now, and is faster */
  if (task->kind == GLOSS_MODEL_TASK_PREPARE && gloss_chosen_model_is (context->engine, task->path))
    {
      g_autoptr (GlossModelSource) source =
          gloss_model_source_new_for_path (gloss_model_job_get_path (job));

      g_free (source->name);
      source->name = g_strdup (task->name);
      gloss_chosen_model_set (context->engine, source);
    }
  show_toast (context->application, make_toast (job));
  if (window)
    gloss_models_window_refresh (window);
}

void
gloss_models_actions_add (GtkApplication *application, GlossEngine *engine, GlossModelJobs *jobs)
{
  static const GActionEntry actions[] = {
    { .name = "models", .activate = show_models, .parameter_type = "s" },
    { .name = "use-model", .activate = use_model, .parameter_type = "(ays)" },
  };
  Context *context = g_new (Context, 1);

  *context = (Context){ application, g_object_ref (engine), g_object_ref (jobs) };
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   context);
  g_signal_connect (jobs, "done", G_CALLBACK (job_done), context);
  /* not of the jobs, which would hold themselves by it */
  g_object_set_data_full (G_OBJECT (application), CONTEXT_KEY, context, free_context);
}
