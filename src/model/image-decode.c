/* From the bytes of a file to pixels, with gdk-pixbuf's decoders and without believing them. */
#include "model/image-decode.h"

#include "base/error.h"
#include "base/i18n.h"
#include "model/image-extent.h"
#include "model/image.h"

#include <inttypes.h>
#include <string.h>

/* Even a picture that was packed 1000 to 1 unpacks to 16 MB between two questions to the
 * cancellable. */
#define CHUNK_BYTES (16 * 1024)

typedef struct
{
  const char *name;          /* borrowed */
  GCancellable *cancellable; /* borrowed */
  guint n_scans;             /* of a JPEG */
  guint enough_px;           /* of a JPEG, on the shorter side; 0: all of it */
  int width, height;         /* as the file claims them, 0 before */
  gboolean is_refused;
  gboolean is_too_much_work;
  gint64 n_rows_decoded;
} Loading;

static gboolean
is_size_allowed (gint64 width, gint64 height)
{
  return width <= GLOSS_IMAGE_MAX_SIDE_PX && height <= GLOSS_IMAGE_MAX_SIDE_PX
         && width * height <= GLOSS_IMAGE_MAX_PIXELS;
}

gboolean
gloss_image_check_size (const char *name, gint64 width, gint64 height, GError **error)
{
  if (is_size_allowed (width, height))
    return TRUE;
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
               _ ("%s: the picture is %" PRId64 "×%" PRId64
                  " pixels; at most %d on each side and %u in all are possible"),
               name, width, height, GLOSS_IMAGE_MAX_SIDE_PX, GLOSS_IMAGE_MAX_PIXELS);
  return FALSE;
}

/* A JPEG in several scans is held as coefficients, six bytes a pixel more, and gone over for each
 * scan: a megabyte can ask for gigabytes and for hours. Encoders write ten scans or so. */
#define MAX_SCANNED_PIXELS ((gint64) 1 << 27)
#define MAX_PIXELS_OF_ALL_SCANS ((gint64) 1 << 32)

static gboolean
is_too_much_work (guint n_scans, gint64 n_pixels)
{
  return n_scans > 3
         && (n_pixels > MAX_SCANNED_PIXELS || n_pixels > MAX_PIXELS_OF_ALL_SCANS / n_scans);
}

/* The decoder of JPEG takes 1/2, 1/4 or 1/8 of each side straight from the coefficients, and when
 * asked for just the size that comes of it nothing is left to scale. */
static void
ask_for_enough (GdkPixbufLoader *loader, int width, int height, guint enough_px)
{
  int shorter = MIN (width, height);
  int divisor = 8;

  while (divisor > 1 && (guint) (shorter / divisor) < enough_px)
    divisor /= 2;
  if (divisor > 1)
    gdk_pixbuf_loader_set_size (loader, (width + divisor - 1) / divisor,
                                (height + divisor - 1) / divisor);
}

static void
size_prepared_cb (GdkPixbufLoader *loader, int width, int height, Loading *loading)
{
  loading->width = width;
  loading->height = height;
  loading->is_too_much_work = is_too_much_work (loading->n_scans, (gint64) width * height);
  if (loading->is_too_much_work || !is_size_allowed (width, height))
    {
      loading->is_refused = TRUE;
      /* What gdk_pixbuf_get_file_info () does: every decoder stops here, before it takes memory. */
      gdk_pixbuf_loader_set_size (loader, 0, 0);
    }
  else if (loading->enough_px > 0)
    ask_for_enough (loader, width, height, loading->enough_px);
}

static void
area_updated_cb (GdkPixbufLoader *loader, int x, int y, int width, int height, Loading *loading)
{
  loading->n_rows_decoded += height;
}

/* A run-length coded BMP may end in its last row without saying that the row has ended. */
static gboolean
is_rle_bmp (const guint8 *data, gsize n_bytes)
{
  const gsize compression_at = 30;

  return n_bytes > compression_at && memcmp (data, "BM", 2) == 0
         && (data[compression_at] == 1 || data[compression_at] == 2);
}

/* The decoder of BMP would take as much memory as the header claims to be long, up to 4 GB. */
static gboolean
has_absurd_bmp_header (const guint8 *data, gsize n_bytes)
{
  return n_bytes >= 18 && memcmp (data, "BM", 2) == 0
         && ((guint64) data[17] << 24 | data[16] << 16 | data[15] << 8 | data[14]) > n_bytes;
}

