/* Which files are pictures by their names. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* TRUE when @path ends in a suffix of a kind of pictures that gloss_image_load () reads on this
 * machine, in any case. Any thread. */
gboolean gloss_image_has_known_suffix (const char *path);

G_END_DECLS
