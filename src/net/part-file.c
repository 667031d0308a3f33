/* A file that is not whole yet, beside the one that it will be. */
#include "net/part-file.h"

#include "base/atomic-file.h"
#include "base/i18n.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MAX_STATE_BYTES 16384
#define MAX_VALIDATOR_BYTES 1024
#define PUSH_BYTES (8u << 20)
/* What other programs on the same disk should not run out of because of us. */
#define SPARE_BYTES (G_GUINT64_CONSTANT (32) << 20)

struct _GlossPartFile
{
  /* owned */
  char *path;
  char *part_path;
  char *state_path;
  char *source;    /* the checksum of the address */
  char *validator; /* or NULL */
  char *digest;    /* or NULL */
  char *written;   /* when the bytes that the digest is of were written last, or NULL */
  GlossGrowingFile *growing;
  int descriptor;

  guint64 n_bytes;
  guint64 n_pushed_bytes; /* that are on their way to the disk */
};

static gboolean
set_error (GError **error, int number, const char *what)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), "%s: %s", _ (what),
               number == ENOSPC ? _ ("the disk is full") : g_strerror (number));
  return FALSE;
}

/* Opens and locks the file that has the name when it is locked: another program may have finished
 * and renamed the one that was opened first. */
static gboolean
open_locked (GlossPartFile *part, GError **error)
{
  for (guint i = 0; i < 10; i++)
    {
      struct stat opened, named;
      int descriptor =
          g_open (part->part_path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0666);

      if (descriptor < 0)
        return set_error (error, errno, N_ ("no file can be made for the download"));
      if (flock (descriptor, LOCK_EX | LOCK_NB) != 0)
        {
          close (descriptor);
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                               _ ("it is being downloaded already, by another window or program"));
          return FALSE;
        }
      if (fstat (descriptor, &opened) == 0 && S_ISREG (opened.st_mode)
          && lstat (part->part_path, &named) == 0 && opened.st_ino == named.st_ino
          && opened.st_dev == named.st_dev)
        {
          part->descriptor = descriptor;
          part->n_bytes = (guint64) opened.st_size;
          return TRUE;
        }
      close (descriptor);
    }
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                       _ ("the file for the download is not a plain file, or keeps changing"));
  return FALSE;
}

/* When it was written last, and how long it is: what was verified of it counts only as long as
 * nobody else touched it. Newly allocated. */
static char *
describe_time (GlossPartFile *part)
{
  struct stat status = { 0 };

  if (fstat (part->descriptor, &status) != 0)
    return g_strdup ("");
  return g_strdup_printf ("%" G_GINT64_FORMAT ".%09ld %" G_GINT64_FORMAT,
                          (gint64) status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                          (gint64) status.st_size);
}

/* Whether the state says that this is a part of what comes from the address. */
static gboolean
read_state (GlossPartFile *part)
{
  g_autoptr (json_t) root = gloss_json_load (part->state_path, MAX_STATE_BYTES, NULL);
  const char *source = json_string_value (json_object_get (root, "source"));
  const char *validator = json_string_value (json_object_get (root, "validator"));
  const char *written = json_string_value (json_object_get (root, "written"));
  g_autofree char *now = describe_time (part);

  if (g_strcmp0 (source, part->source) != 0)
    return FALSE;
  g_free (part->validator);
  part->validator = g_strdup (validator);
  if (written && strcmp (written, now) == 0)
    part->digest = g_strdup (json_string_value (json_object_get (root, "digest")));
  part->written = g_strdup (written);
  return TRUE;
}

static gboolean
write_state (GlossPartFile *part, GError **error)
{
  g_autoptr (json_t) root =
      json_pack ("{s:s, s:s?, s:s*, s:s*}", "source", part->source, "validator", part->validator,
                 "digest", part->digest, "written", part->written);
  char *text = root ? json_dumps (root, JSON_PRESERVE_ORDER) : NULL;
  gboolean is_written;

  if (!text)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _ ("the server marks the file with something that is no text"));
      return FALSE;
    }
  is_written = gloss_atomic_file_write (part->state_path, text, strlen (text), error);
  free (text);
  return is_written;
}

GlossPartFile *
gloss_part_file_open (const char *path, const char *source, GlossGrowingFile *growing,
                      GError **error)
{
  g_autoptr (GlossPartFile) part = g_new0 (GlossPartFile, 1);

  part->descriptor = -1;
  part->path = g_strdup (path);
  part->part_path = g_strconcat (path, ".part", NULL);
  part->state_path = g_strconcat (path, ".part.json", NULL);
  part->source = g_compute_checksum_for_string (G_CHECKSUM_SHA256, source, -1);
  part->growing = gloss_growing_file_ref (growing);
  if (!open_locked (part, error))
    return NULL;
  if (!read_state (part) && part->n_bytes > 0 && !gloss_part_file_restart (part, NULL, error))
    return NULL;
  part->n_pushed_bytes = part->n_bytes;
  gloss_growing_file_begin (growing, part->descriptor, part->n_bytes);
  return g_steal_pointer (&part);
}

