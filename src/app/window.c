/* The window: what its parts have to do with each other. */
#include "app/window-private.h"

#include "app/frame-log.h"
#include "app/settings.h"
#include "app/split-box.h"
#include "app/words.h"

#include <glib/gi18n.h>
#include <string.h>

/* Under this width the header bar leaves out what can be had elsewhere. */
#define NARROW_PX 500

G_DEFINE_FINAL_TYPE (GlossWindow, gloss_window, ADW_TYPE_APPLICATION_WINDOW)

static void
enable (GlossWindow *window, const char *action, gboolean is_enabled)
{
  GAction *found = g_action_map_lookup_action (G_ACTION_MAP (window), action);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (found), is_enabled);
}

void
gloss_window_update_actions (GlossWindow *window)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (window->pictures));
  guint position = gtk_single_selection_get_selected (window->selection);
  gboolean is_working = gloss_captioning_get_job (window->captioning, window->shown) != NULL;
  gboolean is_batch = gloss_captioning_get_batch (window->captioning, NULL, NULL, NULL);
  static const char *const for_a_picture[] = {
    "zoom-in", "zoom-out",  "zoom-full",     "zoom-fit",
    "copy",    "copy-html", "copy-markdown", "model-view"
  };

  for (guint i = 0; i < G_N_ELEMENTS (for_a_picture); i++)
    enable (window, for_a_picture[i], window->shown != NULL);
  enable (window, "caption", window->shown && !is_working);
  enable (window, "stop", is_working || is_batch);
  enable (window, "caption-all",
          !is_batch && gloss_caption_count_get_n_captioned (window->count) < n);
  enable (window, "stop-all", is_batch);
  enable (window, "close-pictures", n > 0);
  enable (window, "forget", n > 0);
  enable (window, "clear-history", n > 0);
  enable (window, "next", n > 0 && position + 1 < n);
  enable (window, "previous", n > 0 && position > 0);
}

static void
show_film_strip (GlossWindow *window)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (window->pictures));

  gtk_widget_set_visible (window->film_strip_button, n > 1 && !window->is_narrow);
  gtk_revealer_set_reveal_child (
      window->film_strip_revealer,
      n > 1 && g_settings_get_boolean (gloss_settings_get (), "show-film-strip"));
}

static void
show_title (GlossWindow *window)
{
  g_autofree char *title = NULL;

  adw_window_title_set_title (window->title,
                              window->shown ? gloss_picture_get_name (window->shown) : "Gloss");
  title = window->shown ? g_strdup_printf ("%s – Gloss", gloss_picture_get_name (window->shown))
                        : g_strdup ("Gloss");
  gtk_window_set_title (GTK_WINDOW (window), title);
}

void
gloss_window_show_sidecars (GlossWindow *window)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (window), "sidecars");
  gboolean has_sidecars =
      window->shown && gloss_keeper_has_sidecars (window->keeper, window->shown);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), window->shown != NULL);
  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (has_sidecars));
}

static void
show_words (GlossWindow *window)
{
  g_autofree char *words = NULL;

  if (!window->shown)
    return;
  words = gloss_words_strip_codes (gloss_picture_get_caption (window->shown));
  gloss_picture_view_set_words (window->view, gloss_picture_get_name (window->shown), words);
}

/* A single picture is captioned at once, unless it has a caption from before. */
static void
caption_if_wanted (GlossWindow *window)
{
  if (!window->shown || window->wants_caption != gloss_picture_get_key (window->shown)
      || !window->is_decoded || !gloss_picture_is_loaded (window->shown))
    return;
  window->wants_caption = 0;
  if (gloss_picture_get_state (window->shown) == GLOSS_PICTURE_WAITING
      && gloss_caption_pane_can_caption (window->pane))
    gloss_caption_pane_caption (window->pane);
}

static void
picture_decoded (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GlossWindow) window = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossSharedImage) image = gloss_shared_image_load_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&window->decoding);
  if (!image)
    {
      gloss_picture_view_show_broken (window->view);
      /* a job for it says the same, and at its own time */
      if (!gloss_captioning_get_job (window->captioning, window->shown))
        gloss_picture_end_work (window->shown, error->message);
      return;
    }
  gloss_picture_view_set_image (window->view, image);
  gloss_caption_pane_set_image (window->pane, image);
  window->is_decoded = TRUE;
  caption_if_wanted (window);
}

