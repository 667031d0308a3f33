/* Workspace: memory taken once, handed out in order, and reset as a whole. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _GlossArena GlossArena;

/* Alignment of every block: a cache line, and the widest vector register. */
#define GLOSS_ARENA_ALIGN_BYTES 64

/* @capacity_bytes of memory. NULL with GLOSS_ERROR_TOO_LARGE when the system refuses. Any thread.
 */
GlossArena *gloss_arena_new (gsize capacity_bytes, GError **error);
void gloss_arena_free (GlossArena *arena);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossArena, gloss_arena_free)

/* Bytes that an allocation of @n_floats takes from an arena, for sizing one; G_MAXSIZE when that
 * overflows. Any thread. */
gsize gloss_arena_size_floats (gsize n_floats);

/* @n_floats uninitialised floats, owned by the arena until the mark before them is restored.
 * Running out is a bug of the caller (the arena is sized from the configuration): it aborts. One
 * thread at a time. */
float *gloss_arena_alloc_floats (GlossArena *arena, gsize n_floats);

/* The present fill, and going back to it: everything allocated since is gone. */
gsize gloss_arena_get_mark (GlossArena *arena);
void gloss_arena_reset (GlossArena *arena, gsize mark);

G_END_DECLS
