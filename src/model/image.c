/* Pictures from files. */
#include "model/image.h"

#include "base/error.h"
#include "model/image-end.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

/* Even a picture that was packed 1000 to 1 unpacks to 16 MB between two questions to the
 * cancellable. */
#define CHUNK_BYTES (16 * 1024)

typedef struct
{
  const char *name; /* borrowed */
  GCancellable *cancellable;
  int width, height; /* as the file claims them, 0 before */
  gboolean is_refused;
  gint64 n_rows_decoded;
  gint64 n_rows_optional; /* that a complete file may leave out */
  GlossImageEnd end;
} Loading;

void
gloss_image_free (GlossImage *image)
{
  if (!image)
    return;
  g_free (image->rgb);
  g_free (image);
}

static gboolean
is_size_allowed (int width, int height)
{
  return width <= GLOSS_IMAGE_MAX_SIDE_PX && height <= GLOSS_IMAGE_MAX_SIDE_PX
         && (gint64) width * height <= GLOSS_IMAGE_MAX_PIXELS;
}

static void
set_size_error (Loading *loading, int width, int height, GError **error)
{
  g_set_error (
      error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
      "%s: the picture is %d×%d pixels; at most %d on each side and %u in all are possible",
      loading->name, width, height, GLOSS_IMAGE_MAX_SIDE_PX, GLOSS_IMAGE_MAX_PIXELS);
}

static void
size_prepared_cb (GdkPixbufLoader *loader, int width, int height, Loading *loading)
{
  loading->width = width;
  loading->height = height;
  if (!is_size_allowed (width, height))
    {
      loading->is_refused = TRUE;
      /* What gdk_pixbuf_get_file_info () does: every decoder stops here, before it takes memory. */
      gdk_pixbuf_loader_set_size (loader, 0, 0);
    }
}

static void
area_updated_cb (GdkPixbufLoader *loader, int x, int y, int width, int height, Loading *loading)
{
  loading->n_rows_decoded += height;
}

/* Opens @file if it is a regular file of a possible size. */
static GInputStream *
open_file (GFile *file, Loading *loading, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GFileInfo) info = NULL;
  g_autoptr (GFileInputStream) stream = NULL;
  guint64 n_bytes;

  /* The type comes first: merely opening a pipe would wait for its writer. */
  info = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE,
                            G_FILE_QUERY_INFO_NONE, loading->cancellable, &local_error);
  if (!info)
    {
      if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s: there is no such file",
                     loading->name);
      else
        g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "%s: ", loading->name);
      return NULL;
    }
  if (g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY,
                   "%s: this is a folder, not a picture", loading->name);
      return NULL;
    }
  if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                   "%s: this is not a regular file, so it cannot be a picture", loading->name);
      return NULL;
    }
  n_bytes = g_file_info_get_size (info);
  if (n_bytes > GLOSS_IMAGE_MAX_FILE_BYTES)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   "%s: the file has %" G_GUINT64_FORMAT
                   " bytes, a picture at most %" G_GUINT64_FORMAT,
                   loading->name, n_bytes, GLOSS_IMAGE_MAX_FILE_BYTES);
      return NULL;
    }
  stream = g_file_read (file, loading->cancellable, error);
  if (!stream)
    g_prefix_error (error, "%s: ", loading->name);
  return G_INPUT_STREAM (g_steal_pointer (&stream));
}

/* The decoders of these two texts take memory for the size that they read before they tell it. */
static gboolean
is_text_bitmap (const guint8 *bytes, gsize n_bytes)
{
  return (n_bytes >= 2 && memcmp (bytes, "/*", 2) == 0)
         || (n_bytes >= 8 && memcmp (bytes, "#define ", 8) == 0);
}

/* A run-length coded BMP may end in its last row without saying that the row has ended. */
static gboolean
is_rle_bmp (const guint8 *bytes, gsize n_bytes)
{
  const gsize compression_at = 30;

  return n_bytes > compression_at && memcmp (bytes, "BM", 2) == 0
         && (bytes[compression_at] == 1 || bytes[compression_at] == 2);
}

/*
 * Whether the file ended too early for the decoder, which may not have said so. Those of PNG and
 * JPEG never do, see image-end.h; those of BMP and PNM neither, but they tell each row once.
 */
static gboolean
is_cut_short (const Loading *loading, const char *format_name)
{
  if (g_str_equal (format_name, "bmp") || g_str_equal (format_name, "pnm"))
    return loading->n_rows_decoded + loading->n_rows_optional < loading->height;
  return gloss_image_end_is_missing (&loading->end);
}

/*
 * Feeds the file to @loader. FALSE with @error when it cannot be read or is no picture at all. That
 * the decoder balked is only known from @out_is_sound: it gets no error to fill, because some
 * decoders warn on the terminal when they stop for a refused size without having filled it.
 */
