/* One picture in the film strip. */
#include "app/film-item.h"

#include "app/words.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define WIDTH_PX 96
#define HEIGHT_PX 72
#define CORNER_PX 6
#define BADGE_MARGIN_PX 3
#define EDGE_ALPHA 0.1f

struct _GlossFilmItem
{
  GtkWidget parent_instance;

  GtkWidget *broken;
  GtkWidget *badge;
  GtkImage *symbol;
  GtkSpinner *spinner;

  GlossThumbnailer *thumbnailer;  /* borrowed */
  GlossThumbnailRequest *request; /* borrowed, or NULL */
  GdkTexture *texture;            /* owned reference, or NULL */
  GlossPicture *picture;          /* owned reference, or NULL */
  guint position;
};

G_DEFINE_FINAL_TYPE (GlossFilmItem, gloss_film_item, GTK_TYPE_WIDGET)

/* Where in width × height the thumbnail lies: in the middle, as large as fits. */
static graphene_rect_t
place (GlossFilmItem *item, int width, int height)
{
  float aspect = item->texture ? (float) gdk_texture_get_width (item->texture)
                                     / (float) gdk_texture_get_height (item->texture)
                               : (float) width / (float) height;
  int shown_width = MIN (width, (int) roundf ((float) height * aspect));
  int shown_height = MIN (height, (int) roundf ((float) width / aspect));

  return GRAPHENE_RECT_INIT ((float) ((width - shown_width) / 2),
                             (float) ((height - shown_height) / 2), (float) shown_width,
                             (float) shown_height);
}

static void
gloss_film_item_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                         int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH_PX : HEIGHT_PX;
}

/* The badge sits in a corner of the thumbnail, which may be smaller than the item. */
static void
gloss_film_item_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GlossFilmItem *item = GLOSS_FILM_ITEM (widget);
  graphene_rect_t bounds = place (item, width, height);
  int left = (int) bounds.origin.x, right = left + (int) bounds.size.width;
  int bottom = (int) (bounds.origin.y + bounds.size.height);
  GtkAllocation all = { 0, 0, width, height }, badge;
  GtkRequisition size;

  gtk_widget_size_allocate (item->broken, &all, -1);
  if (!gtk_widget_should_layout (item->badge))
    return;
  gtk_widget_get_preferred_size (item->badge, NULL, &size);
  badge.x = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL
                ? left + BADGE_MARGIN_PX
                : right - BADGE_MARGIN_PX - size.width;
  badge.y = bottom - BADGE_MARGIN_PX - size.height;
  badge.width = size.width;
  badge.height = size.height;
  gtk_widget_size_allocate (item->badge, &badge, -1);
}

/* A white picture on white has an edge, too. */
static void
append_edge (GtkWidget *widget, GtkSnapshot *snapshot, const GskRoundedRect *outline)
{
  const float widths[4] = { 1, 1, 1, 1 };
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  color.alpha *= EDGE_ALPHA;
  gtk_snapshot_append_border (snapshot, outline, widths, (GdkRGBA[]){ color, color, color, color });
}

static void
gloss_film_item_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GlossFilmItem *item = GLOSS_FILM_ITEM (widget);

  if (item->texture)
    {
      graphene_rect_t bounds =
          place (item, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
      GskRoundedRect clip;

      gsk_rounded_rect_init_from_rect (&clip, &bounds, CORNER_PX);
      gtk_snapshot_push_rounded_clip (snapshot, &clip);
      gtk_snapshot_append_texture (snapshot, item->texture, &bounds);
      gtk_snapshot_pop (snapshot);
      append_edge (widget, snapshot, &clip);
    }
  GTK_WIDGET_CLASS (gloss_film_item_parent_class)->snapshot (widget, snapshot);
}

static void
set_texture (GlossFilmItem *item, GdkTexture *texture)
{
  g_set_object (&item->texture, texture);
  if (texture)
    gtk_widget_remove_css_class (GTK_WIDGET (item), "blank");
  else
    gtk_widget_add_css_class (GTK_WIDGET (item), "blank");
  gtk_widget_set_visible (item->broken, FALSE);
  gtk_widget_queue_allocate (GTK_WIDGET (item));
  gtk_widget_queue_draw (GTK_WIDGET (item));
}

static void
thumbnail_made (GdkTexture *texture, gpointer data)
{
  GlossFilmItem *item = data;

  item->request = NULL;
  set_texture (item, texture);
  gtk_widget_set_visible (item->broken, texture == NULL);
}

static void
cancel_request (GlossFilmItem *item)
{
  if (item->request)
    gloss_thumbnailer_cancel (item->thumbnailer, item->request);
  item->request = NULL;
}

static void
update_thumbnail (GlossFilmItem *item)
{
  guint scale = (guint) gtk_widget_get_scale_factor (GTK_WIDGET (item));
  const char *path = item->picture ? gloss_picture_get_path (item->picture) : NULL;
  guint width_px, height_px;

  cancel_request (item);
  if (!path)
    {
      set_texture (item, NULL);
      return;
    }
  width_px = WIDTH_PX * scale;
  height_px = HEIGHT_PX * scale;
  set_texture (item, gloss_thumbnailer_look_up (item->thumbnailer, path, width_px, height_px));
  if (!item->texture)
    item->request = gloss_thumbnailer_request (item->thumbnailer, path, width_px, height_px,
                                               item->position, thumbnail_made, item);
}

