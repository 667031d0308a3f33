/* Two texts to compare: side by side, or one below the other where lines would be short. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_PAIR_BOX (gloss_pair_box_get_type ())
G_DECLARE_FINAL_TYPE (GlossPairBox, gloss_pair_box, GLOSS, PAIR_BOX, GtkWidget)

/* Takes over both. Side by side they have the same width, of at least some words in the font that
 * there is. Main thread only. */
GtkWidget *gloss_pair_box_new (GtkWidget *first, GtkWidget *second);

G_END_DECLS
