/* What lies in a folder that fine-tuning made, and whether its base is there. */
#pragma once

#include "library/found-models.h"

G_BEGIN_DECLS

/*
 * Sets what @model, whose path is such a folder, has of its base: "base", where that is, and the
 * family. Returns what it needs and has not, in words, newly allocated, or NULL when it can be
 * used; the tokenizer is not looked for. Weights are not opened. Any thread; it waits for the disk.
 */
char *gloss_tuned_files_check (GlossFoundModel *model);

G_END_DECLS
