/* The first frame of an animation in WebP, as a picture of its own. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  GBytes *file; /* owned; a WebP file with this frame alone */
  guint canvas_width_px, canvas_height_px;
  guint x_px, y_px; /* where on the canvas the frame lies */
} GlossWebpFrame;

/*
 * Whether the whole file @data is an animation in WebP. If so, @out gets its first frame, with
 * @out->file NULL when that is cut short, damaged or not within the canvas. Any thread.
 */
gboolean gloss_webp_take_first_frame (GlossWebpFrame *out, const guint8 *data, gsize n_bytes);

G_END_DECLS
