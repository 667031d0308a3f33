/* Writing a file so that there is always a whole one. */
#include "base/atomic-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Linux writes at most this much at once. */
#define MAX_WRITE_BYTES 0x7ffff000

static gboolean
set_error (GError **error, const char *name, const char *what, int number)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), "%s: %s: %s", name, what,
               g_strerror (number));
  return FALSE;
}

static gboolean
set_write_error (GError **error, const char *name, gsize n_bytes, int number)
{
  const char *why = NULL;

  switch (number)
    {
    case ENOSPC:
      why = "the disk is full";
      break;
    case EDQUOT:
      why = "your share of the disk is used up";
      break;
    case EFBIG:
      why = "files as large as that are not allowed here";
      break;
    default:
      why = g_strerror (number);
      break;
    }
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
               "%s: %" G_GSIZE_FORMAT " bytes cannot be written: %s", name, n_bytes, why);
  return FALSE;
}

/* Where @path leads, newly allocated, and in @out_mode the permissions of what is there, or those
 * for new files. NULL when nothing can be put there. */
static char *
find_target (const char *path, const char *name, mode_t *out_mode, GError **error)
{
  struct stat info;
  char *real, *target;

  *out_mode = 0;
  if (lstat (path, &info) != 0)
    {
      if (errno == ENOENT)
        return g_strdup (path);
      set_error (error, name, "the file cannot be written", errno);
      return NULL;
    }
  /* The name is made for the file that the link leads to, which may lie in another folder. */
  real = realpath (path, NULL);
  if (!real || stat (real, &info) != 0)
    {
      set_error (error, name, "the link cannot be followed", errno);
      free (real);
      return NULL;
    }
  target = g_strdup (real);
  free (real);
  if (S_ISREG (info.st_mode))
    {
      *out_mode = info.st_mode & 07777;
      return target;
    }
  g_free (target);
  if (S_ISDIR (info.st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY,
                 "%s: a folder of this name is in the way", name);
  else
    /* Putting a file in the place of /dev/null would be the end of it. */
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                 "%s: this is a device or a pipe; only files are written", name);
  return NULL;
}

/* Fills the new file and brings it to the disk. Closes @descriptor. */
static gboolean
fill (int descriptor, const guint8 *data, gsize n_bytes, mode_t mode, const char *name,
      GError **error)
{
  int number = 0;

  for (gsize at = 0; at < n_bytes && number == 0;)
    {
      gssize n = write (descriptor, data + at, MIN (n_bytes - at, MAX_WRITE_BYTES));

      if (n >= 0)
        at += (gsize) n;
      else if (errno != EINTR)
        number = errno;
    }
  if (number == 0 && mode != 0 && fchmod (descriptor, mode) != 0)
    number = errno;
  if (number == 0 && fsync (descriptor) != 0)
    number = errno;
  /* Network disks tell only now that they are full. */
  if (close (descriptor) != 0 && number == 0 && errno != EINTR)
    number = errno;
  return number == 0 || set_write_error (error, name, n_bytes, number);
}

static gboolean
sync_folder (const char *folder, const char *name, GError **error)
{
  int descriptor = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  int number = 0;

  /* A folder in which one may write but not read cannot be opened, and some file systems cannot
   * bring a folder to the disk; there is nothing more to be done then. */
  if (descriptor < 0)
    return TRUE;
  if (fsync (descriptor) != 0 && errno != EINVAL && errno != ENOTSUP)
    number = errno;
  close (descriptor);
  return number == 0
         || set_error (error, name, "the file is written, but a power cut could still undo it",
                       number);
}

gboolean
gloss_atomic_file_write (const char *path, const void *data, gsize n_bytes, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *target = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *temporary = NULL;
  mode_t mode;
  int descriptor;

  target = find_target (path, name, &mode, error);
  if (!target)
    return FALSE;
  folder = g_path_get_dirname (target);
  /* Not made from the file's name, which may be as long as names can be. */
  temporary = g_build_filename (folder, ".gloss-XXXXXX", NULL);
  descriptor = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0666);
  if (descriptor < 0)
    {
      g_autofree char *shown = g_filename_display_name (folder);
      g_autofree char *what = g_strdup_printf ("no file can be made in the folder \"%s\"", shown);

      return set_error (error, name, what, errno);
    }
  if (!fill (descriptor, data, n_bytes, mode, name, error))
    {
      g_unlink (temporary);
      return FALSE;
    }
  if (g_rename (temporary, target) != 0)
    {
      set_error (error, name, "the finished file cannot be put in place", errno);
      g_unlink (temporary);
      return FALSE;
    }
  return sync_folder (folder, name, error);
}
