/* The account at one service. */
#include "app/account-group.h"

#include "net/account-trial.h"
#include "net/net-error.h"

#include <glib/gi18n.h>
#include <string.h>

struct _GlossAccountGroup
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow *signed_in;
  GtkWidget *sign_out;
  AdwEntryRow *user;
  AdwEntryRow *secret;
  GtkWidget *buttons;
  GtkWidget *page;
  GtkSpinner *spinner;
  GtkWidget *sign_in;
  GtkLabel *problem;
  GtkWidget *problem_row;

  GlossService service;
  GlossModelJobs *jobs;    /* owned reference, until the threads have ended that use the accounts */
  GlossAccounts *accounts; /* borrowed from the jobs */
};

G_DEFINE_FINAL_TYPE (GlossAccountGroup, gloss_account_group, ADW_TYPE_PREFERENCES_GROUP)

static void
show_problem (GlossAccountGroup *group, const char *sentence)
{
  gtk_label_set_label (group->problem, sentence ? sentence : "");
  gtk_widget_set_visible (group->problem_row, sentence != NULL);
}

/* Where the account is from, and where it goes when the person wants it gone. */
static char *
describe (const GlossAccount *account)
{
  if (strcmp (account->origin, "the keyring") == 0)
    return g_strdup (_ ("Kept in the keyring of the desktop"));
  if (strcmp (account->origin, "this session") == 0)
    return g_strdup (_ (
        "Until Gloss is closed: there is no keyring that could keep it, and it is not written to "
        "a plain file"));
  /* Translators: the name of a variable in the environment or of a file */
  return g_strdup_printf (_ ("From %s, where it stays"), account->origin);
}

static char *
make_title (const GlossAccount *account)
{
  if (account->is_tried)
    return account->user ? g_strdup_printf (_ ("Signed In as %s"), account->user)
                         : g_strdup (_ ("Signed In with a Token"));
  return account->user ? g_strdup_printf (_ ("Key of %s, Not Yet Tried"), account->user)
                       : g_strdup (_ ("Token, Not Yet Tried"));
}

static gboolean
is_ours (const GlossAccount *account)
{
  return strcmp (account->origin, "the keyring") == 0
         || strcmp (account->origin, "this session") == 0;
}

static void
show_account (GlossAccountGroup *group, const GlossAccount *account)
{
  g_autofree char *subtitle = account ? describe (account) : NULL;
  g_autofree char *title = account ? make_title (account) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (group->signed_in), account != NULL);
  gtk_widget_set_visible (GTK_WIDGET (group->user),
                          !account && group->service == GLOSS_SERVICE_KAGGLE);
  gtk_widget_set_visible (GTK_WIDGET (group->secret), !account);
  gtk_widget_set_visible (group->buttons, !account);
  if (!account)
    return;
  adw_action_row_set_icon_name (group->signed_in, account->is_tried ? "object-select-symbolic"
                                                                    : "dialog-question-symbolic");
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (group->signed_in), title);
  adw_action_row_set_subtitle (group->signed_in, subtitle);
  gtk_widget_set_visible (group->sign_out, is_ours (account));
}

static void
do_find (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GlossAccountGroup *group = source;
  GError *error = NULL;
  GlossAccount *account =
      gloss_accounts_find (group->accounts, group->service, cancellable, &error);

  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, account, (GDestroyNotify) gloss_account_free);
}

static void
found (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossAccount) account = g_task_propagate_pointer (G_TASK (result), &error);

  show_account (GLOSS_ACCOUNT_GROUP (object), account);
  if (error)
    show_problem (GLOSS_ACCOUNT_GROUP (object), error->message);
}

void
gloss_account_group_refresh (GlossAccountGroup *group)
{
  g_autoptr (GTask) task = g_task_new (group, NULL, found, NULL);

  g_task_run_in_thread (task, do_find);
}

/* Neither typed into nor pressed again while the service is asked. */
static void
set_trying (GlossAccountGroup *group, gboolean is_trying)
{
  gtk_spinner_set_spinning (group->spinner, is_trying);
  gtk_widget_set_visible (GTK_WIDGET (group->spinner), is_trying);
  /* an entry with the focus that becomes insensitive leaves GTK 4.8 confused about it */
  gtk_editable_set_editable (GTK_EDITABLE (group->user), !is_trying);
  gtk_editable_set_editable (GTK_EDITABLE (group->secret), !is_trying);
  gtk_widget_set_sensitive (group->sign_in, !is_trying);
}

