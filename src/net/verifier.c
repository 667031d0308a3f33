/*
 * The checksums of a file, computed in a thread of its own while the file still grows.
 *
 * It reads what was written and not what came. So the download does not wait for it, neither for
 * what comes nor for what was there before, and what is verified is what lies on the disk.
 */
#include "net/verifier.h"

/* What stays in the nearer caches of a core. */
#define BUFFER_BYTES (64 * 1024)
/* So much is hashed faster than anything is saved. */
#define MIN_SAVED_BYTES (1u << 20)
#define POLL_USEC (50 * G_TIME_SPAN_MILLISECOND)

struct _GlossVerifier
{
  GlossDigests expected; /* owned, as all */
  GlossGrowingReader *reader;
  GlossDigest *digest; /* the thread's, until it is joined */
  guint64 n_bytes;     /* that it has; the thread's too */
  gboolean is_restored;
  GThread *thread;
  GMutex lock;
  GCond changed;
  /* guarded by lock */
  gboolean is_done;
  GError *error; /* why it ended before the end of the file */
};

static gpointer
work (gpointer data)
{
  GlossVerifier *verifier = data;
  g_autofree guint8 *buffer = g_malloc (BUFFER_BYTES);
  GError *error = NULL;
  gssize n;

  while ((n = gloss_growing_reader_read (verifier->reader, buffer, BUFFER_BYTES, &error)) > 0)
    {
      gloss_digest_update (verifier->digest, buffer, (gsize) n);
      verifier->n_bytes += (guint64) n;
    }
  g_mutex_lock (&verifier->lock);
  verifier->is_done = TRUE;
  verifier->error = error;
  g_cond_signal (&verifier->changed);
  g_mutex_unlock (&verifier->lock);
  return NULL;
}

GlossVerifier *
gloss_verifier_new (GlossGrowingFile *file, const GlossDigests *expected, const char *saved)
{
  GlossVerifier *verifier = g_new0 (GlossVerifier, 1);

  g_mutex_init (&verifier->lock);
  g_cond_init (&verifier->changed);
  verifier->expected.sha256 = g_strdup (expected->sha256);
  verifier->expected.md5 = g_strdup (expected->md5);
  verifier->expected.crc32c = g_strdup (expected->crc32c);
  verifier->digest = gloss_digest_new (&verifier->expected);
  verifier->reader = gloss_growing_reader_new (file);
  if (saved && gloss_digest_restore (verifier->digest, saved, &verifier->n_bytes))
    {
      verifier->is_restored = TRUE;
      gloss_growing_reader_skip (verifier->reader, verifier->n_bytes);
    }
  /* nothing to compute needs nobody to do it */
  if (expected->sha256 || expected->md5 || expected->crc32c)
    verifier->thread = g_thread_new ("verifier", work, verifier);
  return verifier;
}

static void
join (GlossVerifier *verifier)
{
  gloss_growing_reader_stop (verifier->reader);
  g_clear_pointer (&verifier->thread, g_thread_join);
}

void
gloss_verifier_free (GlossVerifier *verifier)
{
  join (verifier);
  gloss_growing_reader_free (verifier->reader);
  gloss_digest_free (verifier->digest);
  gloss_digests_clear (&verifier->expected);
  g_clear_error (&verifier->error);
  g_mutex_clear (&verifier->lock);
  g_cond_clear (&verifier->changed);
  g_free (verifier);
}

gboolean
gloss_verifier_is_for (const GlossVerifier *verifier, const GlossDigests *expected)
{
  return g_strcmp0 (verifier->expected.sha256, expected->sha256) == 0
         && g_strcmp0 (verifier->expected.md5, expected->md5) == 0
         && g_strcmp0 (verifier->expected.crc32c, expected->crc32c) == 0;
}

gboolean
gloss_verifier_is_restored (const GlossVerifier *verifier)
{
  return verifier->is_restored;
}

char *
gloss_verifier_save (GlossVerifier *verifier)
{
  join (verifier);
  return verifier->n_bytes >= MIN_SAVED_BYTES ? gloss_digest_save (verifier->digest) : NULL;
}

gboolean
gloss_verifier_finish (GlossVerifier *verifier, GCancellable *cancellable, GError **error)
{
  if (verifier->thread)
    {
      g_mutex_lock (&verifier->lock);
      while (!verifier->is_done && !g_cancellable_is_cancelled (cancellable))
        g_cond_wait_until (&verifier->changed, &verifier->lock,
                           g_get_monotonic_time () + POLL_USEC);
      g_mutex_unlock (&verifier->lock);
      join (verifier);
    }
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!verifier->error)
    return gloss_digest_check (verifier->digest, error);
  g_propagate_error (error, g_steal_pointer (&verifier->error));
  return FALSE;
}
