/* Matrix times vector, straight from the weights as they are in the file.
 *
 * Decoding reads every weight once for each token and is bound by memory, so the conversion of half
 * floats hides behind the loads.
 */
#include "tensor/kernels/table.h"
#include "tensor/kernels/vec.h"

/* Rows of a column sum before it is added to the total: shorter chains of additions, smaller error.
 */
#define CHAIN_ROWS 256

#define CONVERT(type, size)                                                                        \
  void GLOSS_KERNEL (convert_##type) (float *out, const guint8 *w, gsize n)                        \
  {                                                                                                \
    gsize i = 0;                                                                                   \
                                                                                                   \
    for (; i + GLOSS_LANES <= n; i += GLOSS_LANES)                                                 \
      vf_store (out + i, vf_load_##type (w + i * size));                                           \
    if (i < n)                                                                                     \
      {                                                                                            \
        guint8 tail[GLOSS_LANES * size] = { 0 };                                                   \
                                                                                                   \
        memcpy (tail, w + i * size, (n - i) * size);                                               \
        vf_store_part (out + i, vf_load_##type (tail), n - i);                                     \
      }                                                                                            \
  }

CONVERT (f32, 4)
CONVERT (f16, 2)
CONVERT (bf16, 2)

/* Four accumulators of sixteen lanes: enough additions in flight to hide their latency. */
#define GEMV_ROWS(type, size)                                                                      \
  void GLOSS_KERNEL (gemv_rows_##type) (float *out, const guint8 *w, gsize stride, const float *x, \
                                        gsize n_rows, gsize n)                                     \
  {                                                                                                \
    for (gsize j = 0; j < n_rows; j++)                                                             \
      {                                                                                            \
        const guint8 *row = w + j * stride;                                                        \
        vf sum[4] = { { 0 } };                                                                     \
        gsize i = 0;                                                                               \
                                                                                                   \
        for (; i + 4 * GLOSS_LANES <= n; i += 4 * GLOSS_LANES)                                     \
          {                                                                                        \
            for (int k = 0; k < 4; k++)                                                            \
              sum[k] += vf_load (x + i + k * GLOSS_LANES)                                          \
                        * vf_load_##type (row + (i + k * GLOSS_LANES) * size);                     \
          }                                                                                        \
        for (; i + GLOSS_LANES <= n; i += GLOSS_LANES)                                             \
          sum[0] += vf_load (x + i) * vf_load_##type (row + i * size);                             \
        if (i < n)                                                                                 \
          {                                                                                        \
            guint8 tail[GLOSS_LANES * size] = { 0 };                                               \
                                                                                                   \
            memcpy (tail, row + i * size, (n - i) * size);                                         \
            sum[0] += vf_load_part (x + i, n - i, 0) * vf_load_##type (tail);                      \
          }                                                                                        \
        out[j] = vf_sum ((sum[0] + sum[1]) + (sum[2] + sum[3]));                                   \
      }                                                                                            \
  }

GEMV_ROWS (f32, 4)
GEMV_ROWS (f16, 2)
GEMV_ROWS (bf16, 2)

/* Four rows at once, so that the partial sums are loaded and stored once for four products. */
#define GEMV_COLS(type, size)                                                                      \
  void GLOSS_KERNEL (gemv_cols_##type) (float *out, const guint8 *w, gsize stride, const float *x, \
                                        gsize n_rows, gsize n)                                     \
  {                                                                                                \
    vf sum[GLOSS_GEMV_MAX_COLS / GLOSS_LANES];                                                     \
    guint8 tail[4][GLOSS_LANES * size];                                                            \
    gsize n_full = n / GLOSS_LANES, n_tail = n % GLOSS_LANES;                                      \
                                                                                                   \
    memset (out, 0, n * sizeof (float));                                                           \
    memset (tail, 0, sizeof tail);                                                                 \
    for (gsize i = 0; i < n_rows;)                                                                 \
      {                                                                                            \
        gsize end = MIN (n_rows, i + CHAIN_ROWS);                                                  \
                                                                                                   \
        memset (sum, 0, (n_full + (n_tail > 0)) * sizeof (vf));                                    \
        while (i < end)                                                                            \
          {                                                                                        \
            gsize n_now = MIN (4, end - i);                                                        \
            const guint8 *row = w + i * stride;                                                    \
                                                                                                   \
            if (n_now == 4)                                                                        \
              {                                                                                    \
                for (gsize j = 0; j < n_full; j++)                                                 \
                  {                                                                                \
                    const guint8 *p = row + j * GLOSS_LANES * size;                                \
                    vf s = sum[j];                                                                 \
                                                                                                   \
                    s += x[i] * vf_load_##type (p);                                                \
                    s += x[i + 1] * vf_load_##type (p + stride);                                   \
                    s += x[i + 2] * vf_load_##type (p + 2 * stride);                               \
                    s += x[i + 3] * vf_load_##type (p + 3 * stride);                               \
                    sum[j] = s;                                                                    \
                  }                                                                                \
              }                                                                                    \
            else                                                                                   \
              {                                                                                    \
                for (gsize k = 0; k < n_now; k++)                                                  \
                  {                                                                                \
                    for (gsize j = 0; j < n_full; j++)                                             \
                      sum[j] +=                                                                    \
                          x[i + k] * vf_load_##type (row + k * stride + j * GLOSS_LANES * size);   \
                  }                                                                                \
              }                                                                                    \
            for (gsize k = 0; n_tail > 0 && k < n_now; k++)                                        \
              {                                                                                    \
                memcpy (tail[k], row + k * stride + n_full * GLOSS_LANES * size, n_tail * size);   \
                sum[n_full] += x[i + k] * vf_load_##type (tail[k]);                                \
              }                                                                                    \
            i += n_now;                                                                            \
          }                                                                                        \
        for (gsize j = 0; j < n_full; j++)                                                         \
          vf_store (out + j * GLOSS_LANES, vf_load (out + j * GLOSS_LANES) + sum[j]);              \
        for (gsize j = 0; j < n_tail; j++)                                                         \
          out[n_full * GLOSS_LANES + j] += sum[n_full][j];                                         \
      }                                                                                            \
  }

GEMV_COLS (f32, 4)
GEMV_COLS (f16, 2)
GEMV_COLS (bf16, 2)
