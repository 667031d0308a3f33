/* Weights packed for the kernels. */
#include "tensor/panel.h"

#include <string.h>

/* Pairs of a row that are put into their places before the next row's: the lines that they go to
 * then still are in the first-level cache. */
#define BLOCK_PAIRS 64

/* Rows of an in-major matrix that are asked for ahead. */
#define AHEAD_ROWS 16

gsize
gloss_panel_count_bytes (GlossDtype dtype, gsize n_in, gsize n_out)
{
  gsize n_bytes = gloss_dtype_get_size_bytes (dtype);

  if (n_in > G_MAXSIZE - 1 || n_out > G_MAXSIZE - GLOSS_PANEL_OUT
      || !g_size_checked_mul (&n_bytes, n_bytes, (n_in + 1) / 2 * 2)
      || !g_size_checked_mul (&n_bytes, n_bytes,
                              (n_out + GLOSS_PANEL_OUT - 1) / GLOSS_PANEL_OUT * GLOSS_PANEL_OUT))
    return G_MAXSIZE;
  return n_bytes;
}

gsize
gloss_panel_get_size_bytes (GlossDtype dtype, gsize n_in)
{
  return (n_in + 1) / 2 * 2 * GLOSS_PANEL_OUT * gloss_dtype_get_size_bytes (dtype);
}

gsize
gloss_panel_find (gsize n_in, gsize in, gsize out)
{
  return out / GLOSS_PANEL_OUT * GLOSS_PANEL_OUT * ((n_in + 1) / 2 * 2)
         + in / 2 * 2 * GLOSS_PANEL_OUT + out % GLOSS_PANEL_OUT * 2 + in % 2;
}

void
gloss_panel_pack (guint8 *out, const guint8 *rows, gsize n_rows, gsize n_in, gsize size_bytes)
{
  gsize n_pairs = n_in / 2, pair_bytes = 2 * size_bytes;
  gsize row_bytes = n_in * size_bytes, line_bytes = GLOSS_PANEL_OUT * pair_bytes;

  g_assert (n_rows <= GLOSS_PANEL_OUT);
  if (n_rows < GLOSS_PANEL_OUT || n_in % 2)
    memset (out, 0, (n_in + 1) / 2 * line_bytes);
  for (gsize first = 0; first < n_pairs; first += BLOCK_PAIRS)
    {
      gsize end = MIN (n_pairs, first + BLOCK_PAIRS);

      for (gsize row = 0; row < n_rows; row++)
        {
          const guint8 *from = rows + row * row_bytes;
          guint8 *to = out + row * pair_bytes;

          /* lengths that the compiler knows */
          if (size_bytes == 2)
            {
              for (gsize i = first; i < end; i++)
                memcpy (to + i * line_bytes, from + i * 4, 4);
            }
          else
            {
              for (gsize i = first; i < end; i++)
                memcpy (to + i * line_bytes, from + i * 8, 8);
            }
        }
    }
  for (gsize row = 0; n_in % 2 && row < n_rows; row++)
    memcpy (out + n_pairs * line_bytes + row * pair_bytes,
            rows + row * row_bytes + n_pairs * pair_bytes, size_bytes);
}

/* The floats of some pairs of inputs, as they are packed. */
typedef float Block[BLOCK_PAIRS][GLOSS_PANEL_OUT][2];

/* Outputs and inputs that the matrix does not have are left as they are. */
static void
fill_block (Block block, const GlossMatrix *matrix, gsize first_out, gsize first_in, gsize n_in)
{
  float tile[2 * BLOCK_PAIRS * GLOSS_PANEL_OUT];
  gsize end_out = MIN (matrix->n_out, first_out + GLOSS_PANEL_OUT);

  /* a panel may have outputs of several heads */
  for (gsize o = first_out; o < end_out;)
    {
      gsize n_out = MIN (end_out - o, matrix->block_out - o % matrix->block_out);
      gsize in_stride = n_out, out_stride = 1;

      gloss_matrix_convert_tile (tile, matrix, first_in, n_in, o, n_out);
      if (gloss_matrix_is_out_major (matrix))
        in_stride = 1, out_stride = n_in;
      for (gsize i = 0; i < n_in; i++)
        {
          for (gsize k = 0; k < n_out; k++)
            block[i / 2][o - first_out + k][i % 2] = tile[i * in_stride + k * out_stride];
        }
      o += n_out;
    }
}

/* bfloat16 rows lie in pairs already. */
static void
copy_pairs (guint32 *out, const GlossMatrix *matrix, gsize first_out, gsize first_pair,
            gsize n_pairs)
{
  gsize n_out = MIN (GLOSS_PANEL_OUT, matrix->n_out - first_out);

  if (n_out < GLOSS_PANEL_OUT)
    memset (out, 0, n_pairs * GLOSS_PANEL_OUT * sizeof *out);
  for (gsize first = 0; first < n_pairs; first += BLOCK_PAIRS)
    {
      gsize end = MIN (n_pairs, first + BLOCK_PAIRS);

      for (gsize o = 0; o < n_out; o++)
        {
          const guint8 *from = gloss_matrix_get_element (matrix, 2 * first_pair, first_out + o);

          for (gsize i = first; i < end; i++)
            memcpy (out + i * GLOSS_PANEL_OUT + o, from + i * 4, 4);
        }
    }
}

