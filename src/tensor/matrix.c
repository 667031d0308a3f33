/* A weight matrix as it lies in a file. */
#include "tensor/matrix.h"

#include "tensor/kernels/kernels.h"

const guint8 *
gloss_matrix_get_element (const GlossMatrix *matrix, gsize in, gsize out)
{
  gsize index = out / matrix->block_out * matrix->block_stride + in * matrix->in_stride
                + out % matrix->block_out * matrix->out_stride;

  return matrix->data + index * gloss_dtype_get_size_bytes (matrix->dtype);
}

static void
convert (float *out, GlossDtype dtype, const guint8 *w, gsize n)
{
  const GlossKernels *kernels = gloss_kernels_get ();

  if (dtype == GLOSS_DTYPE_F32)
    kernels->convert_f32 (out, w, n);
  else if (dtype == GLOSS_DTYPE_F16)
    kernels->convert_f16 (out, w, n);
  else
    kernels->convert_bf16 (out, w, n);
}

void
gloss_matrix_convert_row (float *out, const GlossMatrix *matrix, gsize row)
{
  g_assert (gloss_matrix_is_out_major (matrix) && row < matrix->n_out);
  convert (out, matrix->dtype, gloss_matrix_get_element (matrix, 0, row), matrix->n_in);
}

void
gloss_matrix_convert_tile (float *out, const GlossMatrix *matrix, gsize first_in, gsize n_in,
                           gsize first_out, gsize n_out)
{
  if (gloss_matrix_is_out_major (matrix))
    {
      for (gsize j = 0; j < n_out; j++)
        convert (out + j * n_in, matrix->dtype,
                 gloss_matrix_get_element (matrix, first_in, first_out + j), n_in);
    }
  else
    {
      for (gsize i = 0; i < n_in; i++)
        convert (out + i * n_out, matrix->dtype,
                 gloss_matrix_get_element (matrix, first_in + i, first_out), n_out);
    }
}
