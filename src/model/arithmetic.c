/* How exactly a model computes. */
#include "model/arithmetic.h"

const char *const *
gloss_arithmetic_get_names (void)
{
  static const char *const names[GLOSS_N_ARITHMETICS + 1] = { "exact", "fast", "auto", NULL };

  return names;
}

const char *
gloss_arithmetic_get_name (GlossArithmetic arithmetic)
{
  return gloss_arithmetic_get_names ()[arithmetic];
}
