/* A part of a picture made smaller for the screen, away from the main thread. */
#pragma once

#include "app/shared-image.h"

#include <cairo.h>

G_BEGIN_DECLS

/*
 * The whole picture, made @width_px × @height_px, is a grid of which the part @area is there: each
 * of its pixels is the mean of what it covers. Unchangeable.
 */
typedef struct
{
  int width_px;
  int height_px;
  cairo_rectangle_int_t area;
  GdkTexture *texture; /* owned; of @area */
} GlossScaledPart;

void gloss_scaled_part_free (GlossScaledPart *part);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossScaledPart, gloss_scaled_part_free)

/*
 * Makes @area (not empty, inside the grid) of @image made @width_px × @height_px, neither more than
 * the picture's own. Three bytes for each pixel of @area; reads only what it covers. From the main
 * thread; @callback is called there, and gloss_scaled_part_make_finish () is NULL with
 * G_IO_ERROR_CANCELLED or with GLOSS_ERROR_TOO_LARGE when there is no memory. Cancelling takes
 * a row's time.
 */
void gloss_scaled_part_make_async (GlossSharedImage *image, int width_px, int height_px,
                                   const cairo_rectangle_int_t *area, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
GlossScaledPart *gloss_scaled_part_make_finish (GAsyncResult *result, GError **error);

/* The same at once, in any thread: fills @out, area->height × area->width × 3, row-major. FALSE
 * when cancelled; @out is then not complete. */
gboolean gloss_scaled_part_fill (guint8 *out, const GlossImage *image, int width_px, int height_px,
                                 const cairo_rectangle_int_t *area, GCancellable *cancellable,
                                 GError **error);

G_END_DECLS
