/* Adapters as PEFT writes them: low-rank additions to the language model's projections. */
#pragma once

#include "model/model.h"

G_BEGIN_DECLS

#define GLOSS_ADAPTER_WEIGHTS_NAME "adapter_model.safetensors"
#define GLOSS_ADAPTER_CONFIG_NAME "adapter_config.json"

/* The projections that adapters are for, with PEFT's names. X (enumerator, role, name) */
#define GLOSS_PROJECTIONS(X)                                                                       \
  X (QUERY, QUERY_KERNEL, "q_proj")                                                                \
  X (KEY, KEY_KERNEL, "k_proj")                                                                    \
  X (VALUE, VALUE_KERNEL, "v_proj")                                                                \
  X (OUT, ATTENTION_OUT_KERNEL, "o_proj")                                                          \
  X (GATE, GATE_KERNEL, "gate_proj")                                                               \
  X (UP, UP_KERNEL, "up_proj")                                                                     \
  X (DOWN, DOWN_KERNEL, "down_proj")

typedef enum
{
#define GLOSS_PROJECTION_ENUMERATOR(id, role, name) GLOSS_PROJECTION_##id,
  GLOSS_PROJECTIONS (GLOSS_PROJECTION_ENUMERATOR)
#undef GLOSS_PROJECTION_ENUMERATOR
      GLOSS_N_PROJECTIONS
} GlossProjection;

#define GLOSS_ALL_PROJECTIONS ((1u << GLOSS_N_PROJECTIONS) - 1)

/* The role and PEFT's name ("q_proj"), static. Any thread. */
GlossTensorRole gloss_projection_get_role (GlossProjection projection);
const char *gloss_projection_get_name (GlossProjection projection);

/* Whether @folder holds an adapter. Any thread. */
gboolean gloss_adapter_is_there (const char *folder);

/*
 * A variant of @base with the adapter in @folder, which it keeps as floats. Fails with G_IO_ERROR,
 * GLOSS_ERROR_FORMAT, GLOSS_ERROR_UNSUPPORTED (a kind of adapter that is more than a low-rank
 * addition) or GLOSS_ERROR_MISMATCH (not this model's). Any thread.
 */
GlossModel *gloss_adapter_apply (GlossModel *base, const char *folder, GError **error);

/* Whether @model has any additions. Any thread. */
gboolean gloss_adapter_is_used (GlossModel *model);

/* Writes the additions that @model has as an adapter into @folder, which is there; both files
 * atomically. @base_name is what PEFT is to load it onto. Fails with G_IO_ERROR. Blocks. */
gboolean gloss_adapter_write (GlossModel *model, const char *folder, const char *base_name,
                              GError **error);

G_END_DECLS
