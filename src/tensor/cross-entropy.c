/* Cross-entropy of softmax, with label smoothing (Szegedy et al., arXiv 1512.00567). */
#include "tensor/cross-entropy.h"

#include "tensor/kernels/kernels.h"
#include "tensor/log-sum-exp.h"

#include <math.h>

/* Logits of a tile of the backward; a tile of the forward is a row, whose sum is not split. */
#define TILE 8192

typedef struct
{
  double *losses;
  double *log_sums;
  float *logits; /* the forward only reads them */
  const gint32 *targets;
  const float *weights;
  gsize n_vocab;
  double smoothing;
  gsize tiles_per_row;
} CrossEntropy;

static void
run_row (gsize row, guint worker, gpointer user_data)
{
  const CrossEntropy *c = user_data;
  const float *logits = c->logits + row * c->n_vocab;
  double log_sum = gloss_log_sum_exp (logits, c->n_vocab);
  double target = (double) logits[c->targets[row]];

  c->log_sums[row] = log_sum;
  c->losses[row] = log_sum - target;
  if (c->smoothing > 0)
    {
      double n_others = (double) c->n_vocab - 1, others = -target;

      for (gsize i = 0; i < c->n_vocab; i++)
        others += (double) logits[i];
      c->losses[row] =
          (1 - c->smoothing) * (log_sum - target) + c->smoothing * (log_sum - others / n_others);
    }
}

static void
run_tile (gsize tile, guint worker, gpointer user_data)
{
  const CrossEntropy *c = user_data;
  const GlossKernels *kernels = gloss_kernels_get ();
  gsize row = tile / c->tiles_per_row, first = tile % c->tiles_per_row * TILE;
  gsize n = MIN (TILE, c->n_vocab - first);
  float *d = c->logits + row * c->n_vocab + first;
  float other = (float) (c->smoothing / ((double) c->n_vocab - 1));
  gsize target = (gsize) c->targets[row];

  float log_sum = (float) c->log_sums[row];

  /* e^(logit − log Σ) is the softmax itself; what log Σ loses as a float is made up for */
  kernels->softmax_by_stats (d, n, log_sum, (float) exp (c->log_sums[row] - (double) log_sum));
  for (gsize i = 0; i < n; i++)
    d[i] = (d[i] - other) * c->weights[row];
  if (target >= first && target < first + n)
    d[target - first] -= c->weights[row] * (float) (1 - c->smoothing - (double) other);
}

void
gloss_cross_entropy (GlossPool *pool, double *losses, double *log_sums, const float *logits,
                     const gint32 *targets, gsize n_rows, gsize n_vocab, float smoothing)
{
  CrossEntropy c = { losses, log_sums, (float *) logits,   targets,
                     NULL,   n_vocab,  (double) smoothing, 0 };

  gloss_pool_run (pool, n_rows, run_row, &c);
}

void
gloss_cross_entropy_backward (GlossPool *pool, float *logits, const double *log_sums,
                              const gint32 *targets, const float *weights, gsize n_rows,
                              gsize n_vocab, float smoothing)
{
  CrossEntropy c = { NULL,
                     (double *) log_sums,
                     logits,
                     targets,
                     weights,
                     n_vocab,
                     (double) smoothing,
                     (n_vocab + TILE - 1) / TILE };

  gloss_pool_run (pool, n_rows * c.tiles_per_row, run_tile, &c);
}
