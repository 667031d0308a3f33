/* What the model sees, as a picture to look at. */
#include "model/input-png.h"

#include "base/atomic-file.h"
#include "base/error.h"
#include "base/i18n.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <math.h>

static guint8
get_level (float value)
{
  float level = (value + 1.0f) * 127.5f;

  /* In this order NaN becomes 0. */
  return level > 0.0f ? (guint8) lrintf (fminf (level, 255.0f)) : 0;
}

gboolean
gloss_model_input_save_png (const char *path, const float *input, gsize size_px, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autoptr (GdkPixbuf) pixbuf = NULL;
  g_autofree char *png = NULL;
  gsize n_bytes;

  g_return_val_if_fail (size_px > 0 && size_px <= G_MAXINT, FALSE);

  pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, (int) size_px, (int) size_px);
  if (!pixbuf)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("%s: there is not enough memory for a picture of %zu×%zu pixels"), name,
                   size_px, size_px);
      return FALSE;
    }
  for (gsize y = 0; y < size_px; y++)
    {
      guint8 *row = gdk_pixbuf_get_pixels (pixbuf) + y * gdk_pixbuf_get_rowstride (pixbuf);

      for (gsize i = 0; i < size_px * 3; i++)
        row[i] = get_level (input[y * size_px * 3 + i]);
    }
  if (!gdk_pixbuf_save_to_buffer (pixbuf, &png, &n_bytes, "png", error, NULL))
    {
      g_prefix_error (error, _ ("%s: the picture cannot be made a PNG: "), name);
      return FALSE;
    }
  return gloss_atomic_file_write (path, png, n_bytes, error);
}
