/* Opening checkpoints: where the configuration comes from, and every way it can be wrong. */
#include "base/error.h"
#include "model/fixture.h"
#include "model/positions.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* A Hugging Face folder like a fixture's, whose config.json a test may change. */
static char *
copy_folder (const char *fixture)
{
  g_autofree char *relative = g_build_filename ("fixtures", fixture, "hf", NULL);
  g_autofree char *source = gloss_test_path (relative);
  char *folder = gloss_test_folder_new ();
  g_autoptr (GDir) dir = g_dir_open (source, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *from = g_build_filename (source, name, NULL);
      g_autofree char *to = g_build_filename (folder, name, NULL);
      g_autofree char *bytes = NULL;
      gsize n_bytes;

      g_assert_true (g_file_get_contents (from, &bytes, &n_bytes, NULL));
      g_assert_true (g_file_set_contents (to, bytes, (gssize) n_bytes, NULL));
    }
  return folder;
}

/* Sets @section.@key of config.json (or removes it: NULL). */
static void
edit_config (const char *folder, const char *section, const char *key, json_t *value)
{
  g_autofree char *path = g_build_filename (folder, "config.json", NULL);
  json_t *root = json_load_file (path, 0, NULL);
  json_t *object = section ? json_object_get (root, section) : root;

  if (value)
    json_object_set_new (object, key, value);
  else
    json_object_del (object, key);
  g_assert_cmpint (json_dump_file (root, path, 0), ==, 0);
  json_decref (root);
}

static void
test_shapes_should_give_the_configuration (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("paligemma2");
  g_autofree char *path = gloss_test_path ("fixtures/paligemma2/weights.bf16.npz");
  g_autoptr (GlossModel) npz = gloss_model_load (path, NULL, NULL);
  g_autoptr (GlossModel) hf = fixture_load_model (fixture, "hf");
  const GlossModelConfig *a = gloss_model_get_config (npz), *b = gloss_model_get_config (hf);
  const char axes[] = "pPEDMABWLFNKH";

  for (const char *p = axes; *p; p++)
    g_assert_cmpuint (gloss_model_config_get_axis (a, *p), ==, gloss_model_config_get_axis (b, *p));
  g_assert_cmpuint (a->n_table_rows, ==, 2048);
  g_assert_cmpuint (b->n_table_rows, ==, 2048 + 64);
  g_assert_cmpuint (a->width, ==, 80);
  g_assert_cmpuint (a->head_dim, ==, 32);
  g_assert_true (a->is_gemma2 && b->is_gemma2);
  g_assert_cmpfloat (a->query_scale, ==, b->query_scale);
  g_assert_cmpfloat (a->attention_softcap, ==, 50);
  g_assert_cmpfloat (b->attention_softcap, ==, 50);
  g_assert_cmpfloat (a->final_softcap, ==, 30);
  g_assert_cmpuint (gloss_model_config_get_image_size_px (a), ==, 56);
  g_assert_null (gloss_checkpoint_get_unknown (gloss_model_get_checkpoint (npz))[0]);
  g_assert_null (gloss_checkpoint_get_unknown (gloss_model_get_checkpoint (hf))[0]);
  g_assert_true (gloss_model_has_planar_patches (hf) && !gloss_model_has_planar_patches (npz));
}

static void
test_query_scale_should_follow_the_rules (void)
{
  GlossModelConfig config;
  g_autoptr (Fixture) fixture = fixture_new ("paligemma2-27b-like");
  g_autoptr (GlossModel) hf = fixture_load_model (fixture, "hf");

  g_assert_cmpfloat (gloss_model_get_config (hf)->query_scale, ==, 1 / sqrtf (12));

  gloss_model_config_init (&config);
  config.is_gemma2 = TRUE;
  config.n_image_tokens = 256;
  config.width = 4608, config.n_heads = 32, config.n_kv_heads = 16, config.head_dim = 128;
  g_assert_true (gloss_model_config_finish (&config, "28B", NULL));
  g_assert_cmpfloat (config.query_scale, ==, 1 / 12.0f);

  config.query_scale = 0;
  config.width = 3584, config.n_heads = 16, config.n_kv_heads = 8, config.head_dim = 256;
  g_assert_true (gloss_model_config_finish (&config, "10B", NULL));
  g_assert_cmpfloat (config.query_scale, ==, 1 / 16.0f);
}

