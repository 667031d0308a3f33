/* Which files weights came from. */
#include "weights/identity.h"

#include <glib/gstdio.h>

#define END_BYTES ((gsize) 1 << 20)

static void
add_file (GChecksum *hash, GlossMappedFile *file)
{
  const guint8 *data = gloss_mapped_file_get_data (file);
  gsize n_bytes = gloss_mapped_file_get_size_bytes (file), n = MIN (n_bytes, END_BYTES);
  guint64 size = GUINT64_TO_LE (n_bytes);

  g_checksum_update (hash, (const guchar *) &size, sizeof size);
  g_checksum_update (hash, data, (gssize) n);
  g_checksum_update (hash, data + n_bytes - n, (gssize) n);
}

json_t *
gloss_weights_make_identity (GlossWeights *weights)
{
  g_autoptr (GChecksum) hash = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *name = NULL;
  json_int_t n_bytes = 0, modified = 0;

  for (guint i = 0; i < gloss_weights_get_n_files (weights); i++)
    {
      GlossMappedFile *file = gloss_weights_get_file (weights, i);
      const char *path = gloss_mapped_file_get_path (file);
      GStatBuf info;

      if (i == 0)
        name = g_filename_display_basename (path);
      if (g_stat (path, &info) == 0)
        modified = MAX (modified, (json_int_t) info.st_mtime);
      n_bytes += (json_int_t) gloss_mapped_file_get_size_bytes (file);
      add_file (hash, file);
    }
  return json_pack ("{s:s, s:I, s:I, s:s}", "name", name ? name : "", "bytes", n_bytes, "modified",
                    modified, "sha256", g_checksum_get_string (hash));
}
