/* Writer of safetensors files. */
#pragma once

#include "weights/weights.h"

G_BEGIN_DECLS

/* Makes @path hold @tensors, GlossTensorView with name, type, shape and data, atomically and
 * replacing what is there. Fails with G_IO_ERROR. Blocks. Any thread. */
gboolean gloss_safetensors_write (const char *path, const GArray *tensors, GError **error);

G_END_DECLS