/* Published config.json files leave out what equals the defaults of transformers. */
static void
test_a_sparse_configuration_should_get_the_defaults (void)
{
  static const char text[] =
      "{\"model_type\": \"paligemma\", \"text_config\": {\"model_type\": \"gemma2\","
      " \"hidden_size\": 2304, \"intermediate_size\": 9216, \"num_attention_heads\": 8,"
      " \"num_hidden_layers\": 26, \"num_key_value_heads\": 4},"
      " \"vision_config\": {\"hidden_size\": 1152, \"intermediate_size\": 4304,"
      " \"num_attention_heads\": 16, \"num_hidden_layers\": 27, \"patch_size\": 14}}";
  g_autoptr (json_t) root = gloss_json_parse (text, sizeof text - 1, 1 << 20, "config.json", NULL);
  GlossModelConfig config;

  gloss_model_config_init (&config);
  g_assert_true (gloss_model_config_read_json (&config, root, "config.json", NULL));
  g_assert_true (gloss_model_config_finish (&config, "config.json", NULL));
  g_assert_cmpuint (config.head_dim, ==, 256);
  g_assert_cmpuint (config.n_image_tokens, ==, 256);
  g_assert_cmpuint (config.vit_head_dim, ==, 72);
  g_assert_cmpfloat (config.query_scale, ==, 1 / 16.0f);
  g_assert_cmpfloat (config.attention_softcap, ==, 50);
  g_assert_cmpfloat (config.rope_base, ==, 10000);
}

static void
test_every_number_of_the_configuration_should_count (void)
{
  static const char text[] =
      "{\"model_type\": \"paligemma\", \"text_config\": {\"model_type\": \"gemma2\","
      " \"hidden_size\": 64, \"intermediate_size\": 96, \"num_attention_heads\": 4,"
      " \"num_hidden_layers\": 2, \"num_key_value_heads\": 2, \"head_dim\": 16,"
      " \"rms_norm_eps\": 1e-5, \"rope_theta\": 5000, \"query_pre_attn_scalar\": 9,"
      " \"attn_logit_softcapping\": 40, \"final_logit_softcapping\": null},"
      " \"vision_config\": {\"hidden_size\": 48, \"intermediate_size\": 104,"
      " \"num_attention_heads\": 4, \"num_hidden_layers\": 3, \"patch_size\": 7,"
      " \"image_size\": 70, \"layer_norm_eps\": null}}";
  static const char newer[] =
      "\"rope_parameters\": {\"rope_theta\": 700, \"rope_type\": \"default\"}";
  g_autoptr (json_t) root = gloss_json_parse (text, sizeof text - 1, 1 << 20, "config.json", NULL);
  g_autofree char *braced = g_strdup_printf ("{%s}", newer);
  json_t *parameters = json_loads (braced, 0, NULL);
  GlossModelConfig config;

  gloss_model_config_init (&config);
  g_assert_true (gloss_model_config_read_json (&config, root, "config.json", NULL));
  g_assert_cmpfloat (config.norm_eps, ==, 1e-5f);
  g_assert_cmpfloat (config.rope_base, ==, 5000);
  g_assert_cmpfloat (config.query_scale, ==, 1 / 3.0f);
  g_assert_cmpfloat (config.attention_softcap, ==, 40);
  g_assert_cmpfloat (config.final_softcap, ==, 0);
  g_assert_cmpfloat (config.vit_norm_eps, ==, 1e-6f);
  g_assert_cmpuint (config.n_image_tokens, ==, 100);
  g_assert_cmpuint (config.vit_head_dim, ==, 12);

  json_object_update (json_object_get (root, "text_config"), parameters);
  json_decref (parameters);
  g_assert_true (gloss_model_config_read_json (&config, root, "config.json", NULL));
  g_assert_cmpfloat (config.rope_base, ==, 700);
}

