/*
 * Any bytes as a picture file. The decoders are libraries that are not instrumented, so this is
 * about what is around them. Pictures that claim to be large are left out: they are tested
 * elsewhere, and one takes as long as a thousand others.
 */
#include "fuzz/fuzz.h"
#include "model/image.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

#define MAX_PIXELS (1 << 20)

/* GdkPixbuf sets up to 4 GiB aside for the header that a BMP file claims to have. It does not touch
 * them, but libFuzzer counts them. */
static gboolean
has_large_header (const guint8 *data, gsize n_bytes)
{
  return n_bytes >= 18 && memcmp (data, "BM", 2) == 0 && (data[16] || data[17]);
}

static void
size_prepared_cb (GdkPixbufLoader *loader, int width, int height, gboolean *out_is_large)
{
  *out_is_large |= (gint64) width * height > MAX_PIXELS;
  gdk_pixbuf_loader_set_size (loader, 0, 0);
}

static gboolean
is_large (const guint8 *data, gsize n_bytes)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();
  gboolean is_large_one = FALSE;

  g_signal_connect (loader, "size-prepared", G_CALLBACK (size_prepared_cb), &is_large_one);
  gdk_pixbuf_loader_write (loader, data, n_bytes, NULL);
  gdk_pixbuf_loader_close (loader, NULL);
  return is_large_one;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  static volatile guint sink;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossImage) image = NULL;
  guint sum = 0;

  if (n_bytes == 0 || has_large_header (data, n_bytes) || is_large (data, n_bytes))
    return 0;
  path = fuzz_write ("input.picture", data, n_bytes);
  image = gloss_image_load (path, NULL, &error);
  if (!image)
    {
      fuzz_assert_error (&error);
      return 0;
    }
  g_assert_no_error (error);
  g_assert_true (image->width_px >= 1 && image->width_px <= GLOSS_IMAGE_MAX_SIDE_PX);
  g_assert_true (image->height_px >= 1 && image->height_px <= GLOSS_IMAGE_MAX_SIDE_PX);
  g_assert_cmpuint ((guint64) image->width_px * image->height_px, <=, GLOSS_IMAGE_MAX_PIXELS);
  for (gsize i = 0; i < (gsize) image->width_px * image->height_px * 3; i++)
    sum += image->rgb[i];
  sink = sum;
  (void) sink;
  return 0;
}
