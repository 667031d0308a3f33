/* What was said about a picture before. */
#pragma once

#include "app/picture.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_HISTORY_LIST (gloss_history_list_get_type ())
G_DECLARE_FINAL_TYPE (GlossHistoryList, gloss_history_list, GLOSS, HISTORY_LIST, GtkWidget)

/* Shows the earlier captions of @picture (NULL: none), the newest first; hidden when there are
 * none. Signal "taken" (int): the person takes back that one. Main thread only. */
void gloss_history_list_set_picture (GlossHistoryList *list, GlossPicture *picture);

G_END_DECLS
