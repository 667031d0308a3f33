/* The menu of models in the header bar. */
#include "app/model-button.h"

#include "app/chosen-model.h"

#include <glib/gi18n.h>
#include <string.h>

struct _GlossModelButton
{
  GtkWidget parent_instance;

  GtkWidget *menu_button; /* owned as a child */
  GtkPopover *popover;
  GtkSpinner *spinner;
  GtkWidget *warning;
  GtkLabel *label;
  GtkListBox *list;
  GtkWidget *get_models;
  GtkWidget *open_file;
  GtkWidget *open_folder;
  GlossEngine *engine;  /* owned reference */
  GCancellable *search; /* owned; of the search for models that goes on, or NULL */
};

G_DEFINE_FINAL_TYPE (GlossModelButton, gloss_model_button, GTK_TYPE_WIDGET)

void
gloss_model_button_open (GlossModelButton *button, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);

  if (path)
    {
      g_autoptr (GlossModelSource) source = gloss_model_source_new_for_path (path);

      gloss_chosen_model_set (button->engine, source);
    }
}

static void
activate_row (GtkListBox *list, GtkListBoxRow *row, GlossModelButton *button)
{
  gtk_popover_popdown (button->popover);
  gloss_chosen_model_set (button->engine, g_object_get_data (G_OBJECT (row), "source"));
}

static GtkWidget *
make_label (const char *text, gboolean is_dim)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  if (is_dim)
    {
      gtk_widget_add_css_class (label, "dim-label");
      gtk_widget_add_css_class (label, "caption");
    }
  return label;
}

static char *
describe (const GlossFoundModel *model)
{
  g_autofree char *size = g_format_size (model->n_bytes);

  if (model->missing)
    return g_strdup_printf (_ ("Not whole: %s"), model->missing);
  if (model->place == GLOSS_MODEL_PLACE_DEMO)
    return g_strdup (_ ("Knows drawn sample scenes"));
  if (model->base)
    {
      const char *base = strcmp (model->base, "demo") == 0 ? _ ("Demo") : model->base;
      const char *slash = strrchr (base, '/');

      return g_strdup_printf (_ ("Fine-tuned from %s"), slash && slash[1] ? slash + 1 : base);
    }
  if (model->family)
    return g_strdup_printf ("%s · %s", model->family, size);
  return g_steal_pointer (&size);
}

static void
add_row (GlossModelButton *button, const char *name, const char *description,
         GlossModelSource *source, gboolean is_usable)
{
  const GlossModelSource *chosen = gloss_engine_get_source (button->engine);
  gboolean is_chosen = chosen && strcmp (chosen->path, source->path) == 0;
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *check = gtk_image_new_from_icon_name ("object-select-symbolic");
  g_autofree char *spoken = g_strdup_printf ("%s, %s", name, description);
  g_autofree char *path = g_filename_display_name (source->path);

  gtk_box_append (GTK_BOX (words), make_label (name, FALSE));
  gtk_box_append (GTK_BOX (words), make_label (description, TRUE));
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), check);
  gtk_widget_set_opacity (check, is_chosen ? 1 : 0);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_sensitive (row, is_usable);
  gtk_widget_set_tooltip_text (row, is_usable ? path : description);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  g_object_set_data_full (G_OBJECT (row), "source", source,
                          (GDestroyNotify) gloss_model_source_free);
  gtk_list_box_append (button->list, row);
}

static void
fill (GlossModelButton *button, const GPtrArray *models)
{
  const GlossModelSource *chosen = gloss_engine_get_source (button->engine);
  gboolean is_listed = !chosen;
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (button->list))))
    gtk_list_box_remove (button->list, row);
  for (guint i = 0; i < models->len; i++)
    {
      const GlossFoundModel *model = g_ptr_array_index (models, i);
      g_autofree char *description = describe (model);

      is_listed = is_listed || strcmp (model->path, chosen->path) == 0;
      add_row (button, model->place == GLOSS_MODEL_PLACE_DEMO ? _ ("Demo") : model->name,
               description, gloss_model_source_new_for_found (model), !model->missing);
    }
  if (!is_listed)
    add_row (button, chosen->name, _ ("Opened from a file"), gloss_model_source_copy (chosen),
             TRUE);
}

