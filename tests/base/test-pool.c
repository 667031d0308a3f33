/* The compute pool: every tile once, at any number of threads, and none after a cancel. */
#include "base/error.h"
#include "base/pool.h"
#include "support/asserts.h"

typedef struct
{
  GlossPool *pool;
  guint *counts;
  gint in_use[8]; /* atomic, per worker */
  gint n_done;    /* atomic */
  GCancellable *cancellable;
  gsize cancel_at;
} Work;

static void
count_tile (gsize tile, guint worker, gpointer user_data)
{
  Work *work = user_data;
  guint8 *scratch = gloss_pool_get_scratch (work->pool, worker, 100 + tile % 1000);

  g_assert_cmpuint (worker, <, gloss_pool_get_n_threads (work->pool));
  g_assert_cmpint (g_atomic_int_add (&work->in_use[worker], 1), ==, 0);
  g_assert_cmpuint ((gsize) scratch % 64, ==, 0);
  scratch[99 + tile % 1000] = 1;
  work->counts[tile]++;
  g_atomic_int_inc (&work->n_done);
  if (work->cancellable && tile == work->cancel_at)
    g_cancellable_cancel (work->cancellable);
  g_assert_cmpint (g_atomic_int_add (&work->in_use[worker], -1), ==, 1);
}

static void
test_every_tile_should_run_once (void)
{
  for (guint n_threads = 1; n_threads <= 5; n_threads++)
    {
      g_autoptr (GlossPool) pool = gloss_pool_new (n_threads);

      g_assert_cmpuint (gloss_pool_get_n_threads (pool), ==, n_threads);
      for (gsize n_tiles = 0; n_tiles < 400; n_tiles++)
        {
          g_autofree guint *counts = g_new0 (guint, n_tiles + 1);
          Work work = { .pool = pool, .counts = counts };

          gloss_pool_run (pool, n_tiles, count_tile, &work);
          for (gsize i = 0; i < n_tiles; i++)
            g_assert_cmpuint (counts[i], ==, 1);
        }
    }
}

/* Workers that fell asleep between two loops must wake again. */
static void
test_sleeping_workers_should_wake (void)
{
  g_autoptr (GlossPool) pool = gloss_pool_new (3);

  for (guint i = 0; i < 20; i++)
    {
      guint counts[50] = { 0 };
      Work work = { .pool = pool, .counts = counts };

      g_usleep (i % 4 * 1000);
      gloss_pool_run (pool, 50, count_tile, &work);
      for (gsize t = 0; t < 50; t++)
        g_assert_cmpuint (counts[t], ==, 1);
    }
}

static void
test_cancel_should_stop_between_tiles (void)
{
  for (guint n_threads = 1; n_threads <= 3; n_threads++)
    {
      g_autoptr (GlossPool) pool = gloss_pool_new (n_threads);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      g_autofree guint *counts = g_new0 (guint, 100000);
      Work work = { .pool = pool, .counts = counts, .cancellable = cancellable, .cancel_at = 10 };

      gloss_pool_begin_job (pool, cancellable);
      gloss_pool_run (pool, 100000, count_tile, &work);
      g_assert_cmpint (g_atomic_int_get (&work.n_done), <, 100000);
      g_assert_true (gloss_pool_is_cancelled (pool));

      /* later loops of the job do nothing, even if somebody takes the cancel back */
      g_cancellable_reset (cancellable);
      work.n_done = 0;
      gloss_pool_run (pool, 10, count_tile, &work);
      g_assert_cmpint (work.n_done, ==, 0);
      g_assert_false (gloss_pool_end_job (pool, &error));
      gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped");

      /* and the next job runs */
      gloss_pool_begin_job (pool, NULL);
      work.cancellable = NULL;
      gloss_pool_run (pool, 10, count_tile, &work);
      g_assert_cmpint (work.n_done, ==, 10);
      g_assert_true (gloss_pool_end_job (pool, NULL));
    }
}

static void
test_scratch_should_be_reserved_or_refused (void)
{
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autoptr (GError) error = NULL;

  g_assert_true (gloss_pool_reserve_scratch (pool, 1000, &error));
  g_assert_false (gloss_pool_reserve_scratch (pool, G_MAXSIZE - 10, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, "each of 2 threads");
  g_assert_false (gloss_pool_reserve_scratch (pool, G_MAXSIZE / 2, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, "does not give");
}

static void
test_zero_threads_should_mean_all_cpus (void)
{
  g_autoptr (GlossPool) pool = gloss_pool_new (0);

  g_assert_cmpuint (gloss_pool_get_n_threads (pool), >=, 1);
  g_assert_cmpuint (gloss_pool_get_n_threads (pool), <=, g_get_num_processors ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/pool/every-tile-should-run-once", test_every_tile_should_run_once);
  g_test_add_func ("/base/pool/sleeping-workers-should-wake", test_sleeping_workers_should_wake);
  g_test_add_func ("/base/pool/cancel-should-stop-between-tiles",
                   test_cancel_should_stop_between_tiles);
  g_test_add_func ("/base/pool/scratch-should-be-reserved-or-refused",
                   test_scratch_should_be_reserved_or_refused);
  g_test_add_func ("/base/pool/zero-threads-should-mean-all-cpus",
                   test_zero_threads_should_mean_all_cpus);
  return g_test_run ();
}
