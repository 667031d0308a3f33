/* The store's file as such: made, found through links, kept from others, set aside. */
#include "library/caption-store-private.h"

#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_SECONDS 10
#define LOCK_PAUSE_USEC 20000

/* @what is marked with N_ (). */
static void
set_error (GError **error, const char *path, const char *what, int number)
{
  g_autofree char *name = g_filename_display_basename (path);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), "%s: %s: %s", name, _ (what),
               g_strerror (number));
}

static void
set_folder_error (GError **error, const char *path, const char *folder, int number)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *shown = g_filename_display_name (folder);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
               _ ("%s: the captions have no place in the folder \"%s\": %s"), name, shown,
               g_strerror (number));
}

char *
gloss_caption_store_file_make (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_filename_display_basename (path);
  struct stat status;
  char *real, *copy;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      set_folder_error (error, path, folder, errno);
      return NULL;
    }
  /* A file that is there is not opened: closing it again would take away the locks that SQLite may
   * have on it elsewhere in this program. */
  if (lstat (path, &status) != 0)
    {
      int descriptor = g_open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

      if (descriptor < 0 && errno != EEXIST)
        {
          set_folder_error (error, path, folder, errno);
          return NULL;
        }
      if (descriptor >= 0)
        close (descriptor);
    }
  real = realpath (path, NULL);
  if (!real || stat (real, &status) != 0)
    {
      set_error (error, path, N_ ("the link cannot be followed"), errno);
      free (real);
      return NULL;
    }
  copy = g_strdup (real);
  free (real);
  if (!S_ISREG (status.st_mode))
    {
      g_set_error (
          error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
          _ ("%s: the captions cannot be kept here, as something of this name is in the way "
             "that is no file"),
          name);
      g_free (copy);
      return NULL;
    }
  /* SQLite gives its journals the same permissions. Somebody else's file stays as it is. */
  if ((status.st_mode & 0077) != 0)
    (void) !chmod (copy, (status.st_mode & 0700) | 0600);
  return copy;
}

int
gloss_caption_store_file_lock_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  gint64 end_usec = g_get_monotonic_time () + LOCK_SECONDS * G_USEC_PER_SEC;
  int descriptor = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

  while (descriptor >= 0 && flock (descriptor, LOCK_EX | LOCK_NB) != 0)
    {
      if ((errno == EWOULDBLOCK || errno == EINTR) && g_get_monotonic_time () < end_usec)
        {
          g_usleep (LOCK_PAUSE_USEC);
          continue;
        }
      close (descriptor);
      descriptor = -1;
    }
  return descriptor;
}

/* The first of "PATH.damaged-20260131-235959", "…-2" and so on that is free. */
static char *
make_free_name (const char *path, const char *why)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%d-%H%M%S");
  char *name = g_strdup_printf ("%s.%s-%s", path, why, stamp);
  struct stat status;

  for (guint i = 2; lstat (name, &status) == 0; i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s.%s-%s-%u", path, why, stamp, i);
    }
  return name;
}

char *
gloss_caption_store_file_set_aside (const char *path, const char *why, GError **error)
{
  /* The journals first: one that stayed behind would be played into the new store. */
  static const char *const suffixes[] = { "-journal", "-wal", "-shm", "" };
  g_autofree char *target = make_free_name (path, why);

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *from = g_strconcat (path, suffixes[i], NULL);
      g_autofree char *to = g_strconcat (target, suffixes[i], NULL);

      if (g_rename (from, to) == 0 || (errno == ENOENT && *suffixes[i]))
        continue;
      set_error (error, path, N_ ("the captions cannot be read, and the file cannot be renamed"),
                 errno);
      return NULL;
    }
  return g_steal_pointer (&target);
}
