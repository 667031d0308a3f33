/* Every activation of both towers, and the logits, against the reference implementations.
 *
 * The bounds are what the two references keep between each other: 5e-6 of a layer's largest value,
 * and 2e-5 for logits of magnitude 20. */
#include "model/fixture.h"
#include "model/gemma.h"
#include "model/siglip.h"
#include "support/asserts.h"

#include <string.h>

#define LAYER_BOUND_FRAC 5e-6
#define LOGIT_BOUND 2e-5

typedef struct
{
  const char *fixture;
  const char *file;
  const char *logits;       /* the reference's, for weights of this type */
  gboolean has_activations; /* those in forward.npz are of the f32 weights */
} Variant;

static const Variant variants[] = {
  { "paligemma1", "weights.f32.npz", "logits", TRUE },
  { "paligemma1", "weights.bf16.npz", "logits.bf16-weights", FALSE },
  { "paligemma1", "weights.f16.npz", "logits.f16-weights", FALSE },
  { "paligemma1", "hf", "logits", TRUE },
  { "paligemma2", "weights.f32.npz", "logits", TRUE },
  { "paligemma2", "weights.bf16.npz", "logits.bf16-weights", FALSE },
  { "paligemma2", "hf", "logits.bf16-weights", FALSE },
  { "paligemma2-27b-like", "weights.f32.npz", "logits", TRUE },
  { "paligemma2-27b-like", "hf", "logits", TRUE },
};

/* Collects the activations of one example and compares each with the reference as it comes. */
typedef struct
{
  Fixture *fixture;
  gsize example;
  GHashTable *deviations; /* name → largest fraction (double *), over all examples */
  GPtrArray *order;       /* names as they came first */
  char *first_failure;    /* owned: the first name beyond the bound */
} Comparison;

static void
compare (Comparison *comparison, const char *name, const float *got, gsize n, double scale_bound,
         gboolean relative, const char *reference)
{
  gsize n_all;
  g_autofree float *all = fixture_get_floats (comparison->fixture, reference, &n_all);
  const float *expected = all + comparison->example * n;
  double *worst = g_hash_table_lookup (comparison->deviations, name);
  double scale = relative ? gloss_max_abs (expected, n) : 1;
  double max;

  g_assert_cmpuint ((comparison->example + 1) * n, <=, n_all);
  g_assert_cmpfloat (scale, >, 0);
  if (!gloss_is_close (got, expected, n, scale_bound * scale, &max, NULL)
      && !comparison->first_failure)
    comparison->first_failure = g_strdup (name);
  if (!worst)
    {
      worst = g_new0 (double, 1);
      g_hash_table_insert (comparison->deviations, g_strdup (name), worst);
      g_ptr_array_add (comparison->order, g_strdup (name));
    }
  *worst = MAX (*worst, max / scale);
}

static void
compare_tap (const char *name, const float *x, gsize n_rows, gsize n_cols, gpointer user_data)
{
  compare (user_data, name, x, n_rows * n_cols, LAYER_BOUND_FRAC, TRUE, name);
}

/* Who sees whom from mask_ar, image tokens first: the rows up to the last of the same cumulative
 * sum. */
static guint *
make_n_visible (const float *mask_ar, gsize n_image, gsize n_text)
{
  gsize n = n_image + n_text;
  guint *n_visible = g_new (guint, n);
  guint last = (guint) n;

  for (gsize i = n; i-- > 0;)
    {
      n_visible[i] = last;
      if (i >= n_image && mask_ar[i - n_image] > 0)
        last = (guint) i;
    }
  return n_visible;
}

/* Runs example by example; the name of the first activation that differs, or NULL. */
static char *
run_variant (Fixture *fixture, GlossModel *model, const Variant *variant, gboolean quiet)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autoptr (GError) error = NULL;
  gsize side = gloss_model_config_get_image_size_px (config);
  gsize n_image = config->n_image_tokens, n_vocab = 2048, n_text = 39, text_stride = 40, n;
  gsize n_rows = n_image + n_text;
  g_autofree float *images = fixture_get_floats (fixture, "image", &n);
  g_autofree float *text = fixture_get_floats (fixture, "text", &n);
  g_autofree float *mask_ar = fixture_get_floats (fixture, "mask_ar", &n);
  g_autofree float *x = g_new (float, n_rows * config->width);
  g_autofree float *logits = g_new (float, n_text *n_vocab);
  g_autoptr (GlossArena) arena =
      gloss_arena_new (MAX (gloss_siglip_get_workspace_bytes (config),
                            gloss_gemma_get_workspace_bytes (config, n_rows)),
                       &error);
  Comparison comparison = { .fixture = fixture };
  GlossTap tap = { compare_tap, &comparison };

  comparison.deviations = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  comparison.order = g_ptr_array_new_with_free_func (g_free);
  gloss_pool_begin_job (pool, NULL);
  for (gsize example = 0; example < 4; example++)
    {
      g_autofree guint *n_visible =
          make_n_visible (mask_ar + example * text_stride, n_image, n_text);
      g_autoptr (GlossKvCache) cache =
          gloss_kv_cache_new (config, n_rows, 1, 1, GLOSS_KV_F32, &error);
      gint32 ids[39];

      comparison.example = example;
      for (gsize i = 0; i < n_text; i++)
        ids[i] = (gint32) text[example * text_stride + i];
      gloss_siglip_encode (model, pool, arena, x, images + example * side * side * 3,
                           variant->has_activations ? &tap : NULL);
      gloss_gemma_embed (model, x + n_image * config->width, ids, n_text);
      gloss_gemma_prefill (model, pool, arena, cache, x, n_rows, n_visible, n_rows,
                           variant->has_activations ? &tap : NULL);
      gloss_gemma_logits (model, pool, logits, x + n_image * config->width, n_text, n_vocab, 0);
      compare (&comparison, "logits", logits, n_text * n_vocab, LOGIT_BOUND, FALSE,
               variant->logits);
    }
  gloss_pool_end_job (pool, NULL);

  for (guint i = 0; i < comparison.order->len && !quiet; i++)
    {
      const char *name = g_ptr_array_index (comparison.order, i);
      double *worst = g_hash_table_lookup (comparison.deviations, name);

      g_test_message ("%s %s | %s | %.2e", fixture->name, variant->file, name, *worst);
    }
  g_hash_table_unref (comparison.deviations);
  g_ptr_array_unref (comparison.order);
  return comparison.first_failure;
}

