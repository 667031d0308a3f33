/* What share of the machine's own rates the products with weights reach: OpenBLAS's sgemm for many
 * rows, reading memory for one. All measured here, one after the other. Prints JSON lines. */
#include "support/asserts.h"
#include "tensor/gemm.h"
#include "tensor/linear.h"
#include "tensor/product.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define SQUARE 1024
#define READ_BYTES ((gsize) 256 << 20)
#define READ_TILE ((gsize) 1 << 20)
#define N_REPEATS 5

/* The largest matrices of PaliGemma 3B: gate and up 2048 → 16384, down 16384 → 2048. */
#define WIDTH 2048
#define MLP_DIM 16384

typedef struct
{
  GlossPool *pool;
  const float *a;
  float *out;
  const guint8 *bytes;
  guint64 sums[64]; /* so that the reading is not optimised away */
} Machine;

static void
run_square (gsize tile, guint worker, gpointer user_data)
{
  Machine *machine = user_data;

  gloss_gemm (machine->out + tile * SQUARE * SQUARE, SQUARE, machine->a, SQUARE, machine->a, SQUARE,
              FALSE, SQUARE, SQUARE, SQUARE, 1, 0);
}

/* Adds up bytes as 64-bit words: what memory gives when nothing else is to be done. */
static void
run_read (gsize tile, guint worker, gpointer user_data)
{
  Machine *machine = user_data;
  const guint64 *words = (const guint64 *) (machine->bytes + tile * READ_TILE);
  guint64 sums[8] = { 0 };

  for (gsize i = 0; i < READ_TILE / 8; i += 8)
    {
      for (gsize k = 0; k < 8; k++)
        sums[k] += words[i + k];
    }
  for (gsize k = 1; k < 8; k++)
    sums[0] += sums[k];
  machine->sums[worker] += sums[0];
}

/* The best of a few runs, in seconds. */
#define BEST(out, statement)                                                                       \
  G_STMT_START                                                                                     \
  {                                                                                                \
    out = 1e9;                                                                                     \
    for (int repeat = 0; repeat < N_REPEATS; repeat++)                                             \
      {                                                                                            \
        gint64 start_usec = g_get_monotonic_time ();                                               \
                                                                                                   \
        statement;                                                                                 \
        out = MIN (out, (double) (g_get_monotonic_time () - start_usec) / 1e6);                    \
      }                                                                                            \
  }                                                                                                \
  G_STMT_END

static void
print_rate (const char *what, double rate, const char *unit, double share)
{
  json_t *line = json_pack ("{s:s, s:f, s:s}", "what", what, "rate", rate, "unit", unit);

  if (share > 0)
    json_object_set_new (line, "share_of_machine", json_real (share));
  json_dumpf (line, stdout, JSON_PRESERVE_ORDER | JSON_REAL_PRECISION (4));
  putchar ('\n');
  json_decref (line);
}

/* Packed weights: what an MLP does, for @n_rows of a kind. */
static void
measure_packed (GlossPool *pool, const guint8 *bytes, const float *x, float *y, GlossDtype dtype,
                GlossRowsKind kind, gsize n_rows, double sgemm_rate, double read_rate)
{
  static const char *const kinds[] = { "floats", "packed floats", "bfloat16" };
  gsize n_values = (gsize) WIDTH * MLP_DIM, n_bytes = n_values * gloss_dtype_get_size_bytes (dtype);
  GlossMatrix wide = { bytes, dtype, WIDTH, MLP_DIM, 0, 0, MLP_DIM, 0, TRUE };
  GlossMatrix up = { bytes + n_bytes, dtype, WIDTH, MLP_DIM, 0, 0, MLP_DIM, 0, TRUE };
  GlossMatrix narrow = { bytes + 2 * n_bytes, dtype, MLP_DIM, WIDTH, 0, 0, WIDTH, 0, TRUE };
  g_autofree float *in = g_new0 (float, gloss_rows_count_floats (n_rows, WIDTH));
  g_autofree float *middle = g_new0 (float, gloss_rows_count_floats (n_rows, MLP_DIM));
  GlossRows rows = { kind, in, n_rows, WIDTH };
  GlossRows hidden = { kind, middle, n_rows, MLP_DIM };
  GlossProduct product = { &narrow, NULL, y };
  double both, down, n_operations = 2.0 * (double) n_rows * (double) n_values;

  gloss_rows_pack (pool, &rows, x);
  BEST (both, gloss_product_gated (pool, &rows, &wide, &up, &hidden, y));
  BEST (down, gloss_products (pool, &hidden, &product, 1));
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *what =
          g_strdup_printf ("%" G_GSIZE_FORMAT " rows of %s, packed %s, %s", n_rows, kinds[kind],
                           gloss_dtype_get_name (dtype), i == 0 ? "gate and up" : "down");
      double seconds = i == 0 ? both / 2 : down;

      print_rate (what, n_operations / seconds / 1e9, "GFLOP/s",
                  n_operations / seconds / 1e9 / sgemm_rate);
      if (n_rows <= 16)
        print_rate (what, (double) n_bytes / seconds / 1e9, "GB/s",
                    (double) n_bytes / seconds / 1e9 / read_rate);
    }
}

