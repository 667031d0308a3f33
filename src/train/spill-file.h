/* A file for what finds no room in memory: bounded, without a name, and gone with the process. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _GlossSpillFile GlossSpillFile;

/*
 * In @folder, which is made; NULL: $XDG_CACHE_HOME/gloss. It takes up to @max_bytes, and never the
 * last tenth of the disk. NULL when there can be no file: what it is for works without. One thread
 * at a time; blocks.
 */
GlossSpillFile *gloss_spill_file_new (const char *folder, guint64 max_bytes);
void gloss_spill_file_free (GlossSpillFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossSpillFile, gloss_spill_file_free)

/* Whether @n_bytes more find room. */
gboolean gloss_spill_file_has_room (GlossSpillFile *file, gsize n_bytes);

/* Appends; @offset gets where. FALSE when that failed, and then no room is lost. */
gboolean gloss_spill_file_append (GlossSpillFile *file, gconstpointer data, gsize n_bytes,
                                  guint64 *offset);

/* Reads back what was appended. FALSE when that failed. */
gboolean gloss_spill_file_read (GlossSpillFile *file, guint64 offset, gpointer data, gsize n_bytes);

G_END_DECLS
