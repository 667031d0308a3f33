/* Dropout whose mask can be made again. (Srivastava et al., JMLR 15, 2014.) */
#include "tensor/dropout.h"

#include "base/random.h"

typedef struct
{
  float *x;
  const guint64 *keys;
  guint64 place;
  gsize width;
  float rate;
} Dropout;

static void
run_row (gsize row, guint worker, gpointer user_data)
{
  const Dropout *dropout = user_data;
  float *x = dropout->x + row * dropout->width;
  float scale = 1 / (1 - dropout->rate);
  GlossRandom random;

  /* keys that differ in few bits, as neighbours do, are spread first */
  gloss_random_init (&random, dropout->keys[row] ^ dropout->place);
  gloss_random_init (&random, gloss_random_next (&random));
  for (gsize i = 0; i < dropout->width; i++)
    x[i] = gloss_random_next_double (&random) < (double) dropout->rate ? 0 : x[i] * scale;
}

void
gloss_dropout (GlossPool *pool, float *x, const guint64 *keys, guint64 place, gsize n_rows,
               gsize width, float rate)
{
  Dropout dropout = { x, keys, place, width, rate };

  g_assert (rate >= 0 && rate < 1);
  if (rate > 0)
    gloss_pool_run (pool, n_rows, run_row, &dropout);
}
