/*
 * The first frame of an animation in WebP.
 *
 * The decoder at hand decodes every frame before it gives the first, which for ten thousand frames
 * takes minutes, and it stumbles over animations that are cut short. An animation is a list of
 * chunks: VP8X (flags and the canvas), ANIM, and for each frame ANMF, which holds the frame's place
 * and then the very chunks of which a still picture consists. So a still picture is made of them.
 */
#include "model/webp.h"

#include <string.h>

#define RIFF_HEADER_BYTES 12
#define CHUNK_HEADER_BYTES 8
#define VP8X_BYTES 10
#define ANMF_BYTES 16 /* before the chunks of the frame */
#define FLAG_ANIMATION 0x02
#define FLAG_ALPHA 0x10

static guint32
read_le (const guint8 *at, guint n_bytes)
{
  guint32 number = 0;

  while (n_bytes-- > 0)
    number = number << 8 | at[n_bytes];
  return number;
}

/* The next chunk of @data, in @out_length its content's length; NULL when there is no whole one. */
static const guint8 *
next_chunk (const guint8 **data, gsize *n_bytes, gsize *out_length)
{
  const guint8 *chunk = *data;
  gsize length, n_taken;

  if (*n_bytes < CHUNK_HEADER_BYTES)
    return NULL;
  length = read_le (chunk + 4, 4);
  if (length > *n_bytes - CHUNK_HEADER_BYTES)
    return NULL;
  n_taken = MIN (*n_bytes, CHUNK_HEADER_BYTES + length + length % 2);
  *data += n_taken;
  *n_bytes -= n_taken;
  *out_length = length;
  return chunk;
}

static void
append_chunk (GByteArray *file, const char *type, const guint8 *content, gsize length)
{
  const guint8 header[CHUNK_HEADER_BYTES] = {
    type[0], type[1], type[2], type[3], length, length >> 8, length >> 16, length >> 24,
  };

  g_byte_array_append (file, header, sizeof header);
  g_byte_array_append (file, content, (guint) length);
  if (length % 2)
    g_byte_array_append (file, (const guint8 *) "", 1);
}

/* @anmf: a frame of @length bytes, at least ANMF_BYTES. */
static GBytes *
make_still (const guint8 *anmf, gsize length)
{
  const guint8 *data = anmf + ANMF_BYTES, *chunk;
  gsize n_bytes = length - ANMF_BYTES, n_chunk, n_file;
  GByteArray *file = g_byte_array_new ();
  guint8 vp8x[VP8X_BYTES] = { 0 };

  memcpy (vp8x + 4, anmf + 6, 6); /* width − 1 and height − 1 */
  g_byte_array_append (file, (const guint8 *) "RIFF\0\0\0\0WEBP", RIFF_HEADER_BYTES);
  append_chunk (file, "VP8X", vp8x, sizeof vp8x);
  while ((chunk = next_chunk (&data, &n_bytes, &n_chunk)))
    {
      gboolean is_alpha = memcmp (chunk, "ALPH", 4) == 0;

      /* VP8L keeps its alpha inside; the flag is harmless where there is none. */
      if (is_alpha || memcmp (chunk, "VP8L", 4) == 0)
        file->data[RIFF_HEADER_BYTES + CHUNK_HEADER_BYTES] |= FLAG_ALPHA;
      if (is_alpha || memcmp (chunk, "VP8L", 4) == 0 || memcmp (chunk, "VP8 ", 4) == 0)
        append_chunk (file, (const char *) chunk, chunk + CHUNK_HEADER_BYTES, n_chunk);
    }
  n_file = file->len - 8;
  for (guint i = 0; i < 4; i++)
    file->data[4 + i] = n_file >> (8 * i);
  return g_byte_array_free_to_bytes (file);
}

gboolean
gloss_webp_take_first_frame (GlossWebpFrame *out, const guint8 *data, gsize n_bytes)
{
  const guint8 *chunk;
  gsize length;

  *out = (GlossWebpFrame){ 0 };
  if (n_bytes < RIFF_HEADER_BYTES || memcmp (data, "RIFF", 4) != 0
      || memcmp (data + 8, "WEBP", 4) != 0)
    return FALSE;
  data += RIFF_HEADER_BYTES;
  n_bytes -= RIFF_HEADER_BYTES;
  chunk = next_chunk (&data, &n_bytes, &length);
  if (!chunk || length < VP8X_BYTES || memcmp (chunk, "VP8X", 4) != 0
      || !(chunk[CHUNK_HEADER_BYTES] & FLAG_ANIMATION))
    return FALSE;
  out->canvas_width_px = read_le (chunk + CHUNK_HEADER_BYTES + 4, 3) + 1;
  out->canvas_height_px = read_le (chunk + CHUNK_HEADER_BYTES + 7, 3) + 1;
  while ((chunk = next_chunk (&data, &n_bytes, &length)) && memcmp (chunk, "ANMF", 4) != 0)
    ;
  if (chunk && length >= ANMF_BYTES)
    {
      const guint8 *anmf = chunk + CHUNK_HEADER_BYTES;

      out->x_px = read_le (anmf, 3) * 2;
      out->y_px = read_le (anmf + 3, 3) * 2;
      if (out->x_px + read_le (anmf + 6, 3) < out->canvas_width_px
          && out->y_px + read_le (anmf + 9, 3) < out->canvas_height_px)
        out->file = make_still (anmf, length);
    }
  return TRUE;
}
