/* Whether the end of a PNG or JPEG file has come, seen from its structure alone. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Zero-initialised before the first byte. */
typedef struct
{
  guint state;
  guint8 field[8];
  guint n_field_bytes;
  guint64 n_skip_bytes;
} GlossImageEnd;

/* The next @n_bytes of the file. Any thread. */
void gloss_image_end_feed (GlossImageEnd *end, const guint8 *bytes, gsize n_bytes);

/* TRUE when what was fed began like a PNG or a JPEG file and the file is not complete yet. FALSE
 * for other formats, of which this knows nothing. Any thread. */
gboolean gloss_image_end_is_missing (const GlossImageEnd *end);

G_END_DECLS
