/* The objects that were found, by name: pointing at one lights its box in the picture. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_BOX_LIST (gloss_box_list_get_type ())
G_DECLARE_FINAL_TYPE (GlossBoxList, gloss_box_list, GLOSS, BOX_LIST, GtkWidget)

/* Signal "box-lit" (int): the person points at that box or has the focus on it, −1 at none. Main
 * thread only. */

/* @boxes are GlossBox (see model/boxes.h); NULL or empty hides the list. Keeps a reference. */
void gloss_box_list_set_boxes (GlossBoxList *list, GPtrArray *boxes);

/* Shows the name of box @lit (−1: none) stronger. */
void gloss_box_list_set_lit_box (GlossBoxList *list, int lit);

G_END_DECLS
