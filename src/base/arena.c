/* Workspace: memory taken once, handed out in order, and reset as a whole. */
#include "base/arena.h"

#include "base/error.h"
#include "base/i18n.h"

#include <stdlib.h>

struct _GlossArena
{
  guint8 *memory;
  gsize capacity_bytes;
  gsize fill_bytes;
};

GlossArena *
gloss_arena_new (gsize capacity_bytes, GError **error)
{
  gsize rounded = 0;
  guint8 *memory = NULL;

  /* aligned_alloc wants a multiple of the alignment */
  if (g_size_checked_add (&rounded, MAX (capacity_bytes, 1), GLOSS_ARENA_ALIGN_BYTES - 1))
    {
      rounded -= rounded % GLOSS_ARENA_ALIGN_BYTES;
      memory = aligned_alloc (GLOSS_ARENA_ALIGN_BYTES, rounded);
    }
  if (!memory)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("the work needs %.1f GB of memory, which the system does not give"),
                   (double) capacity_bytes / 1e9);
      return NULL;
    }

  GlossArena *arena = g_new0 (GlossArena, 1);

  arena->memory = memory;
  arena->capacity_bytes = rounded;
  return arena;
}

void
gloss_arena_free (GlossArena *arena)
{
  if (!arena)
    return;
  free (arena->memory);
  g_free (arena);
}

gsize
gloss_arena_size_floats (gsize n_floats)
{
  gsize n_bytes;

  if (!g_size_checked_mul (&n_bytes, n_floats, sizeof (float))
      || !g_size_checked_add (&n_bytes, n_bytes, GLOSS_ARENA_ALIGN_BYTES - 1))
    return G_MAXSIZE;
  return n_bytes - n_bytes % GLOSS_ARENA_ALIGN_BYTES;
}

float *
gloss_arena_alloc_floats (GlossArena *arena, gsize n_floats)
{
  gsize n_bytes = gloss_arena_size_floats (n_floats);

  if (n_bytes > arena->capacity_bytes - arena->fill_bytes)
    g_error ("workspace of %" G_GSIZE_FORMAT " bytes is too small: %" G_GSIZE_FORMAT
             " used, %" G_GSIZE_FORMAT " more asked",
             arena->capacity_bytes, arena->fill_bytes, n_bytes);

  float *block = (float *) (arena->memory + arena->fill_bytes);

  arena->fill_bytes += n_bytes;
  return block;
}

gsize
gloss_arena_get_mark (GlossArena *arena)
{
  return arena->fill_bytes;
}

void
gloss_arena_reset (GlossArena *arena, gsize mark)
{
  g_assert (mark <= arena->fill_bytes);
  arena->fill_bytes = mark;
}
