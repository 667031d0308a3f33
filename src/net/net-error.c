/* The error domain of what a person has to do before a server gives something. */
#include "net/net-error.h"

G_DEFINE_QUARK (gloss - net - error - quark, gloss_net_error)
