/* Weights packed for the kernels: one layout, whatever the CPU. */
#pragma once

#include "tensor/kernels/kernels.h"
#include "tensor/matrix.h"

G_BEGIN_DECLS

/*
 * A packed matrix is one panel after the other, each of GLOSS_PANEL_OUT = 32 outputs, the last one
 * filled up with zeros. A panel has the weights of one pair of inputs after the other, and those of
 * a pair output by output, both beside each other: [n_out/32][n_in/2][32][2]. An odd number of
 * inputs is filled up with zeros too. Element (in, out) is therefore number
 *   (out / 32)·32·n + (in / 2)·64 + (out % 32)·2 + in % 2,  n = n_in rounded up to even,
 * in the weights' own type. A panel is one sequential stream of cache lines for the memory,
 * whatever the strides of the matrix were, and a pair is what vdpbf16ps and AMX take.
 */

/* Bytes of a packed matrix; G_MAXSIZE on overflow. Any thread. */
gsize gloss_panel_count_bytes (GlossDtype dtype, gsize n_in, gsize n_out);

/* Bytes of one panel. Any thread. */
gsize gloss_panel_get_size_bytes (GlossDtype dtype, gsize n_in);

/* The number of element (@in, @out) in a packed matrix. Any thread. */
gsize gloss_panel_find (gsize n_in, gsize in, gsize out);

/*
 * @out = the panel of rows[n_rows × n_in], a row for each of at most 32 outputs, whose values have
 * @size_bytes, 2 or 4, and any alignment. @out must not overlap @rows. Any thread.
 */
void gloss_panel_pack (guint8 *out, const guint8 *rows, gsize n_rows, gsize n_in, gsize size_bytes);

/*
 * out[n_pairs × 32] = the pairs of inputs from @first_pair on and the outputs of @panel, of a
 * matrix of any type and layout, rounded to bfloat16 as the kernel pack_bf16 does and packed. Any
 * thread.
 */
void gloss_panel_make_bf16 (guint32 *out, const GlossMatrix *matrix, gsize panel, gsize first_pair,
                            gsize n_pairs);

/* out[32] = x[n_in]·W for the outputs of @panel, a whole one, of a packed matrix. Any thread. */
void gloss_panel_multiply_row (float *out, const GlossMatrix *matrix, gsize panel, const float *x);

G_END_DECLS