static void
search (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, gloss_found_models_list_here (), (GDestroyNotify) g_ptr_array_unref);
}

static void
found (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GPtrArray) models = g_task_propagate_pointer (G_TASK (result), NULL);

  /* cancelled when the button is gone or another search began */
  if (models)
    fill (GLOSS_MODEL_BUTTON (object), models);
}

static void
begin_search (GlossModelButton *button)
{
  g_autoptr (GTask) task = NULL;

  g_cancellable_cancel (button->search);
  g_clear_object (&button->search);
  button->search = g_cancellable_new ();
  task = g_task_new (button, button->search, found, NULL);
  g_task_run_in_thread (task, search);
}

static void
show_state (GlossModelButton *button)
{
  const GlossModelSource *source = gloss_engine_get_source (button->engine);
  GlossEngineState state = gloss_engine_get_state (button->engine);
  const char *message = gloss_engine_get_message (button->engine);
  const char *name = !source ? _ ("No Model") : source->is_demo ? _ ("Demo") : source->name;
  const char *slash = strrchr (name, '/');
  g_autofree char *spoken = NULL;

  gtk_label_set_label (button->label, slash && slash[1] ? slash + 1 : name);
  gtk_spinner_set_spinning (button->spinner, state == GLOSS_ENGINE_LOADING);
  gtk_widget_set_visible (GTK_WIDGET (button->spinner), state == GLOSS_ENGINE_LOADING);
  gtk_widget_set_visible (button->warning, state == GLOSS_ENGINE_FAILED);
  gtk_widget_set_tooltip_text (button->menu_button,
                               state == GLOSS_ENGINE_FAILED && message ? message : _ ("Model"));
  spoken = g_strdup_printf (_ ("Model: %s"), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button->menu_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

void
gloss_model_button_set_engine (GlossModelButton *button, GlossEngine *engine)
{
  button->engine = g_object_ref (engine);
  g_signal_connect_object (engine, "changed", G_CALLBACK (show_state), button, G_CONNECT_SWAPPED);
  show_state (button);
}

static void
gloss_model_button_dispose (GObject *object)
{
  GlossModelButton *button = GLOSS_MODEL_BUTTON (object);

  g_cancellable_cancel (button->search);
  g_clear_object (&button->search);
  g_clear_object (&button->engine);
  g_clear_pointer (&button->menu_button, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_model_button_parent_class)->dispose (object);
}

static void
gloss_model_button_class_init (GlossModelButtonClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_model_button_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/model-button.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossModelButton, menu_button);
  gtk_widget_class_bind_template_child (widget_class, GlossModelButton, popover);
  gtk_widget_class_bind_template_child (widget_class, GlossModelButton, spinner);
  gtk_widget_class_bind_template_child (widget_class, GlossModelButton, warning);
  gtk_widget_class_bind_template_child (widget_class, GlossModelButton, label);
  gtk_widget_class_bind_template_child (widget_class, GlossModelButton, list);
  gtk_widget_class_bind_template_child (widget_class, GlossModelButton, get_models);
  gtk_widget_class_bind_template_child (widget_class, GlossModelButton, open_file);
  gtk_widget_class_bind_template_child (widget_class, GlossModelButton, open_folder);
}

static void
gloss_model_button_init (GlossModelButton *button)
{
  gtk_widget_init_template (GTK_WIDGET (button));
  g_signal_connect (button->list, "row-activated", G_CALLBACK (activate_row), button);
  g_signal_connect_swapped (button->get_models, "clicked", G_CALLBACK (gtk_popover_popdown),
                            button->popover);
  g_signal_connect_swapped (button->open_file, "clicked", G_CALLBACK (gtk_popover_popdown),
                            button->popover);
  g_signal_connect_swapped (button->open_folder, "clicked", G_CALLBACK (gtk_popover_popdown),
                            button->popover);
  g_signal_connect_swapped (button->popover, "show", G_CALLBACK (begin_search), button);
}
