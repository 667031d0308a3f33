/* The bytes of one tensor from the first to the last. */
#include "weights/tensor-stream.h"

#include "base/error.h"
#include "base/i18n.h"
#include "weights/inflater.h"

/* Some ten milliseconds of inflating, between which a stop is asked for. */
#define PIECE_BYTES ((gsize) 4 << 20)

struct _GlossTensorStream
{
  const GlossTensorView *view; /* borrowed */
  gsize n_done;
  gsize n_released;
  gboolean is_past_header;

  /* owned; NULL where the tensor is not compressed */
  GlossInflater *inflater;
  guint8 *buffer;
  gsize buffer_bytes;
};

GlossTensorStream *
gloss_tensor_stream_new (const GlossTensorView *view)
{
  GlossTensorStream *stream = g_new0 (GlossTensorStream, 1);

  stream->view = view;
  if (view->deflated.data)
    stream->inflater = gloss_inflater_new (view->deflated.data, view->deflated.n_bytes);
  return stream;
}

void
gloss_tensor_stream_free (GlossTensorStream *stream)
{
  if (stream->inflater)
    gloss_mapped_file_release_pages (stream->view->deflated.data, stream->view->deflated.n_bytes);
  g_clear_pointer (&stream->inflater, gloss_inflater_free);
  g_free (stream->buffer);
  g_free (stream);
}

static gboolean
set_damaged (GlossTensorStream *stream, GError **error)
{
  g_set_error (
      error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
      _ ("%s: tensor \"%s\" is damaged: what is compressed ends early, or does not have the "
         "right checksum"),
      stream->view->file_name, stream->view->name);
  return FALSE;
}

static gboolean
make_room (GlossTensorStream *stream, gsize n_bytes, GError **error)
{
  if (n_bytes <= stream->buffer_bytes)
    return TRUE;
  g_free (stream->buffer);
  stream->buffer_bytes = 0;
  stream->buffer = n_bytes <= GLOSS_TENSOR_STREAM_MAX_BYTES ? g_try_malloc (n_bytes) : NULL;
  if (!stream->buffer)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("%s: tensor \"%s\" is compressed, and %zu bytes of it are needed at once, "
                      "for which there is no room; save the file "
                      "again without compression"),
                   stream->view->file_name, stream->view->name, n_bytes);
      return FALSE;
    }
  stream->buffer_bytes = n_bytes;
  return TRUE;
}

static gboolean
inflate_bytes (GlossTensorStream *stream, gsize n_bytes, GCancellable *cancellable, GError **error)
{
  for (gsize done = 0; done < n_bytes; done += PIECE_BYTES)
    {
      gsize n = MIN (PIECE_BYTES, n_bytes - done);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (gloss_inflater_read (stream->inflater, stream->buffer + done, n) < n)
        return set_damaged (stream, error);
    }
  return TRUE;
}

/* What comes before the tensor's own bytes was read when the file was opened. */
static gboolean
skip_header (GlossTensorStream *stream, GCancellable *cancellable, GError **error)
{
  gsize n_bytes = stream->view->deflated.n_header_bytes;

  if (stream->is_past_header)
    return TRUE;
  stream->is_past_header =
      make_room (stream, n_bytes, error) && inflate_bytes (stream, n_bytes, cancellable, error);
  return stream->is_past_header;
}

/* What was read is not read again: without this the whole file would come to count as our memory.
 */
static void
release_done (GlossTensorStream *stream)
{
  if (!stream->inflater && stream->n_done > stream->n_released)
    gloss_mapped_file_release_pages (stream->view->data + stream->n_released,
                                     stream->n_done - stream->n_released);
  stream->n_released = stream->n_done;
}

const guint8 *
gloss_tensor_stream_next (GlossTensorStream *stream, gsize n_bytes, GCancellable *cancellable,
                          GError **error)
{
  g_return_val_if_fail (n_bytes <= stream->view->n_bytes - stream->n_done, NULL);

  release_done (stream);
  stream->n_done += n_bytes;
  if (!stream->inflater)
    return stream->view->data + stream->n_done - n_bytes;
  if (!skip_header (stream, cancellable, error) || !make_room (stream, n_bytes, error)
      || !inflate_bytes (stream, n_bytes, cancellable, error))
    return NULL;
  return stream->buffer;
}

gboolean
gloss_tensor_stream_finish (GlossTensorStream *stream, GError **error)
{
  release_done (stream);
  if (!stream->inflater)
    return TRUE;
  return skip_header (stream, NULL, error)
         && (gloss_inflater_is_whole (stream->inflater, stream->view->deflated.checksum)
             || set_damaged (stream, error));
}
