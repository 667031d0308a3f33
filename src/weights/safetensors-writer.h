/* Writer of safetensors files. */
#pragma once

#include "weights/weights.h"

G_BEGIN_DECLS

/* Makes @path hold @tensors, GlossTensorView with name, type, shape and data, atomically and
 * replacing what is there. Fails with G_IO_ERROR. Blocks. Any thread. */
gboolean gloss_safetensors_write (const char *path, const GArray *tensors, GError **error);

typedef struct _GlossSafetensorsWriter GlossSafetensorsWriter;

/* The size in bytes of a file with @tensors, as below. Any thread. */
guint64 gloss_safetensors_count_bytes (const GArray *tensors);

/* The same piece by piece: begins a file with @tensors, which need name, type, shape and n_bytes
 * only for as long as this call. NULL with G_IO_ERROR. One thread at a time. */
GlossSafetensorsWriter *gloss_safetensors_writer_new (const char *path, const GArray *tensors,
                                                      GError **error);
/* Freed before it is finished, it leaves nothing behind. */
void gloss_safetensors_writer_free (GlossSafetensorsWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossSafetensorsWriter, gloss_safetensors_writer_free)

/* The next bytes, of all tensors one after the other. Fails with G_IO_ERROR. */
gboolean gloss_safetensors_writer_append (GlossSafetensorsWriter *writer, const guint8 *data,
                                          gsize n_bytes, GError **error);
gboolean gloss_safetensors_writer_finish (GlossSafetensorsWriter *writer, GError **error);

G_END_DECLS