int
main (void)
{
  g_autoptr (GlossPool) pool = gloss_pool_new (MIN (64, gloss_pool_count_cpus ()));
  guint n_threads = gloss_pool_get_n_threads (pool);
  g_autofree float *a = g_new (float, SQUARE *SQUARE);
  g_autofree float *out = g_new (float, (gsize) n_threads *SQUARE *SQUARE);
  g_autofree guint8 *bytes = g_malloc (READ_BYTES);
  g_autofree float *x = g_new (float, (gsize) 260 * MLP_DIM);
  g_autofree float *y = g_new (float, (gsize) 260 * MLP_DIM);
  Machine machine = { pool, a, out, bytes, { 0 } };
  double seconds, sgemm_rate, read_rate;
  static const struct
  {
    const char *name;
    gboolean out_major;
    gsize n_in, n_out;
  } matrices[] = {
    { "out-major 2048 to 16384", TRUE, WIDTH, MLP_DIM },
    { "in-major 2048 to 16384", FALSE, WIDTH, MLP_DIM },
    { "out-major 16384 to 2048", TRUE, MLP_DIM, WIDTH },
    { "in-major 16384 to 2048", FALSE, MLP_DIM, WIDTH },
  };

  gloss_test_fill (a, (gsize) SQUARE * SQUARE, 1);
  gloss_test_fill (x, (gsize) 260 * MLP_DIM, 2);
  for (gsize i = 0; i < READ_BYTES; i++)
    bytes[i] = (guint8) (i % 2 ? 0x3c : i * 31);

  BEST (seconds, gloss_pool_run (pool, n_threads, run_square, &machine));
  sgemm_rate = 2.0 * SQUARE * SQUARE * SQUARE * n_threads / seconds / 1e9;
  print_rate ("sgemm 1024", sgemm_rate, "GFLOP/s", 0);
  BEST (seconds, gloss_pool_run (pool, READ_BYTES / READ_TILE, run_read, &machine));
  read_rate = (double) READ_BYTES / seconds / 1e9;
  print_rate ("reading memory", read_rate, "GB/s", 0);

  for (guint i = 0; i < G_N_ELEMENTS (matrices); i++)
    {
      gsize n_in = matrices[i].n_in, n_out = matrices[i].n_out;
      GlossMatrix w = { bytes, GLOSS_DTYPE_BF16, n_in, n_out, 1, n_in, n_out, 0, FALSE };
      g_autofree char *many = g_strdup_printf ("260 rows, bf16 %s", matrices[i].name);
      g_autofree char *one = g_strdup_printf ("1 row, bf16 %s", matrices[i].name);
      double rate;

      if (!matrices[i].out_major)
        w.in_stride = n_out, w.out_stride = 1;
      BEST (seconds, gloss_linear (pool, y, x, &w, NULL, 260));
      rate = 2.0 * 260 * (double) n_in * (double) n_out / seconds / 1e9;
      print_rate (many, rate, "GFLOP/s", rate / sgemm_rate);
      /* three matrices in turn, so that none comes from a cache */
      BEST (seconds, {
        for (int k = 0; k < 3; k++)
          {
            w.data = bytes + (gsize) k * n_in * n_out * 2;
            gloss_linear (pool, y, x, &w, NULL, 1);
          }
      });
      rate = 3.0 * (double) n_in * (double) n_out * 2 / seconds / 1e9;
      print_rate (one, rate, "GB/s", rate / read_rate);
    }
  for (guint i = 0; i < 2; i++)
    {
      static const gsize n_rows[] = { 1, 2, 4, 16, 260 };
      GlossDtype dtype = i == 0 ? GLOSS_DTYPE_BF16 : GLOSS_DTYPE_F16;

      for (guint r = 0; r < G_N_ELEMENTS (n_rows); r++)
        {
          for (GlossRowsKind kind = n_rows[r] == 1 ? GLOSS_ROWS_PLAIN : GLOSS_ROWS_PACKED_F32;
               kind <= GLOSS_ROWS_PACKED_BF16; kind++)
            measure_packed (pool, bytes, x, y, dtype, kind, n_rows[r], sgemm_rate, read_rate);
        }
    }
  return 0;
}
