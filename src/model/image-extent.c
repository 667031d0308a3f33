/*
 * Where the first picture of a file ends.
 *
 * The decoders are made for showing what there is: of a PNG that breaks off they keep the upper
 * part, and of a JPEG they paint the rest grey, without a word. A caption of such a picture would
 * be wrong without a word too. And GIF's keeps every frame in memory, ten thousand if there are as
 * many, where only the first is wanted. So the structure is walked before the decoder sees it: PNG
 * is a list of chunks (length, type, data, checksum) up to IEND; JPEG is a list of segments (0xFF,
 * code, length, data) up to the EOI marker, and within compressed data a 0xFF is followed by 0 or
 * by a restart marker, which have no length; WebP says its length at its start; GIF is a list of
 * extensions and frames, whose data come in pieces of at most 255 bytes.
 */
#include "model/image-extent.h"

#include <string.h>

#define JPEG_TEM 0x01
#define JPEG_RST0 0xd0
#define JPEG_SOI 0xd8
#define JPEG_EOI 0xd9
#define JPEG_SOS 0xda

static gsize
find_png_end (const guint8 *data, gsize n_bytes)
{
  for (gsize at = 8; n_bytes - at >= 12;)
    {
      gsize length = (gsize) data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3];

      if (length > n_bytes - at - 12)
        return 0;
      if (memcmp (data + at + 4, "IEND", 4) == 0)
        return at + 12 + length;
      at += 12 + length;
    }
  return 0;
}

static gboolean
has_jpeg_length (guint8 code)
{
  return code != 0 && code != JPEG_TEM && !(code >= JPEG_RST0 && code <= JPEG_SOI);
}

/* @n_scans gets how often the whole picture is gone over up to there. */
static gsize
find_jpeg_end (const guint8 *data, gsize n_bytes, guint *n_scans)
{
  gsize at = 2;

  *n_scans = 0;

  while (at < n_bytes)
    {
      const guint8 *next = memchr (data + at, 0xff, n_bytes - at);

      if (!next)
        return 0;
      at = next - data + 1;
      while (at < n_bytes && data[at] == 0xff) /* padding: the code is still to come */
        at++;
      if (at == n_bytes)
        return 0;
      if (data[at] == JPEG_EOI)
        return at + 1;
      if (data[at] == JPEG_SOS)
        (*n_scans)++;
      if (has_jpeg_length (data[at++]))
        {
          gsize length; /* its own two bytes included */

          if (n_bytes - at < 2)
            return 0;
          length = data[at] << 8 | data[at + 1];
          at += MIN (MAX (length, 2), n_bytes - at);
        }
    }
  return 0;
}

static gsize
find_webp_end (const guint8 *data, gsize n_bytes)
{
  guint64 length = (guint64) data[7] << 24 | data[6] << 16 | data[5] << 8 | data[4];

  return length + 8 > n_bytes ? 0 : length + 8;
}

#define GIF_HEADER_BYTES 13
#define GIF_FRAME_BYTES 10 /* with the code that begins it */
#define GIF_EXTENSION 0x21
#define GIF_FRAME 0x2c

static gsize
get_gif_table_bytes (guint8 flags)
{
  return flags & 0x80 ? 3u << ((flags & 7) + 1) : 0;
}

/* Behind the pieces (length, data) that begin at @at and end with one of length 0; 0 when they do
 * not end. */
static gsize
skip_gif_pieces (const guint8 *data, gsize n_bytes, gsize at)
{
  while (at < n_bytes && data[at] > 0)
    at += 1 + data[at];
  return at < n_bytes ? at + 1 : 0;
}

static gsize
find_gif_end (const guint8 *data, gsize n_bytes)
{
  gsize at = GIF_HEADER_BYTES;

  if (n_bytes < GIF_HEADER_BYTES)
    return 0;
  at += get_gif_table_bytes (data[10]);
  while (at != 0 && at < n_bytes)
    {
      if (data[at] == GIF_EXTENSION)
        at = skip_gif_pieces (data, n_bytes, at + 2);
      else if (data[at] == GIF_FRAME)
        {
          if (n_bytes - at < GIF_FRAME_BYTES)
            return 0;
          /* After the table comes the size of the first codes. */
          at += GIF_FRAME_BYTES + get_gif_table_bytes (data[at + GIF_FRAME_BYTES - 1]) + 1;
          return skip_gif_pieces (data, n_bytes, at);
        }
      else /* the end without any frame, or damage: the decoder's to judge */
        return n_bytes;
    }
  return 0;
}

gsize
gloss_image_extent_find (const guint8 *data, gsize n_bytes)
{
  static const guint8 png_signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
  guint n_scans;

  if (n_bytes >= sizeof png_signature && memcmp (data, png_signature, sizeof png_signature) == 0)
    return find_png_end (data, n_bytes);
  if (n_bytes >= 2 && data[0] == 0xff && data[1] == JPEG_SOI)
    return find_jpeg_end (data, n_bytes, &n_scans);
  if (n_bytes >= 12 && memcmp (data, "RIFF", 4) == 0 && memcmp (data + 8, "WEBP", 4) == 0)
    return find_webp_end (data, n_bytes);
  if (n_bytes >= 6 && (memcmp (data, "GIF87a", 6) == 0 || memcmp (data, "GIF89a", 6) == 0))
    return find_gif_end (data, n_bytes);
  return n_bytes;
}

guint
gloss_image_extent_count_jpeg_scans (const guint8 *data, gsize n_bytes)
{
  guint n_scans = 0;

  if (n_bytes >= 2 && data[0] == 0xff && data[1] == JPEG_SOI)
    find_jpeg_end (data, n_bytes, &n_scans);
  return n_scans;
}
