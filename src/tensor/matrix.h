/* A weight matrix as it lies in a file: bytes, element type, strides. */
#pragma once

#include "base/dtype.h"

G_BEGIN_DECLS

/*
 * The matrix W of y = x·W, n_in × n_out. Element (i, o) is element
 *   (o / block_out)·block_stride + i·in_stride + (o % block_out)·out_stride
 * of @data, in elements of @dtype (F32, F16 or BF16), at any alignment; one of in_stride and
 * out_stride is 1. Rows of outputs (out-major, as Hugging Face stores them) have in_stride 1;
 * big_vision stores them in-major, and per head: a block is one head. A view: it owns nothing, and
 * whoever made it has checked that all of it lies inside the file.
 */
typedef struct
{
  const guint8 *data; /* borrowed */
  GlossDtype dtype;
  gsize n_in;
  gsize n_out;
  gsize in_stride;
  gsize out_stride;
  gsize block_out;
  gsize block_stride;
  gboolean
      is_packed; /* in panels, see panel.h: no strides count, and n_out may be less than packed */
} GlossMatrix;

/* The bytes of element (@in, @out). Any thread. */
const guint8 *gloss_matrix_get_element (const GlossMatrix *matrix, gsize in, gsize out);

/* out[n] = @w, @n weights of type @dtype at any alignment, as floats; exact. Any thread. */
void gloss_matrix_convert (float *out, GlossDtype dtype, const guint8 *w, gsize n);

/* out[0 … n_in) = the weights of output @row of an out-major or packed matrix (an embedding). Any
 * thread. */
void gloss_matrix_convert_row (float *out, const GlossMatrix *matrix, gsize row);

/*
 * The weights of inputs first_in … +n_in and outputs first_out … +n_out, which must lie in one
 * block, as floats: out[j·n_in + i] for an out-major matrix, out[i·n_out + j] for an in-major or a
 * packed one, which is all one block. Any thread.
 */
void gloss_matrix_convert_tile (float *out, const GlossMatrix *matrix, gsize first_in, gsize n_in,
                                gsize first_out, gsize n_out);

static inline gboolean
gloss_matrix_is_out_major (const GlossMatrix *matrix)
{
  return !matrix->is_packed && matrix->in_stride == 1;
}

G_END_DECLS
