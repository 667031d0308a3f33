/* The table of PaliGemma's tensors: what each is called and how it lies in each family of
 * checkpoints. */
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

/* How a checkpoint names its tensors. */
typedef struct
{
  gboolean is_hf;        /* Hugging Face's names; else big_vision's, or */
  gboolean is_prepared;  /* Gloss's own: those of the roles, with Hugging Face's axes */
  gboolean is_gemma2;    /* which decides what two of Hugging Face's names mean */
  gboolean is_unstacked; /* big_vision: one tensor for each vision layer, encoderblock_0 … */
} GlossTensorNaming;

/* Vectors (norms, biases) are small; matrices stay in the file. */
gboolean gloss_tensor_role_is_vector (GlossTensorRole role);

/* FALSE for the post-norms of a checkpoint without them. */
gboolean gloss_tensor_role_is_used (GlossTensorRole role, const GlossTensorNaming *naming);

/* Layers that have this tensor, 1 for those that are not repeated; 0 when the depth is not known.
 */
gsize gloss_tensor_role_count_layers (GlossTensorRole role, const GlossModelConfig *config);

/* TRUE when one tensor of the file holds all layers. */
gboolean gloss_tensor_role_is_stacked (GlossTensorRole role, const GlossTensorNaming *naming);

/* Name and axes (letters of tensors.inc) of the tensor that holds @layer. The name is newly
 * allocated and without prefixes that gloss_tensor_make_canonical () strips. */
char *gloss_tensor_role_make_name (GlossTensorRole role, const GlossTensorNaming *naming,
                                   gsize layer);
const char *gloss_tensor_role_get_axes (GlossTensorRole role, const GlossTensorNaming *naming);

/* The letters of the axes that are outputs. */
const char *gloss_tensor_role_get_out_axes (GlossTensorRole role);

/* TRUE when the patch kernel has each patch as colour planes (Hugging Face) rather than pixels. */
gboolean gloss_tensor_naming_has_planar_patches (const GlossTensorNaming *naming);

/* A tensor name without what differs between generations of checkpoints, newly allocated. */
char *gloss_tensor_make_canonical (const char *name);

/* The view of @layer as a matrix; @view must have the shape that @config gives its axes. */
GlossMatrix gloss_tensor_role_make_matrix (GlossTensorRole role, const GlossTensorNaming *naming,
                                           const GlossModelConfig *config,
                                           const GlossTensorView *view, gsize layer);

G_END_DECLS
