/* Unpacking an archive while it still comes. */
#include "net/unpack-private.h"

#include "base/error.h"

#define POLL_USEC (50 * G_TIME_SPAN_MILLISECOND)

struct _GlossUnpacking
{
  /* owned, as all */
  GlossGrowingFile *file;
  GlossGrowingReader *reader;
  char *folder;
  GlossUnpackLimits limits;
  GCancellable *on_failure;
  GThread *thread;
  GlossUnpacker run; /* the thread's, until it is joined */

  GMutex lock;
  GCond changed;
  /* guarded by lock */
  gboolean is_done;
  gboolean is_unpacked;
  GError *error; /* why it is of no use */
};

/* Begins at the beginning of what there is now. FALSE without error when this has to wait for the
 * end. */
static gboolean
unpack_arriving (GlossUnpacking *unpacking, GError **error)
{
  GlossUnpacker *run = &unpacking->run;
  gsize n = 0;

  gloss_unpacker_clear (run);
  gloss_unpacker_init (run, &unpacking->limits);
  run->reader = unpacking->reader;
  run->block = g_malloc (GLOSS_UNPACKER_BLOCK_BYTES);
  while (n < GLOSS_UNPACKER_MAGIC_BYTES)
    {
      gssize n_more = gloss_growing_reader_read (run->reader, run->block + n,
                                                 GLOSS_UNPACKER_MAGIC_BYTES - n, error);

      if (n_more < 0)
        return FALSE;
      if (n_more == 0)
        break;
      n += (gsize) n_more;
    }
  if (gloss_unpacker_is_zip (run->block, (gssize) n))
    run->members = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  else if (!gloss_unpacker_is_tar (run->block, (gssize) n))
    return FALSE;
  run->n_kept_bytes = n;
  return gloss_unpacker_unpack (run, NULL, unpacking->folder, error);
}

static gpointer
unpack_in_thread (gpointer data)
{
  GlossUnpacking *unpacking = data;
  GError *error = NULL;
  gboolean is_unpacked, has_failed;

  do
    {
      g_clear_error (&error);
      is_unpacked = unpack_arriving (unpacking, &error);
    }
  while (g_error_matches (error, GLOSS_ERROR, GLOSS_ERROR_CHANGED));
  /* it was the download that ended, and that has its own sentence */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_clear_error (&error);
  has_failed = error != NULL;
  g_mutex_lock (&unpacking->lock);
  unpacking->is_done = TRUE;
  unpacking->is_unpacked = is_unpacked;
  unpacking->error = error;
  g_cond_signal (&unpacking->changed);
  g_mutex_unlock (&unpacking->lock);
  /* only now: whoever is stopped by it asks why */
  if (has_failed)
    g_cancellable_cancel (unpacking->on_failure);
  return NULL;
}

GlossUnpacking *
gloss_unpacking_new (GlossGrowingFile *file, const char *folder, const GlossUnpackLimits *limits,
                     GCancellable *on_failure)
{
  GlossUnpacking *unpacking = g_new0 (GlossUnpacking, 1);

  unpacking->file = gloss_growing_file_ref (file);
  unpacking->reader = gloss_growing_reader_new (file);
  unpacking->folder = g_strdup (folder);
  unpacking->limits = limits ? *limits : (GlossUnpackLimits){ 0 };
  unpacking->on_failure = g_object_ref (on_failure);
  g_mutex_init (&unpacking->lock);
  g_cond_init (&unpacking->changed);
  unpacking->thread = g_thread_new ("unpack", unpack_in_thread, unpacking);
  return unpacking;
}

static void
join (GlossUnpacking *unpacking)
{
  gloss_growing_reader_stop (unpacking->reader);
  g_clear_pointer (&unpacking->thread, g_thread_join);
}

void
gloss_unpacking_free (GlossUnpacking *unpacking)
{
  join (unpacking);
  gloss_unpacker_clear (&unpacking->run);
  gloss_growing_reader_free (unpacking->reader);
  gloss_growing_file_unref (unpacking->file);
  g_object_unref (unpacking->on_failure);
  g_free (unpacking->folder);
  g_clear_error (&unpacking->error);
  g_mutex_clear (&unpacking->lock);
  g_cond_clear (&unpacking->changed);
  g_free (unpacking);
}

gboolean
gloss_unpacking_get_failure (GlossUnpacking *unpacking, GError **error)
{
  gboolean has_failed;

  g_mutex_lock (&unpacking->lock);
  has_failed = unpacking->error != NULL;
  if (has_failed && error)
    *error = g_error_copy (unpacking->error);
  g_mutex_unlock (&unpacking->lock);
  return has_failed;
}

gboolean
gloss_unpacking_finish (GlossUnpacking *unpacking, const char *archive, GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *name = g_filename_display_basename (archive);

  g_mutex_lock (&unpacking->lock);
  /* a file that was there already never grew */
  while (!unpacking->is_done && gloss_growing_file_is_whole (unpacking->file)
         && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait_until (&unpacking->changed, &unpacking->lock, g_get_monotonic_time () + POLL_USEC);
  g_mutex_unlock (&unpacking->lock);
  join (unpacking);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  /* of a version that the server had before */
  if (!gloss_growing_reader_is_current (unpacking->reader))
    unpacking->is_unpacked = FALSE;
  if (!unpacking->is_unpacked)
    gloss_unpacker_clear (&unpacking->run);
  if (!unpacking->is_unpacked && !unpacking->error)
    return gloss_unpack_run (archive, unpacking->folder, &unpacking->limits, cancellable, NULL,
                             NULL, error);
  if (unpacking->is_unpacked
      && (!unpacking->run.members
          || gloss_unpacker_check_directory (&unpacking->run, archive, error))
      && gloss_unpacker_put_in_place (&unpacking->run, unpacking->folder, error))
    return TRUE;
  if (unpacking->error)
    g_propagate_error (error, g_steal_pointer (&unpacking->error));
  g_prefix_error (error, "%s: ", name);
  return FALSE;
}
