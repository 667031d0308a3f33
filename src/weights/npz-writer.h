/* Writer of numpy's .npz archives. */
#pragma once

#include "weights/weights.h"

G_BEGIN_DECLS

typedef struct _GlossNpzWriter GlossNpzWriter;

/* The size in bytes of an archive with @tensors, as below. Any thread. */
guint64 gloss_npz_count_bytes (const GArray *tensors);

/*
 * Begins an archive of @tensors, GlossTensorView with name, type (of weights), shape and n_bytes,
 * not compressed, as gloss_atomic_file_begin () does and failing like it. bfloat16 is written as
 * numpy does, as two bytes without a meaning. @tensors is borrowed and must outlive the writer. One
 * thread at a time.
 */
GlossNpzWriter *gloss_npz_writer_new (const char *path, gboolean may_replace, const GArray *tensors,
                                      GError **error);
/* Freed before it is finished, it leaves nothing behind. */
void gloss_npz_writer_free (GlossNpzWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossNpzWriter, gloss_npz_writer_free)

/* The next bytes of the tensor that is being written, of which it must lack as many; after its last
 * byte comes the next tensor. Fails with G_IO_ERROR. */
gboolean gloss_npz_writer_append (GlossNpzWriter *writer, const guint8 *data, gsize n_bytes,
                                  GError **error);

/* When all tensors have all their bytes: writes the directory and puts the file in its place. Fails
 * with G_IO_ERROR. */
gboolean gloss_npz_writer_finish (GlossNpzWriter *writer, GError **error);

G_END_DECLS
