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

static gboolean
append (GlossAtomicFile *file, const guint8 *data, gsize n_bytes, GError **error)
{
  for (gsize done = 0; done < n_bytes; done += PIECE_BYTES)
    {
      if (!gloss_atomic_file_append (file, data + done, MIN (PIECE_BYTES, n_bytes - done), error))
        return FALSE;
    }
  return TRUE;
}

gboolean
gloss_safetensors_write (const char *path, const GArray *tensors, GError **error)
{
  g_autoptr (GlossAtomicFile) file = gloss_atomic_file_begin (path, TRUE, error);
  g_autofree char *header = make_header (tensors);
  guint64 length = GUINT64_TO_LE (strlen (header));

  if (!file || !append (file, (const guint8 *) &length, sizeof length, error)
      || !append (file, (const guint8 *) header, strlen (header), error))
    return FALSE;
  for (guint i = 0; i < tensors->len; i++)
    {
      const GlossTensorView *view = &g_array_index (tensors, GlossTensorView, i);

      if (!append (file, view->data, view->n_bytes, error))
        return FALSE;
    }
  return gloss_atomic_file_finish (file, error);
}
