/* Pictures and captions as big_vision lists them: JSON, one object on each line. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* All owned. */
typedef struct
{
  char *image_path; /* "image", which is relative to the folder of the list */
  char *prefix;     /* NULL: the line has none */
  char *suffix;
} GlossCaptionLine;

/*
 * A new array of GlossCaptionLine, which it frees, from the file @path. Other members of a line are
 * not looked at, and neither are empty lines. Fails with G_IO_ERROR, GLOSS_ERROR_TOO_LARGE (256
 * MiB) or GLOSS_ERROR_FORMAT, with the line. Any thread.
 */
GArray *gloss_caption_lines_read (const char *path, GError **error);

/* Takes about @share of the lines, at least one where there are two, out of @lines and returns
 * them, both in their order; which ones @seed decides. Any thread. */
GArray *gloss_caption_lines_split (GArray *lines, double share, guint64 seed);

G_END_DECLS
