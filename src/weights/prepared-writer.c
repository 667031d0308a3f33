/*
 * Writer of Gloss's own weight files.
 *
 * The header stands before the data and has their checksums, which are known only after them. They
 * have a fixed number of digits, so the header's length is known before: room is left for it, and
 * it is written last.
 */
#include "weights/prepared-writer.h"

#include "base/atomic-file.h"
#include "weights/prepared-format.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct _GlossPreparedWriter
{
  GlossAtomicFile *file; /* owned */
  guint64 n_bytes;       /* written */
  guint tensor;          /* being written */
  gsize n_done;          /* bytes of it */
  guint32 *checksums;    /* owned, one for each tensor */

  /* borrowed */
  const GArray *tensors;
  json_t *configuration;
  json_t *source;
};

static const GlossTensorView *
get_tensor (const GArray *tensors, guint index)
{
  return &g_array_index (tensors, GlossTensorView, index);
}

static json_t *
describe_tensor (const GlossTensorView *view, guint64 offset, guint32 checksum)
{
  g_autofree char *digits = g_strdup_printf ("%08x", checksum);
  json_t *shape = json_array ();

  for (guint i = 0; i < view->n_dims; i++)
    json_array_append_new (shape, json_integer ((json_int_t) view->dims[i]));
  return json_pack ("{s:s, s:s, s:o, s:b, s:I, s:I, s:s}", "name", view->name, "type",
                    gloss_dtype_get_name (view->dtype), "shape", shape, "packed", view->is_packed,
                    "offset", (json_int_t) offset, "bytes", (json_int_t) view->n_bytes, "crc32",
                    digits);
}

/* The header of a file whose tensors begin behind @n_bytes of it; newly allocated. @end gets where
 * the last one ends. */
static char *
make_header (const GArray *tensors, json_t *configuration, json_t *source, const guint32 *checksums,
             gsize n_bytes, guint64 *end)
{
  json_t *list = json_array ();
  g_autoptr (json_t) root = json_pack ("{s:O, s:O, s:o}", "configuration", configuration, "source",
                                       source, "tensors", list);
  char *text, *copy;

  *end = PREPARED_HEADER_AT + n_bytes;
  for (guint i = 0; i < tensors->len; i++)
    {
      const GlossTensorView *view = get_tensor (tensors, i);
      guint64 offset = prepared_align (*end, view->n_bytes);

      json_array_append_new (list, describe_tensor (view, offset, checksums ? checksums[i] : 0));
      *end = offset + view->n_bytes;
    }
  /* 17 digits are enough for every double, and so for every float */
  text = json_dumps (root, JSON_PRESERVE_ORDER | JSON_COMPACT | JSON_REAL_PRECISION (17));
  copy = g_strdup (text);
  free (text);
  return copy;
}

/* The length of the header. Its offsets, whose digits it has, depend on it: a little more room for
 * them until it is enough. JSON may end in blanks. */
static gsize
measure_header (const GArray *tensors, json_t *configuration, json_t *source, guint64 *end)
{
  gsize n_room = 0;

  for (;;)
    {
      g_autofree char *text = make_header (tensors, configuration, source, NULL, n_room, end);
      gsize n_bytes = strlen (text);

      if (n_bytes <= n_room)
        return n_room;
      n_room = n_bytes;
    }
}

guint64
gloss_prepared_count_bytes (const GArray *tensors, json_t *configuration, json_t *source)
{
  guint64 end;

  measure_header (tensors, configuration, source, &end);
  return end;
}

static gboolean
append_zeros (GlossPreparedWriter *writer, gsize n_bytes, GError **error)
{
  g_autofree guint8 *zeros = g_malloc0 (n_bytes);

  writer->n_bytes += n_bytes;
  return gloss_atomic_file_append (writer->file, zeros, n_bytes, error);
}

