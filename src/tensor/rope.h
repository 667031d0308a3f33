/* Rotary position embedding, split halves. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * cosines and sines[n_rows × head_dim/2] of position / base^(2i/head_dim). Row r is at position
 * @first + r, unless not @consecutive: then every row is at @first, as the beams of one step are.
 * The timescale is rounded to float before the division, as the reference does. Any thread.
 */
void gloss_rope_fill (float *cosines, float *sines, gsize first, gboolean consecutive, gsize n_rows,
                      gsize head_dim, float base);

/*
 * Rotates x[n_rows × n_heads × head_dim] in place by the tables of gloss_rope_fill (): the pair
 * (i, i + head_dim/2) by angle i. Any thread.
 */
void gloss_rope (float *x, const float *cosines, const float *sines, gsize n_rows, gsize n_heads,
                 gsize head_dim);

/* The gradient: rotates d_x the same way back, in place. Any thread. */
void gloss_rope_backward (float *d_x, const float *cosines, const float *sines, gsize n_rows,
                          gsize n_heads, gsize head_dim);

G_END_DECLS
