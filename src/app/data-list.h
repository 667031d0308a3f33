/* The list behind a finding about data: what it is about, one entry a row. */
#pragma once

#include "app/tune-data-words.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_DATA_LIST (gloss_data_list_get_type ())
G_DECLARE_FINAL_TYPE (GlossDataList, gloss_data_list, GLOSS, DATA_LIST, GtkWidget)

/* Signal: "back". Shows @finding, which is not kept, and takes the focus. Main thread. */
void gloss_data_list_show (GlossDataList *list, const GlossTuneFinding *finding);

G_END_DECLS
