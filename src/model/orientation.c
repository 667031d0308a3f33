/*
 * How a camera was held.
 *
 * Three kinds of files carry the same thing, a little TIFF file with EXIF's tags, each in its own
 * wrapping; a TIFF file is one itself. Every length and offset comes from the file, so each is held
 * against what is left of the bytes before it is used.
 */
#include "model/orientation.h"

#include <string.h>

typedef struct
{
  const guint8 *data;
  gsize n_bytes;
} Bytes;

/* What follows the first @n bytes, which must be there. */
static Bytes
skip (Bytes bytes, gsize n)
{
  return (Bytes){ bytes.data + n, bytes.n_bytes - n };
}

static gboolean
begins_with (Bytes bytes, const void *prefix, gsize n)
{
  return bytes.n_bytes >= n && memcmp (bytes.data, prefix, n) == 0;
}

static guint32
read_number (const guint8 *at, gsize n_bytes, gboolean is_big_endian)
{
  guint32 number = 0;

  for (gsize i = 0; i < n_bytes; i++)
    number = number << 8 | at[is_big_endian ? i : n_bytes - 1 - i];
  return number;
}

#define TIFF_HEADER_BYTES 8
#define TIFF_ENTRY_BYTES 12
#define TIFF_TYPE_SHORT 3
#define TIFF_TYPE_LONG 4 /* EXIF says SHORT, but some programs write this */
#define TIFF_TAG_ORIENTATION 0x0112

static guint
parse_tiff (Bytes tiff)
{
  gboolean is_big_endian = begins_with (tiff, "MM\0*", 4);
  gsize directory, n_entries;

  if (tiff.n_bytes < TIFF_HEADER_BYTES || !(is_big_endian || begins_with (tiff, "II*\0", 4)))
    return GLOSS_ORIENTATION_UPRIGHT;
  directory = read_number (tiff.data + 4, 4, is_big_endian);
  if (directory > tiff.n_bytes || tiff.n_bytes - directory < 2)
    return GLOSS_ORIENTATION_UPRIGHT;
  tiff = skip (tiff, directory);
  n_entries = read_number (tiff.data, 2, is_big_endian);
  tiff = skip (tiff, 2);
  for (; n_entries > 0 && tiff.n_bytes >= TIFF_ENTRY_BYTES;
       n_entries--, tiff = skip (tiff, TIFF_ENTRY_BYTES))
    {
      guint type = read_number (tiff.data + 2, 2, is_big_endian);
      guint32 value;

      if (read_number (tiff.data, 2, is_big_endian) != TIFF_TAG_ORIENTATION)
        continue;
      if ((type != TIFF_TYPE_SHORT && type != TIFF_TYPE_LONG)
          || read_number (tiff.data + 4, 4, is_big_endian) != 1)
        break;
      value = read_number (tiff.data + 8, type == TIFF_TYPE_SHORT ? 2 : 4, is_big_endian);
      return value >= 1 && value <= 8 ? value : GLOSS_ORIENTATION_UPRIGHT;
    }
  return GLOSS_ORIENTATION_UPRIGHT;
}

static const char exif_prefix[6] = "Exif\0";

static guint
parse_jpeg (Bytes jpeg)
{
  const guint8 start_of_scan = 0xda, app1 = 0xe1;

  jpeg = skip (jpeg, 2);
  while (jpeg.n_bytes >= 4 && jpeg.data[0] == 0xff && jpeg.data[1] != start_of_scan)
    {
      gsize length = read_number (jpeg.data + 2, 2, TRUE); /* its own two bytes included */
      Bytes segment;

      if (jpeg.data[1] == 0xff) /* padding */
        {
          jpeg = skip (jpeg, 1);
          continue;
        }
      if (length < 2 || length > jpeg.n_bytes - 2)
        break;
      segment = (Bytes){ jpeg.data + 4, length - 2 };
      if (jpeg.data[1] == app1 && begins_with (segment, exif_prefix, sizeof exif_prefix))
        return parse_tiff (skip (segment, sizeof exif_prefix));
      jpeg = skip (jpeg, 2 + length);
    }
  return GLOSS_ORIENTATION_UPRIGHT;
}

/* PNG: length, type, data, checksum. */
static guint
parse_png (Bytes png)
{
  png = skip (png, 8);
  while (png.n_bytes >= 12)
    {
      gsize length = read_number (png.data, 4, TRUE);

      if (length > png.n_bytes - 12)
        break;
      if (memcmp (png.data + 4, "eXIf", 4) == 0)
        return parse_tiff ((Bytes){ png.data + 8, length });
      png = skip (png, 12 + length);
    }
  return GLOSS_ORIENTATION_UPRIGHT;
}

/* WebP: type, length, data, and a byte of padding after an odd length. */
static guint
parse_webp (Bytes webp)
{
  webp = skip (webp, 12);
  while (webp.n_bytes >= 8)
    {
      gsize length = read_number (webp.data + 4, 4, FALSE);
      Bytes chunk;

      if (length > webp.n_bytes - 8)
        break;
      chunk = (Bytes){ webp.data + 8, length };
      if (memcmp (webp.data, "EXIF", 4) == 0)
        {
          /* The prefix belongs to JPEG; some programs write it here too. */
          if (begins_with (chunk, exif_prefix, sizeof exif_prefix))
            chunk = skip (chunk, sizeof exif_prefix);
          return parse_tiff (chunk);
        }
      webp = skip (webp, MIN (webp.n_bytes, 8 + length + length % 2));
    }
  return GLOSS_ORIENTATION_UPRIGHT;
}

guint
gloss_orientation_parse (const guint8 *data, gsize n_bytes)
{
  Bytes file = { data, n_bytes };

  if (begins_with (file, "\xff\xd8", 2))
    return parse_jpeg (file);
  if (begins_with (file, "\x89PNG\r\n\x1a\n", 8))
    return parse_png (file);
  if (begins_with (file, "RIFF", 4) && n_bytes >= 12 && memcmp (data + 8, "WEBP", 4) == 0)
    return parse_webp (file);
  return parse_tiff (file);
}

/* A block's rows and columns both stay in the cache while the sides change places. */
#define BLOCK_PX 32

void
gloss_orientation_apply (guint8 *out, const guint8 *rgb, gsize height_px, gsize width_px,
                         guint orientation)
{
  const gssize w = (gssize) width_px, h = (gssize) height_px;
  /* Where in @out the first pixel goes, and how far from there its neighbours to the right and
   * below are, in pixels. */
  const struct
  {
    gssize first, right, down;
  } steps[] = {
    { 0, 1, w }, { w - 1, -1, w }, { w * h - 1, -1, -w }, { w * (h - 1), 1, -w },
    { 0, h, 1 }, { h - 1, h, -1 }, { w * h - 1, -h, -1 }, { h * (w - 1), -h, 1 },
  };
  gssize first, right, down;

  g_return_if_fail (orientation >= 1 && orientation <= G_N_ELEMENTS (steps));

  first = steps[orientation - 1].first;
  right = steps[orientation - 1].right;
  down = steps[orientation - 1].down;
  for (gssize y0 = 0; y0 < h; y0 += BLOCK_PX)
    for (gssize x0 = 0; x0 < w; x0 += BLOCK_PX)
      for (gssize y = y0; y < MIN (y0 + BLOCK_PX, h); y++)
        for (gssize x = x0; x < MIN (x0 + BLOCK_PX, w); x++)
          {
            const guint8 *from = rgb + (y * w + x) * 3;
            guint8 *to = out + (first + x * right + y * down) * 3;

            to[0] = from[0];
            to[1] = from[1];
            to[2] = from[2];
          }
}
