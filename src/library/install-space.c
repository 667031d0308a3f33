/* Whether the disk has room for a model before any of it is downloaded. */
#include "library/install-space.h"

#include "base/i18n.h"

#include <glib/gstdio.h>
#include <sys/statvfs.h>

/* More than enough: 16-bit weights become a quarter smaller in an archive, 32-bit ones less. */
#define UNPACKED_PER_ARCHIVE 1.4
/* A prepared file has some alignment and a header more. */
#define PREPARED_PER_FILE 1.001

typedef struct
{
  double n_left_bytes;    /* to be downloaded */
  double n_archive_bytes; /* that are there already of what goes again */
  double n_unpacked_bytes;
  double n_prepared_bytes;
} Needs;

static double
measure_there (const char *folder, const GlossSourceFile *file)
{
  g_autofree char *base = g_path_get_basename (file->name);
  g_autofree char *path = g_build_filename (folder, base, NULL);
  g_autofree char *part = g_strconcat (path, ".part", NULL);
  GStatBuf status;

  return g_stat (path, &status) == 0 || g_stat (part, &status) == 0 ? (double) status.st_size : 0;
}

static void
add (Needs *needs, const char *folder, const GlossSourceFile *file)
{
  g_autofree char *name = g_ascii_strdown (file->name, -1);
  double n_bytes = (double) file->n_bytes, n_there = measure_there (folder, file);

  needs->n_left_bytes += MAX (n_bytes - n_there, 0);
  if (g_str_has_suffix (name, ".npz"))
    needs->n_prepared_bytes += n_bytes * PREPARED_PER_FILE;
  else if (g_str_has_suffix (name, ".tar.gz") || g_str_has_suffix (name, ".tgz")
           || g_str_has_suffix (name, ".zip"))
    {
      needs->n_archive_bytes += n_there;
      needs->n_unpacked_bytes += n_bytes * UNPACKED_PER_ARCHIVE;
      needs->n_prepared_bytes += n_bytes * UNPACKED_PER_ARCHIVE * PREPARED_PER_FILE;
    }
}

/* The most that is needed at a time: nothing is prepared before the archive has gone. */
static double
get_peak (const Needs *needs)
{
  if (needs->n_unpacked_bytes == 0)
    return needs->n_left_bytes + needs->n_prepared_bytes;
  return needs->n_unpacked_bytes
         + MAX (needs->n_left_bytes, needs->n_prepared_bytes - needs->n_archive_bytes);
}

/* What a server says may be more than there are numbers for. */
static char *
format (double n_bytes)
{
  return g_format_size ((guint64) MIN (n_bytes, (double) G_MAXINT64));
}

gboolean
gloss_install_check_space (const char *folder, const GPtrArray *files, GError **error)
{
  Needs needs = { 0 };
  g_autofree char *left = NULL, *unpacked = NULL, *prepared = NULL, *peak = NULL, *available = NULL;
  struct statvfs disk;
  double n_free;

  for (guint i = 0; i < files->len; i++)
    add (&needs, folder, g_ptr_array_index (files, i));
  if (statvfs (folder, &disk) != 0)
    return TRUE;
  n_free = (double) disk.f_bavail * (double) disk.f_frsize;
  if (get_peak (&needs) <= n_free)
    return TRUE;
  left = format (needs.n_left_bytes);
  unpacked = format (needs.n_unpacked_bytes);
  prepared = format (needs.n_prepared_bytes);
  peak = format (get_peak (&needs));
  available = format (n_free);
  if (needs.n_unpacked_bytes > 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                 _ ("%s are still to be downloaded, what is in the archive takes about %s, and the "
                    "file that Gloss prepares of it %s; the disk needs %s free at a time, and has "
                    "%s; free some of it, or put the models on another disk"),
                 left, unpacked, prepared, peak, available);
  else if (needs.n_prepared_bytes > 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                 _ ("%s are still to be downloaded, and the file that Gloss prepares of it takes "
                    "%s; the disk needs %s free, and has %s; free some of it, or put the models on "
                    "another disk"),
                 left, prepared, peak, available);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                 _ ("%s are still to be downloaded, and the disk has %s free; free some of it, or "
                    "put the models on another disk"),
                 left, available);
  return FALSE;
}
