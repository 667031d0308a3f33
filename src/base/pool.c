/* Compute workers that take tiles from a shared counter.
 *
 * A model step is a chain of a few hundred short loops, so waking a sleeping thread for each would
 * cost more than some of them take. A worker therefore spins for a moment after its last tile and
 * sleeps only when no new loop has come by then. The caller works too, as worker 0.
 */
#include "base/pool.h"

#include "base/error.h"

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

struct _GlossPool
{
  guint n_threads;
  GThread **threads; /* owned, n_threads − 1 of them */
  Scratch *scratch;  /* owned, one per worker */

  GCancellable *cancellable; /* owned, of the present job, or NULL */

  /* the present loop; written by the caller while no worker is in it */
  GlossTileFunc func;
  gpointer user_data;
  gsize n_tiles;

  gsize next_tile;  /* atomic */
  guint n_busy;     /* atomic: workers that have not left the loop */
  guint generation; /* atomic: number of the present loop */
  gint cancelled;   /* atomic: sticky until the job ends */

  GMutex lock;
  GCond wake; /* guarded by lock: a new generation, or the end */
  gint ended; /* atomic; changes under the lock, so that no wake-up is missed */
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

/* Waits for a loop other than @seen; FALSE when the pool ends. */
static gboolean
wait_for_loop (GlossPool *pool, guint seen)
{
  gboolean ended;

  for (guint i = 0; i < SPIN_ROUNDS; i++)
    {
      if (__atomic_load_n (&pool->generation, __ATOMIC_ACQUIRE) != seen)
        return TRUE;
      relax ();
    }

  g_mutex_lock (&pool->lock);
  while (!g_atomic_int_get (&pool->ended)
         && __atomic_load_n (&pool->generation, __ATOMIC_ACQUIRE) == seen)
    g_cond_wait (&pool->wake, &pool->lock);
  ended = g_atomic_int_get (&pool->ended);
  g_mutex_unlock (&pool->lock);
  return !ended;
}

static gpointer
worker_main (gpointer data)
{
  WorkerStart start = *(WorkerStart *) data;
  GlossPool *pool = start.pool;
  guint seen = 0;

  g_free (data);
  while (wait_for_loop (pool, seen))
    {
      seen++;
      take_tiles (pool, start.worker);
      __atomic_fetch_sub (&pool->n_busy, 1, __ATOMIC_RELEASE);
    }
  return NULL;
}

static guint
count_cpus (void)
{
  cpu_set_t set;

  /* what a container or taskset leaves us, not what the machine has */
  if (sched_getaffinity (0, sizeof set, &set) == 0)
    return MAX (1, (guint) CPU_COUNT (&set));
  return g_get_num_processors ();
}

GlossPool *
gloss_pool_new (guint n_threads)
{
  GlossPool *pool = g_new0 (GlossPool, 1);

  pool->n_threads = n_threads > 0 ? n_threads : count_cpus ();
  pool->scratch = g_new0 (Scratch, pool->n_threads);
  pool->threads = g_new0 (GThread *, pool->n_threads);
  g_mutex_init (&pool->lock);
  g_cond_init (&pool->wake);
  for (guint i = 1; i < pool->n_threads; i++)
    {
      WorkerStart *start = g_new (WorkerStart, 1);

      *start = (WorkerStart){ pool, i };
      pool->threads[i - 1] = g_thread_new ("gloss-pool", worker_main, start);
    }
  return pool;
}

void
gloss_pool_free (GlossPool *pool)
{
  if (!pool)
    return;

  g_mutex_lock (&pool->lock);
  g_atomic_int_set (&pool->ended, TRUE);
  g_cond_broadcast (&pool->wake);
  g_mutex_unlock (&pool->lock);
  for (guint i = 1; i < pool->n_threads; i++)
    g_thread_join (pool->threads[i - 1]);
  for (guint i = 0; i < pool->n_threads; i++)
    free (pool->scratch[i].memory);
  g_clear_object (&pool->cancellable);
  g_mutex_clear (&pool->lock);
  g_cond_clear (&pool->wake);
  g_free (pool->threads);
  g_free (pool->scratch);
  g_free (pool);
}

guint
gloss_pool_get_n_threads (GlossPool *pool)
{
  return pool->n_threads;
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

  /* one tile is not worth waking anybody */
  if (pool->n_threads == 1 || n_tiles == 1)
    {
      take_tiles (pool, 0);
      return;
    }

  __atomic_store_n (&pool->n_busy, pool->n_threads - 1, __ATOMIC_RELAXED);
  g_mutex_lock (&pool->lock);
  __atomic_fetch_add (&pool->generation, 1, __ATOMIC_RELEASE);
  g_cond_broadcast (&pool->wake);
  g_mutex_unlock (&pool->lock);

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
              "each of %u threads needs %.1f MB to work in, which the system does not give",
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
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped");
  return !cancelled;
}
