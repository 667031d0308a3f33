/* What to ask the model. */
#include "app/task-picker.h"

#include "app/languages.h"
#include "app/settings.h"

#include <glib/gi18n.h>
#include <string.h>

struct _GlossTaskPicker
{
  GtkWidget parent_instance;

  GtkWidget *box; /* owned as a child */
  GtkDropDown *tasks;
  GtkDropDown *languages;
  GtkEntry *words;
  GtkEntry *start;
  GlossModelSource *source; /* owned, or NULL */
};

enum
{
  ACTIVATED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossTaskPicker, gloss_task_picker, GTK_TYPE_WIDGET)

static GlossTask
get_task (GlossTaskPicker *picker)
{
  return (GlossTask) gtk_drop_down_get_selected (picker->tasks);
}

static const char *
get_language (GlossTaskPicker *picker)
{
  return gloss_task_get_languages ()[gtk_drop_down_get_selected (picker->languages)];
}

static const char *
get_reason (GlossAbility ability)
{
  switch (ability)
    {
    case GLOSS_ABILITY_YES:
      return NULL;
    case GLOSS_ABILITY_NOT_DEMO:
    case GLOSS_ABILITY_NOT_ENGLISH:
      return _ ("Not with the demo model");
    case GLOSS_ABILITY_NOT_MIX:
      /* Translators: "pt" and "mix" are kinds of PaliGemma models, as in their names */
      return _ ("Needs a “pt” model, not “mix”");
    }
  g_assert_not_reached ();
}

/* What the button shows is the title. */
static void
setup_title (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (label), 8);
  gtk_list_item_set_child (item, label);
}

static void
bind_title (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  gtk_label_set_label (GTK_LABEL (gtk_list_item_get_child (item)),
                       gtk_string_object_get_string (gtk_list_item_get_item (item)));
}

/* A row of the menu has below the title, small, why the model cannot do it. */
static void
setup_row (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *title = gtk_label_new (NULL);
  GtkWidget *reason = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (reason), 0);
  gtk_label_set_wrap (GTK_LABEL (reason), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (reason), 30);
  gtk_widget_add_css_class (reason, "caption");
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), reason);
  gtk_list_item_set_child (item, box);
}

/* The row is the parent of its content, and has no name of its own in GTK 4.8. */
static void
name_row (GtkListItem *item, const char *title, const char *reason)
{
  GtkWidget *row = gtk_widget_get_parent (gtk_list_item_get_child (item));
  g_autofree char *name = reason ? g_strdup_printf ("%s, %s", title, reason) : g_strdup (title);

  if (row)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
bind_row (GtkListItem *item, const char *title, GlossAbility ability)
{
  GtkWidget *box = gtk_list_item_get_child (item);
  GtkWidget *label = gtk_widget_get_last_child (box);
  const char *reason = get_reason (ability);

  gtk_label_set_label (GTK_LABEL (gtk_widget_get_first_child (box)), title);
  gtk_label_set_label (GTK_LABEL (label), reason ? reason : "");
  gtk_widget_set_visible (label, reason != NULL);
  gtk_widget_set_sensitive (box, !reason);
  /* selectable all the same: GTK 4.8 moves the focus over no other row, and so not beyond one */
  gtk_list_item_set_activatable (item, !reason);
  name_row (item, title, reason);
}

static void
bind_task (GtkSignalListItemFactory *factory, GtkListItem *item, GlossTaskPicker *picker)
{
  GlossTask task = (GlossTask) gtk_list_item_get_position (item);

  bind_row (item, gloss_task_get_title (task),
            picker->source ? gloss_model_source_can_do (picker->source, task) : GLOSS_ABILITY_YES);
}

static void
bind_language (GtkSignalListItemFactory *factory, GtkListItem *item, GlossTaskPicker *picker)
{
  const char *code = gloss_task_get_languages ()[gtk_list_item_get_position (item)];

  bind_row (item, gloss_language_get_name (code),
            picker->source ? gloss_model_source_can_speak (picker->source, code)
                           : GLOSS_ABILITY_YES);
}

static GtkListItemFactory *
make_factory (GCallback setup, GCallback bind, gpointer data)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", setup, NULL);
  g_signal_connect (factory, "bind", bind, data);
  return factory;
}

/* New factories make the rows anew. */
static void
set_factories (GlossTaskPicker *picker)
{
  g_autoptr (GtkListItemFactory) title =
      make_factory (G_CALLBACK (setup_title), G_CALLBACK (bind_title), NULL);
  g_autoptr (GtkListItemFactory) tasks =
      make_factory (G_CALLBACK (setup_row), G_CALLBACK (bind_task), picker);
  g_autoptr (GtkListItemFactory) languages =
      make_factory (G_CALLBACK (setup_row), G_CALLBACK (bind_language), picker);

  gtk_drop_down_set_factory (picker->tasks, title);
  gtk_drop_down_set_factory (picker->languages, title);
  gtk_drop_down_set_list_factory (picker->tasks, tasks);
  gtk_drop_down_set_list_factory (picker->languages, languages);
}

