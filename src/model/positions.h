/* The table of positions at another resolution than the checkpoint's. */
#pragma once

#include "tensor/matrix.h"

G_BEGIN_DECLS

/* 128 × 14 = 1792 px, twice the largest that PaliGemma was trained at. */
#define GLOSS_POSITIONS_MAX_SIDE ((gsize) 128)

/*
 * The out-major @positions [n × width], n a square, as a grid of side × side; side ≥ 1. Linear
 * interpolation with corners kept in place, coordinate o·(n−1)/(m−1), as big_vision resamples by
 * scipy's zoom of order 1. Newly allocated [side² × width]. Any thread.
 */
float *gloss_positions_resample (const GlossMatrix *positions, gsize side);

G_END_DECLS
