/* The gradients of element-wise operations. */
#include "tensor/activation-grad.h"

#include "tensor/kernels/kernels.h"

#define TILE 8192

typedef enum
{
  GELU,
  GELU_MULTIPLY,
  SOFTCAP,
} Operation;

typedef struct
{
  Operation operation;
  float *d_x;
  float *d_up;     /* GELU_MULTIPLY */
  const float *x;  /* SOFTCAP: the result */
  const float *up; /* GELU_MULTIPLY */
  const float *d_y;
  gsize n;
  float cap;
} Backward;

static void
run_tile (gsize tile, guint worker, gpointer user_data)
{
  const Backward *b = user_data;
  const GlossKernels *kernels = gloss_kernels_get ();
  gsize first = tile * TILE, n = MIN (TILE, b->n - first);
  float *d_x = b->d_x + first;
  const float *x = b->x + first, *d_y = b->d_y + first;

  switch (b->operation)
    {
    case GELU:
      kernels->gelu_backward (d_x, x, d_y, n);
      break;
    case GELU_MULTIPLY:
      kernels->gelu_multiply_backward (d_x, b->d_up + first, x, b->up + first, d_y, n);
      break;
    case SOFTCAP:
      for (gsize i = 0; i < n; i++)
        d_x[i] += (1 - (x[i] / b->cap) * (x[i] / b->cap)) * d_y[i];
      break;
    }
}

static void
run (GlossPool *pool, Backward *backward)
{
  gloss_pool_run (pool, (backward->n + TILE - 1) / TILE, run_tile, backward);
}

void
gloss_gelu_backward (GlossPool *pool, float *d_x, const float *x, const float *d_y, gsize n)
{
  Backward backward = { GELU, d_x, NULL, x, NULL, d_y, n, 0 };

  run (pool, &backward);
}

void
gloss_gelu_multiply_backward (GlossPool *pool, float *d_gate, float *d_up, const float *gate,
                              const float *up, const float *d_y, gsize n)
{
  Backward backward = { GELU_MULTIPLY, d_gate, d_up, gate, up, d_y, n, 0 };

  run (pool, &backward);
}

void
gloss_softcap_backward (GlossPool *pool, float *d_x, const float *y, const float *d_y, gsize n,
                        float cap)
{
  Backward backward = { SOFTCAP, d_x, NULL, y, NULL, d_y, n, cap };

  run (pool, &backward);
}
