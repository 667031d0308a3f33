/* Element by element: GELU, sums and the soft-cap. */
#include "tensor/activation.h"

#include "tensor/kernels/kernels.h"

#define TILE 8192

typedef enum
{
  GELU,
  GELU_MULTIPLY,
  SOFTCAP,
  ADD,
} Operation;

typedef struct
{
  Operation operation;
  float *x;
  const float *y; /* GELU_MULTIPLY and ADD */
  float cap;      /* SOFTCAP */
  gsize n;
} Elementwise;

static void
run_tile (gsize tile, guint worker, gpointer user_data)
{
  const Elementwise *e = user_data;
  const GlossKernels *kernels = gloss_kernels_get ();
  gsize first = tile * TILE;
  gsize n = MIN (TILE, e->n - first);
  float *x = e->x + first;

  switch (e->operation)
    {
    case GELU:
      kernels->gelu (x, x, n);
      break;
    case GELU_MULTIPLY:
      kernels->gelu_multiply (x, x, e->y + first, n);
      break;
    case SOFTCAP:
      kernels->softcap (x, n, e->cap);
      break;
    case ADD:
      for (gsize i = 0; i < n; i++)
        x[i] += e->y[first + i];
      break;
    }
}

static void
run (GlossPool *pool, Operation operation, float *x, const float *y, float cap, gsize n)
{
  static const char *const names[] = { "gelu", "gelu_multiply", "softcap", "add" };
  Elementwise e = { operation, x, y, cap, n };
  GLOSS_PROFILE (pool, names[operation], n, 0, 0);

  gloss_pool_run (pool, (n + TILE - 1) / TILE, run_tile, &e);
}

void
gloss_gelu (GlossPool *pool, float *x, gsize n)
{
  run (pool, GELU, x, NULL, 0, n);
}

void
gloss_gelu_multiply (GlossPool *pool, float *gate, const float *up, gsize n)
{
  run (pool, GELU_MULTIPLY, gate, up, 0, n);
}

void
gloss_softcap (GlossPool *pool, float *x, gsize n, float cap)
{
  run (pool, SOFTCAP, x, NULL, cap, n);
}

void
gloss_add (GlossPool *pool, float *x, const float *y, gsize n)
{
  run (pool, ADD, x, y, 0, n);
}
