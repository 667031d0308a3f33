/* Two widgets side by side, or one below the other where the window is narrow. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_SPLIT_BOX (gloss_split_box_get_type ())
G_DECLARE_FINAL_TYPE (GlossSplitBox, gloss_split_box, GLOSS, SPLIT_BOX, GtkWidget)

/*
 * Properties "main" and "side", each a widget. Side by side the side widget takes a third, within
 * 320 and 420 px, on the end side; under 600 px of width it stands below and takes three fifths of the height.
 */

G_END_DECLS
