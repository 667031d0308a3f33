/* What a folder below .downloads is a download of. */
#include "library/install-origin.h"

#include "base/atomic-file.h"
#include "base/i18n.h"
#include "base/json.h"
#include "net/unpack.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ORIGIN_BYTES 4096

static gboolean
write_origin (const char *staging, const char *origin, gboolean is_unpacked, GError **error)
{
  g_autofree char *path = g_build_filename (staging, GLOSS_INSTALL_ORIGIN_NAME, NULL);
  g_autoptr (json_t) root = json_pack ("{s:s}", "from", origin);
  gboolean is_written;
  char *text;

  if (is_unpacked)
    json_object_set_new (root, "unpacked", json_true ());
  text = json_dumps (root, JSON_PRESERVE_ORDER);
  is_written = gloss_atomic_file_write (path, text, strlen (text), error);
  free (text);
  return is_written;
}

gboolean
gloss_install_origin_begin (const char *staging, const char *origin, gboolean *out_unpacked,
                            GError **error)
{
  g_autofree char *path = g_build_filename (staging, GLOSS_INSTALL_ORIGIN_NAME, NULL);
  g_autoptr (json_t) known = gloss_json_load (path, MAX_ORIGIN_BYTES, NULL);
  g_autofree char *shown = g_filename_display_name (staging);

  *out_unpacked = FALSE;
  if (g_strcmp0 (json_string_value (json_object_get (known, "from")), origin) == 0)
    {
      *out_unpacked = json_is_true (json_object_get (known, "unpacked"));
      return TRUE;
    }
  gloss_unpack_remove (staging);
  if (g_mkdir_with_parents (staging, 0777) == 0)
    return write_origin (staging, origin, FALSE, error);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s: %s", shown,
               _ ("the folder for the download cannot be made"), g_strerror (errno));
  return FALSE;
}

gboolean
gloss_install_origin_note_unpacked (const char *staging, const char *origin, GError **error)
{
  return write_origin (staging, origin, TRUE, error);
}
