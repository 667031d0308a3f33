/* A file that is being written, for those who read it in other threads at the same time. */
#include "net/growing-file.h"

#include "base/error.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Who has read all there was sleeps until so much more is there: to be woken for each piece that
 * comes costs more than to read it. */
#define BATCH_BYTES (1u << 20)

struct _GlossGrowingFile
{
  gatomicrefcount n_refs;
  GMutex lock;
  GCond changed;
  /* guarded by lock */
  int descriptor; /* owned; -1: no file yet */
  guint64 n_bytes;
  guint64 n_wake_bytes; /* from which on somebody wants to be woken */
  guint generation;     /* how often it began anew */
  guint n_reading;      /* who are at the descriptor without the lock */
  gboolean is_ended;
  gboolean is_whole;
};

struct _GlossGrowingReader
{
  GlossGrowingFile *file; /* owned */
  guint64 offset;
  /* guarded by the lock of the file */
  guint generation;
  gboolean is_stopped;
};

GlossGrowingFile *
gloss_growing_file_new (void)
{
  GlossGrowingFile *file = g_new0 (GlossGrowingFile, 1);

  g_atomic_ref_count_init (&file->n_refs);
  g_mutex_init (&file->lock);
  g_cond_init (&file->changed);
  file->descriptor = -1;
  file->n_wake_bytes = G_MAXUINT64;
  return file;
}

GlossGrowingFile *
gloss_growing_file_ref (GlossGrowingFile *file)
{
  g_atomic_ref_count_inc (&file->n_refs);
  return file;
}

void
gloss_growing_file_unref (GlossGrowingFile *file)
{
  if (!g_atomic_ref_count_dec (&file->n_refs))
    return;
  if (file->descriptor >= 0)
    close (file->descriptor);
  g_mutex_clear (&file->lock);
  g_cond_clear (&file->changed);
  g_free (file);
}

void
gloss_growing_file_begin (GlossGrowingFile *file, int descriptor, guint64 n_bytes)
{
  g_mutex_lock (&file->lock);
  if (descriptor >= 0)
    {
      while (file->n_reading > 0)
        g_cond_wait (&file->changed, &file->lock);
      if (file->descriptor >= 0)
        close (file->descriptor);
      file->descriptor = fcntl (descriptor, F_DUPFD_CLOEXEC, 0);
    }
  file->n_bytes = n_bytes;
  file->generation++;
  file->is_ended = file->is_whole = FALSE;
  g_cond_broadcast (&file->changed);
  g_mutex_unlock (&file->lock);
}

void
gloss_growing_file_advance (GlossGrowingFile *file, guint64 n_bytes)
{
  g_mutex_lock (&file->lock);
  file->n_bytes = n_bytes;
  if (n_bytes >= file->n_wake_bytes)
    {
      file->n_wake_bytes = G_MAXUINT64;
      g_cond_broadcast (&file->changed);
    }
  g_mutex_unlock (&file->lock);
}

void
gloss_growing_file_end (GlossGrowingFile *file, gboolean is_whole)
{
  g_mutex_lock (&file->lock);
  file->is_ended = TRUE;
  file->is_whole = is_whole;
  g_cond_broadcast (&file->changed);
  g_mutex_unlock (&file->lock);
}

gboolean
gloss_growing_file_is_whole (GlossGrowingFile *file)
{
  gboolean is_whole;

  g_mutex_lock (&file->lock);
  is_whole = file->is_whole;
  g_mutex_unlock (&file->lock);
  return is_whole;
}

GlossGrowingReader *
gloss_growing_reader_new (GlossGrowingFile *file)
{
  GlossGrowingReader *reader = g_new0 (GlossGrowingReader, 1);

  reader->file = gloss_growing_file_ref (file);
  g_mutex_lock (&file->lock);
  reader->generation = file->generation;
  g_mutex_unlock (&file->lock);
  return reader;
}

void
gloss_growing_reader_free (GlossGrowingReader *reader)
{
  gloss_growing_file_unref (reader->file);
  g_free (reader);
}

void
gloss_growing_reader_skip (GlossGrowingReader *reader, guint64 n_bytes)
{
  reader->offset = n_bytes;
}

gboolean
gloss_growing_reader_is_current (GlossGrowingReader *reader)
{
  gboolean is_current;

  g_mutex_lock (&reader->file->lock);
  is_current = reader->generation == reader->file->generation;
  g_mutex_unlock (&reader->file->lock);
  return is_current;
}

void
gloss_growing_reader_stop (GlossGrowingReader *reader)
{
  g_mutex_lock (&reader->file->lock);
  reader->is_stopped = TRUE;
  g_cond_broadcast (&reader->file->changed);
  g_mutex_unlock (&reader->file->lock);
}

/* Whether what was read is still part of the file; if not, the next is its beginning. Nothing was
 * read of a file that had no bytes yet. */
static gboolean
is_same (GlossGrowingReader *reader)
{
  gboolean is_fresh = reader->offset == 0;

  if (reader->generation == reader->file->generation)
    return TRUE;
  reader->generation = reader->file->generation;
  reader->offset = 0;
  return is_fresh;
}

static gssize
set_stopped (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the file was given up");
  return -1;
}

static gssize
set_changed (GError **error)
{
  g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_CHANGED, "the file begins anew");
  return -1;
}

/* Waits, with the lock, until there is something to read: how much, or as the function below. */
static gssize
wait_for_more (GlossGrowingReader *reader, gsize n_wanted, GError **error)
{
  GlossGrowingFile *file = reader->file;
  guint64 n_least = 1;

  for (;; n_least = BATCH_BYTES)
    {
      guint64 n_there;

      if (reader->is_stopped)
        return set_stopped (error);
      if (!is_same (reader))
        return set_changed (error);
      n_there = file->n_bytes - MIN (file->n_bytes, reader->offset);
      if (n_there >= n_least || (n_there > 0 && file->is_ended))
        return (gssize) MIN (n_wanted, n_there);
      if (file->is_ended)
        return file->is_whole ? 0 : set_stopped (error);
      file->n_wake_bytes = MIN (file->n_wake_bytes, reader->offset + BATCH_BYTES);
      g_cond_wait (&file->changed, &file->lock);
    }
}

gssize
gloss_growing_reader_read (GlossGrowingReader *reader, guint8 *out, gsize n_bytes, GError **error)
{
  GlossGrowingFile *file = reader->file;
  gssize n;
  int number;

  g_mutex_lock (&file->lock);
  n = wait_for_more (reader, n_bytes, error);
  if (n <= 0)
    {
      g_mutex_unlock (&file->lock);
      return n;
    }
  file->n_reading++;
  g_mutex_unlock (&file->lock);
  do
    n = pread (file->descriptor, out, (gsize) n, (off_t) reader->offset);
  while (n < 0 && errno == EINTR);
  number = errno;
  g_mutex_lock (&file->lock);
  if (--file->n_reading == 0)
    g_cond_broadcast (&file->changed);
  /* what was read while it changed is neither the old nor the new */
  if (reader->generation != file->generation)
    {
      reader->generation = file->generation;
      reader->offset = 0;
      n = set_changed (error);
    }
  else if (n < 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
                 _ ("what was downloaded cannot be read back: %s"), g_strerror (number));
  else if (n == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                           _ ("what was downloaded has become shorter; start again"));
      n = -1;
    }
  else
    reader->offset += (guint64) n;
  g_mutex_unlock (&file->lock);
  return n;
}
