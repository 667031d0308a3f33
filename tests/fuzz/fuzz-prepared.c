/* Any bytes as a prepared file, with its configuration. */
#include "fuzz/fuzz.h"
#include "model/checkpoint.h"
#include "weights/prepared-format.h"
#include "weights/prepared.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

static gboolean
append_views (GlossMappedFile *file, GStringChunk *strings, GArray *views, GError **error)
{
  g_autoptr (json_t) metadata = NULL;
  gboolean is_accepted = gloss_prepared_append_views (file, strings, views, &metadata, error);

  g_assert_true ((metadata != NULL) == is_accepted);
  return is_accepted;
}

/* The promise of the reader: one after the other, where they should begin, up to the file's end. */
static void
check_places (GlossMappedFile *file, const GArray *views)
{
  const guint8 *bytes = gloss_mapped_file_get_data (file);
  guint64 header_bytes, end;

  memcpy (&header_bytes, bytes + PREPARED_HEADER_BYTES_AT, sizeof header_bytes);
  end = PREPARED_HEADER_AT + GUINT64_FROM_LE (header_bytes);
  for (guint i = 0; i < views->len; i++)
    {
      const GlossTensorView *view = &g_array_index (views, GlossTensorView, i);

      g_assert_cmpuint ((guint64) (view->data - bytes), ==, prepared_align (end, view->n_bytes));
      end = (guint64) (view->data - bytes) + view->n_bytes;
      gloss_prepared_check_values (view, NULL);
    }
  g_assert_cmpuint (end, ==, gloss_mapped_file_get_size_bytes (file));
}

static void
check_checkpoint (void)
{
  g_autofree char *path = g_build_filename (fuzz_get_folder (), "input.gloss", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossCheckpoint) checkpoint = gloss_checkpoint_open (path, NULL, &error);
  const GlossModelConfig *config;

  if (!checkpoint)
    {
      fuzz_assert_error (&error);
      return;
    }
  config = gloss_checkpoint_get_config (checkpoint);
  for (const char *axis = "pPEDMABWLFNKHV"; *axis; axis++)
    {
      g_assert_cmpuint (gloss_model_config_get_axis (config, *axis), >=, 1);
      g_assert_cmpuint (gloss_model_config_get_axis (config, *axis), <=, GLOSS_CONFIG_MAX_DIM);
    }
  g_assert_true (isfinite (config->query_scale) && config->query_scale > 0);
  g_assert_true (isfinite (config->norm_eps) && config->norm_eps > 0);
}

static void
put_checksum (guint8 *data, gsize at, const guint8 *of, gsize n_bytes)
{
  guint32 checksum = GUINT32_TO_LE ((guint32) crc32_z (0, of, n_bytes));

  memcpy (data + at, &checksum, sizeof checksum);
}

/* Mutates the JSON, mostly, within the room that the header has, so that the data stay where they
 * are; and sets the checksums right again, at which nearly every input would end otherwise. */
gsize
LLVMFuzzerCustomMutator (guint8 *data, gsize n_bytes, gsize max_bytes, guint seed)
{
  guint64 header_bytes = 0;
  gsize n_text;

  if (n_bytes >= PREPARED_HEADER_AT)
    memcpy (&header_bytes, data + PREPARED_HEADER_BYTES_AT, sizeof header_bytes);
  header_bytes = GUINT64_FROM_LE (header_bytes);
  if (seed % 8 == 0 || header_bytes == 0 || header_bytes > n_bytes - PREPARED_HEADER_AT)
    return LLVMFuzzerMutate (data, n_bytes, max_bytes);

  n_text = header_bytes;
  while (n_text > 0 && data[PREPARED_HEADER_AT + n_text - 1] == ' ')
    n_text--;
  n_text = LLVMFuzzerMutate (data + PREPARED_HEADER_AT, n_text, header_bytes);
  memset (data + PREPARED_HEADER_AT + n_text, ' ', header_bytes - n_text);
  put_checksum (data, PREPARED_HEADER_CHECKSUM_AT, data + PREPARED_HEADER_AT, header_bytes);
  put_checksum (data, PREPARED_CHECKSUM_AT, data, PREPARED_CHECKSUM_AT);
  return n_bytes;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  fuzz_weight_file ("input.gloss", data, n_bytes, append_views, check_places);
  if (n_bytes > 0)
    check_checkpoint ();
  return 0;
}
