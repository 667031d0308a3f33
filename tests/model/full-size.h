/* Checkpoints of the published shapes with random values, for tests and benchmarks at full size. */
#pragma once

#include "model/config.h"

G_BEGIN_DECLS

/* Sizes of PaliGemma 3B and PaliGemma 2 3B, 224 px. */
void full_size_config_paligemma_3b (GlossModelConfig *config);
void full_size_config_paligemma2_3b (GlossModelConfig *config);

/*
 * Writes a big_vision npz of bfloat16 values of that shape into @folder; its path, newly allocated.
 * The values repeat after a length that no stride divides, so that a wrong offset is a wrong value.
 * NULL, with the reason in
 * @why (static), when memory or disk is too short for it.
 */
char *full_size_write_npz (const char *folder, const GlossModelConfig *config, const char **why);

/* Anonymous memory of this process in bytes: what is not mapped from files. */
gsize full_size_get_anonymous_bytes (void);

G_END_DECLS