GlossPreparedWriter *
gloss_prepared_writer_new (const char *path, gboolean may_replace, const GArray *tensors,
                           json_t *configuration, json_t *source, GError **error)
{
  g_autoptr (GlossPreparedWriter) writer = g_new0 (GlossPreparedWriter, 1);
  guint64 end;

  writer->tensors = tensors;
  writer->configuration = configuration;
  writer->source = source;
  writer->checksums = g_new0 (guint32, tensors->len);
  writer->file = gloss_atomic_file_begin (path, may_replace, error);
  if (!writer->file
      || !append_zeros (writer,
                        PREPARED_HEADER_AT + measure_header (tensors, configuration, source, &end),
                        error))
    return NULL;
  return g_steal_pointer (&writer);
}

void
gloss_prepared_writer_free (GlossPreparedWriter *writer)
{
  g_clear_pointer (&writer->file, gloss_atomic_file_free);
  g_free (writer->checksums);
  g_free (writer);
}

gboolean
gloss_prepared_writer_append (GlossPreparedWriter *writer, const guint8 *data, gsize n_bytes,
                              GError **error)
{
  const GlossTensorView *view;

  g_return_val_if_fail (writer->tensor < writer->tensors->len, FALSE);

  view = get_tensor (writer->tensors, writer->tensor);
  g_return_val_if_fail (n_bytes <= view->n_bytes - writer->n_done, FALSE);

  if (writer->n_done == 0)
    {
      guint64 offset = prepared_align (writer->n_bytes, view->n_bytes);

      if (!append_zeros (writer, (gsize) (offset - writer->n_bytes), error))
        return FALSE;
    }
  if (!gloss_atomic_file_append (writer->file, data, n_bytes, error))
    return FALSE;
  writer->n_bytes += n_bytes;
  writer->n_done += n_bytes;
  writer->checksums[writer->tensor] =
      (guint32) crc32_z (writer->checksums[writer->tensor], data, n_bytes);
  if (writer->n_done == view->n_bytes)
    {
      writer->tensor++;
      writer->n_done = 0;
    }
  return TRUE;
}

static void
put_u32 (guint8 *beginning, gsize at, guint32 value)
{
  value = GUINT32_TO_LE (value);
  memcpy (beginning + at, &value, sizeof value);
}

gboolean
gloss_prepared_writer_finish (GlossPreparedWriter *writer, GError **error)
{
  guint64 end;
  gsize header_bytes =
      measure_header (writer->tensors, writer->configuration, writer->source, &end);
  g_autofree char *text = make_header (writer->tensors, writer->configuration, writer->source,
                                       writer->checksums, header_bytes, &end);
  guint64 length = GUINT64_TO_LE (header_bytes);
  gsize n_bytes = PREPARED_HEADER_AT + header_bytes;
  g_autofree guint8 *beginning = g_malloc0 (n_bytes);

  g_return_val_if_fail (writer->tensor == writer->tensors->len && writer->n_bytes == end, FALSE);

  memset (beginning + PREPARED_HEADER_AT, ' ', header_bytes);
  memcpy (beginning + PREPARED_HEADER_AT, text, strlen (text));
  memcpy (beginning, PREPARED_MAGIC, strlen (PREPARED_MAGIC));
  put_u32 (beginning, PREPARED_VERSION_AT, PREPARED_VERSION);
  put_u32 (beginning, PREPARED_BYTE_ORDER_AT, PREPARED_BYTE_ORDER);
  memcpy (beginning + PREPARED_LAYOUT_AT, PREPARED_LAYOUT, strlen (PREPARED_LAYOUT));
  memcpy (beginning + PREPARED_HEADER_BYTES_AT, &length, sizeof length);
  put_u32 (beginning, PREPARED_HEADER_CHECKSUM_AT,
           (guint32) crc32_z (0, beginning + PREPARED_HEADER_AT, header_bytes));
  put_u32 (beginning, PREPARED_CHECKSUM_AT, (guint32) crc32_z (0, beginning, PREPARED_CHECKSUM_AT));
  return gloss_atomic_file_rewrite (writer->file, 0, beginning, n_bytes, error)
         && gloss_atomic_file_finish (writer->file, error);
}