static void
test_activations_should_equal_the_reference (gconstpointer data)
{
  const Variant *variant = data;
  g_autoptr (Fixture) fixture = fixture_new (variant->fixture);
  g_autoptr (GlossModel) model = fixture_load_model (fixture, variant->file);
  g_autofree char *first = run_variant (fixture, model, variant, FALSE);

  if (first)
    g_error ("%s %s: the first layer that differs is %s", variant->fixture, variant->file, first);
}

static void
test_prepared_files_should_equal_it_too (gconstpointer data)
{
  const Variant *variant = data;
  g_autoptr (Fixture) fixture = fixture_new (variant->fixture);
  g_autoptr (GlossModel) model = fixture_load_prepared_model (fixture, variant->file);
  g_autofree char *first = run_variant (fixture, model, variant, FALSE);

  if (first)
    g_error ("%s %s, prepared: the first layer that differs is %s", variant->fixture, variant->file,
             first);
}

/* The tester tested: a wrong query scale shows first in the first language block, not in the vision
 * tower, and a wrong tensor in the vision tower where it is used. */
static void
test_comparison_should_name_the_first_wrong_layer (void)
{
  const Variant *variant = &variants[0];
  g_autoptr (Fixture) fixture = fixture_new (variant->fixture);
  g_autofree char *path = gloss_test_path ("fixtures/paligemma1/weights.f32.npz");
  g_autoptr (GError) error = NULL;
  GlossModelOptions options = { .query_scale = 0.1f };
  g_autoptr (GlossModel) wrong = gloss_model_load (path, &options, &error);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  g_assert_no_error (error);
  first = run_variant (fixture, wrong, variant, TRUE);
  g_assert_cmpstr (first, ==, "llm/block00");

  g_autoptr (GlossModel) model = fixture_load_model (fixture, variant->file);
  float *bias = (float *) gloss_model_get_vector (model, GLOSS_TENSOR_VIT_MLP_DOWN_BIAS, 1);

  bias[7] += 1e-3f;
  second = run_variant (fixture, model, variant, TRUE);
  g_assert_cmpstr (second, ==, "vit/block01/+mlp");
}

static void
test_bits_should_not_depend_on_threads (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("paligemma2");
  g_autoptr (GlossModel) model = fixture_load_model (fixture, "hf");
  const GlossModelConfig *config = gloss_model_get_config (model);
  float *results[3];
  gsize n, n_out = config->n_image_tokens * config->width;
  g_autofree float *images = fixture_get_floats (fixture, "image", &n);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GlossPool) pool = gloss_pool_new (i * 2 + 1);
      g_autoptr (GlossArena) arena =
          gloss_arena_new (gloss_siglip_get_workspace_bytes (config), NULL);

      results[i] = g_new (float, n_out);
      gloss_pool_begin_job (pool, NULL);
      gloss_siglip_encode (model, pool, arena, results[i], images, NULL);
      g_assert_true (gloss_pool_end_job (pool, NULL));
      g_assert_cmpmem (results[i], n_out * sizeof (float), results[0], n_out * sizeof (float));
    }
  for (guint i = 0; i < 3; i++)
    g_free (results[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      g_autofree char *path = g_strdup_printf ("/model/golden/%s/%s/should-equal-the-reference",
                                               variants[i].fixture, variants[i].file);
      g_autofree char *prepared =
          g_strdup_printf ("/model/golden/%s/%s/prepared/should-equal-it-too", variants[i].fixture,
                           variants[i].file);

      g_test_add_data_func (path, &variants[i], test_activations_should_equal_the_reference);
      g_test_add_data_func (prepared, &variants[i], test_prepared_files_should_equal_it_too);
    }
  g_test_add_func ("/model/golden/comparison/should-name-the-first-wrong-layer",
                   test_comparison_should_name_the_first_wrong_layer);
  g_test_add_func ("/model/golden/bits/should-not-depend-on-threads",
                   test_bits_should_not_depend_on_threads);
  return g_test_run ();
}
