/* How a model computes. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * exact: activations are floats, weights what the file has; the reference. fast: where several rows
 * are multiplied with weights at once, activations and weights are rounded to bfloat16 before;
 * sums, norms, softmax and everything else are floats. A single row stays exact, as memory bounds
 * it and the rounding would gain nothing. auto: fast where it gains and all matrices have 16 bits.
 */
typedef enum
{
  GLOSS_ARITHMETIC_EXACT,
  GLOSS_ARITHMETIC_FAST,
  GLOSS_ARITHMETIC_AUTO,
} GlossArithmetic;

#define GLOSS_N_ARITHMETICS 3

/* "exact", "fast", "auto"; static. Any thread. */
const char *gloss_arithmetic_get_name (GlossArithmetic arithmetic);

G_END_DECLS
