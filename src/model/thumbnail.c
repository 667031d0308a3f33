/* Small pictures to show beside words. */
#include "model/thumbnail.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

GBytes *
gloss_thumbnail_make_jpeg (const GlossImage *image, guint side_px)
{
  guint longer = MAX (image->width_px, image->height_px);
  double scale = MIN (1.0, (double) side_px / longer);
  int width = MAX (1, (int) (scale * image->width_px + 0.5));
  int height = MAX (1, (int) (scale * image->height_px + 0.5));
  g_autoptr (GdkPixbuf) whole =
      gdk_pixbuf_new_from_data (image->rgb, GDK_COLORSPACE_RGB, FALSE, 8, (int) image->width_px,
                                (int) image->height_px, (int) image->width_px * 3, NULL, NULL);
  g_autoptr (GdkPixbuf) small = gdk_pixbuf_scale_simple (whole, width, height, GDK_INTERP_BILINEAR);
  char *jpeg;
  gsize n_bytes;

  if (!small
      || !gdk_pixbuf_save_to_buffer (small, &jpeg, &n_bytes, "jpeg", NULL, "quality", "82", NULL))
    return NULL;
  return g_bytes_new_take (jpeg, n_bytes);
}
