/* How many pictures are captioned, and the button that captions the rest. */
#pragma once

#include "app/caption-count.h"
#include "app/captioning.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_BATCH_BAR (gloss_batch_bar_get_type ())
G_DECLARE_FINAL_TYPE (GlossBatchBar, gloss_batch_bar, GLOSS, BATCH_BAR, GtkWidget)

/* Says it in words where its natural width is there, and else in two numbers. The button is
 * win.caption-all, and win.stop-all while a batch goes on. Main thread only. */

/* To be called once. Keeps references. */
void gloss_batch_bar_set_up (GlossBatchBar *bar, GlossCaptioning *captioning,
                             GlossCaptionCount *count);

G_END_DECLS