void
gloss_window_decode_picture (GlossWindow *window)
{
  if (!window->shown || window->is_decoded || window->decoding)
    return;
  window->decoding = g_cancellable_new ();
  gloss_shared_image_load_async (gloss_picture_get_path (window->shown), window->decoding,
                                 picture_decoded, g_object_ref (window));
}

/* Another program may have written the text file beside it. */
static void
look_again (GlossWindow *window)
{
  g_autoptr (GPtrArray) shown = g_ptr_array_new ();

  if (!window->keeper || !window->shown || !gloss_picture_is_loaded (window->shown))
    return;
  g_ptr_array_add (shown, window->shown);
  gloss_keeper_load (window->keeper, shown, NULL);
}

/* With the first picture the keyboard is where there is something to do with it. */
static void
show_page (GlossWindow *window)
{
  const char *old = gtk_stack_get_visible_child_name (window->stack);
  const char *name = window->shown ? "pictures" : "empty";

  gtk_stack_set_visible_child_name (window->stack, name);
  if (window->shown && strcmp (old, name) != 0)
    gloss_picture_view_focus (window->view);
}

void
gloss_window_show_picture (GlossWindow *window)
{
  GlossPicture *picture = gtk_single_selection_get_selected_item (window->selection);

  if (picture == window->shown)
    return;
  if (window->shown)
    g_signal_handlers_disconnect_by_func (window->shown, show_words, window);
  g_cancellable_cancel (window->decoding);
  g_clear_object (&window->decoding);
  g_set_object (&window->shown, picture);
  window->is_decoded = FALSE;
  gloss_picture_view_set_image (window->view, NULL);
  gloss_caption_pane_set_picture (window->pane, picture);
  if (picture)
    g_signal_connect_object (picture, "notify::caption", G_CALLBACK (show_words), window,
                             G_CONNECT_SWAPPED);
  gloss_window_decode_picture (window);
  look_again (window);
  show_page (window);
  show_title (window);
  show_words (window);
  gloss_window_show_sidecars (window);
  gloss_window_update_actions (window);
}

static void
pictures_changed (GlossWindow *window)
{
  show_film_strip (window);
  gloss_window_update_actions (window);
}

/* Beside a picture the pane says it. */
static void
tell_model_problem (GlossWindow *window)
{
  GlossEngineState state = gloss_engine_get_state (window->engine);

  if (state == GLOSS_ENGINE_FAILED && window->engine_state != state && !window->shown)
    gloss_window_say (window, gloss_engine_get_message (window->engine));
  window->engine_state = state;
}

static void
job_changed (GlossWindow *window, GlossPicture *picture)
{
  if (picture == window->shown)
    gloss_window_update_actions (window);
}

void
gloss_window_show_model_view (GlossWindow *window)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (window), "model-view");
  g_autoptr (GVariant) state = g_action_get_state (action);
  guint side_px = gloss_engine_get_image_size_px (window->engine);

  gloss_picture_view_set_model_side_px (window->view, g_variant_get_boolean (state) ? side_px : 0);
}

