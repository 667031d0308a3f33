/* How the boxes of found objects look, so that picture and text agree. */
#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

#define GLOSS_N_BOX_STYLES 5

/* The colour of box @index, and the dashes of its outline in pixels (@n_dashes 0: solid), so that
 * it is not told by colour alone. Both repeat after GLOSS_N_BOX_STYLES. Borrowed. */
const GdkRGBA *gloss_box_style_get_color (guint index);
const float *gloss_box_style_get_dashes (guint index, guint *n_dashes);

G_END_DECLS
