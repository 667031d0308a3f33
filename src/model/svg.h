/* Drawings in SVG, drawn by a process of its own. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A drawing has no pixels of its own. This is more than the model ever sees (896). */
#define GLOSS_SVG_LONGER_SIDE_PX 1024
#define GLOSS_SVG_MAX_SECONDS 5
#define GLOSS_SVG_MAX_MEMORY_BYTES (1u << 30)

/* Whether rsvg-convert is there. Any thread. */
gboolean gloss_svg_can_draw (void);

/*
 * The drawing in the file @path (SVG, or SVG packed by gzip) as the bytes of a PNG whose longer
 * side is GLOSS_SVG_LONGER_SIDE_PX. No other file and no network is read. @name stands in the
 * messages. NULL with GLOSS_ERROR_FORMAT (damaged, or beyond what librsvg draws),
 * GLOSS_ERROR_TOO_LARGE (beyond the time and memory above), G_IO_ERROR or G_IO_ERROR_CANCELLED,
 * which comes at once. gloss_svg_can_draw () must be TRUE. Blocks. Any thread.
 */
GBytes *gloss_svg_draw (const char *path, const char *name, GCancellable *cancellable,
                        GError **error);

G_END_DECLS