static void
keep_caption (GlossCaptioning *captioning, GlossPicture *picture, GlossWindow *window)
{
  gloss_keeper_save (window->keeper, picture);
#if GTK_CHECK_VERSION(4, 14, 0)
  if (picture == window->shown)
    {
      g_autofree char *words = gloss_words_strip_codes (gloss_picture_get_caption (picture));

      gtk_accessible_announce (GTK_ACCESSIBLE (window), words,
                               GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
    }
#endif
}

static void
tell_said_again (GlossCaptioning *captioning, GlossPicture *picture, GlossWindow *window)
{
  if (picture == window->shown)
    gloss_window_say (window, _ ("The model said the same again"));
}

static void
keep_typed (GlossCaptionPane *pane, gboolean is_word_end, GlossWindow *window)
{
  gloss_keeper_edit (window->keeper, window->shown, is_word_end);
}

static void
pictures_loaded (GlossKeeper *keeper, GlossWindow *window)
{
  gloss_window_show_sidecars (window);
  caption_if_wanted (window);
}

static void
all_loaded (GlossKeeper *keeper, GlossWindow *window)
{
  if (window->wants_batch)
    gloss_caption_pane_caption_all (window->pane, G_LIST_MODEL (window->pictures));
  window->wants_batch = FALSE;
}

static void
light_box_in_view (GlossCaptionPane *pane, int lit, GlossWindow *window)
{
  gloss_picture_view_set_lit_box (window->view, lit);
}

static void
light_box_in_pane (GlossPictureView *view, int lit, GlossWindow *window)
{
  gloss_caption_pane_light_box (window->pane, lit);
}

static void
show_boxes (GlossCaptionPane *pane, GPtrArray *boxes, GlossWindow *window)
{
  gloss_picture_view_set_boxes (window->view, boxes);
}

static gboolean
fit_header (gpointer data)
{
  GlossWindow *window = data;

  if (!window->keeper) /* closed meanwhile */
    return G_SOURCE_REMOVE;
  if (window->is_narrow)
    gtk_widget_add_css_class (window->header, "narrow");
  else
    gtk_widget_remove_css_class (window->header, "narrow");
  gtk_widget_set_visible (window->open_button, !window->is_narrow);
  gtk_menu_button_set_icon_name (
      window->open_menu_button, window->is_narrow ? "document-open-symbolic" : "pan-down-symbolic");
  show_film_strip (window);
  return G_SOURCE_REMOVE;
}

static void
gloss_window_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GlossWindow *window = GLOSS_WINDOW (widget);
  gboolean is_narrow = width < NARROW_PX;

  GTK_WIDGET_CLASS (gloss_window_parent_class)->size_allocate (widget, width, height, baseline);
  if (is_narrow == window->is_narrow)
    return;
  window->is_narrow = is_narrow;
  /* what is shown must not change while it is laid out */
  g_idle_add_full (G_PRIORITY_HIGH_IDLE, fit_header, g_object_ref (window), g_object_unref);
}

static gboolean
gloss_window_close_request (GtkWindow *gtk_window)
{
  GSettings *settings = gloss_settings_get ();
  int width, height;

  gloss_captioning_stop_batch (GLOSS_WINDOW (gtk_window)->captioning);
  gtk_window_get_default_size (gtk_window, &width, &height);
  g_settings_set_int (settings, "window-width", MAX (width, 360));
  g_settings_set_int (settings, "window-height", MAX (height, 294));
  g_settings_set_boolean (settings, "window-is-maximized", gtk_window_is_maximized (gtk_window));
  return GTK_WINDOW_CLASS (gloss_window_parent_class)->close_request (gtk_window);
}

static void
gloss_window_dispose (GObject *object)
{
  GlossWindow *window = GLOSS_WINDOW (object);

  /* a batch that is closed goes on no more, and the program may, with another window */
  gloss_window_let_sleep (window);
  g_cancellable_cancel (window->decoding);
  g_clear_object (&window->decoding);
  gloss_window_drop_search (window);
  g_clear_object (&window->captioning);
  if (window->keeper)
    gloss_keeper_shut_down (window->keeper);
  g_clear_object (&window->keeper);
  g_clear_object (&window->problem);
  g_clear_pointer (&window->offered, g_free);
  gloss_window_drop_forgotten (window);
  g_clear_object (&window->engine);
  g_clear_object (&window->shown);
  g_clear_object (&window->selection);
  g_clear_object (&window->count);
  g_clear_object (&window->pictures);
  g_clear_pointer (&window->by_path, g_hash_table_unref);
  G_OBJECT_CLASS (gloss_window_parent_class)->dispose (object);
}

static void
gloss_window_class_init (GlossWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_window_dispose;
  widget_class->size_allocate = gloss_window_size_allocate;
  GTK_WINDOW_CLASS (klass)->close_request = gloss_window_close_request;
  g_type_ensure (GLOSS_TYPE_DROP_AREA);
  g_type_ensure (GLOSS_TYPE_EMPTY_PAGE);
  g_type_ensure (GLOSS_TYPE_JOBS_BUTTON);
  g_type_ensure (GLOSS_TYPE_MODEL_BUTTON);
  g_type_ensure (GLOSS_TYPE_SPLIT_BOX);
  g_type_ensure (GLOSS_TYPE_PICTURE_VIEW);
  g_type_ensure (GLOSS_TYPE_CAPTION_PANE);
  g_type_ensure (GLOSS_TYPE_FILM_STRIP);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/gloss/Gloss/window.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossWindow, drop_area);
  gtk_widget_class_bind_template_child (widget_class, GlossWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, GlossWindow, title);
  gtk_widget_class_bind_template_child (widget_class, GlossWindow, header);
  gtk_widget_class_bind_template_child (widget_class, GlossWindow, open_button);
  gtk_widget_class_bind_template_child (widget_class, GlossWindow, open_menu_button);
  gtk_widget_class_bind_template_child (widget_class, GlossWindow, film_strip_button);
  gtk_widget_class_bind_template_child (widget_class, GlossWindow, jobs_button);
  gtk_widget_class_bind_template_child (widget_class, GlossWindow, model_button);
  gtk_widget_class_bind_template_child (widget_class, GlossWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, GlossWindow, empty_page);
  gtk_widget_class_bind_template_child (widget_class, GlossWindow, view);
  gtk_widget_class_bind_template_child (widget_class, GlossWindow, pane);
  gtk_widget_class_bind_template_child (widget_class, GlossWindow, film_strip_revealer);
  gtk_widget_class_bind_template_child (widget_class, GlossWindow, film_strip);
}

