/* How pictures and models come into the window. */
#include "app/choose-files.h"
#include "app/pasted.h"
#include "app/picture-list.h"
#include "app/settings.h"
#include "app/window-private.h"

#include <glib/gi18n.h>

/* A folder that is searched faster needs no word about it. */
#define SEARCH_QUIET_MS 500

/* Adds those of @pictures that are not there yet, and returns where to look first. */
guint
gloss_window_add_pictures (GlossWindow *window, GPtrArray *pictures)
{
  g_autoptr (GPtrArray) fresh = g_ptr_array_new ();
  guint n_before = g_list_model_get_n_items (G_LIST_MODEL (window->pictures));
  GlossPicture *known = NULL;
  guint position = n_before;

  for (guint i = 0; i < pictures->len; i++)
    {
      GlossPicture *picture = g_ptr_array_index (pictures, i);
      const char *path = gloss_picture_get_path (picture);
      GlossPicture *same = g_hash_table_lookup (window->by_path, path);

      if (!same)
        {
          g_hash_table_insert (window->by_path, (gpointer) path, picture);
          g_ptr_array_add (fresh, picture);
        }
      else if (!known)
        known = same;
    }
  g_list_store_splice (window->pictures, n_before, 0, fresh->pdata, fresh->len);
  if (fresh->len == 0 && known)
    g_list_store_find (window->pictures, known, &position);
  if (fresh->len > 0)
    gloss_keeper_load (window->keeper, fresh, g_ptr_array_index (fresh, 0));
  return position;
}

static void
end_search (GlossWindow *window)
{
  g_clear_handle_id (&window->search_timer, g_source_remove);
  if (window->searching)
    adw_toast_dismiss (window->searching);
  g_clear_object (&window->searching);
  g_clear_object (&window->search);
}

static void
files_found (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GlossWindow) window = data;
  g_autoptr (GlossPictureList) list = gloss_picture_list_find_finish (result, NULL);
  g_autoptr (GlossPicture) picture = NULL;
  guint position;

  if (!window->keeper) /* closed meanwhile */
    return;
  if (--window->n_searches == 0)
    end_search (window);
  if (!list) /* cancelled */
    return;
  if (list->problem)
    gloss_window_say (window, list->problem);
  if (list->pictures->len == 0)
    return;
  position = gloss_window_add_pictures (window, list->pictures);
  picture = g_list_model_get_item (G_LIST_MODEL (window->pictures), position);
  if (list->pictures->len == 1 && g_settings_get_boolean (gloss_settings_get (), "caption-at-once"))
    window->wants_caption = gloss_picture_get_key (picture);
  gtk_single_selection_set_selected (window->selection, position);
  gloss_window_show_picture (window);
}

static gboolean
tell_search (gpointer data)
{
  GlossWindow *window = data;

  window->search_timer = 0;
  window->searching = g_object_ref (gloss_window_show_toast (window, _ ("Looking for pictures…"),
                                                             _ ("_Cancel"), "win.stop-search", 0));
  return G_SOURCE_REMOVE;
}

void
gloss_window_open (GlossWindow *window, GListModel *files)
{
  if (window->n_searches++ == 0)
    {
      window->search = g_cancellable_new ();
      window->search_timer = g_timeout_add (SEARCH_QUIET_MS, tell_search, window);
    }
  gloss_picture_list_find_async (files, window->search, files_found, g_object_ref (window));
}

static void
stop_search (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossWindow *window = data;

  if (window->search)
    g_cancellable_cancel (window->search);
}

void
gloss_window_drop_search (GlossWindow *window)
{
  if (window->search)
    g_cancellable_cancel (window->search);
  end_search (window);
}

static void
open_file (GlossWindow *window, GFile *file)
{
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);

  g_list_store_append (files, file);
  gloss_window_open (window, G_LIST_MODEL (files));
}

static void
open_dropped (GlossDropArea *area, GListModel *files, GlossWindow *window)
{
  gloss_window_open (window, files);
}