static gboolean
feed_loader (GdkPixbufLoader *loader, GInputStream *stream, Loading *loading,
             gboolean *out_is_sound, GError **error)
{
  guint64 n_total = 0;
  g_autofree guint8 *chunk = g_malloc (CHUNK_BYTES);

  *out_is_sound = TRUE;
  while (*out_is_sound && !loading->is_refused)
    {
      gsize n_bytes;

      if (!g_input_stream_read_all (stream, chunk, CHUNK_BYTES, &n_bytes, loading->cancellable,
                                    error))
        {
          g_prefix_error (error, "%s: ", loading->name);
          return FALSE;
        }
      if (n_bytes == 0)
        break;
      if (n_total == 0 && is_text_bitmap (chunk, n_bytes))
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                       "%s: this is not a picture of a kind that Gloss can read", loading->name);
          return FALSE;
        }
      if (n_total == 0 && is_rle_bmp (chunk, n_bytes))
        loading->n_rows_optional = 1;
      n_total += n_bytes;
      gloss_image_end_feed (&loading->end, chunk, n_bytes);
      *out_is_sound = gdk_pixbuf_loader_write (loader, chunk, n_bytes, NULL);
    }
  if (n_total == 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "%s: the file is empty", loading->name);
      return FALSE;
    }
  return TRUE;
}

static GdkPixbuf *
decode (GInputStream *stream, Loading *loading, GError **error)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();
  g_autofree char *format_name = NULL;
  g_autofree char *shown_name = NULL;
  GdkPixbufFormat *format;
  GdkPixbuf *pixbuf;
  gboolean is_read, is_sound, is_closed_well;

  g_signal_connect (loader, "size-prepared", G_CALLBACK (size_prepared_cb), loading);
  g_signal_connect (loader, "area-updated", G_CALLBACK (area_updated_cb), loading);
  is_read = feed_loader (loader, stream, loading, &is_sound, error);
  /* Small pictures are decoded only now. */
  is_closed_well = gdk_pixbuf_loader_close (loader, NULL);
  if (!is_read)
    return NULL;
  if (loading->is_refused)
    {
      set_size_error (loading, loading->width, loading->height, error);
      return NULL;
    }
  format = gdk_pixbuf_loader_get_format (loader);
  if (!format)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   "%s: this is not a picture of a kind that Gloss can read", loading->name);
      return NULL;
    }
  format_name = gdk_pixbuf_format_get_name (format);
  shown_name = g_ascii_strup (format_name, -1);
  if (is_sound && is_cut_short (loading, format_name))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   "%s: the file ends before the %s picture in it does", loading->name, shown_name);
      return NULL;
    }
  pixbuf = gdk_pixbuf_loader_get_pixbuf (loader);
  if (!is_sound || !is_closed_well || !pixbuf)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   "%s: the %s picture is damaged or cut short", loading->name, shown_name);
      return NULL;
    }
  return g_object_ref (pixbuf);
}

static void
copy_on_white (guint8 *rgb, const GdkPixbuf *pixbuf)
{
  int width = gdk_pixbuf_get_width (pixbuf);
  int height = gdk_pixbuf_get_height (pixbuf);
  gsize n_channels = gdk_pixbuf_get_n_channels (pixbuf);
  const guint8 *pixels = gdk_pixbuf_read_pixels (pixbuf);

  for (int y = 0; y < height; y++)
    {
      const guint8 *in = pixels + (gsize) y * gdk_pixbuf_get_rowstride (pixbuf);

      for (int x = 0; x < width; x++, in += n_channels, rgb += 3)
        {
          guint alpha = n_channels == 4 ? in[3] : 255;

          for (guint c = 0; c < 3; c++)
            rgb[c] = (in[c] * alpha + 255 * (255 - alpha) + 127) / 255;
        }
    }
}

GlossImage *
gloss_image_load (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *name = g_filename_display_basename (path);
  Loading loading = { .name = name, .cancellable = cancellable };
  g_autoptr (GInputStream) stream = open_file (file, &loading, error);
  g_autoptr (GdkPixbuf) decoded = stream ? decode (stream, &loading, error) : NULL;
  g_autoptr (GdkPixbuf) upright = NULL;
  g_autoptr (GlossImage) image = g_new0 (GlossImage, 1);

  if (!decoded)
    return NULL;
  /* Again, for decoders that claim one size and make another. */
  if (!is_size_allowed (gdk_pixbuf_get_width (decoded), gdk_pixbuf_get_height (decoded)))
    {
      set_size_error (&loading, gdk_pixbuf_get_width (decoded), gdk_pixbuf_get_height (decoded),
                      error);
      return NULL;
    }
  upright = gdk_pixbuf_apply_embedded_orientation (decoded);
  g_clear_object (&decoded);
  if (upright)
    {
      image->width_px = gdk_pixbuf_get_width (upright);
      image->height_px = gdk_pixbuf_get_height (upright);
      image->rgb = g_try_malloc ((gsize) image->width_px * image->height_px * 3);
    }
  if (!image->rgb)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   "%s: there is not enough memory for a picture of %d×%d pixels", name,
                   loading.width, loading.height);
      return NULL;
    }
  copy_on_white (image->rgb, upright);
  return g_steal_pointer (&image);
}
