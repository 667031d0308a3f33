/* What can be done with the pictures in the window. */
#include "app/pasted.h"
#include "app/settings.h"
#include "app/window-private.h"

#include <glib/gi18n.h>
#include <string.h>

static void
caption (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossWindow *window = data;

  gloss_window_decode_picture (window); /* it may be mended by now */
  gloss_caption_pane_caption (window->pane);
}

static void
caption_all (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossWindow *window = data;

  window->wants_batch = gloss_keeper_is_loading (window->keeper);
  if (!window->wants_batch)
    gloss_caption_pane_caption_all (window->pane, G_LIST_MODEL (window->pictures));
}

static void
stop_all (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gloss_captioning_stop_batch (GLOSS_WINDOW (data)->captioning);
}

static void
show_failed (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossWindow *window = data;
  GlossPicture *picture;
  guint position;

  if (gloss_captioning_get_n_failed (window->captioning, &picture) > 0
      && g_list_store_find (window->pictures, picture, &position))
    gtk_single_selection_set_selected (window->selection, position);
}

/* The picture that is shown, or when nothing is done for it all the others. */
static void
stop (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossWindow *window = data;

  if (gloss_captioning_get_job (window->captioning, window->shown))
    gloss_caption_pane_stop (window->pane);
  else
    gloss_captioning_stop_batch (window->captioning);
}

static void
copy (GlossWindow *window, GlossCopyFormat format)
{
  gloss_caption_pane_copy (window->pane, format);
  gloss_window_say (window, _ ("Copied"));
}

static void
copy_plain (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  copy (data, GLOSS_COPY_PLAIN);
}

static void
copy_html (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  copy (data, GLOSS_COPY_HTML);
}

static void
copy_markdown (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  copy (data, GLOSS_COPY_MARKDOWN);
}

static void
go_next (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossWindow *window = data;

  gtk_single_selection_set_selected (window->selection,
                                     gtk_single_selection_get_selected (window->selection) + 1);
}

static void
go_previous (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossWindow *window = data;

  gtk_single_selection_set_selected (window->selection,
                                     gtk_single_selection_get_selected (window->selection) - 1);
}

static void
zoom_in (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gloss_picture_view_zoom_in (GLOSS_WINDOW (data)->view);
}

static void
zoom_out (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gloss_picture_view_zoom_out (GLOSS_WINDOW (data)->view);
}

static void
zoom_full (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gloss_picture_view_zoom_to_full (GLOSS_WINDOW (data)->view);
}

static void
zoom_fit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gloss_picture_view_fit (GLOSS_WINDOW (data)->view);
}

static void
change_model_view (GSimpleAction *action, GVariant *state, gpointer data)
{
  g_simple_action_set_state (action, state);
  gloss_window_show_model_view (data);
}

GPtrArray *
gloss_window_list_pictures (GlossWindow *window)
{
  GPtrArray *pictures = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (window->pictures));

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (pictures, g_list_model_get_item (G_LIST_MODEL (window->pictures), i));
  return pictures;
}

/* What can no longer be undone is really gone. */
void
gloss_window_drop_forgotten (GlossWindow *window)
{
  for (guint i = 0; window->forgotten && i < window->forgotten->len; i++)
    {
      const char *path = gloss_picture_get_path (g_ptr_array_index (window->forgotten, i));

      /* unless it was pasted once more */
      if (!g_hash_table_contains (window->by_path, path))
        gloss_pasted_delete (path);
    }
  g_clear_pointer (&window->forgotten, g_ptr_array_unref);
}

/* The window is empty again; what is kept about @pictures, all that it has, stays. */
static void
close_pictures (GlossWindow *window, GPtrArray *pictures)
{
  window->wants_batch = FALSE;
  gloss_captioning_stop_batch (window->captioning);
  for (guint i = 0; i < pictures->len; i++)
    gloss_captioning_stop (window->captioning, g_ptr_array_index (pictures, i));
  g_hash_table_remove_all (window->by_path);
  g_list_store_remove_all (window->pictures);
}

static void
close_all (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GPtrArray) pictures = gloss_window_list_pictures (data);

  close_pictures (data, pictures);
}

