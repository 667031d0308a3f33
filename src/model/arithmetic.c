/* How a model computes. */
#include "model/arithmetic.h"

const char *
gloss_arithmetic_get_name (GlossArithmetic arithmetic)
{
  static const char *const names[GLOSS_N_ARITHMETICS] = { "exact", "fast", "auto" };

  return names[arithmetic];
}
