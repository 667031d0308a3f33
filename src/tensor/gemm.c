/* Matrix products of floats in memory, by OpenBLAS. */
#include "tensor/gemm.h"

#include <cblas.h>

static void
use_one_thread (void)
{
  static gsize done;

  if (g_once_init_enter (&done))
    {
      openblas_set_num_threads (1);
      g_once_init_leave (&done, 1);
    }
}

void
gloss_gemm (float *out, gsize ld_out, const float *a, gsize ld_a, const float *b, gsize ld_b,
            gboolean b_transposed, gsize m, gsize n, gsize k, float alpha, float beta)
{
  g_assert (MAX (MAX (ld_out, ld_a), ld_b) <= G_MAXINT && MAX (MAX (m, n), k) <= G_MAXINT);

  use_one_thread ();
  cblas_sgemm (CblasRowMajor, CblasNoTrans, b_transposed ? CblasTrans : CblasNoTrans, (int) m,
               (int) n, (int) k, alpha, a, (int) ld_a, b, (int) ld_b, beta, out, (int) ld_out);
}

void
gloss_gemm_transposed (float *out, gsize ld_out, const float *a, gsize ld_a, const float *b,
                       gsize ld_b, gsize m, gsize n, gsize k, float alpha, float beta)
{
  g_assert (MAX (MAX (ld_out, ld_a), ld_b) <= G_MAXINT && MAX (MAX (m, n), k) <= G_MAXINT);

  use_one_thread ();
  cblas_sgemm (CblasRowMajor, CblasTrans, CblasNoTrans, (int) m, (int) n, (int) k, alpha, a,
               (int) ld_a, b, (int) ld_b, beta, out, (int) ld_out);
}

const char *
gloss_gemm_get_core (void)
{
  return openblas_get_corename ();
}
