/* All pictures in a row, with what became of each. */
#pragma once

#include "app/caption-count.h"
#include "app/captioning.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_FILM_STRIP (gloss_film_strip_get_type ())
G_DECLARE_FINAL_TYPE (GlossFilmStrip, gloss_film_strip, GLOSS, FILM_STRIP, GtkWidget)

/* Shows @selection, whose items are GlossPicture, and scrolls to the selected one. To be called
 * once. Keeps a reference. Main thread. */
void gloss_film_strip_set_selection (GlossFilmStrip *strip, GtkSingleSelection *selection);

/* What the bar at its end tells of. To be called once. Keeps references. Main thread. */
void gloss_film_strip_set_captioning (GlossFilmStrip *strip, GlossCaptioning *captioning,
                                      GlossCaptionCount *count);

G_END_DECLS
