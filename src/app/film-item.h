/* One picture in the film strip: its thumbnail, and a badge that says how far it is. */
#pragma once

#include "app/picture.h"
#include "app/thumbnailer.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_FILM_ITEM (gloss_film_item_get_type ())
G_DECLARE_FINAL_TYPE (GlossFilmItem, gloss_film_item, GLOSS, FILM_ITEM, GtkWidget)

/* @thumbnailer is borrowed and outlives the item, or the item's picture. Main thread only. */
GtkWidget *gloss_film_item_new (GlossThumbnailer *thumbnailer);

/* Shows @picture, of which it keeps a reference, which is the one at @position in the row; or
 * nothing, with NULL. */
void gloss_film_item_set_picture (GlossFilmItem *item, GlossPicture *picture, guint position);

G_END_DECLS
