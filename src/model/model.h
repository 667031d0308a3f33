/* A PaliGemma checkpoint that is whole: its configuration and its tensors by role. */
#pragma once

#include "model/checkpoint.h"
#include "tensor/lora.h"
#include "tensor/rows.h"

G_BEGIN_DECLS

typedef struct _GlossModel GlossModel;

/*
 * Opens @path as gloss_checkpoint_open () does and takes all tensors; a folder that fine-tuning
 * made is opened with its base, see tuned.h. Matrices stay in the mapped
 * files; vectors (norms and biases) are copied as floats. @options may be NULL.
 * Fails with the checkpoint's first problem, with what opening it fails with, or with
 * GLOSS_ERROR_UNSUPPORTED for an image size that the patches do not divide. Any thread.
 */
GlossModel *gloss_model_load (const char *path, const GlossModelOptions *options, GError **error);
GlossModel *gloss_model_ref (GlossModel *model);
void gloss_model_unref (GlossModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossModel, gloss_model_unref)

const GlossModelConfig *gloss_model_get_config (GlossModel *model);

/* The files and their state, borrowed. */
const GlossCheckpoint *gloss_model_get_checkpoint (GlossModel *model);

/* Whether the mapped files are still whole, see gloss_mapped_file_check (). Any thread. */
gboolean gloss_model_check_files (GlossModel *model, GError **error);

/* What the option made of it: exact or fast. Any thread. */
GlossArithmetic gloss_model_get_arithmetic (GlossModel *model);

/* In which kind of rows activations are multiplied with weights when they are @n_rows. Any thread.
 */
GlossRowsKind gloss_model_get_rows_kind (GlossModel *model, gsize n_rows);

/* See gloss_tensor_naming_has_planar_patches (). */
gboolean gloss_model_has_planar_patches (GlossModel *model);

/* A tensor of @layer (0 for tensors that are not repeated); borrowed, any thread. Asking for a
 * vector as a matrix, or for a post-norm of the first Gemma, is a bug. */
const GlossMatrix *gloss_model_get_matrix (GlossModel *model, GlossTensorRole role, gsize layer);
const float *gloss_model_get_vector (GlossModel *model, GlossTensorRole role, gsize layer);

/*
 * The same model, of which tensors can be replaced and added to, as training does: it keeps a
 * reference to @base and maps nothing again. What it is given is borrowed and must outlive it, see
 * gloss_model_keep (). Between jobs only. A new reference.
 */
GlossModel *gloss_model_new_variant (GlossModel *base);
void gloss_model_set_matrix (GlossModel *variant, GlossTensorRole role, gsize layer,
                             const GlossMatrix *matrix);
void gloss_model_set_vector (GlossModel *variant, GlossTensorRole role, gsize layer,
                             const float *vector);

/* A low-rank addition to one of the language model's projections. */
void gloss_model_set_lora (GlossModel *variant, GlossTensorRole role, gsize layer,
                           const GlossLora *lora);

/* That addition, or NULL. Any thread. */
const GlossLora *gloss_model_get_lora (GlossModel *model, GlossTensorRole role, gsize layer);

/* Calls @destroy with @data when @variant goes. */
void gloss_model_keep (GlossModel *variant, gpointer data, GDestroyNotify destroy);

G_END_DECLS
