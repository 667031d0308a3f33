/* The words beside the picture: what to ask, what was said, and the one button. */
#pragma once

#include "app/caption-text.h"
#include "app/captioning.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_CAPTION_PANE (gloss_caption_pane_get_type ())
G_DECLARE_FINAL_TYPE (GlossCaptionPane, gloss_caption_pane, GLOSS, CAPTION_PANE, GtkWidget)

/* Signals: "boxes" (GPtrArray of GlossBox, or NULL) when other objects are named in the text,
 * "box-lit" (int) when the person points at the name of one, "typed" (gboolean is_word_end) when
 * the person has changed the caption. Main thread only. */

/* To be called once. Keeps references. */
void gloss_caption_pane_set_up (GlossCaptionPane *pane, GlossEngine *engine,
                                GlossCaptioning *captioning);

/* The picture that is shown, or NULL; and when it is decoded its content. Keep references. */
void gloss_caption_pane_set_picture (GlossCaptionPane *pane, GlossPicture *picture);
void gloss_caption_pane_set_image (GlossCaptionPane *pane, GlossSharedImage *image);

/* FALSE while words are missing that the task needs. */
gboolean gloss_caption_pane_can_caption (GlossCaptionPane *pane);

/* The first caption of a picture is the likeliest; when there is one, another is drawn. */
void gloss_caption_pane_caption (GlossCaptionPane *pane);
void gloss_caption_pane_stop (GlossCaptionPane *pane);

/* Captions those of @pictures that have none. */
void gloss_caption_pane_caption_all (GlossCaptionPane *pane, GListModel *pictures);

void gloss_caption_pane_copy (GlossCaptionPane *pane, GlossCopyFormat format);
void gloss_caption_pane_light_box (GlossCaptionPane *pane, int lit);

G_END_DECLS
