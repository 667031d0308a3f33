/*
 * Any bytes as a picture file. The decoders are libraries that are not instrumented, so this is
 * about what is around them. Pictures that claim to be large are left out: they are tested
 * elsewhere, and one takes as long as a thousand others.
 */
#include "fuzz/fuzz.h"
#include "model/image-kind.h"
#include "model/image.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

#define MAX_PIXELS (1 << 20)

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

/* The decoders of these take memory by what lies inside, and warn on the terminal; a drawing is a
 * process of its own. What is ours of them has targets of its own, or tests. */
static gboolean
is_left_out (const guint8 *data, gsize n_bytes)
{
  GlossImageKind kind = gloss_image_kind_guess (data, n_bytes, "input.picture");

  return kind != GLOSS_IMAGE_KIND_OTHER && kind != GLOSS_IMAGE_KIND_NEVER;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  static volatile guint sink;
  static gsize is_set_up;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossImage) image = NULL;
  guint sum = 0;

  /* What GdkPixbuf finds wrong with itself over a damaged picture is not ours; ours ends the run.
   */
  if (g_once_init_enter (&is_set_up))
    {
      g_log_set_always_fatal (G_LOG_FATAL_MASK);
      g_log_set_fatal_mask (G_LOG_DOMAIN,
                            G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
      g_once_init_leave (&is_set_up, 1);
    }
  if (n_bytes == 0 || is_left_out (data, n_bytes) || is_large (data, n_bytes))
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
