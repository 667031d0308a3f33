/* Matrix products of floats in memory, by OpenBLAS, on the calling thread alone. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * out[m × n] = alpha·a[m × k]·B + beta·out. B is b[k × n], or with @b_transposed the transpose of
 * b[n × k]. ld_… are the distances between rows, in floats. @out overlaps nothing. With beta 0 @out
 * may be uninitialised. OpenBLAS is told once to keep to one thread: our pool spreads tiles. Any
 * thread.
 */
void gloss_gemm (float *out, gsize ld_out, const float *a, gsize ld_a, const float *b, gsize ld_b,
                 gboolean b_transposed, gsize m, gsize n, gsize k, float alpha, float beta);

/* out[m × n] = alpha·Aᵀ·b[k × n] + beta·out, where A is a[k × m]; else the same. Any thread. */
void gloss_gemm_transposed (float *out, gsize ld_out, const float *a, gsize ld_a, const float *b,
                            gsize ld_b, gsize m, gsize n, gsize k, float alpha, float beta);

/* Name of the OpenBLAS kernel in use ("Cooperlake"); static. Any thread. */
const char *gloss_gemm_get_core (void);

G_END_DECLS
