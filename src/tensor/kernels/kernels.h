/* The table of inner loops, one for each instruction set. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Widest row that the gemv_cols kernels take: its partial sums stand on the stack. */
#define GLOSS_GEMV_MAX_COLS 512

/* What softmax_block keeps of a row. */
enum
{
  GLOSS_SOFTMAX_MAX,
  GLOSS_SOFTMAX_SUM,
  GLOSS_SOFTMAX_FACTOR,
  GLOSS_SOFTMAX_STATS
};
/* Outputs of a packed panel, see panel.h. */
#define GLOSS_PANEL_OUT 32

/* What each kernel computes is said in kernels.inc. Any thread. */
typedef struct
{
  const char *isa;
#define K(name, arguments) void (*name) arguments;
#include "tensor/kernels/kernels.inc"
#undef K
} GlossKernels;

/*
 * The table for this CPU, chosen once; GLOSS_ISA=scalar (or avx2, avx512) in the environment
 * forces one that the CPU can run. Any thread.
 */
const GlossKernels *gloss_kernels_get (void);

/* The table called @isa, or NULL when it is not built in or the CPU cannot run it. Any thread. */
const GlossKernels *gloss_kernels_find (const char *isa);

G_END_DECLS
