/* Writer of safetensors files: eight bytes with the length of a JSON header, the header, the data.
 */
#include "weights/safetensors-writer.h"

#include "base/atomic-file.h"

#include <stdlib.h>
#include <string.h>

/* Bytes for each write, so that a stop need not wait for gigabytes. */
#define PIECE_BYTES ((gsize) 16 << 20)

static char *
make_header (const GArray *tensors)
{
  g_autoptr (json_t) root = json_pack ("{s:{s:s}}", "__metadata__", "format", "pt");
  g_autofree char *padded = NULL;
  char *text;
  guint64 offset = 0;

  for (guint i = 0; i < tensors->len; i++)
    {
      const GlossTensorView *view = &g_array_index (tensors, GlossTensorView, i);
      json_t *shape = json_array ();

      for (guint d = 0; d < view->n_dims; d++)
        json_array_append_new (shape, json_integer ((json_int_t) view->dims[d]));
      json_object_set_new (root, view->name,
                           json_pack ("{s:s, s:o, s:[I, I]}", "dtype",
                                      gloss_dtype_get_name (view->dtype), "shape", shape,
                                      "data_offsets", (json_int_t) offset,
                                      (json_int_t) (offset + view->n_bytes)));
      offset += view->n_bytes;
    }
  text = json_dumps (root, JSON_COMPACT | JSON_PRESERVE_ORDER);
  /* blanks, so that the data begins at a multiple of eight */
  padded = g_strdup_printf ("%s%*s", text, (int) ((8 - strlen (text) % 8) % 8), "");
  free (text);
  return g_steal_pointer (&padded);
}

struct _GlossSafetensorsWriter
{
  /* owned */
  GlossAtomicFile *file;

  guint64 n_left; /* bytes of data to come */
};

static guint64
count_data (const GArray *tensors)
{
  guint64 n_bytes = 0;

  for (guint i = 0; i < tensors->len; i++)
    n_bytes += g_array_index (tensors, GlossTensorView, i).n_bytes;
  return n_bytes;
}

guint64
gloss_safetensors_count_bytes (const GArray *tensors)
{
  g_autofree char *header = make_header (tensors);

  return sizeof (guint64) + strlen (header) + count_data (tensors);
}

GlossSafetensorsWriter *
gloss_safetensors_writer_new (const char *path, const GArray *tensors, GError **error)
{
  g_autoptr (GlossSafetensorsWriter) writer = g_new0 (GlossSafetensorsWriter, 1);
  g_autofree char *header = make_header (tensors);
  guint64 length = GUINT64_TO_LE (strlen (header));

  writer->file = gloss_atomic_file_begin (path, TRUE, error);
  writer->n_left = count_data (tensors);
  if (!writer->file || !gloss_atomic_file_append (writer->file, &length, sizeof length, error)
      || !gloss_atomic_file_append (writer->file, header, strlen (header), error))
    return NULL;
  return g_steal_pointer (&writer);
}

void
gloss_safetensors_writer_free (GlossSafetensorsWriter *writer)
{
  g_clear_pointer (&writer->file, gloss_atomic_file_free);
  g_free (writer);
}

gboolean
gloss_safetensors_writer_append (GlossSafetensorsWriter *writer, const guint8 *data, gsize n_bytes,
                                 GError **error)
{
  g_return_val_if_fail (n_bytes <= writer->n_left, FALSE);

  writer->n_left -= n_bytes;
  return gloss_atomic_file_append (writer->file, data, n_bytes, error);
}

gboolean
gloss_safetensors_writer_finish (GlossSafetensorsWriter *writer, GError **error)
{
  g_return_val_if_fail (writer->n_left == 0, FALSE);

  return gloss_atomic_file_finish (writer->file, error);
}

gboolean
gloss_safetensors_write (const char *path, const GArray *tensors, GError **error)
{
  g_autoptr (GlossSafetensorsWriter) writer = gloss_safetensors_writer_new (path, tensors, error);

  if (!writer)
    return FALSE;
  for (guint i = 0; i < tensors->len; i++)
    {
      const GlossTensorView *view = &g_array_index (tensors, GlossTensorView, i);

      for (gsize done = 0; done < view->n_bytes; done += PIECE_BYTES)
        {
          if (!gloss_safetensors_writer_append (writer, view->data + done,
                                                MIN (PIECE_BYTES, view->n_bytes - done), error))
            return FALSE;
        }
    }
  return gloss_safetensors_writer_finish (writer, error);
}
