/* What was said about a picture before. */
#include "app/history-list.h"

#include "app/words.h"

#include <glib/gi18n.h>

/* As many as a person looks through. */
#define MAX_ROWS 50

struct _GlossHistoryList
{
  GtkWidget parent_instance;

  GtkWidget *box; /* owned as a child */
  GtkWidget *list;
  GlossPicture *picture; /* owned reference, or NULL */
};

enum
{
  TAKEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossHistoryList, gloss_history_list, GTK_TYPE_WIDGET)

static const char *
describe_origin (const GlossCaptionRecord *record)
{
  switch (record->origin)
    {
    case GLOSS_CAPTION_ORIGIN_MODEL:
      return record->model ? record->model : "";
    case GLOSS_CAPTION_ORIGIN_EDITED:
      /* Translators: a caption that a person has edited */
      return C_ ("caption", "edited");
    case GLOSS_CAPTION_ORIGIN_SIDECAR:
      return _ ("from a text file");
    case GLOSS_N_CAPTION_ORIGINS:
      break;
    }
  g_assert_not_reached ();
}

/* "demo · sampled, seed 3 · 14:05", with the day unless it is today. */
static char *
describe (const GlossCaptionRecord *record)
{
  g_autoptr (GDateTime) made =
      g_date_time_new_from_unix_local (record->created_usec / G_USEC_PER_SEC);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = NULL;
  GString *words = g_string_new (describe_origin (record));

  if (record->note)
    g_string_append_printf (words, " · %s", record->note);
  if (made)
    {
      gboolean is_today =
          g_date_time_get_year (made) == g_date_time_get_year (now)
          && g_date_time_get_day_of_year (made) == g_date_time_get_day_of_year (now);

      when = g_date_time_format (made, is_today ? "%H:%M" : "%x");
      g_string_append_printf (words, " · %s", when);
    }
  return g_string_free (words, FALSE);
}

static void
add_row (GlossHistoryList *list, const GlossCaptionRecord *record)
{
  g_autofree char *words = gloss_words_strip_codes (record->text);
  g_autofree char *description = describe (record);
  g_autofree char *spoken = g_strdup_printf ("%s, %s", words, description);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *text = gtk_label_new (*words ? words : record->text);
  GtkWidget *origin = gtk_label_new (description);

  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (text), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (text), 3);
  gtk_label_set_ellipsize (GTK_LABEL (text), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (origin), 0);
  gtk_label_set_ellipsize (GTK_LABEL (origin), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (origin, "dim-label");
  gtk_widget_add_css_class (origin, "caption");
  gtk_box_append (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (box), origin);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_tooltip_text (row, _ ("Take This Caption Back"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  gtk_list_box_append (GTK_LIST_BOX (list->list), row);
}

static void
fill (GlossHistoryList *list)
{
  const GPtrArray *history = list->picture ? gloss_picture_get_history (list->picture) : NULL;
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (list->list)))
    gtk_list_box_remove (GTK_LIST_BOX (list->list), row);
  for (guint i = 0; history && i < MIN (history->len, MAX_ROWS); i++)
    add_row (list, g_ptr_array_index (history, i));
  gtk_widget_set_visible (GTK_WIDGET (list), history && history->len > 0);
}

void
gloss_history_list_set_picture (GlossHistoryList *list, GlossPicture *picture)
{
  if (list->picture)
    g_signal_handlers_disconnect_by_func (list->picture, fill, list);
  g_set_object (&list->picture, picture);
  if (picture)
    g_signal_connect_object (picture, "history-changed", G_CALLBACK (fill), list,
                             G_CONNECT_SWAPPED);
  fill (list);
}

static void
activate_row (GtkListBox *box, GtkListBoxRow *row, GlossHistoryList *list)
{
  g_signal_emit (list, signals[TAKEN], 0, gtk_list_box_row_get_index (row));
}

static void
gloss_history_list_dispose (GObject *object)
{
  GlossHistoryList *list = GLOSS_HISTORY_LIST (object);

  g_clear_pointer (&list->box, gtk_widget_unparent);
  g_clear_object (&list->picture);
  G_OBJECT_CLASS (gloss_history_list_parent_class)->dispose (object);
}

static void
gloss_history_list_class_init (GlossHistoryListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gloss_history_list_dispose;
  signals[TAKEN] = g_signal_new ("taken", GLOSS_TYPE_HISTORY_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gloss_history_list_init (GlossHistoryList *list)
{
  GtkWidget *title = gtk_label_new (_ ("Earlier"));

  list->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  list->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list->list, "boxed-list");
  gtk_widget_add_css_class (list->list, "history");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Earlier captions"), -1);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "heading");
  gtk_box_append (GTK_BOX (list->box), title);
  gtk_box_append (GTK_BOX (list->box), list->list);
  gtk_widget_set_parent (list->box, GTK_WIDGET (list));
  g_signal_connect (list->list, "row-activated", G_CALLBACK (activate_row), list);
  gtk_widget_set_visible (GTK_WIDGET (list), FALSE);
}
