/* All pictures in a row. */
#include "app/film-strip.h"

#include "app/picture.h"

struct _GlossFilmStrip
{
  GtkWidget parent_instance;

  GtkWidget *list; /* owned as a child */
};

G_DEFINE_FINAL_TYPE (GlossFilmStrip, gloss_film_strip, GTK_TYPE_WIDGET)

static void
gloss_film_strip_dispose (GObject *object)
{
  GlossFilmStrip *strip = GLOSS_FILM_STRIP (object);

  g_clear_pointer (&strip->list, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_film_strip_parent_class)->dispose (object);
}

static void
gloss_film_strip_class_init (GlossFilmStripClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gloss_film_strip_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
setup_item (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  gtk_list_item_set_child (item, gtk_label_new (NULL));
}

static void
bind_item (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GlossPicture *picture = gtk_list_item_get_item (item);

  gtk_label_set_label (GTK_LABEL (gtk_list_item_get_child (item)),
                       gloss_picture_get_name (picture));
}

static void
gloss_film_strip_init (GlossFilmStrip *strip)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *window = gtk_scrolled_window_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (setup_item), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_item), NULL);
  strip->list = window;
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (window), gtk_list_view_new (NULL, factory));
  gtk_orientable_set_orientation (
      GTK_ORIENTABLE (gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (window))),
      GTK_ORIENTATION_HORIZONTAL);
  gtk_widget_set_parent (window, GTK_WIDGET (strip));
}

void
gloss_film_strip_set_selection (GlossFilmStrip *strip, GtkSingleSelection *selection)
{
  GtkWidget *list = gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (strip->list));

  gtk_list_view_set_model (GTK_LIST_VIEW (list), GTK_SELECTION_MODEL (selection));
}
