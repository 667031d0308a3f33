/* What the window does about many captions at once: the machine stays awake, and the person hears
 * of the end. */
#include "app/window-private.h"

#include <glib/gi18n.h>

#define NOTIFICATION "batch"

/* "48 pictures have a caption · 2 could not be captioned" */
static char *
describe_result (guint n_done, guint n_failed)
{
  g_autofree char *done = g_strdup_printf (
      ngettext ("%u picture was captioned", "%u pictures were captioned", n_done), n_done);
  g_autofree char *failed =
      g_strdup_printf (ngettext ("%u picture could not be captioned",
                                 "%u pictures could not be captioned", n_failed),
                       n_failed);

  if (n_failed == 0)
    return g_steal_pointer (&done);
  if (n_done == 0)
    return g_steal_pointer (&failed);
  return g_strdup_printf ("%s · %s", done, failed);
}

/* In the window while the person is there, else where the desktop shows such things; of a batch
 * that was stopped the person knows. */
static void
tell_result (GlossWindow *window)
{
  guint n_failed = gloss_captioning_get_n_failed (window->captioning, NULL);
  guint n_done, n_total;
  g_autofree char *words = NULL;

  gloss_captioning_get_batch (window->captioning, &n_done, &n_total, NULL);
  words = describe_result (n_done - n_failed, n_failed);
  if (!gtk_window_is_active (GTK_WINDOW (window)) && n_done > 0 && n_done == n_total)
    {
      g_autoptr (GNotification) notification = g_notification_new (_ ("Captions Are Ready"));

      g_notification_set_body (notification, words);
      g_application_send_notification (g_application_get_default (), NOTIFICATION, notification);
    }
  if (n_failed > 0)
    gloss_window_offer (window, words, _ ("_Show"), "win.show-failed");
}

/* A machine that falls asleep over night captions nothing. */
static void
keep_awake (GlossWindow *window, gboolean is_batch)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (window));

  if (window->inhibitor != 0 && application)
    gtk_application_uninhibit (application, window->inhibitor);
  window->inhibitor = 0;
  if (is_batch)
    window->inhibitor =
        gtk_application_inhibit (application, GTK_WINDOW (window), GTK_APPLICATION_INHIBIT_SUSPEND,
                                 _ ("Pictures are being captioned"));
}

void
gloss_window_let_sleep (GlossWindow *window)
{
  keep_awake (window, FALSE);
}

static void
batch_changed (GlossWindow *window)
{
  gboolean was_batch = window->is_batch;

  window->is_batch = gloss_captioning_get_batch (window->captioning, NULL, NULL, NULL);
  if (was_batch != window->is_batch)
    keep_awake (window, window->is_batch);
  if (was_batch && !window->is_batch)
    tell_result (window);
  gloss_window_update_actions (window);
}

void
gloss_window_follow_batches (GlossWindow *window)
{
  g_signal_connect_object (window->captioning, "batch-changed", G_CALLBACK (batch_changed), window,
                           G_CONNECT_SWAPPED);
}