/* A list's button is a widget of its own in GTK 4.8, and the one that has the focus. */
static void
name_button (GtkDropDown *drop_down)
{
  GtkWidget *button = gtk_widget_get_first_child (GTK_WIDGET (drop_down));
  gpointer item = gtk_drop_down_get_selected_item (drop_down);
  g_autofree char *name = NULL;

  if (!button || !item)
    return;
  /* Translators: the name of a list and what is chosen in it, read out */
  name = g_strdup_printf (_ ("%s: %s"), gtk_widget_get_tooltip_text (GTK_WIDGET (drop_down)),
                          gtk_string_object_get_string (item));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
show_rows (GlossTaskPicker *picker)
{
  GlossTask task = get_task (picker);
  const char *title = gloss_task_get_words_title (task);

  gtk_widget_set_visible (GTK_WIDGET (picker->languages), gloss_task_get_info (task)->has_language);
  gtk_widget_set_visible (GTK_WIDGET (picker->words), title != NULL);
  gtk_widget_set_visible (GTK_WIDGET (picker->start), title == NULL && task != GLOSS_TASK_OCR);
  gtk_entry_set_placeholder_text (picker->words, title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (picker->words), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title ? title : "", -1);
  name_button (picker->tasks);
  name_button (picker->languages);
}

static void
tell_activated (GlossTaskPicker *picker)
{
  g_signal_emit (picker, signals[ACTIVATED], 0);
}

static guint
find_language (const char *code)
{
  const char *const *codes = gloss_task_get_languages ();
  guint english = 0;

  for (guint i = 0; codes[i]; i++)
    {
      if (strcmp (codes[i], code) == 0)
        return i;
      if (strcmp (codes[i], "en") == 0)
        english = i;
    }
  return english;
}

void
gloss_task_picker_set_source (GlossTaskPicker *picker, const GlossModelSource *source)
{
  if (source == picker->source
      || (source && picker->source && strcmp (source->path, picker->source->path) == 0))
    return;
  gloss_model_source_free (picker->source);
  picker->source = source ? gloss_model_source_copy (source) : NULL;
  set_factories (picker);
  if (source && gloss_model_source_can_do (source, get_task (picker)) != GLOSS_ABILITY_YES)
    gtk_drop_down_set_selected (picker->tasks, GLOSS_TASK_CAPTION);
  if (source && gloss_model_source_can_speak (source, get_language (picker)) != GLOSS_ABILITY_YES)
    gtk_drop_down_set_selected (picker->languages, find_language ("en"));
}

char *
gloss_task_picker_make_prompt (GlossTaskPicker *picker, GError **error)
{
  GlossTask task = get_task (picker);
  const GlossTaskInfo *info = gloss_task_get_info (task);
  g_autofree char *words =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (picker->words))));

  if (info->text && !*words)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   /* Translators: %s is the name of the empty row, such as "Question" */
                   _ ("Fill in the row first: %s"), gloss_task_get_words_title (task));
      return NULL;
    }
  return gloss_task_make_prompt (task, info->has_language ? get_language (picker) : NULL,
                                 info->text ? words : NULL, error);
}

const char *
gloss_task_picker_get_start_with (GlossTaskPicker *picker)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (picker->start));

  return *text && gtk_widget_get_visible (GTK_WIDGET (picker->start)) ? text : NULL;
}

gboolean
gloss_task_picker_finds_boxes (GlossTaskPicker *picker)
{
  return get_task (picker) == GLOSS_TASK_DETECT || get_task (picker) == GLOSS_TASK_SEGMENT;
}

static void
gloss_task_picker_dispose (GObject *object)
{
  GlossTaskPicker *picker = GLOSS_TASK_PICKER (object);

  g_clear_pointer (&picker->box, gtk_widget_unparent);
  g_clear_pointer (&picker->source, gloss_model_source_free);
  G_OBJECT_CLASS (gloss_task_picker_parent_class)->dispose (object);
}

static void
gloss_task_picker_class_init (GlossTaskPickerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_task_picker_dispose;
  signals[ACTIVATED] = g_signal_new ("activated", GLOSS_TYPE_TASK_PICKER, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/task-picker.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossTaskPicker, box);
  gtk_widget_class_bind_template_child (widget_class, GlossTaskPicker, tasks);
  gtk_widget_class_bind_template_child (widget_class, GlossTaskPicker, languages);
  gtk_widget_class_bind_template_child (widget_class, GlossTaskPicker, words);
  gtk_widget_class_bind_template_child (widget_class, GlossTaskPicker, start);
}

static void
fill_menus (GlossTaskPicker *picker)
{
  g_autoptr (GtkStringList) tasks = gtk_string_list_new (NULL);
  g_autoptr (GtkStringList) languages = gtk_string_list_new (NULL);
  const char *const *codes = gloss_task_get_languages ();

  for (guint i = 0; i < GLOSS_N_TASKS; i++)
    gtk_string_list_append (tasks, gloss_task_get_title ((GlossTask) i));
  for (guint i = 0; codes[i]; i++)
    gtk_string_list_append (languages, gloss_language_get_name (codes[i]));
  gtk_drop_down_set_model (picker->tasks, G_LIST_MODEL (tasks));
  gtk_drop_down_set_model (picker->languages, G_LIST_MODEL (languages));
}

static void
gloss_task_picker_init (GlossTaskPicker *picker)
{
  GSettings *settings = gloss_settings_get ();
  g_autofree char *task_name = g_settings_get_string (settings, "task");
  g_autofree char *language = g_settings_get_string (settings, "language");
  GlossTask task = GLOSS_TASK_CAPTION;

  gtk_widget_init_template (GTK_WIDGET (picker));
  fill_menus (picker);
  set_factories (picker);
  gloss_task_from_name (task_name, &task);
  gtk_drop_down_set_selected (picker->tasks, task);
  gtk_drop_down_set_selected (picker->languages, find_language (language));
  g_signal_connect_swapped (picker->tasks, "notify::selected", G_CALLBACK (show_rows), picker);
  g_signal_connect_swapped (picker->words, "activate", G_CALLBACK (tell_activated), picker);
  g_signal_connect_swapped (picker->start, "activate", G_CALLBACK (tell_activated), picker);
  show_rows (picker);
}
