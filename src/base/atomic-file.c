/* Writing a file so that there is always a whole one. */
#include "base/atomic-file.h"

#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Linux writes at most this much at once. */
#define MAX_WRITE_BYTES 0x7ffff000

/* So much may be on its way to the disk, twice: neither stopping nor the end waits for more. */
#define WINDOW_BYTES (4 << 20)

#define TEMPORARY_NAME ".gloss-XXXXXX"

struct _GlossAtomicFile
{
  int descriptor;
  gboolean may_replace;
  mode_t mode;      /* of what is replaced; 0: that of new files */
  guint64 n_bytes;  /* written */
  guint64 n_sent;   /* of these on their way to the disk */
  guint64 n_synced; /* of these there */

  /* owned */
  char *name;      /* for messages */
  char *target;    /* where @path leads */
  char *folder;    /* that holds it */
  char *temporary; /* the path that the file has meanwhile; NULL: none */
};

/* @what is marked with N_ (). */
static gboolean
set_error (GError **error, const char *name, const char *what, int number)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), "%s: %s: %s", name, _ (what),
               g_strerror (number));
  return FALSE;
}

static gboolean
set_write_error (GError **error, const char *name, guint64 n_bytes, int number)
{
  const char *why = NULL;

  switch (number)
    {
    case ENOSPC:
      why = _ ("the disk is full");
      break;
    case EDQUOT:
      why = _ ("your share of the disk is used up");
      break;
    case EFBIG:
      why = _ ("files as large as that are not allowed here");
      break;
    default:
      why = g_strerror (number);
      break;
    }
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
               _ ("%s: %" PRIu64 " bytes cannot be written: %s"), name, n_bytes, why);
  return FALSE;
}

static gboolean
refuse_existing (GError **error, const char *name)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
               _ ("%s: is there already, and nothing is overwritten unasked"), name);
  return FALSE;
}

/* Where @path leads, newly allocated, and in @out_mode the permissions of what is there, or those
 * for new files. NULL when nothing can be put there. */
static char *
find_target (const char *path, const char *name, gboolean may_replace, mode_t *out_mode,
             GError **error)
{
  struct stat info;
  char *real, *target;

  *out_mode = 0;
  if (lstat (path, &info) != 0)
    {
      if (errno == ENOENT)
        return g_strdup (path);
      set_error (error, name, N_ ("the file cannot be written"), errno);
      return NULL;
    }
  if (!may_replace)
    {
      refuse_existing (error, name);
      return NULL;
    }
  /* The name is made for the file that the link leads to, which may lie in another folder. */
  real = realpath (path, NULL);
  if (!real || stat (real, &info) != 0)
    {
      set_error (error, name, N_ ("the link cannot be followed"), errno);
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
                 _ ("%s: a folder of this name is in the way"), name);
  else
    /* Putting a file in the place of /dev/null would be the end of it. */
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                 _ ("%s: this is a device or a pipe; only files are written"), name);
  return NULL;
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
         || set_error (error, name, N_ ("the file is written, but a power cut could still undo it"),
                       number);
}

/* Where there can be, a file without a name: should the process be killed, nothing is left of it.
 * It gets its name by way of /proc, which not every sandbox has. */
static int
open_unnamed (const char *folder)
{
  int descriptor = g_open (folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", descriptor);

  if (descriptor >= 0 && g_access (link, F_OK) != 0)
    {
      close (descriptor);
      return -1;
    }
  return descriptor;
}

GlossAtomicFile *
gloss_atomic_file_begin (const char *path, gboolean may_replace, GError **error)
{
  g_autoptr (GlossAtomicFile) file = g_new0 (GlossAtomicFile, 1);

  file->descriptor = -1;
  file->may_replace = may_replace;
  file->name = g_filename_display_basename (path);
  file->target = find_target (path, file->name, may_replace, &file->mode, error);
  if (!file->target)
    return NULL;
  file->folder = g_path_get_dirname (file->target);
  file->descriptor = open_unnamed (file->folder);
  if (file->descriptor < 0)
    {
      /* Not made from the file's name, which may be as long as names can be. */
      file->temporary = g_build_filename (file->folder, TEMPORARY_NAME, NULL);
      file->descriptor = g_mkstemp_full (file->temporary, O_WRONLY | O_CLOEXEC, 0666);
    }
  if (file->descriptor < 0)
    {
      int number = errno;
      g_autofree char *shown = g_filename_display_name (file->folder);

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
                   _ ("%s: no file can be made in the folder \"%s\": %s"), file->name, shown,
                   g_strerror (number));
      g_clear_pointer (&file->temporary, g_free);
      return NULL;
    }
  return g_steal_pointer (&file);
}

