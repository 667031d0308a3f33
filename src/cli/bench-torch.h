/* How transformers on PyTorch is measured in the same way. */
#pragma once

#include "base/dtype.h"
#include "model/config.h"

G_BEGIN_DECLS

/*
 * A line of shell with a program for python3 in it, newly allocated: transformers with random
 * weights of the shape @config in @dtype on @n_threads, the best of @n_repeats, with the keys that
 * gloss-cli bench has. Any thread.
 */
char *gloss_bench_make_torch_command (const GlossModelConfig *config, GlossDtype dtype,
                                      guint n_threads, guint n_tokens, guint n_repeats);

G_END_DECLS