static void
gloss_window_init (GlossWindow *window)
{
  GSettings *settings = gloss_settings_get ();

  gtk_widget_init_template (GTK_WIDGET (window));
  gloss_window_add_ways_to_open (window);
  gloss_window_add_actions (window);
  gtk_window_set_default_size (GTK_WINDOW (window), g_settings_get_int (settings, "window-width"),
                               g_settings_get_int (settings, "window-height"));

  window->pictures = g_list_store_new (GLOSS_TYPE_PICTURE);
  window->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  window->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (window->pictures)));
  window->count = gloss_caption_count_new (G_LIST_MODEL (window->pictures));
  gloss_film_strip_set_selection (window->film_strip, window->selection);
  g_signal_connect_object (settings, "changed::show-film-strip", G_CALLBACK (show_film_strip),
                           window, G_CONNECT_SWAPPED);
  g_signal_connect_object (window->pictures, "items-changed", G_CALLBACK (pictures_changed), window,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (window->selection, "notify::selected-item",
                           G_CALLBACK (gloss_window_show_picture), window, G_CONNECT_SWAPPED);
  g_signal_connect (window, "notify::is-active", G_CALLBACK (look_again), NULL);
  g_signal_connect (window->pane, "boxes", G_CALLBACK (show_boxes), window);
  g_signal_connect (window->pane, "box-lit", G_CALLBACK (light_box_in_view), window);
  g_signal_connect (window->view, "box-lit", G_CALLBACK (light_box_in_pane), window);
}

GlossWindow *
gloss_window_new (GtkApplication *application, GlossEngine *engine, GlossModelJobs *jobs,
                  GlossTuningJobs *tuning)
{
  GlossWindow *window = g_object_new (GLOSS_TYPE_WINDOW, "application", application, NULL);

  window->engine = g_object_ref (engine);
  window->captioning = gloss_captioning_new (engine);
  window->keeper = gloss_keeper_new ();
  gloss_model_button_set_engine (window->model_button, engine);
  gloss_jobs_button_set_jobs (window->jobs_button, jobs, tuning);
  gloss_caption_pane_set_up (window->pane, engine, window->captioning);
  gloss_film_strip_set_captioning (window->film_strip, window->captioning, window->count);
  g_signal_connect_object (engine, "changed", G_CALLBACK (gloss_window_show_model_view), window,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (engine, "changed", G_CALLBACK (tell_model_problem), window,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (window->captioning, "changed", G_CALLBACK (job_changed), window,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (window->captioning, "captioned", G_CALLBACK (keep_caption), window, 0);
  g_signal_connect_object (window->captioning, "said-again", G_CALLBACK (tell_said_again), window,
                           0);
  g_signal_connect_object (window->pane, "typed", G_CALLBACK (keep_typed), window, 0);
  g_signal_connect_object (window->keeper, "loaded", G_CALLBACK (pictures_loaded), window, 0);
  g_signal_connect_object (window->keeper, "idle", G_CALLBACK (all_loaded), window, 0);
  gloss_window_add_toasts (window);
  gloss_window_follow_batches (window);
  g_signal_connect_object (window->count, "changed", G_CALLBACK (gloss_window_update_actions),
                           window, G_CONNECT_SWAPPED);
  /* a property of GtkWindow that is set last when it is constructed */
  if (g_settings_get_boolean (gloss_settings_get (), "window-is-maximized"))
    gtk_window_maximize (GTK_WINDOW (window));
  gloss_frame_log_start (GTK_WIDGET (window));
  gloss_window_update_actions (window);
  gloss_window_show_sidecars (window);
  return window;
}
