/* Bringing in a model that is on this machine already. */
#include "app/import-model.h"

#include "app/choose-files.h"
#include "library/model-files.h"
#include "library/models-folder.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#define JOBS_KEY "gloss-jobs"
#define PATH_KEY "gloss-path"

static void
begin (GlossModelJobs *jobs, const char *path, const char *tokenizer, gboolean fetches_tokenizer)
{
  GlossModelTask *task = g_new0 (GlossModelTask, 1);

  task->kind = GLOSS_MODEL_TASK_IMPORT;
  task->name = gloss_install_make_name (path);
  task->models_folder = gloss_models_folder_get ();
  task->path = g_strdup (path);
  task->tokenizer = g_strdup (tokenizer);
  task->fetches_tokenizer = fetches_tokenizer;
  gloss_model_jobs_add (jobs, task);
}

static void
use_tokenizer (GObject *subject, GListModel *files)
{
  g_autoptr (GFile) file = g_list_model_get_item (files, 0);
  g_autofree char *tokenizer = g_file_get_path (file);

  if (tokenizer)
    begin (g_object_get_data (subject, JOBS_KEY), g_object_get_data (subject, PATH_KEY), tokenizer,
           FALSE);
}

static void
answered (AdwMessageDialog *dialog, const char *response)
{
  GObject *object = G_OBJECT (dialog);
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (dialog));

  if (strcmp (response, "choose") == 0 && parent)
    gloss_choose_files (parent, GLOSS_CHOOSE_TOKENIZER, use_tokenizer, object);
  else if (strcmp (response, "fetch") == 0)
    begin (g_object_get_data (object, JOBS_KEY), g_object_get_data (object, PATH_KEY), NULL, TRUE);
}

static void
ask_for_tokenizer (GtkWindow *parent, GlossModelJobs *jobs, const char *path)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *body = g_strdup_printf (
      _ ("There is no tokenizer beside “%s”, and without one it is of no use. It is a file called "
         "tokenizer.model, which Gloss can also get from Google’s public storage or from Hugging "
         "Face."),
      name);
  GtkWidget *dialog = adw_message_dialog_new (parent, _ ("Where Is Its Tokenizer?"), body);

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "fetch",
                                    _ ("_Download It"), "choose", _ ("Choose _File…"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "choose",
                                              ADW_RESPONSE_SUGGESTED);
  g_object_set_data_full (G_OBJECT (dialog), JOBS_KEY, g_object_ref (jobs), g_object_unref);
  g_object_set_data_full (G_OBJECT (dialog), PATH_KEY, g_strdup (path), g_free);
  g_signal_connect (dialog, "response", G_CALLBACK (answered), NULL);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* What a folder or file has beside it; an archive has it inside, or says so when it is unpacked. */
static void
look (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const char *path = data;
  g_autofree char *tokenizer = gloss_model_files_find_tokenizer (path);

  /* what is no model fails without the question, with its own words */
  g_task_return_boolean (task, tokenizer != NULL || gloss_install_is_archive (path)
                                   || !gloss_install_can_import (path, NULL));
}

static void
looked (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GlossModelJobs) jobs = data;
  const char *path = g_task_get_task_data (G_TASK (result));

  if (g_task_propagate_boolean (G_TASK (result), NULL))
    begin (jobs, path, NULL, FALSE);
  else if (gtk_widget_get_visible (GTK_WIDGET (object))) /* not closed meanwhile */
    ask_for_tokenizer (GTK_WINDOW (object), jobs, path);
}

void
gloss_import_model (GtkWindow *parent, GlossModelJobs *jobs, GFile *file)
{
  char *path = g_file_get_path (file);
  g_autoptr (GTask) task = NULL;

  if (!path)
    return;
  task = g_task_new (parent, NULL, looked, g_object_ref (jobs));
  g_task_set_task_data (task, path, g_free);
  g_task_run_in_thread (task, look);
}