static gboolean
write_all (GlossAtomicFile *file, guint64 offset, const guint8 *data, gsize n_bytes, GError **error)
{
  for (gsize at = 0; at < n_bytes;)
    {
      gssize n = pwrite (file->descriptor, data + at, MIN (n_bytes - at, MAX_WRITE_BYTES),
                         (off_t) (offset + at));

      if (n >= 0)
        at += (gsize) n;
      else if (errno != EINTR)
        return set_write_error (error, file->name, offset + n_bytes, errno);
    }
  return TRUE;
}

/* Sends what was written since the last time to the disk, and waits for what was sent then. That is
 * let go from memory, where other files may be wanted. Errors come up again when the whole file is
 * brought to the disk. */
static void
sync_window (GlossAtomicFile *file)
{
  off_t begin = (off_t) file->n_synced, n_bytes = (off_t) (file->n_sent - file->n_synced);

  /* a length of 0 would mean all that follows */
  if (n_bytes > 0)
    {
      sync_file_range (file->descriptor, begin, n_bytes,
                       SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE
                           | SYNC_FILE_RANGE_WAIT_AFTER);
      posix_fadvise (file->descriptor, begin, n_bytes, POSIX_FADV_DONTNEED);
    }
  sync_file_range (file->descriptor, (off_t) file->n_sent, (off_t) (file->n_bytes - file->n_sent),
                   SYNC_FILE_RANGE_WRITE);
  file->n_synced = file->n_sent;
  file->n_sent = file->n_bytes;
}

gboolean
gloss_atomic_file_append (GlossAtomicFile *file, const void *data, gsize n_bytes, GError **error)
{
  if (!write_all (file, file->n_bytes, data, n_bytes, error))
    return FALSE;
  file->n_bytes += n_bytes;
  if (file->n_bytes - file->n_sent >= WINDOW_BYTES)
    sync_window (file);
  return TRUE;
}

gboolean
gloss_atomic_file_rewrite (GlossAtomicFile *file, guint64 offset, const void *data, gsize n_bytes,
                           GError **error)
{
  g_return_val_if_fail (offset <= file->n_bytes && n_bytes <= file->n_bytes - offset, FALSE);

  return write_all (file, offset, data, n_bytes, error);
}

/* Gives a file without a name the one of a temporary file. 0, or the number of the error. */
static int
name_temporarily (GlossAtomicFile *file, const char *link)
{
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *path =
          g_strdup_printf ("%s/.gloss-%06x", file->folder, g_random_int () & 0xffffff);

      if (linkat (AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0)
        {
          file->temporary = g_steal_pointer (&path);
          return 0;
        }
      if (errno != EEXIST)
        break;
    }
  return errno;
}

/* Gives the finished file its name, unless another has it. 0, or the number of the error. */
static int
link_in_place (GlossAtomicFile *file, const char *link)
{
  const char *source = file->temporary ? file->temporary : link;
  GStatBuf info;

  if (linkat (AT_FDCWD, source, AT_FDCWD, file->target, AT_SYMLINK_FOLLOW) == 0)
    {
      if (file->temporary)
        g_unlink (file->temporary);
      g_clear_pointer (&file->temporary, g_free);
      return 0;
    }
  /* Some file systems have no links. */
  if (file->temporary && errno != EEXIST)
    {
      if (g_lstat (file->target, &info) == 0)
        return EEXIST;
      if (g_rename (file->temporary, file->target) == 0)
        {
          g_clear_pointer (&file->temporary, g_free);
          return 0;
        }
    }
  return errno;
}

static int
put_in_place (GlossAtomicFile *file)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", file->descriptor);
  int number = 0;

  if (!file->may_replace)
    return link_in_place (file, link);
  if (!file->temporary)
    number = name_temporarily (file, link);
  if (number == 0 && g_rename (file->temporary, file->target) != 0)
    number = errno;
  if (number == 0)
    g_clear_pointer (&file->temporary, g_free);
  return number;
}

gboolean
gloss_atomic_file_finish (GlossAtomicFile *file, GError **error)
{
  int number = 0;

  if ((file->mode != 0 && fchmod (file->descriptor, file->mode) != 0)
      || fsync (file->descriptor) != 0)
    return set_write_error (error, file->name, file->n_bytes, errno);
  number = put_in_place (file);
  if (number == EEXIST)
    return refuse_existing (error, file->name);
  if (number != 0)
    return set_error (error, file->name, N_ ("the finished file cannot be put in place"), number);
  return sync_folder (file->folder, file->name, error);
}

void
gloss_atomic_file_free (GlossAtomicFile *file)
{
  if (file->descriptor >= 0)
    close (file->descriptor);
  if (file->temporary)
    g_unlink (file->temporary);
  g_free (file->temporary);
  g_free (file->name);
  g_free (file->target);
  g_free (file->folder);
  g_free (file);
}

gboolean
gloss_atomic_file_write (const char *path, const void *data, gsize n_bytes, GError **error)
{
  g_autoptr (GlossAtomicFile) file = gloss_atomic_file_begin (path, TRUE, error);

  return file && gloss_atomic_file_append (file, data, n_bytes, error)
         && gloss_atomic_file_finish (file, error);
}
