/* How a camera was held: the EXIF orientation of a picture file. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The picture lies in the file as it is meant to be seen. */
#define GLOSS_ORIENTATION_UPRIGHT 1u

/*
 * The orientation, 1 … 8 as EXIF numbers them, that the whole file @data of @n_bytes (may be 0)
 * names: a JPEG (APP1 segment), a PNG (eXIf chunk), a WebP (EXIF chunk) or a TIFF (first
 * directory). GLOSS_ORIENTATION_UPRIGHT when it names none, is of another kind or is damaged. Reads
 * no byte outside @data, whatever is in it. Never fails. Any thread.
 */
guint gloss_orientation_parse (const guint8 *data, gsize n_bytes);

/*
 * Turns a picture upright. @out: width_px × height_px × 3 when @orientation is 5 … 8, where the
 * sides change places, else height_px × width_px × 3, row-major. @rgb: height_px × width_px × 3. No
 * aliasing. @orientation: 1 … 8. Never fails. Any thread.
 */
void gloss_orientation_apply (guint8 *out, const guint8 *rgb, gsize height_px, gsize width_px,
                              guint orientation);

G_END_DECLS
