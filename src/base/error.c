/* The error domain of the core. */
#include "base/error.h"

G_DEFINE_QUARK (gloss - error - quark, gloss_error)
