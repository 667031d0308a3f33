/*
 * gloss-decode HEIC|AVIF: decodes the picture in standard input with GdkPixbuf, and writes it to
 * standard output as model/heif.h says.
 *
 * It is started by model/heif.c, under limits. It shares no code with the engine, since whatever a
 * picture does to it must be able to end it.
 */
#include "model/heif.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <unistd.h>

/* Two decoders read AVIF; libavif's holds the size in the container against that of the picture. */
static GdkPixbufLoader *
new_loader (const char *kind)
{
  GdkPixbufLoader *loader;

  if (!g_str_equal (kind, "AVIF"))
    return gdk_pixbuf_loader_new_with_mime_type ("image/heif", NULL);
  loader = gdk_pixbuf_loader_new_with_type ("avif", NULL);
  return loader ? loader : gdk_pixbuf_loader_new_with_mime_type ("image/avif", NULL);
}

static gboolean
read_all (GdkPixbufLoader *loader)
{
  static guint8 chunk[1 << 16];

  for (;;)
    {
      gssize n = read (STDIN_FILENO, chunk, sizeof chunk);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return n == 0;
      if (!gdk_pixbuf_loader_write (loader, chunk, (gsize) n, NULL))
        return FALSE;
    }
}

static gboolean
write_all (const void *data, gsize n_bytes)
{
  const guint8 *at = data;

  while (n_bytes > 0)
    {
      gssize n = write (STDOUT_FILENO, at, n_bytes);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      at += n;
      n_bytes -= (gsize) n;
    }
  return TRUE;
}

static gboolean
write_picture (const GdkPixbuf *pixbuf)
{
  const guint8 *pixels = gdk_pixbuf_read_pixels (pixbuf);
  const GlossHeifHeader header = { .magic = GLOSS_HEIF_MAGIC,
                                   .width_px = (guint32) gdk_pixbuf_get_width (pixbuf),
                                   .height_px = (guint32) gdk_pixbuf_get_height (pixbuf),
                                   .n_channels = (guint32) gdk_pixbuf_get_n_channels (pixbuf) };
  gboolean is_written = write_all (&header, sizeof header);

  for (gsize y = 0; is_written && y < header.height_px; y++)
    is_written = write_all (pixels + y * (gsize) gdk_pixbuf_get_rowstride (pixbuf),
                            (gsize) header.width_px * header.n_channels);
  return is_written;
}

int
main (int argc, char **argv)
{
  GdkPixbufLoader *loader;
  GdkPixbuf *pixbuf;

  /* Each thread would reserve an arena of its own, which counts against the limit. */
  mallopt (M_ARENA_MAX, 1);
  /* The decoders warn of damage, which must not end this as G_DEBUG may want. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK);

  loader = new_loader (argc == 2 ? argv[1] : "");
  if (!loader)
    return GLOSS_HEIF_NO_DECODER;
  if (!read_all (loader) || !gdk_pixbuf_loader_close (loader, NULL))
    return GLOSS_HEIF_DAMAGED;
  pixbuf = gdk_pixbuf_loader_get_pixbuf (loader);
  return pixbuf && write_picture (pixbuf) ? 0 : GLOSS_HEIF_DAMAGED;
}
