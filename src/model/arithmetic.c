/* How exactly the engine computes. */
#include "model/arithmetic.h"

const char *
gloss_arithmetic_get_name (GlossArithmetic arithmetic)
{
  switch (arithmetic)
    {
    case GLOSS_ARITHMETIC_EXACT:
      return "exact";
    case GLOSS_ARITHMETIC_FAST:
      return "fast";
    case GLOSS_ARITHMETIC_AUTO:
      return "auto";
    }
  g_return_val_if_reached (NULL);
}

const char *const *
gloss_arithmetic_get_names (void)
{
  static const char *const names[] = { "exact", NULL };

  return names;
}