/* In-major, two rows of bfloat16 are put side by side. Each row has one or two cache lines of a
 * panel, and the next is a page or more away, where no CPU reads ahead by itself. */
static void
pair_rows (guint32 *out, const GlossMatrix *matrix, gsize first_out, gsize first_pair,
           gsize n_pairs)
{
  gsize end_out = MIN (matrix->n_out, first_out + GLOSS_PANEL_OUT);
  gsize row_bytes = matrix->in_stride * 2;

  if (end_out < first_out + GLOSS_PANEL_OUT)
    memset (out, 0, n_pairs * GLOSS_PANEL_OUT * sizeof *out);
  /* a panel may have outputs of several heads */
  for (gsize o = first_out; o < end_out;)
    {
      gsize n = MIN (end_out - o, matrix->block_out - o % matrix->block_out);
      const guint8 *from = gloss_matrix_get_element (matrix, 2 * first_pair, o);
      guint32 *to = out + (o - first_out);

      for (gsize i = 0; i < n_pairs; i++, from += 2 * row_bytes, to += GLOSS_PANEL_OUT)
        {
          guint16 low[GLOSS_PANEL_OUT], high[GLOSS_PANEL_OUT];

          for (gsize ahead = AHEAD_ROWS; ahead < AHEAD_ROWS + 2; ahead++)
            {
              __builtin_prefetch (from + ahead * row_bytes);
              __builtin_prefetch (from + ahead * row_bytes + n * 2 - 1);
            }
          if (n == GLOSS_PANEL_OUT) /* a length that the compiler knows */
            {
              memcpy (low, from, sizeof low);
              memcpy (high, from + row_bytes, sizeof high);
              for (gsize k = 0; k < GLOSS_PANEL_OUT; k++)
                to[k] = low[k] | (guint32) high[k] << 16;
              continue;
            }
          memcpy (low, from, n * 2);
          memcpy (high, from + row_bytes, n * 2);
          for (gsize k = 0; k < n; k++)
            to[k] = low[k] | (guint32) high[k] << 16;
        }
      o += n;
    }
}

void
gloss_panel_make_bf16 (guint32 *out, const GlossMatrix *matrix, gsize panel, gsize first_pair,
                       gsize n_pairs)
{
  const GlossKernels *kernels = gloss_kernels_get ();
  gsize first_out = panel * GLOSS_PANEL_OUT;
  Block block;

  if (matrix->dtype == GLOSS_DTYPE_BF16 && !matrix->is_packed
      && 2 * (first_pair + n_pairs) <= matrix->n_in)
    {
      if (gloss_matrix_is_out_major (matrix))
        copy_pairs (out, matrix, first_out, first_pair, n_pairs);
      else
        pair_rows (out, matrix, first_out, first_pair, n_pairs);
      return;
    }
  memset (block, 0, sizeof block);
  for (gsize done = 0; done < n_pairs; done += BLOCK_PAIRS)
    {
      gsize n_now = MIN (BLOCK_PAIRS, n_pairs - done);
      gsize first_in = 2 * (first_pair + done);
      gsize n_values = 2 * n_now * GLOSS_PANEL_OUT;

      if (matrix->is_packed)
        {
          gsize at = gloss_panel_find (matrix->n_in, first_in, first_out);
          const guint8 *from = matrix->data + at * gloss_dtype_get_size_bytes (matrix->dtype);

          gloss_matrix_convert (&block[0][0][0], matrix->dtype, from, n_values);
        }
      else
        {
          gsize n_in = MIN (2 * n_now, matrix->n_in - first_in);

          if (n_in < 2 * n_now)
            memset (block, 0, sizeof block);
          fill_block (block, matrix, first_out, first_in, n_in);
        }
      kernels->pack_bf16 (out + done * GLOSS_PANEL_OUT, 1, &block[0][0][0], n_values);
    }
}

void
gloss_panel_multiply_row (float *out, const GlossMatrix *matrix, gsize panel, const float *x)
{
  const GlossKernels *kernels = gloss_kernels_get ();
  const guint8 *weights = gloss_matrix_get_element (matrix, 0, panel * GLOSS_PANEL_OUT);

  if (matrix->dtype == GLOSS_DTYPE_F32)
    kernels->gemv_panel_f32 (out, weights, x, matrix->n_in);
  else if (matrix->dtype == GLOSS_DTYPE_F16)
    kernels->gemv_panel_f16 (out, weights, x, matrix->n_in);
  else
    kernels->gemv_panel_bf16 (out, weights, x, matrix->n_in);
}
