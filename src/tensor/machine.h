/* What the machine can do, measured: what other figures are a share of. */
#pragma once

#include "base/pool.h"

G_BEGIN_DECLS

typedef struct
{
  double sgemm_flops; /* per second: OpenBLAS on all threads of the pool, a large square each */
  double bf16_flops;  /* per second: our products of bfloat16 with bfloat16, one large square */
  double read_bytes;  /* per second: adding up memory that is in no cache, on all threads */
} GlossMachineRates;

/* Measures for a second or two; the best of a few runs. Fails with GLOSS_ERROR_TOO_LARGE when there
 * is no memory for it. From the thread that runs the job. */
gboolean gloss_machine_measure (GlossPool *pool, GlossMachineRates *rates, GError **error);

G_END_DECLS
