/* A step allocates nothing: what it needs was taken before the job began. */
#include "model/fixture.h"
#include "model/gemma.h"
#include "model/siglip.h"
#include "support/asserts.h"
#include "support/malloc-counter.h"
#include "tensor/attention.h"
#include "tensor/linear.h"

#include <stdlib.h>

static void
test_counter_should_count (void)
{
  gsize before = gloss_malloc_count ();
  void *volatile block = malloc (10);

  g_assert_cmpuint (gloss_malloc_count (), ==, before + 1);
  block = realloc (block, 20);
  g_assert_cmpuint (gloss_malloc_count (), ==, before + 2);
  free (block);
  block = g_malloc0 (5);
  g_assert_cmpuint (gloss_malloc_count (), ==, before + 3);
  g_free (block);
  block = aligned_alloc (64, 64);
  g_assert_cmpuint (gloss_malloc_count (), ==, before + 4);
  free (block);
}

static void
test_a_job_should_not_allocate_once_warm (gconstpointer name)
{
  g_autoptr (Fixture) fixture = fixture_new (name);
  g_autoptr (GlossModel) model = fixture_load_model (fixture, "weights.f32.npz");
  const GlossModelConfig *config = gloss_model_get_config (model);
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  gsize n_rows = config->n_image_tokens + 8, width = config->width, n_vocab = 2048, n;
  g_autoptr (GlossArena) arena =
      gloss_arena_new (MAX (gloss_siglip_get_workspace_bytes (config),
                            gloss_gemma_get_workspace_bytes (config, n_rows)),
                       NULL);
  g_autofree float *image = fixture_get_floats (fixture, "image", &n);
  g_autofree float *x = g_new0 (float, n_rows *width);
  g_autofree float *logits = g_new (float, 2 * n_vocab);
  g_autofree guint *n_visible = g_new (guint, n_rows);
  g_autoptr (GlossKvCache) cache = gloss_kv_cache_new (config, n_rows, 2, 40, GLOSS_KV_F32, NULL);
  const guint parents[] = { 1, 0 };
  const gint32 ids[] = { 5, 6 };
  gsize warm = 0;

  for (gsize i = 0; i < n_rows; i++)
    n_visible[i] = (guint) n_rows;
  g_assert_true (gloss_pool_reserve_scratch (
      pool,
      MAX (gloss_linear_get_scratch_bytes (), gloss_attention_get_scratch_bytes (n_rows + 40)),
      NULL));
  gloss_pool_begin_job (pool, NULL);
  for (guint round = 0; round < 3; round++)
    {
      if (round == 1)
        warm = gloss_malloc_count ();
      gloss_siglip_encode (model, pool, arena, x, image, NULL);
      gloss_gemma_prefill (model, pool, arena, cache, x, n_rows, n_visible, 1, NULL);
      for (guint step = 0; step < 10; step++)
        {
          gloss_gemma_embed (model, x, ids, 2);
          gloss_gemma_step (model, pool, arena, cache, x, 2, NULL);
          gloss_gemma_logits (model, pool, logits, x, 2, n_vocab, 30);
          gloss_kv_cache_reorder (cache, parents, 2);
        }
    }
  g_assert_cmpuint (gloss_malloc_count (), ==, warm);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/allocations/counter-should-count", test_counter_should_count);
  g_test_add_data_func ("/model/allocations/paligemma1/a-job-should-not-allocate-once-warm",
                        "paligemma1", test_a_job_should_not_allocate_once_warm);
  g_test_add_data_func ("/model/allocations/paligemma2/a-job-should-not-allocate-once-warm",
                        "paligemma2", test_a_job_should_not_allocate_once_warm);
  return g_test_run ();
}
