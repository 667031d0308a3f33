/* What share of OpenBLAS's rate attention reaches, at the shapes of PaliGemma 3B and its three
 * picture sizes. Measured here, one after the other. Prints JSON lines. */
#include "support/asserts.h"
#include "tensor/attention.h"
#include "tensor/machine.h"

#include <jansson.h>
#include <stdio.h>

static const struct
{
  const char *name;
  gsize n_rows;
  GlossAttentionShape shape;
} cases[] = {
  { "SigLIP, 224 px", 256, { 16, 16, 72, 0.1f, 0 } },
  { "SigLIP, 448 px", 1024, { 16, 16, 72, 0.1f, 0 } },
  { "SigLIP, 896 px", 4096, { 16, 16, 72, 0.1f, 0 } },
  { "Gemma, 224 px", 260, { 8, 1, 256, 0.06f, 0 } },
  { "Gemma, 448 px", 1028, { 8, 1, 256, 0.06f, 0 } },
  { "Gemma, 896 px", 4100, { 8, 1, 256, 0.06f, 0 } },
  { "Gemma 2, 224 px", 260, { 8, 4, 256, 0.06f, 50 } },
  { "Gemma 2, 448 px", 1028, { 8, 4, 256, 0.06f, 50 } },
  { "Gemma 2, 896 px", 4100, { 8, 4, 256, 0.06f, 50 } },
  /* a step of decoding after as many */
  { "Gemma, 224 px, one row", 260, { 8, 1, 256, 0.06f, 0 } },
  { "Gemma, 448 px, one row", 1028, { 8, 1, 256, 0.06f, 0 } },
  { "Gemma, 896 px, one row", 4100, { 8, 1, 256, 0.06f, 0 } },
  { "Gemma 2, 896 px, one row", 4100, { 8, 4, 256, 0.06f, 50 } },
};

int
main (void)
{
  g_autoptr (GlossPool) pool = gloss_pool_new (MIN (64, gloss_pool_count_cpus ()));
  GlossMachineRates rates;

  if (!gloss_machine_measure (pool, &rates, NULL))
    return 77;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const GlossAttentionShape *shape = &cases[i].shape;
      gsize n = cases[i].n_rows, n_kv = n * shape->n_kv_heads * shape->head_dim;
      gsize n_q = n * shape->n_heads * shape->head_dim;
      g_autofree float *q = g_new (float, n_q);
      g_autofree float *k = g_new (float, n_kv);
      g_autofree float *v = g_new (float, n_kv);
      g_autofree float *out = g_new0 (float, n_q);
      gsize n_rows = g_str_has_suffix (cases[i].name, "one row") ? 1 : n;
      GlossAttentionItem item = { out, q, n_rows, NULL, { { k, v, n } } };
      double flop = 4.0 * (double) n_rows * (double) n_q, best = 1e9;
      json_t *line;

      gloss_test_fill (q, n_q, 1);
      gloss_test_fill (k, n_kv, 2);
      gloss_test_fill (v, n_kv, 3);
      for (int repeat = 0; repeat < (n_rows > 2000 ? 2 : 8); repeat++)
        {
          gint64 start_usec = g_get_monotonic_time ();

          gloss_attention (pool, &item, 1, shape);
          best = MIN (best, (double) (g_get_monotonic_time () - start_usec) / 1e6);
        }
      line = json_pack ("{s:s, s:f, s:f, s:f}", "what", cases[i].name, "seconds", best, "gflops",
                        flop / best / 1e9, "share_of_sgemm", flop / best / rates.sgemm_flops);
      if (n_rows == 1)
        json_object_set_new (
            line, "share_of_read",
            json_real ((double) n_kv * 2 * sizeof (float) / best / rates.read_bytes));
      json_dumpf (line, stdout, JSON_PRESERVE_ORDER | JSON_REAL_PRECISION (4));
      putchar ('\n');
      json_decref (line);
    }
  return 0;
}
