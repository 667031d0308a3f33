/* What the window says in passing. */
#include "app/window-private.h"

#include <glib/gi18n.h>

#define OFFER_TOAST_SECONDS 10

/* Long enough to read a sentence twice. */
#define PROBLEM_TOAST_SECONDS 20

/* A sentence that is longer takes more lines; libadwaita 1.2 does not ask how many by itself. */
#define TOAST_WIDTH_CHARS 56
#define NARROW_TOAST_WIDTH_CHARS 22

/* A toast of its own accord shows one line, and of a longer sentence not the end. */
static AdwToast *
make_toast (GlossWindow *window, const char *words)
{
  AdwToast *toast = adw_toast_new (words);
  GtkWidget *label = gtk_label_new (words);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label),
                                 window->is_narrow ? NARROW_TOAST_WIDTH_CHARS : TOAST_WIDTH_CHARS);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "toast-words");
  adw_toast_set_custom_title (toast, label);
  return toast;
}

void
gloss_window_add_toast (GlossWindow *window, AdwToast *toast)
{
  adw_toast_overlay_add_toast (window->toasts, toast);
}

void
gloss_window_say (GlossWindow *window, const char *words)
{
  adw_toast_overlay_add_toast (window->toasts, make_toast (window, words));
}

AdwToast *
gloss_window_show_toast (GlossWindow *window, const char *words, const char *label,
                         const char *action, guint seconds)
{
  AdwToast *toast = make_toast (window, words);

  adw_toast_set_timeout (toast, seconds);
  adw_toast_set_button_label (toast, label);
  adw_toast_set_action_name (toast, action);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH); /* it cannot wait behind another */
  adw_toast_overlay_add_toast (window->toasts, toast);
  return toast;
}

void
gloss_window_offer (GlossWindow *window, const char *words, const char *label, const char *action)
{
  gloss_window_show_toast (window, words, label, action, OFFER_TOAST_SECONDS);
}

static void
problem_dismissed (GlossWindow *window)
{
  g_clear_object (&window->problem);
}

static void
tell_problem (GlossKeeper *keeper, const char *sentence, GlossWindow *window)
{
  /* of a full disk every picture complains */
  if (window->problem)
    {
      gtk_label_set_label (GTK_LABEL (adw_toast_get_custom_title (window->problem)), sentence);
      return;
    }
  window->problem = g_object_ref (make_toast (window, sentence));
  adw_toast_set_timeout (window->problem, PROBLEM_TOAST_SECONDS);
  g_signal_connect_object (window->problem, "dismissed", G_CALLBACK (problem_dismissed), window,
                           G_CONNECT_SWAPPED);
  adw_toast_overlay_add_toast (window->toasts, window->problem);
}

static void
offer_sidecars (GlossKeeper *keeper, const char *folder, GlossWindow *window)
{
  /* the menu is there for the other folders of a tree */
  if (window->offered)
    return;
  window->offered = g_strdup (folder);
  gloss_window_offer (window, _ ("Captions lie beside these pictures as text files"),
                      _ ("_Save There Too"), "win.accept-sidecars");
}

static void
tell_said_again (GlossCaptioning *captioning, GlossPicture *picture, GlossWindow *window)
{
  if (picture == window->shown)
    gloss_window_say (window, _ ("The model said the same again"));
}

void
gloss_window_add_toasts (GlossWindow *window)
{
  g_signal_connect_object (window->keeper, "problem", G_CALLBACK (tell_problem), window, 0);
  g_signal_connect_object (window->keeper, "sidecars-found", G_CALLBACK (offer_sidecars), window,
                           0);
  g_signal_connect_object (window->captioning, "said-again", G_CALLBACK (tell_said_again), window,
                           0);
}
