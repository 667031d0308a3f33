/* Counts allocations, to show that a step makes none. Only in programs that link malloc-counter.c,
 * and not under the address sanitizer, which has its own malloc. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Allocations of all threads since the program started: malloc, calloc, realloc and aligned ones.
 */
gsize gloss_malloc_count (void);

G_END_DECLS
