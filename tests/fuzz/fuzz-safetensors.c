/* Any bytes as a .safetensors file. */
#include "fuzz/fuzz.h"
#include "weights/safetensors.h"

#include <string.h>

#define LENGTH_BYTES 8

/* The promise of the reader: in order, and without holes or overlaps up to the end of the file. */
static void
check_cover (GlossMappedFile *file, const GArray *views)
{
  const guint8 *bytes = gloss_mapped_file_get_data (file);
  guint64 header_bytes;
  const guint8 *end;

  memcpy (&header_bytes, bytes, LENGTH_BYTES);
  end = bytes + LENGTH_BYTES + GUINT64_FROM_LE (header_bytes);
  for (guint i = 0; i < views->len; i++)
    {
      const GlossTensorView *view = &g_array_index (views, GlossTensorView, i);

      g_assert_true (view->data == end);
      end += view->n_bytes;
    }
  g_assert_true (end == bytes + gloss_mapped_file_get_size_bytes (file));
}

/* Mutates the header or all, and mostly sets the length right again, at which nearly every input
 * would end otherwise. */
gsize
LLVMFuzzerCustomMutator (guint8 *data, gsize n_bytes, gsize max_bytes, guint seed)
{
  g_autofree guint8 *header = NULL;
  g_autofree guint8 *rest = NULL;
  guint64 header_bytes = 0;
  gsize n_rest, n_room;

  if (n_bytes >= LENGTH_BYTES)
    memcpy (&header_bytes, data, LENGTH_BYTES);
  header_bytes = GUINT64_FROM_LE (header_bytes);
  if (seed % 8 == 0 || n_bytes < LENGTH_BYTES || header_bytes == 0
      || header_bytes > n_bytes - LENGTH_BYTES || max_bytes <= n_bytes)
    return LLVMFuzzerMutate (data, n_bytes, max_bytes);

  n_rest = n_bytes - LENGTH_BYTES - header_bytes;
  n_room = max_bytes - LENGTH_BYTES - n_rest;
  header = g_malloc (n_room);
  memcpy (header, data + LENGTH_BYTES, header_bytes);
  rest = g_memdup2 (data + LENGTH_BYTES + header_bytes, n_rest);
  header_bytes = LLVMFuzzerMutate (header, header_bytes, n_room);
  memcpy (data + LENGTH_BYTES, header, header_bytes);
  if (n_rest > 0)
    memcpy (data + LENGTH_BYTES + header_bytes, rest, n_rest);
  n_bytes = LENGTH_BYTES + header_bytes + n_rest;
  header_bytes = GUINT64_TO_LE (header_bytes);
  memcpy (data, &header_bytes, LENGTH_BYTES);
  return n_bytes;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  fuzz_weight_file ("input.safetensors", data, n_bytes, gloss_safetensors_append_views,
                    check_cover);
  return 0;
}
