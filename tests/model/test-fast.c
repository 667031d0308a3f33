/* Fast arithmetic beside exact: how far it may be off, what it does not depend on, and that the
 * demo says the same. */
#include "model/fixture.h"
#include "model/gemma.h"
#include "model/siglip.h"
#include "support/asserts.h"

#include <math.h>
#include <string.h>

/*
 * A product rounds each activation, and each weight that is no bfloat16, by up to 2^-9 of it,
 * evenly spread: 2^-9/√3 in the mean. In a sum of many terms of either sign that is the same share
 * of the sum's spread. A layer has four products one behind the other (values, attention's
 * projection, gate or up, down), whose errors add up as squares do; so do those of the layers. Five
 * spreads are exceeded by one value in two million.
 */
static double
get_bound_frac (const GlossModelConfig *config, gboolean rounds_weights)
{
  double n_products = 4.0 * (double) (config->vit_depth + config->depth) + 2;

  return 5 * 0x1p-9 / sqrt (3) * sqrt (n_products * (rounds_weights ? 2 : 1));
}

/* Image tokens, then the states of all rows, then the logits of the last three. */
static float *
run_model (GlossModel *model, Fixture *fixture, guint n_threads, gsize *n)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  static const gint32 ids[] = { 2, 100, 200, 300, 108 };
  gsize n_image = config->n_image_tokens, n_rows = n_image + G_N_ELEMENTS (ids), n_pixels;
  gsize width = config->width, n_vocab = config->n_table_rows;
  g_autoptr (GlossPool) pool = gloss_pool_new (n_threads);
  g_autoptr (GlossArena) arena =
      gloss_arena_new (MAX (gloss_siglip_get_workspace_bytes (config),
                            gloss_gemma_get_workspace_bytes (config, n_rows)),
                       NULL);
  g_autoptr (GlossKvCache) cache = gloss_kv_cache_new (config, n_rows, 1, 1, GLOSS_KV_F32, NULL);
  g_autofree float *image = fixture_get_floats (fixture, "image", &n_pixels);
  g_autofree guint *n_visible = g_new (guint, n_rows);
  float *out = g_new (float, (n_image + n_rows) * width + 3 * n_vocab);
  float *x = out + n_image * width;

  *n = (n_image + n_rows) * width + 3 * n_vocab;
  for (gsize i = 0; i < n_rows; i++)
    n_visible[i] = (guint) n_rows;
  gloss_siglip_encode (model, pool, arena, out, image, NULL);
  memcpy (x, out, n_image * width * sizeof (float));
  gloss_gemma_embed (model, x + n_image * width, ids, G_N_ELEMENTS (ids));
  gloss_gemma_prefill (model, pool, arena, cache, x, n_rows, n_visible, n_rows, NULL);
  gloss_gemma_logits_at_once (model, pool, arena, x + n_rows * width, x + (n_rows - 3) * width, 3,
                              n_vocab, 0);
  return out;
}

typedef struct
{
  const char *fixture;
  const char *file;
  gboolean rounds_weights;
} Variant;

static const Variant variants[] = {
  { "paligemma1", "weights.bf16.npz", FALSE },
  { "paligemma1", "weights.f16.npz", TRUE },
  { "paligemma1", "weights.f32.npz", TRUE },
  { "paligemma2", "weights.bf16.npz", FALSE },
  { "paligemma2", "hf", FALSE },
  { "paligemma2-27b-like", "weights.f32.npz", TRUE },
};

static void
test_fast_should_be_near_exact (gconstpointer data)
{
  const Variant *variant = data;
  g_autoptr (Fixture) fixture = fixture_new (variant->fixture);
  g_autoptr (GlossModel) exact =
      fixture_load_prepared_model_as (fixture, variant->file, GLOSS_ARITHMETIC_EXACT);
  g_autoptr (GlossModel) fast =
      fixture_load_prepared_model_as (fixture, variant->file, GLOSS_ARITHMETIC_FAST);
  const GlossModelConfig *config = gloss_model_get_config (exact);
  gsize n, n_image = config->n_image_tokens * config->width;
  gsize n_states = n_image + 5 * config->width, n_logits = 3 * config->n_table_rows;
  g_autofree float *expected = run_model (exact, fixture, 2, &n);
  g_autofree float *got = run_model (fast, fixture, 2, &n);
  const gsize lengths[] = { n_image, n_states, n_logits };
  static const char *const names[] = { "image tokens", "states", "logits" };
  double frac = get_bound_frac (config, variant->rounds_weights);

  g_assert_true (memcmp (got, expected, n * sizeof (float)) != 0);
  for (gsize i = 0, at = 0; i < G_N_ELEMENTS (lengths); at += lengths[i++])
    {
      double scale = gloss_max_abs (expected + at, lengths[i]), max;

      gloss_is_close (got + at, expected + at, lengths[i], 0, &max, NULL);
      g_test_message ("%s %s | %s | %.1e of the largest, bound %.1e", variant->fixture,
                      variant->file, names[i], max / scale, frac);
      gloss_assert_close (got + at, expected + at, lengths[i], frac * scale, names[i]);
    }
}

