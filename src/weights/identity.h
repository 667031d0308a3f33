/* Which files weights came from, so that the same ones are known again. */
#pragma once

#include "weights/weights.h"

G_BEGIN_DECLS

/*
 * A new object with the "name" of the first file, the "bytes" of all of them, when the newest was
 * "modified" (seconds since 1970), and "sha256" of what is at their two ends, where such files have
 * their directories: of their sizes and the first and last MiB of each. Any thread.
 */
json_t *gloss_weights_make_identity (GlossWeights *weights);

G_END_DECLS
