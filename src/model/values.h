/* Looking at all values of a tensor. */
#pragma once

#include "base/pool.h"
#include "weights/weights.h"

G_BEGIN_DECLS

typedef struct
{
  double max_abs; /* of the finite values */
  guint64 n_nan;
  guint64 n_infinite;
} GlossValues;

/* Reads the whole tensor; one of a type that weights do not have counts as finite zeros. @out is
 * complete unless the pool's job was cancelled. From the thread that runs the job. */
void gloss_values_look (GlossValues *out, GlossPool *pool, const GlossTensorView *view);

G_END_DECLS
