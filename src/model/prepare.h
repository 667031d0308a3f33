/* Making Gloss's own file of a checkpoint. */
#pragma once

#include "model/checkpoint.h"

G_BEGIN_DECLS

typedef struct _GlossPreparation GlossPreparation;

/*
 * What a prepared file of @checkpoint, which is borrowed, would hold: its configuration and all of
 * its tensors that PaliGemma has, in the types that they have. Fails with the checkpoint's first
 * problem, or with GLOSS_ERROR_UNSUPPORTED when it is a prepared file itself. Any thread.
 */
GlossPreparation *gloss_preparation_new (const GlossCheckpoint *checkpoint, GError **error);
void gloss_preparation_free (GlossPreparation *preparation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossPreparation, gloss_preparation_free)

/* The size of the file in bytes. Any thread. */
guint64 gloss_preparation_get_n_bytes (const GlossPreparation *preparation);

/* Whether the file @path is one that was made of the very same files, by this version. Its values
 * are not looked at. Any thread. */
gboolean gloss_preparation_is_done (const GlossPreparation *preparation, const char *path);

/* @n_done of @n_all bytes are written; some hundred times a second. */
typedef void (*GlossPrepareProgress) (guint64 n_done, guint64 n_all, gpointer user_data);

/*
 * Writes the file @path as gloss_atomic_file_begin () does. @progress and @cancellable may be NULL;
 * both are asked every few milliseconds of work. Fails with G_IO_ERROR, in particular
 * G_IO_ERROR_EXISTS, G_IO_ERROR_NO_SPACE with both sizes, and G_IO_ERROR_CANCELLED; with
 * GLOSS_ERROR_FORMAT for damaged compressed tensors; or with GLOSS_ERROR_CHANGED. Then nothing is
 * left behind. Memory: a few MiB, and for compressed weights their largest layer. Blocks. Any
 * thread.
 */
gboolean gloss_preparation_write (const GlossPreparation *preparation, const char *path,
                                  gboolean may_replace, GlossPrepareProgress progress,
                                  gpointer user_data, GCancellable *cancellable, GError **error);

G_END_DECLS
