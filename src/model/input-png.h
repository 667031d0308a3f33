/* What the model sees, as a picture to look at. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Writes the model's input as an 8-bit RGB PNG to @path, which is replaced whole or left as it was.
 * @input: size_px × size_px × 3, row-major, in [−1, 1]; values are rounded to the nearest of the
 * levels 0 … 255, those outside (and NaN) become the nearest level (0). FALSE with G_IO_ERROR or
 * GLOSS_ERROR_TOO_LARGE (no memory); the message begins with the file's base name. Any thread.
 */
gboolean gloss_model_input_save_png (const char *path, const float *input, gsize size_px,
                                     GError **error);

G_END_DECLS
