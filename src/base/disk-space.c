/* Whether a disk has room. */
#include "base/disk-space.h"

#include "base/i18n.h"

#include <sys/statvfs.h>

gboolean
gloss_disk_space_check (const char *path, guint64 n_bytes, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  struct statvfs disk;
  guint64 n_free;

  /* some file systems do not tell */
  if (statvfs (folder, &disk) != 0 || disk.f_blocks == 0)
    return TRUE;
  n_free = (guint64) disk.f_bavail * disk.f_frsize;
  if (n_free >= n_bytes)
    return TRUE;

  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *needed = g_format_size (n_bytes);
  g_autofree char *left = g_format_size (n_free);

  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
      _ ("%s: %s are needed, but %s are free on that disk; make room, or choose another place"),
      name, needed, left);
  return FALSE;
}
