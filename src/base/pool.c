/* Compute workers that take tiles from a shared counter.
 *
 * A model step is a chain of a few hundred short loops, so waking a sleeping thread for each would
 * cost more than some of them take. A worker therefore spins for a moment after its last tile and
 * sleeps only when no new loop has come by then. The caller works too, as worker 0.
 */
#include "base/pool.h"

#include "base/error.h"
#include "base/i18n.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

/* About 50 µs of spinning: longer than the gap between two loops of a step, short enough to
 * be invisible in the energy bill. */
#define SPIN_ROUNDS 2000

typedef struct
{
  guint8 *memory;
  gsize size_bytes;
} Scratch;

typedef struct
{
  GThread *thread; /* owned */
  pthread_cond_t
      wake; /* guarded by the pool's lock: the worker takes part in a new loop, or the end */
  gboolean is_sleeping; /* guarded by the pool's lock */
} Worker;

struct _GlossPool
{
  guint n_threads;
  Worker *workers;  /* owned, [n_threads]; the first is the caller and unused */
  Scratch *scratch; /* owned, one per worker */

  GCancellable *cancellable; /* owned, of the present job, or NULL */
  GlossProfile *profile;     /* borrowed, or NULL */

  /* the present loop; written by the caller while no worker is in it */
  GlossTileFunc func;
  gpointer user_data;
  gsize n_tiles;

  gsize next_tile; /* atomic */
  guint n_busy;    /* atomic: workers that have not left the loop */
  guint64 loop;    /* atomic: number of the present loop << 32 | how many threads take part in it */
  gint cancelled;  /* atomic: sticky until the job ends */
  gint ended;      /* atomic; changes under the lock, so that no wake-up is missed */

  pthread_mutex_t lock; /* not a GMutex: the thread sanitizer cannot see into that one */
};

typedef struct
{
  GlossPool *pool;
  guint worker;
} WorkerStart;

static inline void
relax (void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause ();
#else
  __asm__ volatile("" ::: "memory");
#endif
}

static void
take_tiles (GlossPool *pool, guint worker)
{
  for (;;)
    {
      gsize tile = __atomic_fetch_add (&pool->next_tile, 1, __ATOMIC_RELAXED);

      if (tile >= pool->n_tiles || gloss_pool_is_cancelled (pool))
        return;
      pool->func (tile, worker, pool->user_data);
    }
}

/* Whether a loop came after @seen in which @worker takes part; one that is not asked for may miss
 * loops, so number and size are read together. */
static gboolean
is_asked (GlossPool *pool, guint worker, guint64 seen, guint64 *loop)
{
  *loop = __atomic_load_n (&pool->loop, __ATOMIC_ACQUIRE);
  return *loop != seen && worker < (guint32) *loop;
}

/* Waits for a loop of @worker after @seen; FALSE when the pool ends. */
static gboolean
wait_for_loop (GlossPool *pool, guint worker, guint64 *seen)
{
  Worker *self = &pool->workers[worker];
  gboolean asked = FALSE;
  guint64 loop;

  for (guint i = 0; i < SPIN_ROUNDS && !asked; i++)
    {
      asked = is_asked (pool, worker, *seen, &loop);
      relax ();
    }
  if (!asked)
    {
      pthread_mutex_lock (&pool->lock);
      self->is_sleeping = TRUE;
      while (!g_atomic_int_get (&pool->ended) && !(asked = is_asked (pool, worker, *seen, &loop)))
        pthread_cond_wait (&self->wake, &pool->lock);
      self->is_sleeping = FALSE;
      pthread_mutex_unlock (&pool->lock);
    }
  *seen = loop;
  return asked;
}

static gpointer
worker_main (gpointer data)
{
  WorkerStart start = *(WorkerStart *) data;
  GlossPool *pool = start.pool;
  guint64 seen = 0;

  g_free (data);
  while (wait_for_loop (pool, start.worker, &seen))
    {
      take_tiles (pool, start.worker);
      __atomic_fetch_sub (&pool->n_busy, 1, __ATOMIC_RELEASE);
    }
  return NULL;
}

/* CPUs' worth of time that the container's quota allows, at least 1; G_MAXUINT without one. */
static guint
read_quota (void)
{
  g_autofree char *text = NULL;
  char *end;
  guint64 quota, period;

  if (!g_file_get_contents ("/sys/fs/cgroup/cpu.max", &text, NULL, NULL))
    return G_MAXUINT;
  quota = g_ascii_strtoull (text, &end, 10);
  period = g_ascii_strtoull (end, NULL, 10);
  if (end == text || quota == 0 || period == 0) /* "max 100000" */
    return G_MAXUINT;
  return (guint) CLAMP ((quota + period - 1) / period, 1, G_MAXUINT);
}

guint
gloss_pool_count_cpus (void)
{
  cpu_set_t set;
  guint n = g_get_num_processors ();

  /* what taskset leaves us, not what the machine has */
  if (sched_getaffinity (0, sizeof set, &set) == 0)
    n = (guint) CPU_COUNT (&set);
  return MAX (1, MIN (n, read_quota ()));
}

GlossPool *
gloss_pool_new (guint n_threads)
{
  GlossPool *pool = g_new0 (GlossPool, 1);
  guint n_wanted = n_threads > 0 ? n_threads : gloss_pool_count_cpus ();

  pool->n_threads = 1;
  pool->scratch = g_new0 (Scratch, n_wanted);
  pool->workers = g_new0 (Worker, n_wanted);
  pthread_mutex_init (&pool->lock, NULL);
  for (guint i = 1; i < n_wanted; i++)
    {
      WorkerStart *start = g_new (WorkerStart, 1);

      *start = (WorkerStart){ pool, i };
      pthread_cond_init (&pool->workers[i].wake, NULL);
      pool->workers[i].thread = g_thread_try_new ("gloss-pool", worker_main, start, NULL);
      if (!pool->workers[i].thread)
        {
          pthread_cond_destroy (&pool->workers[i].wake);
          g_free (start);
          break;
        }
      pool->n_threads++;
    }
  return pool;
}

