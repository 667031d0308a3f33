/* What is asked of a person before a model is downloaded. */
#include "app/get-model.h"

#include "library/consent.h"
#include "library/models-folder.h"
#include "net/net-error.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  GtkWindow *parent;        /* owned reference */
  GlossModelJobs *jobs;     /* owned reference */
  GlossModelOrigin *origin; /* owned */
  gboolean trusts_endpoint;
} Wish;

static void
wish_free (Wish *wish)
{
  g_object_unref (wish->parent);
  g_object_unref (wish->jobs);
  gloss_model_origin_free (wish->origin);
  g_free (wish);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Wish, wish_free)

static void
free_with_closure (gpointer data, GClosure *closure)
{
  wish_free (data);
}

static const char *
get_service_title (const Wish *wish)
{
  return gloss_service_get_title (gloss_model_origin_get_service (wish->origin));
}

static void
begin (const Wish *wish)
{
  GlossModelTask *task = g_new0 (GlossModelTask, 1);

  task->kind = GLOSS_MODEL_TASK_DOWNLOAD;
  task->name = g_strdup (wish->origin->name);
  task->models_folder = gloss_models_folder_get ();
  task->origin = gloss_model_origin_copy (wish->origin);
  task->trusts_endpoint = wish->trusts_endpoint;
  gloss_model_jobs_add (wish->jobs, task);
}

static void
tell (const Wish *wish, const char *heading, const char *body)
{
  GtkWidget *dialog = adw_message_dialog_new (wish->parent, heading, body);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
answer_terms (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  Wish *wish = data;
  g_autoptr (GError) error = NULL;

  if (strcmp (response, "download") != 0)
    return;
  begin (wish);
  /* then it is asked again the next time, and nothing else is lost */
  if (!gloss_consent_give (&error))
    tell (wish, _ ("Your Answer Is Not Kept"), error->message);
}

static void
let_download (GtkCheckButton *check, AdwMessageDialog *dialog)
{
  adw_message_dialog_set_response_enabled (dialog, "download", gtk_check_button_get_active (check));
}

static GtkWidget *
make_link (const char *uri, const char *words)
{
  GtkWidget *link = gtk_link_button_new_with_label (uri, words);
  GtkWidget *label = gtk_button_get_child (GTK_BUTTON (link));

  if (GTK_IS_LABEL (label))
    {
      gtk_label_set_wrap (GTK_LABEL (label), TRUE);
      gtk_label_set_xalign (GTK_LABEL (label), 0);
    }
  return link;
}

/* The terms are Google's, and the gate is the service's; here is only where to read and accept. */
static void
ask_terms (Wish *wish)
{
  g_autofree char *page = gloss_model_origin_get_page (wish->origin);
  g_autofree char *page_words =
      /* Translators: %s is Kaggle or Hugging Face */
      g_strdup_printf (_ ("The Model’s Page at %s"), get_service_title (wish));
  g_autofree char *body = g_strdup_printf (
      _ ("Google gives PaliGemma out under terms of use, and %s asks on the model’s page whether "
         "your account accepts them."),
      get_service_title (wish));
  GtkWidget *dialog = adw_message_dialog_new (wish->parent, _ ("Terms of Use"), body);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *check = gtk_check_button_new_with_label (_ ("I accept the terms of use"));

  gtk_box_append (GTK_BOX (box),
                  make_link (gloss_catalogue_get_terms_page (), _ ("Gemma Terms of Use")));
  gtk_box_append (GTK_BOX (box), make_link (page, page_words));
  gtk_widget_set_margin_top (check, 6);
  gtk_widget_set_halign (check, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), check);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), box);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"),
                                    "download", _ ("_Download"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "download",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (dialog), "download", FALSE);
  g_signal_connect (check, "toggled", G_CALLBACK (let_download), dialog);
  g_signal_connect_data (dialog, "response", G_CALLBACK (answer_terms), wish, free_with_closure, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* Takes @wish over. */
static void
go_on (Wish *wish)
{
  if (!gloss_consent_is_given ())
    {
      ask_terms (wish);
      return;
    }
  begin (wish);
  wish_free (wish);
}

static void
answer_endpoint (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  Wish *wish = data;
  Wish *trusting;

  if (strcmp (response, "trust") != 0)
    return;
  trusting = g_new0 (Wish, 1);
  trusting->parent = g_object_ref (wish->parent);
  trusting->jobs = g_object_ref (wish->jobs);
  trusting->origin = gloss_model_origin_copy (wish->origin);
  trusting->trusts_endpoint = TRUE;
  go_on (trusting);
}

/* HF_ENDPOINT gets the token. */
static void
ask_endpoint (Wish *wish, const char *sentence)
{
  GtkWidget *dialog = adw_message_dialog_new (wish->parent, _ ("Another Server"), sentence);

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "trust",
                                    _ ("_Trust This Server"), NULL);
  g_signal_connect_data (dialog, "response", G_CALLBACK (answer_endpoint), wish, free_with_closure,
                         0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
find_account (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Wish *wish = data;
  GError *error = NULL;
  g_autoptr (GlossAccount) account =
      gloss_accounts_find (gloss_model_jobs_get_accounts (wish->jobs),
                           gloss_model_origin_get_service (wish->origin), cancellable, &error);

  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, account != NULL);
}

static void
tell_account (const Wish *wish, const char *sentence)
{
  g_autofree char *words =
      g_strdup_printf (_ ("%s gives models to those who sign in"), get_service_title (wish));

  gtk_widget_activate_action (GTK_WIDGET (wish->parent), "app.models", "s", "accounts");
  if (sentence)
    tell (wish, _ ("An Account Is Needed"), sentence);
  else if (ADW_IS_PREFERENCES_WINDOW (wish->parent))
    adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (wish->parent), adw_toast_new (words));
}

static void
account_found (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (Wish) wish = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refusal = NULL;
  gboolean has_account = g_task_propagate_boolean (G_TASK (result), &error);

  if (!gtk_widget_get_visible (GTK_WIDGET (wish->parent))) /* closed meanwhile */
    return;
  if (!has_account)
    tell_account (wish, error ? error->message : NULL);
  else if (gloss_pull_check (wish->origin, FALSE, &refusal))
    go_on (g_steal_pointer (&wish));
  else if (g_error_matches (refusal, GLOSS_NET_ERROR, GLOSS_NET_ERROR_UNCONFIRMED))
    ask_endpoint (g_steal_pointer (&wish), refusal->message);
  else
    tell (wish, _ ("This Cannot Be Downloaded"), refusal->message);
}

void
gloss_get_model (GtkWindow *parent, GlossModelJobs *jobs, const GlossCatalogueEntry *entry,
                 GlossSourceKind kind)
{
  Wish *wish = g_new0 (Wish, 1);
  /* the Secret Service may ask the person to unlock it, so this takes a while */
  g_autoptr (GTask) task = g_task_new (parent, NULL, account_found, wish);

  wish->parent = g_object_ref (parent);
  wish->jobs = g_object_ref (jobs);
  wish->origin = gloss_model_origin_new_for_entry (entry, kind);
  g_task_set_task_data (task, wish, NULL);
  g_task_run_in_thread (task, find_account);
}