static void
pasted_saved (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GlossWindow) window = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = gloss_pasted_save_finish (result, &error);

  if (!window->keeper) /* closed meanwhile */
    return;
  if (file)
    open_file (window, file);
  else
    gloss_window_say (window, error->message);
}

static void
open_texture (GlossDropArea *area, GdkTexture *texture, GlossWindow *window)
{
  gloss_pasted_save_async (texture, pasted_saved, g_object_ref (window));
}

static void
open_sample (GlossEmptyPage *page, GFile *file, GlossWindow *window)
{
  open_file (window, file);
}

static void
open_chosen (GObject *window, GListModel *files)
{
  gloss_window_open (GLOSS_WINDOW (window), files);
}

static void
open_chosen_model (GObject *window, GListModel *files)
{
  g_autoptr (GFile) file = g_list_model_get_item (files, 0);

  gloss_model_button_open (GLOSS_WINDOW (window)->model_button, file);
}

static void
open_files (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  gloss_choose_files (window, GLOSS_CHOOSE_PICTURES, open_chosen, window);
}

static void
open_folder (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  gloss_choose_files (window, GLOSS_CHOOSE_PICTURE_FOLDER, open_chosen, window);
}

static void
open_model_file (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  gloss_choose_files (window, GLOSS_CHOOSE_MODEL_FILE, open_chosen_model, window);
}

static void
open_model_folder (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  gloss_choose_files (window, GLOSS_CHOOSE_MODEL_FOLDER, open_chosen_model, window);
}

static void
paste (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossWindow *window = data;

  if (!gloss_drop_area_paste (window->drop_area, gtk_widget_get_clipboard (GTK_WIDGET (window))))
    gloss_window_say (window, _ ("There is no picture on the clipboard"));
}

/* Text goes where the cursor is, as everywhere. */
static gboolean
paste_by_key (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (widget));
  GdkContentFormats *formats = gdk_clipboard_get_formats (gtk_widget_get_clipboard (widget));

  if ((GTK_IS_TEXT (focus) || GTK_IS_TEXT_VIEW (focus))
      && gdk_content_formats_contain_gtype (formats, G_TYPE_STRING))
    return FALSE;
  return gtk_widget_activate_action (widget, "win.paste", NULL);
}

static void
add_paste_key (GlossWindow *window)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  /* before text widgets, which take the key even when there is no text */
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (controller),
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("<Control>v"),
                        gtk_callback_action_new (paste_by_key, NULL, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (window), controller);
}

static void
refuse_drop (GlossDropArea *area, const char *name, GlossWindow *window)
{
  g_autofree char *words =
      /* Translators: %s is the name of a file or folder that was dropped on the window */
      name ? g_strdup_printf (_ ("“%s” cannot be read when it is dropped"), name)
           : g_strdup (_ ("What was dropped cannot be read"));

  gloss_window_offer (window, words, _ ("_Choose Folder…"), "win.open-folder");
}

static const GActionEntry actions[] = {
  { .name = "open", .activate = open_files },
  { .name = "open-folder", .activate = open_folder },
  { .name = "open-model-file", .activate = open_model_file },
  { .name = "open-model-folder", .activate = open_model_folder },
  { .name = "paste", .activate = paste },
  { .name = "stop-search", .activate = stop_search },
};

void
gloss_window_add_ways_to_open (GlossWindow *window)
{
  g_action_map_add_action_entries (G_ACTION_MAP (window), actions, G_N_ELEMENTS (actions), window);
  add_paste_key (window);
  /* what is dropped or pasted may arrive when the window is gone */
  g_signal_connect_object (window->drop_area, "files", G_CALLBACK (open_dropped), window, 0);
  g_signal_connect_object (window->drop_area, "texture", G_CALLBACK (open_texture), window, 0);
  g_signal_connect_object (window->drop_area, "refused", G_CALLBACK (refuse_drop), window, 0);
  g_signal_connect (window->empty_page, "sample", G_CALLBACK (open_sample), window);
}
