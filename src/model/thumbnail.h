/* Small pictures to show beside words. */
#pragma once

#include "model/image.h"

G_BEGIN_DECLS

/* A JPEG of @image whose longer side is at most @side_px; new bytes, NULL when there is no memory
 * or no encoder. Any thread. */
GBytes *gloss_thumbnail_make_jpeg (const GlossImage *image, guint side_px);

G_END_DECLS
