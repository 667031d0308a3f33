/* Checkpoints of the published shapes with random values, for tests and benchmarks at full size. */
#pragma once

#include "model/config.h"

G_BEGIN_DECLS

/* The published language towers. */
typedef enum
{
  FULL_SIZE_PALIGEMMA_3B,
  FULL_SIZE_PALIGEMMA2_3B,
  FULL_SIZE_PALIGEMMA2_10B,
  FULL_SIZE_PALIGEMMA2_28B,
  N_FULL_SIZES
} FullSize;

/* Its sizes at @image_size_px (224, 448 or 896). */
void full_size_get_config (GlossModelConfig *config, FullSize size, gsize image_size_px);

/*
 * Writes a big_vision npz of bfloat16 values of that shape into @folder; its path, newly allocated.
 * The values repeat after a length that no stride divides, so that a wrong offset is a wrong value.
 * NULL, with the reason in @why (static), when memory or disk is too short for it.
 */
char *full_size_write_npz (const char *folder, const GlossModelConfig *config, const char **why);

/*
 * The same as a file of holes, which takes no disk: all values are 0 but the first of tensor number
 * i of the table, which is i + 1, and its last, which is −(i + 1). NULL, with the reason, when the
 * disk does not make such files.
 */
char *full_size_write_holes (const char *folder, const GlossModelConfig *config, const char **why);

/* Anonymous memory of this process in bytes: what is not mapped from files. */
gsize full_size_get_anonymous_bytes (void);

G_END_DECLS