/* They are no longer in the window either: what is forgotten is out of sight. */
static void
forget (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossWindow *window = data;
  g_autoptr (GPtrArray) pictures = gloss_window_list_pictures (window);

  gloss_keeper_forget (window->keeper, pictures);
  close_pictures (window, pictures);
  gloss_window_drop_forgotten (window);
  window->forgotten = g_steal_pointer (&pictures);
  gloss_window_offer (window, _ ("These pictures and their captions are forgotten"), _ ("_Undo"),
                      "win.undo-forget");
}

static void
undo_forget (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossWindow *window = data;
  g_autoptr (GPtrArray) pictures = g_steal_pointer (&window->forgotten);

  if (!pictures)
    return;
  gloss_keeper_restore (window->keeper);
  gloss_window_add_pictures (window, pictures);
  gloss_window_show_picture (window);
}

/* What is cleared is really gone, so this is asked before. */
static void
clear_history (GlossWindow *window, const char *response)
{
  g_autoptr (GPtrArray) pictures = NULL;

  if (strcmp (response, "clear") != 0 || !window->keeper)
    return;
  pictures = gloss_window_list_pictures (window);
  gloss_keeper_clear_history (window->keeper, pictures);
  for (guint i = 0; i < pictures->len; i++)
    gloss_picture_clear_history (g_ptr_array_index (pictures, i));
}

/* For the folder that was offered, whichever is shown by now. */
static void
accept_sidecars (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossWindow *window = data;
  g_autofree char *offered = g_steal_pointer (&window->offered);
  g_autoptr (GPtrArray) pictures = gloss_window_list_pictures (window);

  for (guint i = 0; offered && i < pictures->len; i++)
    {
      GlossPicture *picture = g_ptr_array_index (pictures, i);
      g_autofree char *folder = g_path_get_dirname (gloss_picture_get_path (picture));

      if (strcmp (folder, offered) == 0)
        {
          gloss_keeper_set_sidecars (window->keeper, picture, TRUE, pictures);
          break;
        }
    }
  gloss_window_show_sidecars (window);
}

static void
ask_clear_history (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWidget *dialog = adw_message_dialog_new (
      data, _ ("Clear the History?"),
      _ ("All earlier captions of the pictures in this window are removed for good. What each "
         "picture’s caption is now stays."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "clear",
                                    _ ("C_lear History"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "clear",
                                              ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (clear_history), data, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
change_sidecars (GSimpleAction *action, GVariant *state, gpointer data)
{
  GlossWindow *window = data;
  g_autoptr (GPtrArray) pictures = gloss_window_list_pictures (window);

  g_simple_action_set_state (action, state);
  if (window->shown)
    gloss_keeper_set_sidecars (window->keeper, window->shown, g_variant_get_boolean (state),
                               pictures);
}

static const GActionEntry actions[] = {
  { .name = "caption", .activate = caption },
  { .name = "caption-all", .activate = caption_all },
  { .name = "stop-all", .activate = stop_all },
  { .name = "show-failed", .activate = show_failed },
  { .name = "stop", .activate = stop },
  { .name = "copy", .activate = copy_plain },
  { .name = "copy-html", .activate = copy_html },
  { .name = "copy-markdown", .activate = copy_markdown },
  { .name = "next", .activate = go_next },
  { .name = "previous", .activate = go_previous },
  { .name = "zoom-in", .activate = zoom_in },
  { .name = "zoom-out", .activate = zoom_out },
  { .name = "zoom-full", .activate = zoom_full },
  { .name = "zoom-fit", .activate = zoom_fit },
  { .name = "close-pictures", .activate = close_all },
  { .name = "forget", .activate = forget },
  { .name = "undo-forget", .activate = undo_forget },
  { .name = "clear-history", .activate = ask_clear_history },
  { .name = "accept-sidecars", .activate = accept_sidecars },
  { .name = "sidecars", .state = "false", .change_state = change_sidecars },
  { .name = "model-view", .state = "false", .change_state = change_model_view },
};

void
gloss_window_add_actions (GlossWindow *window)
{
  g_autoptr (GAction) film_strip =
      g_settings_create_action (gloss_settings_get (), "show-film-strip");

  g_action_map_add_action_entries (G_ACTION_MAP (window), actions, G_N_ELEMENTS (actions), window);
  g_action_map_add_action (G_ACTION_MAP (window), film_strip);
}
