/* Draws one picture, however large, in the time that a frame has. */
#pragma once

#include "app/shared-image.h"
#include "app/view-transform.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_PICTURE_PAINTER (gloss_picture_painter_get_type ())
G_DECLARE_FINAL_TYPE (GlossPicturePainter, gloss_picture_painter, GLOSS, PICTURE_PAINTER, GObject)

/*
 * What lies smaller than it is comes from copies that have the screen's pixels already and are made
 * in other threads: of the whole picture as it fits, and, zoomed in, of what is seen and a little
 * around it. Until the second is there the first is drawn in its place, coarse. From the full scale
 * on the picture itself is drawn, only what is seen. So a frame touches no more pixels than the
 * view has a few times over, and so does memory: at most 3 bytes × (1 + 2¼) for each of the view's.
 *
 * Main thread only. The signal "changed" says that it would draw better now.
 */

/* Keeps a reference. */
GlossPicturePainter *gloss_picture_painter_new (GlossSharedImage *image);
GlossSharedImage *gloss_picture_painter_get_image (GlossPicturePainter *painter); /* borrowed */

/* Makes what drawing at @transform needs; to be called for each place where the picture is to stay.
 */
void gloss_picture_painter_prepare (GlossPicturePainter *painter,
                                    const GlossViewTransform *transform);

/* Whether it is able to draw at @transform, if perhaps coarsely. */
gboolean gloss_picture_painter_is_ready (GlossPicturePainter *painter,
                                         const GlossViewTransform *transform);

void gloss_picture_painter_snapshot (GlossPicturePainter *painter,
                                     const GlossViewTransform *transform, GtkSnapshot *snapshot);

G_END_DECLS
