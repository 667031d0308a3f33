/* A model on this machine in a list. */
#include "app/installed-row.h"

#include "app/chosen-model.h"
#include "library/prepare-installed.h"

#include <glib/gi18n.h>
#include <string.h>

struct _GlossInstalledRow
{
  AdwActionRow parent_instance;

  GtkWidget *use;
  GtkWidget *used;
  GtkMenuButton *more;

  GlossFoundModel *model; /* owned */
  GlossEngine *engine;    /* owned reference */
};

enum
{
  ASKED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossInstalledRow, gloss_installed_row, ADW_TYPE_ACTION_ROW)

static void
ask (GlossInstalledRow *row, const char *what)
{
  g_signal_emit (row, signals[ASKED], g_quark_from_string (what));
}

static void
use (GlossInstalledRow *row)
{
  ask (row, GLOSS_INSTALLED_USE);
}

static void
ask_by_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ask (data, g_action_get_name (G_ACTION (action)));
}

/* Whether it is a folder or a file in one only the disk knows, which may sleep. */
static void
do_find_folder (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const char *path = data;
  g_autofree char *folder =
      g_file_test (path, G_FILE_TEST_IS_DIR) ? g_strdup (path) : g_path_get_dirname (path);

  g_task_return_pointer (task, g_filename_to_uri (folder, NULL, NULL), g_free);
}

static void
folder_found (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autofree char *uri = g_task_propagate_pointer (G_TASK (result), NULL);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (object));

  if (uri && root)
    gtk_show_uri (GTK_WINDOW (root), uri, GDK_CURRENT_TIME);
}

static void
open_folder (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlossInstalledRow *row = data;
  g_autoptr (GTask) task = g_task_new (row, NULL, folder_found, NULL);

  g_task_set_task_data (task, g_strdup (row->model->path), g_free);
  g_task_run_in_thread (task, do_find_folder);
}

static const GActionEntry actions[] = {
  { .name = "folder", .activate = open_folder },
  { .name = GLOSS_INSTALLED_PREPARE, .activate = ask_by_action },
  { .name = GLOSS_INSTALLED_VERIFY, .activate = ask_by_action },
  { .name = GLOSS_INSTALLED_REMOVE, .activate = ask_by_action },
};

gboolean
gloss_installed_row_is_own (GlossInstalledRow *row)
{
  return row->model->place == GLOSS_MODEL_PLACE_GLOSS
         || row->model->place == GLOSS_MODEL_PLACE_CHOSEN;
}

static void
fill_menu (GlossInstalledRow *row)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) first = g_menu_new ();
  g_autoptr (GMenu) last = g_menu_new ();
  const GlossFoundModel *model = row->model;

  if (!model->missing && gloss_prepare_installed_helps (model->path))
    g_menu_append (first, _ ("_Prepare for Faster Captions"), "model." GLOSS_INSTALLED_PREPARE);
  if (!model->missing)
    g_menu_append (first, _ ("_Verify"), "model." GLOSS_INSTALLED_VERIFY);
  g_menu_append (first, _ ("_Open Folder"), "model.folder");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (first));
  if (gloss_installed_row_is_own (row))
    {
      g_menu_append (last, _ ("_Remove…"), "model." GLOSS_INSTALLED_REMOVE);
      g_menu_append_section (menu, NULL, G_MENU_MODEL (last));
    }
  gtk_menu_button_set_menu_model (row->more, G_MENU_MODEL (menu));
}

static const char *
get_place_words (GlossModelPlace place)
{
  switch (place)
    {
    case GLOSS_MODEL_PLACE_DEMO:
      return _ ("comes with Gloss, knows drawn sample scenes");
    case GLOSS_MODEL_PLACE_HUGGING_FACE:
      return _ ("in Hugging Face’s folder");
    case GLOSS_MODEL_PLACE_KAGGLE:
      return _ ("in Kaggle’s folder");
    case GLOSS_MODEL_PLACE_GLOSS:
    case GLOSS_MODEL_PLACE_CHOSEN:
    case GLOSS_N_MODEL_PLACES:
      break;
    }
  return NULL;
}

static char *
describe (GlossInstalledRow *row)
{
  const GlossFoundModel *model = row->model;
  g_autofree char *size = g_format_size (model->n_bytes);
  const char *place = get_place_words (model->place);
  GString *words = g_string_new (size);

  if (model->base)
    {
      const char *base = strcmp (model->base, "demo") == 0 ? _ ("Demo") : model->base;
      const char *slash = strrchr (base, '/');

      g_string_append (words, " · ");
      /* Translators: the name of the model that this one was made of */
      g_string_append_printf (words, _ ("Fine-tuned from %s"),
                              slash && slash[1] ? slash + 1 : base);
    }
  else if (model->place != GLOSS_MODEL_PLACE_DEMO && model->family)
    g_string_append_printf (words, " · %s", model->family);
  if (place)
    g_string_append_printf (words, " · %s", place);
  if (model->missing)
    {
      g_string_append_c (words, '\n');
      g_string_append_printf (words, _ ("Not whole: %s"), model->missing);
    }
  return g_string_free (words, FALSE);
}

static void
show_use (GlossInstalledRow *row)
{
  gboolean is_used = gloss_chosen_model_is (row->engine, row->model->path);

  gtk_widget_set_visible (row->use, !is_used && !row->model->missing);
  gtk_widget_set_visible (row->used, is_used);
}

static void
gloss_installed_row_dispose (GObject *object)
{
  GlossInstalledRow *row = GLOSS_INSTALLED_ROW (object);

  g_clear_object (&row->engine);
  g_clear_pointer (&row->model, gloss_found_model_free);
  G_OBJECT_CLASS (gloss_installed_row_parent_class)->dispose (object);
}

static void
gloss_installed_row_class_init (GlossInstalledRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_installed_row_dispose;
  signals[ASKED] =
      g_signal_new ("asked", GLOSS_TYPE_INSTALLED_ROW, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0,
                    NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/installed-row.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossInstalledRow, use);
  gtk_widget_class_bind_template_child (widget_class, GlossInstalledRow, used);
  gtk_widget_class_bind_template_child (widget_class, GlossInstalledRow, more);
}

static void
gloss_installed_row_init (GlossInstalledRow *row)
{
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  gtk_widget_init_template (GTK_WIDGET (row));
  g_action_map_add_action_entries (G_ACTION_MAP (group), actions, G_N_ELEMENTS (actions), row);
  gtk_widget_insert_action_group (GTK_WIDGET (row), "model", G_ACTION_GROUP (group));
  g_signal_connect_swapped (row->use, "clicked", G_CALLBACK (use), row);
}

GlossInstalledRow *
gloss_installed_row_new (GlossFoundModel *model, GlossEngine *engine)
{
  GlossInstalledRow *row = g_object_new (GLOSS_TYPE_INSTALLED_ROW, NULL);
  const char *name = model->place == GLOSS_MODEL_PLACE_DEMO ? _ ("Demo") : model->name;
  g_autofree char *subtitle = NULL;
  g_autofree char *use_label = g_strdup_printf (_ ("Use %s"), name);
  g_autofree char *more_label = g_strdup_printf (_ ("More for %s"), name);

  row->model = model;
  row->engine = g_object_ref (engine);
  subtitle = describe (row);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->use), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  use_label, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->more), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  more_label, -1);
  fill_menu (row);
  g_signal_connect_object (engine, "changed", G_CALLBACK (show_use), row, G_CONNECT_SWAPPED);
  show_use (row);
  return row;
}

const GlossFoundModel *
gloss_installed_row_get_model (GlossInstalledRow *row)
{
  return row->model;
}
