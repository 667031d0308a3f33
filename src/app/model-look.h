/* What the model sees of a picture, for the screen. */
#pragma once

#include "app/shared-image.h"

#include <cairo.h>

G_BEGIN_DECLS

/*
 * Makes the model's input of @image, @side_px × @side_px (not 0), as gloss_model_input_make ()
 * does, in a thread of its own. From the main thread; @callback is called there. The result is a
 * new image surface, or NULL with G_IO_ERROR_CANCELLED or GLOSS_ERROR_TOO_LARGE.
 */
void gloss_model_look_make_async (GlossSharedImage *image, guint side_px, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
cairo_surface_t *gloss_model_look_make_finish (GAsyncResult *result, GError **error);

G_END_DECLS
