/* The kinds of picture files that need a word before a decoder sees them. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_IMAGE_KIND_OTHER, /* the decoder finds out */
  GLOSS_IMAGE_KIND_WEBP,
  GLOSS_IMAGE_KIND_HEIC,
  GLOSS_IMAGE_KIND_AVIF,
  GLOSS_IMAGE_KIND_JXL,
  GLOSS_IMAGE_KIND_SVG,
  GLOSS_IMAGE_KIND_NEVER, /* XBM, XPM, ANI, ICNS, QTIF, films: not read */
} GlossImageKind;

/* By the first bytes of @data (@n_bytes may be 0), for packed SVG by the ending of @name. Any
 * thread. */
GlossImageKind gloss_image_kind_guess (const guint8 *data, gsize n_bytes, const char *name);

/* Sets GLOSS_ERROR_FORMAT, or GLOSS_ERROR_UNSUPPORTED for a kind whose decoder is not installed:
 * that @name cannot be read, what would have to be installed, and which kinds can be read on this
 * machine. Any thread. */
void gloss_image_kind_set_unknown_error (GlossImageKind kind, const char *name, GError **error);

/* The width and height of the largest picture that the HEIC or AVIF file @data describes, in
 * pixels; 0 × 0 when it describes none or is damaged. Its decoders take memory for the whole before
 * they tell the size. Any thread. */
void gloss_image_kind_get_heif_size (const guint8 *data, gsize n_bytes, guint32 *out_width,
                                     guint32 *out_height);

/* TRUE when @path ends in a suffix of a kind that is read on this machine, in any case. Any thread.
 */
gboolean gloss_image_kind_has_known_suffix (const char *path);

G_END_DECLS