void
gloss_pool_free (GlossPool *pool)
{
  if (!pool)
    return;

  pthread_mutex_lock (&pool->lock);
  g_atomic_int_set (&pool->ended, TRUE);
  for (guint i = 1; i < pool->n_threads; i++)
    pthread_cond_signal (&pool->workers[i].wake);
  pthread_mutex_unlock (&pool->lock);
  for (guint i = 1; i < pool->n_threads; i++)
    {
      g_thread_join (pool->workers[i].thread);
      pthread_cond_destroy (&pool->workers[i].wake);
    }
  for (guint i = 0; i < pool->n_threads; i++)
    free (pool->scratch[i].memory);
  g_clear_object (&pool->cancellable);
  pthread_mutex_destroy (&pool->lock);
  g_free (pool->workers);
  g_free (pool->scratch);
  g_free (pool);
}

guint
gloss_pool_get_n_threads (GlossPool *pool)
{
  return pool->n_threads;
}

void
gloss_pool_set_profile (GlossPool *pool, GlossProfile *profile)
{
  pool->profile = profile;
}

GlossProfile *
gloss_pool_get_profile (GlossPool *pool)
{
  return pool->profile;
}

void
gloss_pool_run (GlossPool *pool, gsize n_tiles, GlossTileFunc func, gpointer user_data)
{
  if (n_tiles == 0 || gloss_pool_is_cancelled (pool))
    return;

  pool->func = func;
  pool->user_data = user_data;
  pool->n_tiles = n_tiles;
  __atomic_store_n (&pool->next_tile, 0, __ATOMIC_RELAXED);

  /* one tile is not worth waking anybody, and no more threads than tiles are */
  guint n_taking_part = (guint) MIN (pool->n_threads, n_tiles);

  if (n_taking_part == 1)
    {
      take_tiles (pool, 0);
      return;
    }

  __atomic_store_n (&pool->n_busy, n_taking_part - 1, __ATOMIC_RELAXED);
  pthread_mutex_lock (&pool->lock);
  __atomic_store_n (&pool->loop, ((pool->loop >> 32) + 1) << 32 | n_taking_part, __ATOMIC_RELEASE);
  for (guint i = 1; i < n_taking_part; i++)
    {
      if (pool->workers[i].is_sleeping)
        pthread_cond_signal (&pool->workers[i].wake);
    }
  pthread_mutex_unlock (&pool->lock);

  take_tiles (pool, 0);
  for (guint spins = 0; __atomic_load_n (&pool->n_busy, __ATOMIC_ACQUIRE) != 0; spins++)
    {
      relax ();
      /* with fewer CPUs than workers the last one may be waiting for ours */
      if (spins >= SPIN_ROUNDS)
        sched_yield ();
    }
}

static gboolean
grow_scratch (Scratch *scratch, gsize n_bytes)
{
  if (scratch->size_bytes >= n_bytes)
    return TRUE;
  free (scratch->memory);
  scratch->size_bytes = 0;
  scratch->memory = NULL;
  if (n_bytes > G_MAXSIZE - 63)
    return FALSE;
  n_bytes += 63 - (n_bytes + 63) % 64; /* aligned_alloc wants a multiple */
  scratch->memory = aligned_alloc (64, n_bytes);
  if (!scratch->memory)
    return FALSE;
  scratch->size_bytes = n_bytes;
  return TRUE;
}

gpointer
gloss_pool_get_scratch (GlossPool *pool, guint worker, gsize n_bytes)
{
  Scratch *scratch = &pool->scratch[worker];

  if (!grow_scratch (scratch, n_bytes))
    g_error ("no memory for %" G_GSIZE_FORMAT " bytes of scratch, which were not reserved",
             n_bytes);
  return scratch->memory;
}

gboolean
gloss_pool_reserve_scratch (GlossPool *pool, gsize n_bytes, GError **error)
{
  for (guint i = 0; i < pool->n_threads; i++)
    {
      if (!grow_scratch (&pool->scratch[i], n_bytes))
        {
          g_set_error (
              error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
              _ ("each of %u threads needs %.1f MB to work in, which the system does not give"),
              pool->n_threads, (double) n_bytes / 1e6);
          return FALSE;
        }
    }
  return TRUE;
}

void
gloss_pool_begin_job (GlossPool *pool, GCancellable *cancellable)
{
  g_set_object (&pool->cancellable, cancellable);
  g_atomic_int_set (&pool->cancelled, FALSE);
}

gboolean
gloss_pool_is_cancelled (GlossPool *pool)
{
  if (g_atomic_int_get (&pool->cancelled))
    return TRUE;
  if (!g_cancellable_is_cancelled (pool->cancellable))
    return FALSE;
  g_atomic_int_set (&pool->cancelled, TRUE);
  return TRUE;
}

gboolean
gloss_pool_end_job (GlossPool *pool, GError **error)
{
  gboolean cancelled = gloss_pool_is_cancelled (pool);

  g_clear_object (&pool->cancellable);
  g_atomic_int_set (&pool->cancelled, FALSE);
  if (cancelled)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                         C_ ("what has become of the work", "stopped"));
  return !cancelled;
}
