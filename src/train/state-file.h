/* Trained tensors in files: what a run has come to, to be used, and to be continued. */
#pragma once

#include "train/optimizer.h"

G_BEGIN_DECLS

#define GLOSS_SNAPSHOT_NAME "snapshot.gloss"

/*
 * Writes into @folder, which is there, what gloss_model_load () makes a model of: the values as an
 * adapter or as whole tensors, and GLOSS_TUNED_NAME with "base" and all of @about, an object.
 * @base_path is where the base model is. Each file is whole or as it was before. Fails with
 * G_IO_ERROR. Blocks.
 */
gboolean gloss_result_write (GlossTrainable *trainable, const char *folder, const char *base_path,
                             json_t *about, GError **error);

/*
 * Writes the values, the optimizer's moments and @state, an object, as a snapshot into @folder,
 * atomically. Fails with G_IO_ERROR. Blocks.
 */
gboolean gloss_snapshot_write (GlossTrainable *trainable, GlossOptimizer *optimizer,
                               const char *folder, json_t *state, GError **error);

/* Whether there is one. */
gboolean gloss_snapshot_is_there (const char *folder);

/*
 * Takes them back, bit for bit, and returns the object, a new reference. Nothing is taken unless
 * all tensors are there with the shapes of @trainable and the bytes that were written. NULL with
 * G_IO_ERROR, GLOSS_ERROR_FORMAT or GLOSS_ERROR_MISMATCH. Blocks.
 */
json_t *gloss_snapshot_read (GlossTrainable *trainable, GlossOptimizer *optimizer,
                             const char *folder, GError **error);

G_END_DECLS