/* What a size of 0, or sizes that are only together too large, would do to workspaces. */
static void
test_impossible_sizes_should_be_refused (void)
{
  const gsize zero[] = { 0 }, wide[] = { GLOSS_CONFIG_MAX_DIM + 1 }, one[] = { 1 };
  GlossModelConfig config;
  g_autoptr (GError) error = NULL;

  for (const char *axis = "pPEDMABWLFNKHV"; *axis; axis++)
    {
      const char axes[] = { *axis, '\0' };

      gloss_model_config_init (&config);
      g_assert_false (gloss_model_config_bind_axes (&config, axes, zero, 1, NULL));
      g_assert_false (gloss_model_config_bind_axes (&config, axes, wide, 1, NULL));
      g_assert_true (gloss_model_config_bind_axes (&config, axes, one, 1, NULL));
    }

  gloss_model_config_init (&config);
  config.n_heads = config.n_kv_heads = config.head_dim = config.vit_n_heads = config.vit_head_dim =
      2;
  config.patch_size_px = 1;
  config.n_image_tokens = 1 << 20;
  g_assert_false (gloss_model_config_finish (&config, "npz", &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                           "1048576 image tokens, but at most 16384");
  config.n_image_tokens = 16384;
  config.patch_size_px = 14;
  config.vit_width = 3;
  g_assert_false (gloss_model_config_finish (&config, "npz", &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                           "2 vision heads of dimension 2 do not make up the vision width 3");
  config.vit_width = 4;
  g_assert_true (gloss_model_config_finish (&config, "npz", &error));
  config.n_heads = 1 << 19, config.head_dim = 1 << 19;
  g_assert_false (gloss_model_config_finish (&config, "npz", &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, "values of all heads");
}

static void
test_a_wrong_configuration_should_say_what (void)
{
  static const struct
  {
    const char *section, *key, *value; /* JSON, NULL removes */
    GlossError code;
    const char *says;
  } cases[] = {
    { NULL, "model_type", "\"llava\"", GLOSS_ERROR_UNSUPPORTED, "type \"llava\"" },
    { NULL, "text_config", NULL, GLOSS_ERROR_FORMAT, "\"text_config\" is missing" },
    { "text_config", "model_type", "\"llama\"", GLOSS_ERROR_UNSUPPORTED, "\"llama\"" },
    { "text_config", "hidden_size", NULL, GLOSS_ERROR_FORMAT,
      "\"hidden_size\" in \"text_config\"" },
    { "text_config", "hidden_size", "-3", GLOSS_ERROR_FORMAT, "whole number" },
    { "text_config", "hidden_size", "1e300", GLOSS_ERROR_FORMAT, "whole number" },
    { "text_config", "hidden_size", "9223372036854775807", GLOSS_ERROR_FORMAT, "whole number" },
    { "text_config", "hidden_size", "81", GLOSS_ERROR_FORMAT, "is 80×48, expected 81×48" },
    { "text_config", "num_hidden_layers", "5", GLOSS_ERROR_FORMAT,
      "tensor \"language_model.layers.4.input_layernorm.weight\" is missing" },
    { "text_config", "num_key_value_heads", "3", GLOSS_ERROR_FORMAT, "is 64×80, expected 96×80" },
    { "text_config", "rms_norm_eps", "0", GLOSS_ERROR_FORMAT, "positive number" },
    { "text_config", "hidden_activation", "\"silu\"", GLOSS_ERROR_UNSUPPORTED, "\"silu\"" },
    { "text_config", "attention_bias", "true", GLOSS_ERROR_UNSUPPORTED, "attention_bias" },
    { "vision_config", "num_attention_heads", "5", GLOSS_ERROR_FORMAT, "48 is not a multiple" },
    { "vision_config", "image_size", "70", GLOSS_ERROR_FORMAT, "is 16×48, expected 25×48" },
    { "vision_config", "patch_size", "13", GLOSS_ERROR_FORMAT,
      "the image size 56 is not a multiple of the patch size 13" },
    { "vision_config", "patch_size", "7", GLOSS_ERROR_FORMAT, "expected 48×3×7×7" },
    { "text_config", "rope_scaling", "{\"type\": \"linear\"}", GLOSS_ERROR_UNSUPPORTED, "scaled" },
    { "text_config", "rms_norm_eps", "1e-60", GLOSS_ERROR_FORMAT, "positive number" },
    { "text_config", "model_type", "\"gemma\"", GLOSS_ERROR_FORMAT, "belongs to Gemma 2" },
    { "vision_config", "num_hidden_layers", "1", GLOSS_ERROR_FORMAT, "has 1 such layers only" },
    { "text_config", "num_hidden_layers", "3", GLOSS_ERROR_FORMAT, "has 3 such layers only" },
    { "vision_config", "model_type", "\"clip_vision_model\"", GLOSS_ERROR_UNSUPPORTED,
      "\"clip_vision_model\"" },
    { NULL, "quantization_config", "{}", GLOSS_ERROR_UNSUPPORTED, "quantised" },
    { NULL, "tie_word_embeddings", "false", GLOSS_ERROR_UNSUPPORTED, "tie_word_embeddings" },
    { NULL, "model_type", "7", GLOSS_ERROR_FORMAT, "has no \"model_type\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char *folder = copy_folder ("paligemma2");
      g_autoptr (GError) error = NULL;
      json_t *value = cases[i].value ? json_loads (cases[i].value, JSON_DECODE_ANY, NULL) : NULL;

      edit_config (folder, cases[i].section, cases[i].key, value);
      g_assert_null (gloss_model_load (folder, NULL, &error));
      gloss_assert_error_says (&error, GLOSS_ERROR, (int) cases[i].code, cases[i].says);
      gloss_test_folder_remove (folder);
    }
}

static void
test_every_problem_should_be_listed (void)
{
  char *folder = copy_folder ("paligemma1");
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossCheckpoint) checkpoint = NULL;
  const GPtrArray *problems;

  edit_config (folder, "text_config", "num_hidden_layers", json_integer (4));
  edit_config (folder, "text_config", "intermediate_size", json_integer (161));
  checkpoint = gloss_checkpoint_open (folder, NULL, &error);
  g_assert_no_error (error);
  problems = gloss_checkpoint_get_problems (checkpoint);
  /* three layers with three MLP matrices of another width, a fourth without its nine tensors */
  g_assert_cmpuint (problems->len, ==, 3 * 3 + 9);
  gloss_test_folder_remove (folder);
}

static void
test_sources_should_be_told (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("paligemma2-27b-like");
  g_autoptr (GlossModel) npz = fixture_load_model (fixture, "weights.f32.npz");
  g_autoptr (GlossModel) hf = fixture_load_model (fixture, "hf");
  const GlossCheckpoint *a = gloss_model_get_checkpoint (npz), *b = gloss_model_get_checkpoint (hf);

  g_assert_cmpstr (gloss_checkpoint_get_source (a, GLOSS_CONFIG_FIELD_query_scale), ==, "option");
  g_assert_cmpstr (gloss_checkpoint_get_source (a, GLOSS_CONFIG_FIELD_width), ==,
                   "shape of img/head/kernel");
  g_assert_cmpstr (gloss_checkpoint_get_source (a, GLOSS_CONFIG_FIELD_attention_softcap), ==,
                   "rule: post-norms mean Gemma 2");
  g_assert_cmpstr (gloss_checkpoint_get_source (a, GLOSS_CONFIG_FIELD_rope_base), ==, "default");
  g_assert_cmpstr (gloss_checkpoint_get_source (b, GLOSS_CONFIG_FIELD_query_scale), ==,
                   "config.json");
  g_assert_cmpstr (gloss_checkpoint_get_source (b, GLOSS_CONFIG_FIELD_rope_base), ==,
                   "default of transformers");
  g_assert_cmpstr (gloss_checkpoint_get_source (b, GLOSS_CONFIG_FIELD_n_table_rows), ==,
                   "shape of language_model.model.embed_tokens.weight");
}

/* scipy.ndimage.zoom (x, 4/3, order=1) and zoom (x, 5/3, …) of a 3 × 3 grid, run once. */
static void
test_positions_should_be_resampled_with_corners_in_place (void)
{
  float grid[] = { 0, 1, 4, 9, 16, 25, 36, 49, 64 };
  GlossMatrix positions = { (const guint8 *) grid, GLOSS_DTYPE_F32, 1, 9, 1, 1, 9, 0, FALSE };
  const float five[] = { 0,     0.5f,  1,     2.5f,  4,     4.5f,  6.5f,  8.5f,  11.5f,
                         14.5f, 9,     12.5f, 16,    20.5f, 25,    22.5f, 27.5f, 32.5f,
                         38.5f, 44.5f, 36,    42.5f, 49,    56.5f, 64 };
  g_autofree float *out = gloss_positions_resample (&positions, 5);
  g_autofree float *same = gloss_positions_resample (&positions, 3);
  g_autofree float *one = gloss_positions_resample (&positions, 1);

  gloss_assert_close (out, five, 25, 1e-6, "5 × 5");
  gloss_assert_close (same, grid, 9, 0, "3 × 3");
  g_assert_cmpfloat (one[0], ==, 0);
}

static void
test_another_image_size_should_run (void)
{
  g_autofree char *folder = gloss_test_data_path ("demo");
  GlossModelOptions options = { .image_size_px = 168 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossModel) model = gloss_model_load (folder, &options, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (gloss_model_get_config (model)->n_image_tokens, ==, 144);
  g_assert_cmpuint (gloss_model_get_matrix (model, GLOSS_TENSOR_POSITION_EMBEDDING, 0)->n_out, ==,
                    144);
  options.image_size_px = 113;
  g_assert_null (gloss_model_load (folder, &options, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, "multiple of");
}

static void
test_missing_parts_should_be_named (void)
{
  char *folder = copy_folder ("paligemma1");
  g_autofree char *config = g_build_filename (folder, "config.json", NULL);
  g_autofree char *weights = g_build_filename (folder, "model.safetensors", NULL);
  g_autoptr (GError) error = NULL;

  g_remove (config);
  g_assert_null (gloss_model_load (folder, NULL, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "config.json"));
  g_clear_error (&error);
  g_remove (weights);
  g_assert_null (gloss_model_load (folder, NULL, &error));
  g_assert_nonnull (strstr (error->message, "model.safetensors"));
  g_clear_error (&error);
  gloss_test_folder_remove (folder);

  g_autofree char *other = gloss_test_path ("fixtures/paligemma1/forward.npz");

  g_assert_null (gloss_model_load (other, NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, "not a PaliGemma");
}

static void
test_vocabulary_should_belong_to_the_table (void)
{
  g_autoptr (Fixture) fixture = fixture_new ("paligemma1");
  g_autoptr (GlossModel) npz = fixture_load_model (fixture, "weights.f32.npz");
  g_autoptr (GlossModel) hf = fixture_load_model (fixture, "hf");
  g_autoptr (GError) error = NULL;

  g_assert_true (gloss_checkpoint_check_vocabulary (gloss_model_get_checkpoint (npz), 2048, NULL));
  g_assert_true (gloss_checkpoint_check_vocabulary (gloss_model_get_checkpoint (hf), 2048, NULL));
  g_assert_true (gloss_checkpoint_check_vocabulary (gloss_model_get_checkpoint (hf), 2112, NULL));
  g_assert_false (gloss_checkpoint_check_vocabulary (gloss_model_get_checkpoint (hf), 2000, NULL));
  g_assert_false (
      gloss_checkpoint_check_vocabulary (gloss_model_get_checkpoint (npz), 1984, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH, "2048 rows");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/model/shapes-should-give-the-configuration",
                   test_shapes_should_give_the_configuration);
  g_test_add_func ("/model/model/query-scale-should-follow-the-rules",
                   test_query_scale_should_follow_the_rules);
  g_test_add_func ("/model/model/a-sparse-configuration-should-get-the-defaults",
                   test_a_sparse_configuration_should_get_the_defaults);
  g_test_add_func ("/model/model/every-number-of-the-configuration-should-count",
                   test_every_number_of_the_configuration_should_count);
  g_test_add_func ("/model/model/impossible-sizes-should-be-refused",
                   test_impossible_sizes_should_be_refused);
  g_test_add_func ("/model/model/a-wrong-configuration-should-say-what",
                   test_a_wrong_configuration_should_say_what);
  g_test_add_func ("/model/model/every-problem-should-be-listed",
                   test_every_problem_should_be_listed);
  g_test_add_func ("/model/model/sources-should-be-told", test_sources_should_be_told);
  g_test_add_func ("/model/model/positions-should-be-resampled-with-corners-in-place",
                   test_positions_should_be_resampled_with_corners_in_place);
  g_test_add_func ("/model/model/another-image-size-should-run",
                   test_another_image_size_should_run);
  g_test_add_func ("/model/model/missing-parts-should-be-named",
                   test_missing_parts_should_be_named);
  g_test_add_func ("/model/model/vocabulary-should-belong-to-the-table",
                   test_vocabulary_should_belong_to_the_table);
  return g_test_run ();
}