/* Tries it, and keeps it unless it is refused. Fails also with why it was not tried. */
static void
do_sign_in (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GlossAccountGroup *group = source;
  GlossAccount *account = data;
  g_auto (GlossEndpoints) endpoints = { 0 };
  GlossAccountTrial trial = GLOSS_ACCOUNT_TRIAL_UNTRIED;
  GError *error = NULL;

  if (gloss_endpoints_init (&endpoints, FALSE, &error))
    trial = gloss_account_trial_run (account, &endpoints, NULL, cancellable, &error);
  account->is_tried = trial == GLOSS_ACCOUNT_TRIAL_ACCEPTED;
  /* that it lasts for this session only is said where the account stands */
  if (trial != GLOSS_ACCOUNT_TRIAL_REFUSED)
    gloss_accounts_keep (group->accounts, account, cancellable, NULL);
  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
tried (GObject *object, GAsyncResult *result, gpointer data)
{
  GlossAccountGroup *group = GLOSS_ACCOUNT_GROUP (object);
  g_autoptr (GError) error = NULL;
  gboolean is_refused;

  g_task_propagate_boolean (G_TASK (result), &error);
  is_refused = g_error_matches (error, GLOSS_NET_ERROR, GLOSS_NET_ERROR_ACCOUNT);
  set_trying (group, FALSE);
  show_problem (group, error ? error->message : NULL);
  if (is_refused)
    {
      gtk_widget_grab_focus (GTK_WIDGET (group->secret));
      return;
    }
  gtk_editable_set_text (GTK_EDITABLE (group->secret), "");
  gloss_account_group_refresh (group);
}

static void
sign_in (GlossAccountGroup *group)
{
  const char *user = gtk_editable_get_text (GTK_EDITABLE (group->user));
  const char *secret = gtk_editable_get_text (GTK_EDITABLE (group->secret));
  g_autoptr (GError) error = NULL;
  GlossAccount *account = NULL;
  g_autoptr (GTask) task = NULL;

  if (gtk_spinner_get_spinning (group->spinner))
    return;
  account = gloss_account_new (group->service, *user ? user : NULL, secret, "this session", &error);
  show_problem (group, error ? error->message : NULL);
  if (!account)
    return;
  set_trying (group, TRUE);
  task = g_task_new (group, NULL, tried, NULL);
  g_task_set_task_data (task, account, (GDestroyNotify) gloss_account_free);
  g_task_run_in_thread (task, do_sign_in);
}

static void
do_forget (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GlossAccountGroup *group = source;

  /* without a keyring nothing was kept there */
  gloss_accounts_forget (group->accounts, group->service, cancellable, NULL);
  g_task_return_boolean (task, TRUE);
}

static void
forgotten (GObject *object, GAsyncResult *result, gpointer data)
{
  gloss_account_group_refresh (GLOSS_ACCOUNT_GROUP (object));
}

static void
sign_out (GlossAccountGroup *group)
{
  g_autoptr (GTask) task = g_task_new (group, NULL, forgotten, NULL);

  show_problem (group, NULL);
  g_task_run_in_thread (task, do_forget);
}

static void
typed (GlossAccountGroup *group)
{
  gtk_widget_set_sensitive (group->sign_in,
                            *gtk_editable_get_text (GTK_EDITABLE (group->secret)) != '\0');
}

static void
gloss_account_group_finalize (GObject *object)
{
  g_clear_object (&GLOSS_ACCOUNT_GROUP (object)->jobs);
  G_OBJECT_CLASS (gloss_account_group_parent_class)->finalize (object);
}

static void
gloss_account_group_class_init (GlossAccountGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gloss_account_group_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/account-group.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossAccountGroup, signed_in);
  gtk_widget_class_bind_template_child (widget_class, GlossAccountGroup, sign_out);
  gtk_widget_class_bind_template_child (widget_class, GlossAccountGroup, user);
  gtk_widget_class_bind_template_child (widget_class, GlossAccountGroup, secret);
  gtk_widget_class_bind_template_child (widget_class, GlossAccountGroup, buttons);
  gtk_widget_class_bind_template_child (widget_class, GlossAccountGroup, page);
  gtk_widget_class_bind_template_child (widget_class, GlossAccountGroup, spinner);
  gtk_widget_class_bind_template_child (widget_class, GlossAccountGroup, sign_in);
  gtk_widget_class_bind_template_child (widget_class, GlossAccountGroup, problem);
  gtk_widget_class_bind_template_child (widget_class, GlossAccountGroup, problem_row);
}

/* libadwaita 1.2 gives the buttons inside of its rows a tooltip and no name. */
static void
name_buttons (GtkWidget *widget)
{
  const char *tooltip = gtk_widget_get_tooltip_text (widget);

  if (GTK_IS_BUTTON (widget) && tooltip)
    gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                    -1);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    name_buttons (child);
}

static void
gloss_account_group_init (GlossAccountGroup *group)
{
  gtk_widget_init_template (GTK_WIDGET (group));
  name_buttons (GTK_WIDGET (group->secret));
  name_buttons (GTK_WIDGET (group->user));
  g_signal_connect_swapped (group->sign_in, "clicked", G_CALLBACK (sign_in), group);
  g_signal_connect_swapped (group->sign_out, "clicked", G_CALLBACK (sign_out), group);
  g_signal_connect_swapped (group->secret, "changed", G_CALLBACK (typed), group);
  g_signal_connect_swapped (group->secret, "entry-activated", G_CALLBACK (sign_in), group);
}

void
gloss_account_group_set_up (GlossAccountGroup *group, GlossService service, GlossModelJobs *jobs)
{
  const char *title = gloss_service_get_title (service);
  gboolean is_kaggle = service == GLOSS_SERVICE_KAGGLE;
  g_autofree char *sign_in_label = g_strdup_printf (_ ("Sign In to %s"), title);
  g_autofree char *sign_out_label = g_strdup_printf (_ ("Sign Out of %s"), title);

  group->service = service;
  group->jobs = g_object_ref (jobs);
  group->accounts = gloss_model_jobs_get_accounts (jobs);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (group->secret),
                                 is_kaggle ? _ ("Kaggle Key or Token") : _ ("Hugging Face Token"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (group->user),
                                 _ ("Kaggle User Name, for a Key"));
  gtk_button_set_label (GTK_BUTTON (group->page),
                        is_kaggle ? _ ("Make One at Kaggle…") : _ ("Make One at Hugging Face…"));
  gtk_link_button_set_uri (GTK_LINK_BUTTON (group->page),
                           is_kaggle ? "https://www.kaggle.com/settings"
                                     : "https://huggingface.co/settings/tokens");
  gtk_accessible_update_property (GTK_ACCESSIBLE (group->sign_in), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  sign_in_label, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (group->sign_out), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  sign_out_label, -1);
  show_account (group, NULL);
}
