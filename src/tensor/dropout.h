/* Dropout whose mask can be made again. */
#pragma once

#include "base/pool.h"

G_BEGIN_DECLS

/*
 * x[n_rows × width]: each value becomes 0 with probability @rate (from 0 to below 1), else
 * x/(1 − rate), in place. The mask of a row depends on keys[row], @place and @rate alone, so that
 * the same call is the forward, the forward again, and, on the gradient, the backward. From the
 * thread that runs the job.
 */
void gloss_dropout (GlossPool *pool, float *x, const guint64 *keys, guint64 place, gsize n_rows,
                    gsize width, float rate);

G_END_DECLS
