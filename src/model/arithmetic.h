/* How exactly the engine computes, and how a person says it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_ARITHMETIC_EXACT, /* activations in single precision, as the reference computes */
  GLOSS_ARITHMETIC_FAST,  /* products of activations rounded to bfloat16 */
  GLOSS_ARITHMETIC_AUTO,  /* fast where the weights and the CPU gain by it */
} GlossArithmetic;

/* The words of those that this version has, in the order of the enumeration; static,
 * NULL-terminated. Any thread. */
const char *const *gloss_arithmetic_get_names (void);

/* "exact", "fast" or "auto"; static. Any thread. */
const char *gloss_arithmetic_get_name (GlossArithmetic arithmetic);

G_END_DECLS