/*
 * Whether the file ended too early for the decoder, which may not have said so. Those of
 * image-extent.h never do; those of BMP and PNM neither, but they tell each row once.
 */
static gboolean
is_cut_short (const Loading *loading, const char *format_name, const guint8 *data, gsize n_bytes)
{
  if (g_str_equal (format_name, "png") && loading->n_rows_decoded < loading->height)
    return TRUE; /* all chunks are there, but with too little in them */
  if (g_str_equal (format_name, "bmp") || g_str_equal (format_name, "pnm"))
    return loading->n_rows_decoded + is_rle_bmp (data, n_bytes) < loading->height;
  return gloss_image_extent_find (data, n_bytes) == 0;
}

/*
 * Feeds @data to @loader. FALSE when it balked. It gets no error to fill, because some decoders
 * warn on the terminal when they stop for a refused size without having filled it.
 */
static gboolean
feed_loader (GdkPixbufLoader *loader, const guint8 *data, gsize n_bytes, const Loading *loading)
{
  gsize n_wanted = gloss_image_extent_find (data, n_bytes);
  gboolean is_sound = TRUE;

  if (n_wanted == 0)
    n_wanted = n_bytes;
  for (gsize at = 0; is_sound && at < n_wanted && !loading->is_refused; at += CHUNK_BYTES)
    {
      if (g_cancellable_is_cancelled (loading->cancellable))
        return FALSE;
      is_sound =
          gdk_pixbuf_loader_write (loader, data + at, MIN (CHUNK_BYTES, n_wanted - at), NULL);
    }
  /* The frames that are left out: what ends a GIF comes right behind the first. */
  if (is_sound && n_wanted < n_bytes && memcmp (data, "GIF", 3) == 0)
    is_sound = gdk_pixbuf_loader_write (loader, (const guint8 *) ";", 1, NULL);
  return is_sound;
}

GdkPixbuf *
gloss_image_decode (const char *name, GlossImageKind kind, const guint8 *data, gsize n_bytes,
                    guint enough_px, GCancellable *cancellable, GError **error)
{
  const gboolean is_jpeg = n_bytes >= 3 && memcmp (data, "\xff\xd8\xff", 3) == 0;
  g_autoptr (GdkPixbufLoader) loader = NULL;
  Loading loading = { .name = name,
                      .cancellable = cancellable,
                      .enough_px = is_jpeg ? enough_px : 0,
                      .n_scans = gloss_image_extent_count_jpeg_scans (data, n_bytes) };
  g_autofree char *format_name = NULL;
  g_autofree char *shown_name = NULL;
  GdkPixbufFormat *format;
  GdkPixbuf *pixbuf;
  gboolean is_sound, is_closed_well;

  if (has_absurd_bmp_header (data, n_bytes))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: the BMP picture is damaged or cut short"), name);
      return NULL;
    }
  loader = gdk_pixbuf_loader_new ();
  g_signal_connect (loader, "size-prepared", G_CALLBACK (size_prepared_cb), &loading);
  g_signal_connect (loader, "area-updated", G_CALLBACK (area_updated_cb), &loading);
  is_sound = feed_loader (loader, data, n_bytes, &loading);
  /* Small pictures are decoded only now. */
  is_closed_well = gdk_pixbuf_loader_close (loader, NULL);
  if (g_cancellable_is_cancelled (cancellable))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("%s: stopped"), name);
      return NULL;
    }
  if (loading.is_too_much_work)
    {
      g_set_error (
          error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
          _ ("%s: a JPEG of %d×%d pixels in %u scans would take too long or too much memory; "
             "save it as a baseline JPEG"),
          name, loading.width, loading.height, loading.n_scans);
      return NULL;
    }
  if (loading.is_refused)
    {
      gloss_image_check_size (name, loading.width, loading.height, error);
      return NULL;
    }
  format = gdk_pixbuf_loader_get_format (loader);
  if (!format)
    {
      gloss_image_kind_set_unknown_error (kind, name, error);
      return NULL;
    }
  format_name = gdk_pixbuf_format_get_name (format);
  shown_name = g_ascii_strup (format_name, -1);
  if (is_sound && is_cut_short (&loading, format_name, data, n_bytes))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: the file ends before the %s picture in it does"), name, shown_name);
      return NULL;
    }
  pixbuf = gdk_pixbuf_loader_get_pixbuf (loader);
  if (!is_sound || !is_closed_well || !pixbuf)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: the %s picture is damaged or cut short"), name, shown_name);
      return NULL;
    }
  return g_object_ref (pixbuf);
}