void
gloss_part_file_free (GlossPartFile *part)
{
  if (part->descriptor >= 0)
    {
      gloss_growing_file_end (part->growing, FALSE);
      if (part->n_bytes == 0)
        gloss_part_file_discard (part);
      else
        close (part->descriptor);
    }
  g_free (part->path);
  g_free (part->part_path);
  g_free (part->state_path);
  g_free (part->source);
  g_free (part->validator);
  g_free (part->digest);
  g_free (part->written);
  g_clear_pointer (&part->growing, gloss_growing_file_unref);
  g_free (part);
}

guint64
gloss_part_file_get_n_bytes (GlossPartFile *part)
{
  return part->n_bytes;
}

const char *
gloss_part_file_get_validator (GlossPartFile *part)
{
  return part->validator;
}

const char *
gloss_part_file_get_digest (GlossPartFile *part)
{
  return part->digest;
}

void
gloss_part_file_keep_digest (GlossPartFile *part, const char *digest)
{
  if (part->descriptor < 0 || part->n_bytes == 0 || fdatasync (part->descriptor) != 0)
    return;
  g_free (part->digest);
  g_free (part->written);
  part->digest = g_strdup (digest);
  part->written = describe_time (part);
  write_state (part, NULL);
}

gboolean
gloss_part_file_restart (GlossPartFile *part, const char *validator, GError **error)
{
  gloss_growing_file_begin (part->growing, -1, 0);
  if (part->n_bytes > 0 && (ftruncate (part->descriptor, 0) != 0 || fsync (part->descriptor) != 0))
    return set_error (error, errno, N_ ("what was downloaded before cannot be thrown away"));
  part->n_bytes = part->n_pushed_bytes = 0;
  g_clear_pointer (&part->digest, g_free);
  g_clear_pointer (&part->written, g_free);
  g_free (part->validator);
  part->validator = validator && strlen (validator) <= MAX_VALIDATOR_BYTES
                            && g_utf8_validate (validator, -1, NULL)
                        ? g_strdup (validator)
                        : NULL;
  return write_state (part, error);
}

gssize
gloss_part_file_read (GlossPartFile *part, guint64 offset, guint8 *out, gsize n_bytes,
                      GError **error)
{
  gssize n;

  do
    n = pread (part->descriptor, out, n_bytes, (off_t) offset);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    set_error (error, errno, N_ ("what was downloaded cannot be read back"));
  return n;
}

/* Has the disk write while more comes, so that there is little to wait for at the end. */
static void
push (GlossPartFile *part)
{
  if (part->n_bytes - part->n_pushed_bytes < PUSH_BYTES)
    return;
  sync_file_range (part->descriptor, (off_t) part->n_pushed_bytes,
                   (off_t) (part->n_bytes - part->n_pushed_bytes), SYNC_FILE_RANGE_WRITE);
  part->n_pushed_bytes = part->n_bytes;
}

gboolean
gloss_part_file_append (GlossPartFile *part, const guint8 *data, gsize n_bytes, GError **error)
{
  for (gsize at = 0; at < n_bytes;)
    {
      gssize n = pwrite (part->descriptor, data + at, n_bytes - at, (off_t) part->n_bytes);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return set_error (error, errno, N_ ("the download cannot be written"));
      at += (gsize) n;
      part->n_bytes += (guint64) n;
    }
  push (part);
  gloss_growing_file_advance (part->growing, part->n_bytes);
  return TRUE;
}

gboolean
gloss_part_file_check_space (GlossPartFile *part, guint64 n_bytes, GError **error)
{
  struct statvfs disk;
  guint64 n_free;
  g_autofree char *needed = g_format_size (n_bytes);
  g_autofree char *available = NULL;

  if (fstatvfs (part->descriptor, &disk) != 0
      || !g_uint64_checked_mul (&n_free, disk.f_bavail, disk.f_frsize))
    return TRUE;
  n_free = n_free > SPARE_BYTES ? n_free - SPARE_BYTES : 0;
  if (n_bytes <= n_free)
    return TRUE;
  available = g_format_size (n_free);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
               _ ("%s are still to be downloaded, and the disk has %s to give; free some of it"),
               needed, available);
  return FALSE;
}

void
gloss_part_file_discard (GlossPartFile *part)
{
  if (part->descriptor < 0)
    return;
  gloss_growing_file_end (part->growing, FALSE);
  g_unlink (part->state_path);
  g_unlink (part->part_path);
  close (part->descriptor);
  part->descriptor = -1;
}

gboolean
gloss_part_file_finish (GlossPartFile *part, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (part->path);
  int folder_descriptor;

  if (fsync (part->descriptor) != 0)
    return set_error (error, errno, N_ ("the download cannot be brought to the disk"));
  if (g_rename (part->part_path, part->path) != 0)
    return set_error (error, errno, N_ ("the finished download cannot be put in place"));
  g_unlink (part->state_path);
  close (part->descriptor);
  part->descriptor = -1;
  folder_descriptor = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (folder_descriptor >= 0)
    {
      fsync (folder_descriptor);
      close (folder_descriptor);
    }
  return TRUE;
}