/* The same weights rounded in the same way, whatever file they are in and however many threads. */
static void
test_bits_should_depend_on_the_values_alone (gconstpointer data)
{
  const Variant *variant = data;
  g_autoptr (Fixture) fixture = fixture_new (variant->fixture);
  g_autofree char *relative = g_build_filename ("fixtures", variant->fixture, variant->file, NULL);
  g_autofree char *path = gloss_test_path (relative);
  GlossModelOptions options = { .arithmetic = GLOSS_ARITHMETIC_FAST };
  g_autoptr (GlossModel) prepared =
      fixture_load_prepared_model_as (fixture, variant->file, GLOSS_ARITHMETIC_FAST);
  g_autoptr (GlossModel) raw = NULL;
  gsize n;
  g_autofree float *expected = run_model (prepared, fixture, 1, &n);

  options.query_scale = gloss_model_get_config (prepared)->query_scale;
  raw = gloss_model_load (path, &options, NULL);
  for (guint n_threads = 1; n_threads <= 3; n_threads += 2)
    {
      g_autofree float *of_raw = run_model (raw, fixture, n_threads, &n);
      g_autofree float *of_prepared = run_model (prepared, fixture, n_threads, &n);

      g_assert_cmpmem (of_prepared, n * sizeof (float), expected, n * sizeof (float));
      /* pixels come in another order in big_vision's patches, and so does their sum */
      if (gloss_model_has_planar_patches (raw))
        g_assert_cmpmem (of_raw, n * sizeof (float), expected, n * sizeof (float));
      else
        gloss_assert_close (of_raw, expected, n,
                            get_bound_frac (gloss_model_get_config (raw), FALSE)
                                * gloss_max_abs (expected, n),
                            "raw");
    }
}

static void
test_auto_should_want_16_bits (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("paligemma1");
  g_autoptr (GlossModel) wide =
      fixture_load_prepared_model_as (fixture, "weights.f32.npz", GLOSS_ARITHMETIC_AUTO);
  g_autoptr (GlossModel) narrow =
      fixture_load_prepared_model_as (fixture, "weights.bf16.npz", GLOSS_ARITHMETIC_AUTO);

  g_assert_cmpint (gloss_model_get_arithmetic (wide), ==, GLOSS_ARITHMETIC_EXACT);
  g_assert_cmpint (gloss_model_get_arithmetic (narrow), ==,
                   gloss_product_gains_by_bf16 () ? GLOSS_ARITHMETIC_FAST : GLOSS_ARITHMETIC_EXACT);
  g_assert_cmpstr (gloss_arithmetic_get_name (GLOSS_ARITHMETIC_AUTO), ==, "auto");
}

/* What the demo says of its own pictures. */
static void
test_the_demo_should_say_the_same (void)
{
  g_autofree char *folder = gloss_test_data_path ("demo");
  g_autofree char *pictures = g_build_filename (folder, "pictures", NULL);
  g_autofree char *tokenizer_path = g_build_filename (folder, "tokenizer.model", NULL);
  g_autoptr (GlossTokenizer) tokenizer = gloss_tokenizer_load (tokenizer_path, NULL);
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autoptr (GDir) dir = g_dir_open (pictures, 0, NULL);
  g_autoptr (GString) exact = g_string_new (NULL), fast = g_string_new (NULL);
  GString *const texts[] = { exact, fast };
  const char *name;
  guint n = 0;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (pictures, name, NULL);
      g_autoptr (GlossImage) image = NULL;

      if (!g_str_has_suffix (name, ".png"))
        continue;
      image = gloss_image_load (path, NULL, NULL);
      for (guint i = 0; i < 2; i++)
        {
          GlossModelOptions options = { .arithmetic = (GlossArithmetic) i };
          g_autoptr (GlossModel) model = gloss_model_load (folder, &options, NULL);
          g_autoptr (GlossCaptioner) captioner = gloss_captioner_new (model, tokenizer, pool, NULL);
          GlossCaptionRequest request = { .max_tokens = 20 };
          g_autoptr (GlossCaption) caption =
              gloss_captioner_run (captioner, image, &request, NULL, NULL, NULL, NULL);

          g_assert_nonnull (caption);
          g_string_append_printf (texts[i], "%s\n", caption->text);
        }
      n++;
    }
  g_assert_cmpuint (n, >, 10);
  g_assert_cmpstr (fast->str, ==, exact->str);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      g_autofree char *near = g_strdup_printf ("/model/fast/%s/%s/should-be-near-exact",
                                               variants[i].fixture, variants[i].file);
      g_autofree char *bits =
          g_strdup_printf ("/model/fast/%s/%s/bits-should-depend-on-the-values-alone",
                           variants[i].fixture, variants[i].file);

      g_test_add_data_func (near, &variants[i], test_fast_should_be_near_exact);
      g_test_add_data_func (bits, &variants[i], test_bits_should_depend_on_the_values_alone);
    }
  g_test_add_func ("/model/fast/auto/should-want-16-bits", test_auto_should_want_16_bits);
  g_test_add_func ("/model/fast/demo/should-say-the-same", test_the_demo_should_say_the_same);
  return g_test_run ();
}
