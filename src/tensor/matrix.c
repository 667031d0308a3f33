/* A weight matrix as it lies in a file. */
#include "tensor/matrix.h"

#include "tensor/panel.h"

#include <string.h>

/* Pairs of inputs, and single values, that are turned into floats at once. */
#define BLOCK_PAIRS 32
#define ROW_BLOCK 512

const guint8 *
gloss_matrix_get_element (const GlossMatrix *matrix, gsize in, gsize out)
{
  gsize index = matrix->is_packed
                    ? gloss_panel_find (matrix->n_in, in, out)
                    : out / matrix->block_out * matrix->block_stride + in * matrix->in_stride
                          + out % matrix->block_out * matrix->out_stride;

  return matrix->data + index * gloss_dtype_get_size_bytes (matrix->dtype);
}

void
gloss_matrix_convert (float *out, GlossDtype dtype, const guint8 *w, gsize n)
{
  const GlossKernels *kernels = gloss_kernels_get ();

  if (dtype == GLOSS_DTYPE_F32)
    kernels->convert_f32 (out, w, n);
  else if (dtype == GLOSS_DTYPE_F16)
    kernels->convert_f16 (out, w, n);
  else
    kernels->convert_bf16 (out, w, n);
}

static void
convert_packed_row (float *out, const GlossMatrix *matrix, gsize row)
{
  gsize size_bytes = gloss_dtype_get_size_bytes (matrix->dtype);
  guint8 values[ROW_BLOCK * sizeof (float)];

  for (gsize first = 0; first < matrix->n_in; first += ROW_BLOCK)
    {
      gsize n = MIN (ROW_BLOCK, matrix->n_in - first);

      for (gsize i = 0; i < n; i++)
        memcpy (values + i * size_bytes, gloss_matrix_get_element (matrix, first + i, row),
                size_bytes);
      gloss_matrix_convert (out + first, matrix->dtype, values, n);
    }
}

void
gloss_matrix_convert_row (float *out, const GlossMatrix *matrix, gsize row)
{
  g_assert (row < matrix->n_out);
  if (matrix->is_packed)
    {
      convert_packed_row (out, matrix, row);
      return;
    }
  g_assert (gloss_matrix_is_out_major (matrix));
  gloss_matrix_convert (out, matrix->dtype, gloss_matrix_get_element (matrix, 0, row),
                        matrix->n_in);
}

static void
convert_panel (float *out, const GlossMatrix *matrix, gsize pair, gsize panel, gsize n_pairs)
{
  const GlossKernels *kernels = gloss_kernels_get ();
  const guint8 *from = gloss_matrix_get_element (matrix, 2 * pair, panel * GLOSS_PANEL_OUT);

  if (matrix->dtype == GLOSS_DTYPE_F32)
    kernels->convert_panel_f32 (out, from, n_pairs);
  else if (matrix->dtype == GLOSS_DTYPE_F16)
    kernels->convert_panel_f16 (out, from, n_pairs);
  else
    kernels->convert_panel_bf16 (out, from, n_pairs);
}

static void
convert_packed_tile (float *out, const GlossMatrix *matrix, gsize first_in, gsize n_in,
                     gsize first_out, gsize n_out)
{
  float block[2 * BLOCK_PAIRS][GLOSS_PANEL_OUT];
  gsize end_in = first_in + n_in, end_out = first_out + n_out;

  for (gsize pair = first_in / 2; 2 * pair < end_in; pair += BLOCK_PAIRS)
    {
      gsize n_pairs = MIN (BLOCK_PAIRS, (end_in + 1) / 2 - pair);

      for (gsize o = first_out; o < end_out;)
        {
          gsize inside = o % GLOSS_PANEL_OUT, n = MIN (GLOSS_PANEL_OUT - inside, end_out - o);

          convert_panel (&block[0][0], matrix, pair, o / GLOSS_PANEL_OUT, n_pairs);
          for (gsize in = MAX (first_in, 2 * pair); in < MIN (end_in, 2 * (pair + n_pairs)); in++)
            memcpy (out + (in - first_in) * n_out + (o - first_out), &block[in - 2 * pair][inside],
                    n * sizeof (float));
          o += n;
        }
    }
}

void
gloss_matrix_convert_tile (float *out, const GlossMatrix *matrix, gsize first_in, gsize n_in,
                           gsize first_out, gsize n_out)
{
  if (matrix->is_packed)
    convert_packed_tile (out, matrix, first_in, n_in, first_out, n_out);
  else if (gloss_matrix_is_out_major (matrix))
    {
      for (gsize j = 0; j < n_out; j++)
        gloss_matrix_convert (out + j * n_in, matrix->dtype,
                              gloss_matrix_get_element (matrix, first_in, first_out + j), n_in);
    }
  else
    {
      for (gsize i = 0; i < n_in; i++)
        gloss_matrix_convert (out + i * n_out, matrix->dtype,
                              gloss_matrix_get_element (matrix, first_in + i, first_out), n_out);
    }
}
