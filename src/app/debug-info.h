/* What a report of a fault needs to say about this machine. */
#pragma once

#include "app/engine.h"

G_BEGIN_DECLS

/* Versions, instruction set, memory, threads and the model's name, one a line; no path, and nothing
 * about pictures or captions. Not translated: developers read it. Newly allocated. Main thread. */
char *gloss_debug_info_make (GlossEngine *engine);

G_END_DECLS
