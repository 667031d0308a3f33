/* The first pairs of a set of data, as cards. */
#include "app/pair-cards.h"

#include "app/thumbnailer.h"

#include <glib/gi18n.h>
#include <string.h>

#define N_CARDS 6
#define WIDTH_PX 140
#define HEIGHT_PX 105
#define CAPTION_LINES 3
#define MAX_KEPT_BYTES ((gsize) 4 << 20)
/* wider than a card ever is, for it fills its column */
#define THUMBNAIL_WIDTH_PX 240
#define THUMBNAIL_HEIGHT_PX 180

struct _GlossPairCards
{
  GtkWidget parent_instance;

  GtkFlowBox *box;                          /* owned as a child */
  GlossThumbnailer *thumbnailer;            /* owned */
  GlossThumbnailRequest *requests[N_CARDS]; /* borrowed, or NULL */
  GtkWidget *pictures[N_CARDS];             /* in the box */
};

G_DEFINE_FINAL_TYPE (GlossPairCards, gloss_pair_cards, GTK_TYPE_WIDGET)

/* Where a thumbnail goes. */
typedef struct
{
  GlossPairCards *cards;
  guint index;
} Place;

static void
show_broken (GtkPicture *picture)
{
  GtkIconTheme *theme =
      gtk_icon_theme_get_for_display (gtk_widget_get_display (GTK_WIDGET (picture)));
  g_autoptr (GtkIconPaintable) icon = gtk_icon_theme_lookup_icon (
      theme, "image-missing-symbolic", NULL, 32, gtk_widget_get_scale_factor (GTK_WIDGET (picture)),
      gtk_widget_get_direction (GTK_WIDGET (picture)), 0);

  gtk_picture_set_content_fit (picture, GTK_CONTENT_FIT_SCALE_DOWN);
  gtk_picture_set_paintable (picture, GDK_PAINTABLE (icon));
}

static void
thumbnail_made (GdkTexture *texture, gpointer data)
{
  Place *place = data;
  GtkPicture *picture = GTK_PICTURE (place->cards->pictures[place->index]);

  place->cards->requests[place->index] = NULL;
  if (texture)
    gtk_picture_set_paintable (picture, GDK_PAINTABLE (texture));
  else
    show_broken (picture);
}

static void
cancel_requests (GlossPairCards *cards)
{
  for (guint i = 0; i < N_CARDS; i++)
    {
      if (cards->requests[i])
        gloss_thumbnailer_cancel (cards->thumbnailer, cards->requests[i]);
      cards->requests[i] = NULL;
      cards->pictures[i] = NULL;
    }
}

static GtkWidget *
make_words (const GlossPair *pair)
{
  GtkWidget *label = gtk_label_new (pair->suffix);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (label), CAPTION_LINES);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  /* as narrow as its column, not as wide as its words */
  gtk_label_set_width_chars (GTK_LABEL (label), 1);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 1);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_vexpand (label, TRUE);
  gtk_widget_set_valign (label, GTK_ALIGN_START);
  gtk_widget_add_css_class (label, "pair-words");
  return label;
}

static void
add_card (GlossPairCards *cards, const GlossPair *pair, guint index)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (cards));
  g_autofree char *name = g_filename_display_basename (pair->image_path);
  /* Translators: a picture's name and its caption, as they are read out */
  g_autofree char *read_out = g_strdup_printf (_ ("%s: %s"), name, pair->suffix);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *frame = gtk_overlay_new ();
  GtkWidget *picture = gtk_picture_new ();
  GtkWidget *child;
  Place *place = g_new (Place, 1);

  place->cards = cards;
  place->index = index;
  gtk_picture_set_content_fit (GTK_PICTURE (picture), GTK_CONTENT_FIT_COVER);
  gtk_picture_set_alternative_text (GTK_PICTURE (picture), name);
  gtk_widget_set_overflow (picture, GTK_OVERFLOW_HIDDEN);
  /* as large as the card wants it, whatever the picture's own size */
  gtk_widget_set_size_request (frame, WIDTH_PX, HEIGHT_PX);
  gtk_overlay_add_overlay (GTK_OVERLAY (frame), picture);
  gtk_widget_add_css_class (frame, "pair-picture");
  gtk_box_append (GTK_BOX (box), frame);
  gtk_box_append (GTK_BOX (box), make_words (pair));
  gtk_widget_add_css_class (box, "card");
  gtk_widget_set_overflow (box, GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_tooltip_text (box, read_out);
  gtk_flow_box_append (cards->box, box);
  child = gtk_widget_get_parent (box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, read_out,
                                  -1);
  cards->pictures[index] = picture;
  g_object_set_data_full (G_OBJECT (picture), "gloss-place", place, g_free);
  cards->requests[index] = gloss_thumbnailer_request (
      cards->thumbnailer, pair->image_path, (guint) (THUMBNAIL_WIDTH_PX * scale),
      (guint) (THUMBNAIL_HEIGHT_PX * scale), index, thumbnail_made, place);
}

void
gloss_pair_cards_show (GlossPairCards *cards, const GlossPairs *pairs)
{
  GtkFlowBoxChild *child;

  cancel_requests (cards);
  while ((child = gtk_flow_box_get_child_at_index (cards->box, 0)))
    gtk_flow_box_remove (cards->box, GTK_WIDGET (child));
  for (guint i = 0; pairs && i < MIN (pairs->pairs->len, N_CARDS); i++)
    add_card (cards, gloss_pairs_get (pairs, i), i);
}

static void
gloss_pair_cards_dispose (GObject *object)
{
  GlossPairCards *cards = GLOSS_PAIR_CARDS (object);

  if (cards->thumbnailer)
    cancel_requests (cards);
  g_clear_pointer (&cards->thumbnailer, gloss_thumbnailer_free);
  if (cards->box)
    gtk_widget_unparent (GTK_WIDGET (cards->box));
  cards->box = NULL;
  G_OBJECT_CLASS (gloss_pair_cards_parent_class)->dispose (object);
}

static void
gloss_pair_cards_class_init (GlossPairCardsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_pair_cards_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "paircards");
}

static void
gloss_pair_cards_init (GlossPairCards *cards)
{
  GtkWidget *box = gtk_flow_box_new ();

  cards->box = GTK_FLOW_BOX (box);
  cards->thumbnailer = gloss_thumbnailer_new (1, MAX_KEPT_BYTES);
  gtk_flow_box_set_selection_mode (cards->box, GTK_SELECTION_NONE);
  gtk_flow_box_set_homogeneous (cards->box, TRUE);
  gtk_flow_box_set_min_children_per_line (cards->box, 2);
  gtk_flow_box_set_max_children_per_line (cards->box, 3);
  gtk_flow_box_set_column_spacing (cards->box, 12);
  gtk_flow_box_set_row_spacing (cards->box, 12);
  gtk_accessible_update_property (GTK_ACCESSIBLE (box), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("The first pairs"), -1);
  gtk_widget_set_parent (box, GTK_WIDGET (cards));
}
