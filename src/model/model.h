/* A PaliGemma checkpoint, open and checked: its configuration and its tensors by role. */
#pragma once

#include "model/config.h"
#include "tensor/matrix.h"
#include "weights/weights.h"

G_BEGIN_DECLS

typedef enum
{
#define T(role, ...) GLOSS_TENSOR_##role,
#include "model/tensors.inc"
#undef T
  GLOSS_N_TENSOR_ROLES
} GlossTensorRole;

typedef struct
{
  float query_scale; /* overrides the rule for files without configuration; 0: by rule */
} GlossModelOptions;

typedef struct _GlossModel GlossModel;

/*
 * Opens @path: a Hugging Face folder, its safetensors file, or a big_vision npz (with or without
 * "params/"). The configuration comes from config.json in the same folder, which Hugging Face
 * weights need and npz may have, else from the shapes. Every tensor is checked against it. Matrices
 * stay in the mapped files; vectors (norms and biases) are copied as floats. @options may be NULL.
 * Fails with GLOSS_ERROR_FORMAT, _UNSUPPORTED, _MISMATCH, _TOO_LARGE or G_IO_ERROR. Any thread.
 */
GlossModel *gloss_model_load (const char *path, const GlossModelOptions *options, GError **error);
GlossModel *gloss_model_ref (GlossModel *model);
void gloss_model_unref (GlossModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossModel, gloss_model_unref)

const GlossModelConfig *gloss_model_get_config (GlossModel *model);

/* The mapped files, borrowed, for asking whether they are still whole. */
GlossWeights *gloss_model_get_weights (GlossModel *model);

/* TRUE when the patch kernel wants each patch as colour planes (Hugging Face) rather than pixels.
 */
gboolean gloss_model_has_planar_patches (GlossModel *model);

/* A tensor of @layer (0 for tensors that are not repeated); borrowed, any thread. Asking for a
 * vector as a matrix, or for a post-norm of the first Gemma, is a bug. */
const GlossMatrix *gloss_model_get_matrix (GlossModel *model, GlossTensorRole role, gsize layer);
const float *gloss_model_get_vector (GlossModel *model, GlossTensorRole role, gsize layer);

/* Names of tensors in the files that PaliGemma does not have, NULL-terminated, borrowed; they are
 * not used. */
const char *const *gloss_model_get_unknown_tensors (GlossModel *model);

/*
 * Number of ids that may be chosen, given the tokenizer's pieces: table rows beyond the pieces are
 * Hugging Face's padding (the pieces and two more, rounded up to 64) and mean nothing. Fails with
 * GLOSS_ERROR_MISMATCH when pieces and rows do not belong together. Any thread.
 */
gboolean gloss_model_check_vocabulary (GlossModel *model, gsize n_pieces, GError **error);

G_END_DECLS
