/*
 * A folder with model.safetensors.index.json: the input up to its first NUL, which is no character
 * of JSON. Beside it lie two sound shards, a.safetensors with "a" and "shared", b.safetensors with
 * "b"; and c.safetensors, which is the rest of the input.
 */
#include "base/json.h"
#include "fuzz/fuzz.h"

#include <glib/gstdio.h>
#include <string.h>

static void
write_shard (const char *name, const char *header, gsize n_data)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint64 header_bytes = GUINT64_TO_LE (strlen (header));
  g_autofree guint8 *data = g_malloc0 (n_data);
  g_autofree char *path = NULL;

  g_byte_array_append (bytes, (const guint8 *) &header_bytes, sizeof header_bytes);
  g_byte_array_append (bytes, (const guint8 *) header, (guint) strlen (header));
  g_byte_array_append (bytes, data, (guint) n_data);
  path = fuzz_write (name, bytes->data, bytes->len);
}

static void
write_sound_shards (void)
{
  write_shard ("a.safetensors",
               "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
               "\"shared\":{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[8,12]}}",
               12);
  write_shard ("b.safetensors", "{\"b\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[0,2]}}",
               2);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  static gboolean is_prepared;
  const guint8 *nul = n_bytes > 0 ? memchr (data, '\0', n_bytes) : NULL;
  gsize index_bytes = nul ? (gsize) (nul - data) : n_bytes;
  g_autofree char *path = fuzz_write ("model.safetensors.index.json", data, index_bytes);
  g_autofree char *third = g_build_filename (fuzz_get_folder (), "c.safetensors", NULL);
  g_autoptr (GlossWeights) weights = NULL;
  g_autoptr (json_t) root = NULL;
  const char *tensor;
  json_t *map, *value;

  if (!is_prepared)
    write_sound_shards ();
  is_prepared = TRUE;
  if (nul)
    g_free (fuzz_write ("c.safetensors", nul + 1, n_bytes - index_bytes - 1));
  else
    g_unlink (third);

  weights = fuzz_open_weights (fuzz_get_folder ());
  if (!weights)
    return 0;
  root = gloss_json_load (path, index_bytes, NULL);
  map = json_object_get (root, "weight_map");
  g_assert_cmpuint (json_object_size (map), >, 0);
  json_object_foreach (map, tensor, value)
  {
    const GlossTensorView *view = gloss_weights_find (weights, tensor);

    g_assert_nonnull (view);
    g_assert_cmpstr (view->file_name, ==, json_string_value (value));
    g_assert_null (strchr (json_string_value (value), '/'));
  }
  return 0;
}
