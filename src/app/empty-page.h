/* What the window shows before there are pictures. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_EMPTY_PAGE (gloss_empty_page_get_type ())
G_DECLARE_FINAL_TYPE (GlossEmptyPage, gloss_empty_page, GLOSS, EMPTY_PAGE, GtkWidget)

/* Signal "sample" (GFile): the person wants to see one of the demo's own pictures. */

G_END_DECLS
