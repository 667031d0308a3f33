/* What the machine can do. */
#include "tensor/machine.h"

#include "base/error.h"
#include "tensor/gemm.h"
#include "tensor/product.h"

#include <string.h>

#define SQUARE ((gsize) 2048)
#define BF16_ROWS ((gsize) 2016)       /* as many as the products take at once, four times */
#define READ_BYTES ((gsize) 256 << 20) /* eight times a large cache */
#define READ_TILE ((gsize) 1 << 20)
#define N_REPEATS 2

typedef struct
{
  float *factor;  /* [SQUARE × SQUARE], or with READ_BYTES what is read */
  float *product; /* [threads × SQUARE × SQUARE] */
  guint64 sum;    /* atomic: so that the reading is not optimised away */
} Machine;

static void
run_square (gsize tile, guint worker, gpointer user_data)
{
  Machine *machine = user_data;

  gloss_gemm (machine->product + tile * SQUARE * SQUARE, SQUARE, machine->factor, SQUARE,
              machine->factor, SQUARE, FALSE, SQUARE, SQUARE, SQUARE, 1, 0);
}

static void
run_read (gsize tile, guint worker, gpointer user_data)
{
  Machine *machine = user_data;
  const guint64 *words = (const guint64 *) machine->factor + tile * (READ_TILE / 8);
  guint64 sums[8] = { 0 };

  for (gsize i = 0; i < READ_TILE / 8; i += 8)
    {
      for (gsize k = 0; k < 8; k++)
        sums[k] += words[i + k];
    }
  for (gsize k = 1; k < 8; k++)
    sums[0] += sums[k];
  __atomic_fetch_add (&machine->sum, sums[0], __ATOMIC_RELAXED);
}

/* The factor's bytes are as good as any bfloat16, and its end has room for packed rows. */
static double
measure_bf16 (GlossPool *pool, const Machine *machine)
{
  const GlossMatrix w = { .data = (const guint8 *) machine->factor,
                          .dtype = GLOSS_DTYPE_BF16,
                          .n_in = SQUARE,
                          .n_out = SQUARE,
                          .is_packed = TRUE };
  const GlossProduct product = { &w, NULL, machine->product };
  const GlossRows rows = { GLOSS_ROWS_PACKED_BF16,
                           machine->factor + READ_BYTES / sizeof (float) / 2, BF16_ROWS, SQUARE };
  gint64 best_usec = G_MAXINT64;

  gloss_rows_pack (pool, &rows, machine->factor);
  for (guint i = 0; i < N_REPEATS; i++)
    {
      gint64 start_usec = g_get_monotonic_time ();

      gloss_products (pool, &rows, &product, 1);
      best_usec = MIN (best_usec, g_get_monotonic_time () - start_usec);
    }
  return 2e6 * (double) (BF16_ROWS * SQUARE * SQUARE) / (double) MAX (best_usec, 1);
}

/* Times per second, of the fastest run. */
static double
measure (GlossPool *pool, gsize n_tiles, GlossTileFunc func, Machine *machine)
{
  gint64 best_usec = G_MAXINT64;

  for (guint i = 0; i < N_REPEATS; i++)
    {
      gint64 start_usec = g_get_monotonic_time ();

      gloss_pool_run (pool, n_tiles, func, machine);
      best_usec = MIN (best_usec, g_get_monotonic_time () - start_usec);
    }
  return 1e6 / (double) MAX (best_usec, 1);
}

gboolean
gloss_machine_measure (GlossPool *pool, GlossMachineRates *rates, GError **error)
{
  gsize n_threads = gloss_pool_get_n_threads (pool);
  g_autofree float *bytes = g_try_malloc (READ_BYTES);
  g_autofree float *product = g_try_malloc_n (n_threads, SQUARE * SQUARE * sizeof (float));
  Machine machine = { bytes, product, 0 };

  if (!bytes || !product)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   "there are no %.0f MB of memory to measure the machine with",
                   (double) (READ_BYTES + n_threads * SQUARE * SQUARE * sizeof (float)) / 1e6);
      return FALSE;
    }
  /* every page written, so that there is memory behind it */
  for (gsize i = 0; i < READ_BYTES / sizeof (float); i++)
    bytes[i] = (float) (i % 251) - 125.0f;
  memset (product, 0, n_threads * SQUARE * SQUARE * sizeof (float));

  rates->sgemm_flops = 2.0 * (double) (SQUARE * SQUARE * SQUARE) * (double) n_threads
                       * measure (pool, n_threads, run_square, &machine);
  rates->bf16_flops = measure_bf16 (pool, &machine);
  rates->read_bytes =
      (double) READ_BYTES * measure (pool, READ_BYTES / READ_TILE, run_read, &machine);
  return TRUE;
}
