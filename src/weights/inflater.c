/* What comes out of a stream of ZIP's method 8. */
#include "weights/inflater.h"

#define ZLIB_CONST
#include <zlib.h>

struct _GlossInflater
{
  z_stream stream; /* owned */
  gboolean is_usable;
  gboolean has_ended;
  uLong checksum;

  /* borrowed: what zlib has not been given yet */
  const guint8 *data;
  gsize n_bytes;
};

/* zlib counts in 32 bits. */
#define MAX_PIECE_BYTES ((gsize) 1 << 30)

GlossInflater *
gloss_inflater_new (const guint8 *data, gsize n_bytes)
{
  GlossInflater *inflater = g_new0 (GlossInflater, 1);

  inflater->data = data;
  inflater->n_bytes = n_bytes;
  inflater->checksum = crc32 (0, NULL, 0);
  /* negative: ZIP has the bare stream, without zlib's own header and checksum */
  inflater->is_usable = inflateInit2 (&inflater->stream, -MAX_WBITS) == Z_OK;
  return inflater;
}

void
gloss_inflater_free (GlossInflater *inflater)
{
  if (inflater->is_usable)
    inflateEnd (&inflater->stream);
  g_free (inflater);
}

static void
give_input (GlossInflater *inflater)
{
  gsize n = MIN (inflater->n_bytes, MAX_PIECE_BYTES);

  inflater->stream.next_in = inflater->data;
  inflater->stream.avail_in = (uInt) n;
  inflater->data += n;
  inflater->n_bytes -= n;
}

gsize
gloss_inflater_read (GlossInflater *inflater, guint8 *out, gsize n_bytes)
{
  gsize n_done = 0;
  gboolean goes_on = inflater->is_usable && !inflater->has_ended;

  while (goes_on && n_done < n_bytes)
    {
      gsize n_wanted = MIN (n_bytes - n_done, MAX_PIECE_BYTES), n_came;
      int status;

      if (inflater->stream.avail_in == 0)
        give_input (inflater);
      inflater->stream.next_out = out + n_done;
      inflater->stream.avail_out = (uInt) n_wanted;
      status = inflate (&inflater->stream, Z_NO_FLUSH);
      n_came = n_wanted - inflater->stream.avail_out;
      inflater->checksum = crc32_z (inflater->checksum, out + n_done, n_came);
      n_done += n_came;
      inflater->has_ended = status == Z_STREAM_END;
      /* Z_BUF_ERROR: there was nothing more to go in */
      goes_on = status == Z_OK;
    }
  return n_done;
}

gboolean
gloss_inflater_is_whole (GlossInflater *inflater, guint32 checksum)
{
  guint8 more;

  /* the last bytes may have come out before the stream's end was seen */
  if (gloss_inflater_read (inflater, &more, 1) > 0)
    return FALSE;
  return inflater->has_ended && inflater->stream.avail_in == 0 && inflater->n_bytes == 0
         && inflater->checksum == checksum;
}
