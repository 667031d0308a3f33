/* A file for what finds no room in memory. */
#include "train/spill-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FREE_SHARE 10

struct _GlossSpillFile
{
  int fd; /* owned */
  guint64 n_bytes;
  guint64 max_bytes;
};

GlossSpillFile *
gloss_spill_file_new (const char *folder, guint64 max_bytes)
{
  g_autofree char *parent =
      folder ? g_strdup (folder) : g_build_filename (g_get_user_cache_dir (), "gloss", NULL);
  g_autofree char *path = g_build_filename (parent, "training-XXXXXX", NULL);
  GlossSpillFile *file;
  int fd;

  if (max_bytes == 0 || g_mkdir_with_parents (parent, 0700) != 0)
    return NULL;
  fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    return NULL;
  /* from here on it goes with the process, however that ends */
  g_unlink (path);
  file = g_new (GlossSpillFile, 1);
  *file = (GlossSpillFile){ fd, 0, max_bytes };
  return file;
}

void
gloss_spill_file_free (GlossSpillFile *file)
{
  close (file->fd);
  g_free (file);
}

gboolean
gloss_spill_file_has_room (GlossSpillFile *file, gsize n_bytes)
{
  struct statvfs disk;
  guint64 n_free, n_kept_free;

  if (n_bytes > file->max_bytes - file->n_bytes || fstatvfs (file->fd, &disk) != 0)
    return FALSE;
  n_free = (guint64) disk.f_bavail * disk.f_frsize;
  n_kept_free = (guint64) disk.f_blocks / FREE_SHARE * disk.f_frsize;
  return n_free >= n_kept_free && n_free - n_kept_free >= n_bytes;
}

gboolean
gloss_spill_file_append (GlossSpillFile *file, gconstpointer data, gsize n_bytes, guint64 *offset)
{
  const guint8 *from = data;

  if (!gloss_spill_file_has_room (file, n_bytes))
    return FALSE;
  for (gsize done = 0; done < n_bytes;)
    {
      gssize n = pwrite (file->fd, from + done, n_bytes - done, (off_t) (file->n_bytes + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      done += (gsize) n;
    }
  *offset = file->n_bytes;
  file->n_bytes += n_bytes;
  return TRUE;
}

gboolean
gloss_spill_file_read (GlossSpillFile *file, guint64 offset, gpointer data, gsize n_bytes)
{
  guint8 *to = data;

  for (gsize done = 0; done < n_bytes;)
    {
      gssize n = pread (file->fd, to + done, n_bytes - done, (off_t) (offset + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      done += (gsize) n;
    }
  return TRUE;
}