/* A class of the badge, which gives its colour, and its symbol. */
static void
show_badge (GlossFilmItem *item, const char *css_class, const char *symbol)
{
  const char *classes[] = { "badge", css_class, NULL };
  gboolean is_spinning = css_class && !symbol;

  gtk_widget_set_visible (item->badge, css_class != NULL);
  gtk_widget_set_css_classes (item->badge, classes);
  gtk_widget_set_visible (GTK_WIDGET (item->symbol), symbol != NULL);
  gtk_image_set_from_icon_name (item->symbol, symbol);
  gtk_widget_set_visible (GTK_WIDGET (item->spinner), is_spinning);
  gtk_spinner_set_spinning (item->spinner, is_spinning);
}

static void
update_badge (GlossFilmItem *item)
{
  switch (item->picture ? gloss_picture_get_state (item->picture) : GLOSS_PICTURE_WAITING)
    {
    case GLOSS_PICTURE_WAITING:
      show_badge (item, NULL, NULL);
      break;
    case GLOSS_PICTURE_WORKING:
      show_badge (item, "working", NULL);
      break;
    case GLOSS_PICTURE_DONE:
      show_badge (item, "done", "object-select-symbolic");
      break;
    case GLOSS_PICTURE_EDITED:
      show_badge (item, "edited", "document-edit-symbolic");
      break;
    case GLOSS_PICTURE_FAILED:
      show_badge (item, "failed", "gloss-exclamation-symbolic");
      break;
    }
}

/* The row around the item is what a screen reader meets. */
static void
update_label (GlossFilmItem *item)
{
  GtkWidget *row = gtk_widget_get_parent (GTK_WIDGET (item));
  g_autofree char *label = NULL;

  if (!row || !item->picture)
    return;
  /* Translators: the name of a picture, and how far it is: "harbour.jpg, captioned" */
  label = g_strdup_printf (_ ("%s, %s"), gloss_picture_get_name (item->picture),
                           gloss_picture_state_get_words (gloss_picture_get_state (item->picture)));
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
state_changed (GlossFilmItem *item)
{
  update_badge (item);
  update_label (item);
}

void
gloss_film_item_set_picture (GlossFilmItem *item, GlossPicture *picture, guint position)
{
  if (item->picture)
    g_signal_handlers_disconnect_by_func (item->picture, state_changed, item);
  g_set_object (&item->picture, picture);
  item->position = position;
  if (picture)
    g_signal_connect_swapped (picture, "notify::state", G_CALLBACK (state_changed), item);
  update_thumbnail (item);
  state_changed (item);
}

/* The name, and the caption or the reason; a reason mostly begins with the name. */
static char *
make_tooltip (GlossPicture *picture)
{
  const char *name = gloss_picture_get_name (picture);
  const char *reason = gloss_picture_get_reason (picture);
  g_autofree char *words = NULL;

  if (reason)
    {
      g_autofree char *start = g_strconcat (name, ": ", NULL);

      words = g_strdup (g_str_has_prefix (reason, start) ? reason + strlen (start) : reason);
    }
  else
    words = gloss_words_strip_codes (gloss_picture_get_caption (picture));
  return *words ? g_markup_printf_escaped ("<b>%s</b>\n%s", name, words)
                : g_markup_printf_escaped ("<b>%s</b>", name);
}

/* Made only when it is asked for: captions are long and pictures many. */
static gboolean
gloss_film_item_query_tooltip (GtkWidget *widget, int x, int y, gboolean is_keyboard,
                               GtkTooltip *tooltip)
{
  GlossFilmItem *item = GLOSS_FILM_ITEM (widget);
  g_autofree char *markup = NULL;

  if (!item->picture)
    return FALSE;
  markup = make_tooltip (item->picture);
  gtk_tooltip_set_markup (tooltip, markup);
  return TRUE;
}

static void
gloss_film_item_dispose (GObject *object)
{
  GlossFilmItem *item = GLOSS_FILM_ITEM (object);

  cancel_request (item);
  if (item->picture)
    g_signal_handlers_disconnect_by_func (item->picture, state_changed, item);
  g_clear_object (&item->picture);
  g_clear_object (&item->texture);
  g_clear_pointer (&item->broken, gtk_widget_unparent);
  g_clear_pointer (&item->badge, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_film_item_parent_class)->dispose (object);
}

static void
gloss_film_item_class_init (GlossFilmItemClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_film_item_dispose;
  widget_class->measure = gloss_film_item_measure;
  widget_class->size_allocate = gloss_film_item_size_allocate;
  widget_class->snapshot = gloss_film_item_snapshot;
  widget_class->query_tooltip = gloss_film_item_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "filmitem");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/gloss/Gloss/film-item.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossFilmItem, broken);
  gtk_widget_class_bind_template_child (widget_class, GlossFilmItem, badge);
  gtk_widget_class_bind_template_child (widget_class, GlossFilmItem, symbol);
  gtk_widget_class_bind_template_child (widget_class, GlossFilmItem, spinner);
}

static void
gloss_film_item_init (GlossFilmItem *item)
{
  gtk_widget_init_template (GTK_WIDGET (item));
  g_signal_connect (item, "notify::scale-factor", G_CALLBACK (update_thumbnail), NULL);
}

GtkWidget *
gloss_film_item_new (GlossThumbnailer *thumbnailer)
{
  GlossFilmItem *item = g_object_new (GLOSS_TYPE_FILM_ITEM, NULL);

  item->thumbnailer = thumbnailer;
  return GTK_WIDGET (item);
}
