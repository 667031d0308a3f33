/*
 * Whether the end of a PNG or JPEG file has come.
 *
 * The decoders are made for showing what there is: of a PNG that breaks off they keep the upper
 * part, and of a JPEG they paint the rest grey, without a word. A caption of such a picture would
 * be wrong without a word too. So the structure is walked beside the decoder: PNG is a list of
 * chunks (length, type, data, checksum) up to IEND; JPEG is a list of segments (0xFF, code, length,
 * data) up to the EOI marker, and within compressed data a 0xFF is followed by 0 or by a restart
 * marker, which have no length.
 */
#include "model/image-end.h"

#include <string.h>

enum
{
  START, /* must be 0 */
  PNG_CHUNK,
  JPEG_DATA,
  JPEG_CODE,
  JPEG_LENGTH,
  COMPLETE,
  OTHER,
};

static const guint8 png_signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };

#define JPEG_TEM 0x01
#define JPEG_RST0 0xd0
#define JPEG_SOI 0xd8
#define JPEG_EOI 0xd9

/* Adds a byte to the field that is being read; TRUE when it then has @n_wanted bytes. */
static gboolean
take (GlossImageEnd *end, guint8 byte, guint n_wanted)
{
  end->field[end->n_field_bytes++] = byte;
  if (end->n_field_bytes < n_wanted)
    return FALSE;
  end->n_field_bytes = 0;
  return TRUE;
}

static guint
state_after_code (guint8 code)
{
  if (code == JPEG_EOI)
    return COMPLETE;
  if (code == 0xff) /* padding: the code is still to come */
    return JPEG_CODE;
  if (code == 0 || code == JPEG_TEM || (code >= JPEG_RST0 && code <= JPEG_SOI))
    return JPEG_DATA;
  return JPEG_LENGTH;
}

static void
feed_byte (GlossImageEnd *end, guint8 byte)
{
  const guint8 *field = end->field;

  switch (end->state)
    {
    case START:
      if (end->n_field_bytes == 1 && field[0] == 0xff && byte == JPEG_SOI)
        {
          end->n_field_bytes = 0;
          end->state = JPEG_DATA;
        }
      else if (take (end, byte, sizeof png_signature))
        end->state = memcmp (field, png_signature, sizeof png_signature) == 0 ? PNG_CHUNK : OTHER;
      break;
    case PNG_CHUNK:
      if (take (end, byte, 8))
        {
          if (memcmp (field + 4, "IEND", 4) == 0)
            end->state = COMPLETE;
          end->n_skip_bytes =
              ((guint64) field[0] << 24 | field[1] << 16 | field[2] << 8 | field[3]) + 4;
        }
      break;
    case JPEG_DATA:
      if (byte == 0xff)
        end->state = JPEG_CODE;
      break;
    case JPEG_CODE:
      end->state = state_after_code (byte);
      break;
    case JPEG_LENGTH:
      if (take (end, byte, 2))
        {
          guint length = field[0] << 8 | field[1]; /* its own two bytes included */

          end->n_skip_bytes = MAX (length, 2) - 2;
          end->state = JPEG_DATA;
        }
      break;
    }
}

void
gloss_image_end_feed (GlossImageEnd *end, const guint8 *bytes, gsize n_bytes)
{
  while (n_bytes > 0 && end->state != COMPLETE && end->state != OTHER)
    {
      gsize n_skip = MIN (end->n_skip_bytes, n_bytes);

      if (n_skip == 0 && end->state == JPEG_DATA)
        {
          const guint8 *next = memchr (bytes, 0xff, n_bytes);

          n_skip = next ? (gsize) (next - bytes) : n_bytes;
        }
      else
        end->n_skip_bytes -= n_skip;
      if (n_skip == 0)
        {
          feed_byte (end, bytes[0]);
          n_skip = 1;
        }
      bytes += n_skip;
      n_bytes -= n_skip;
    }
}

gboolean
gloss_image_end_is_missing (const GlossImageEnd *end)
{
  return end->state != START && end->state != COMPLETE && end->state != OTHER;
}
