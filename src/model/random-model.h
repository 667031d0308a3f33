/* A checkpoint of random values, to measure shapes whose weights are not at hand. */
#pragma once

#include "model/config.h"
#include "base/dtype.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Writes config.json and model.safetensors in Hugging Face's form into @folder: the shape of
 * @config, which must be finished, in @dtype (F32, F16 or BF16). The values are uniform within
 * ±0.035, the spread of a trained layer of width 2048, so that no layer overflows or vanishes; they
 * repeat after a length that no width divides. Not brought to the disk, and what fails may leave a
 * part. Fails with G_IO_ERROR, also G_IO_ERROR_CANCELLED. Any thread.
 */
gboolean gloss_random_model_write (const char *folder, const GlossModelConfig *config,
                                   GlossDtype dtype, GCancellable *cancellable, GError **error);

/* The size of its weights in bytes. Any thread. */
guint64 gloss_random_model_count_bytes (const GlossModelConfig *config, GlossDtype dtype);

G_END_DECLS
