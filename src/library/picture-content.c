/* What tells whether a picture is still the same. */
#include "library/picture-content.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Some milliseconds of hashing, after which a stop is asked for. */
#define BLOCK_BYTES ((gsize) 1 << 20)

static void
take_status (const struct stat *status, GlossPictureContent *out)
{
  memset (out, 0, sizeof *out);
  out->is_there = S_ISREG (status->st_mode);
  if (!out->is_there)
    return;
  out->n_bytes = status->st_size;
  out->mtime_nsec = (gint64) status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
}

void
gloss_picture_content_look (const char *path, GlossPictureContent *out)
{
  struct stat status;

  if (stat (path, &status) == 0)
    take_status (&status, out);
  else
    memset (out, 0, sizeof *out);
}

/* FALSE when it cannot be read to the end, or @cancellable was. */
static gboolean
hash_blocks (int descriptor, GChecksum *checksum, GCancellable *cancellable)
{
  g_autofree guint8 *block = g_malloc (BLOCK_BYTES);

  while (!g_cancellable_is_cancelled (cancellable))
    {
      gssize n = read (descriptor, block, BLOCK_BYTES);

      if (n == 0)
        return TRUE;
      if (n > 0)
        g_checksum_update (checksum, block, n);
      else if (errno != EINTR)
        return FALSE;
    }
  return FALSE;
}

gboolean
gloss_picture_content_hash (const char *path, GlossPictureContent *out, GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  GlossPictureContent after;
  gsize n_hash = sizeof out->hash;
  struct stat status;
  int descriptor;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  /* A pipe of that name must not keep us waiting. */
  descriptor = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (descriptor < 0 || fstat (descriptor, &status) != 0)
    {
      gloss_picture_content_look (path, out);
      if (descriptor >= 0)
        close (descriptor);
      return TRUE;
    }
  take_status (&status, out);
  if (out->is_there && hash_blocks (descriptor, checksum, cancellable)
      && fstat (descriptor, &status) == 0)
    {
      take_status (&status, &after);
      out->has_hash = after.n_bytes == out->n_bytes && after.mtime_nsec == out->mtime_nsec;
      g_checksum_get_digest (checksum, out->hash, &n_hash);
    }
  close (descriptor);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}
