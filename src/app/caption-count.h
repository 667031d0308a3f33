/* How many of the pictures in a list have a caption. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_CAPTION_COUNT (gloss_caption_count_get_type ())
G_DECLARE_FINAL_TYPE (GlossCaptionCount, gloss_caption_count, GLOSS, CAPTION_COUNT, GObject)

/*
 * Follows @pictures, a list of GlossPicture, of which it keeps a reference. What it costs when a
 * caption comes or goes does not depend on how many pictures there are. Signal "changed" when one
 * of the figures did. Main thread only.
 */
GlossCaptionCount *gloss_caption_count_new (GListModel *pictures);

guint gloss_caption_count_get_n_captioned (GlossCaptionCount *count);
guint gloss_caption_count_get_n_pictures (GlossCaptionCount *count);

G_END_DECLS
