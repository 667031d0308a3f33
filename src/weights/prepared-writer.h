/* Writer of Gloss's own weight files, see prepared.h. */
#pragma once

#include "weights/weights.h"

G_BEGIN_DECLS

typedef struct _GlossPreparedWriter GlossPreparedWriter;

/*
 * The size in bytes that a file with @tensors has, which are GlossTensorView with name, type,
 * shape, is_packed and n_bytes; the two objects are what its header says beside them. Any thread.
 */
guint64 gloss_prepared_count_bytes (const GArray *tensors, json_t *configuration, json_t *source);

/*
 * Begins that file, as gloss_atomic_file_begin () does and failing like it. @tensors and the
 * objects are borrowed and must outlive the writer. One thread at a time.
 */
GlossPreparedWriter *gloss_prepared_writer_new (const char *path, gboolean may_replace,
                                                const GArray *tensors, json_t *configuration,
                                                json_t *source, GError **error);
/* Freed before it is finished, it leaves nothing behind. */
void gloss_prepared_writer_free (GlossPreparedWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossPreparedWriter, gloss_prepared_writer_free)

/* The next bytes of the tensor that is being written, of which it must lack as many; after its last
 * byte comes the next tensor. Fails with G_IO_ERROR. */
gboolean gloss_prepared_writer_append (GlossPreparedWriter *writer, const guint8 *data,
                                       gsize n_bytes, GError **error);

/* When all tensors have all their bytes: puts the header in its place, and the file in its. Fails
 * with G_IO_ERROR. */
gboolean gloss_prepared_writer_finish (GlossPreparedWriter *writer, GError **error);

G_END_DECLS
