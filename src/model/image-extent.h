/* Where the first picture of a file ends, seen from the file's structure alone. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The number of bytes of the whole file @data that a decoder needs for its first picture: up to the
 * end of a PNG, JPEG or WebP, up to the end of the first frame of a GIF. 0 when the file stops
 * before that; @n_bytes (which may be 0) for other kinds, of which this knows nothing. Any thread.
 */
gsize gloss_image_extent_find (const guint8 *data, gsize n_bytes);

/* How many scans a JPEG has: a decoder goes over the whole picture for each. 0 for other kinds. Any
 * thread. */
guint gloss_image_extent_count_jpeg_scans (const guint8 *data, gsize n_bytes);

G_END_DECLS
