/*
 * config.json up to the first NUL, which is no character of JSON; then shapes of tensors as a
 * weight file might have them: one byte for a row of tensors.inc, one for the number of dimensions,
 * four for each dimension.
 */
#include "fuzz/fuzz.h"
#include "model/config.h"

#include <math.h>
#include <string.h>

#define SIZES "pPEDMABWLFNKHV"

static const char *const axes_of_tensors[] = {
#define T(role, kind, bv_name, bv_axes, index, hf_name, hf_gemma2_name, hf_axes, out, gemma2_only) \
  bv_axes, hf_axes,
#include "model/tensors.inc"
#undef T
};

static void
assert_within_limits (const GlossModelConfig *config)
{
  const float numbers[] = {
    config->vit_norm_eps, config->norm_eps,          config->rope_base,
    config->query_scale,  config->attention_softcap, config->final_softcap,
  };

  for (const char *axis = SIZES; *axis; axis++)
    {
      gsize limit = GLOSS_CONFIG_MAX_DIM;

      if (*axis == 'P') /* a square, until gloss_model_config_finish () */
        limit *= GLOSS_CONFIG_MAX_DIM;
      g_assert_cmpuint (gloss_model_config_get_axis (config, *axis), <=, limit);
    }
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_assert_true (isfinite (numbers[i]) && numbers[i] >= 0);
}

static void
assert_shape_fits (const GlossModelConfig *config, const char *axes, const gsize *dims,
                   guint n_dims)
{
  guint n = 0;

  for (const char *p = axes; *p; p++, n++)
    {
      gsize product = 1;

      g_assert_cmpuint (n, <, n_dims);
      if (*p == '(')
        {
          for (p++; *p != ')'; p++)
            product *= gloss_model_config_get_axis (config, *p);
        }
      else
        product = gloss_model_config_get_axis (config, *p);
      g_assert_cmpuint (product, ==, dims[n]);
    }
  g_assert_cmpuint (n, ==, n_dims);
}

/* FALSE at the end of the input. */
static gboolean
bind (GlossModelConfig *config, const guint8 **data, const guint8 *end)
{
  GlossModelConfig before = *config;
  gsize dims[GLOSS_TENSOR_MAX_DIMS] = { 0 };
  g_autofree char *expected = NULL;
  const char *axes;
  guint n_dims;

  if (end - *data < 2)
    return FALSE;
  axes = axes_of_tensors[(*data)[0] % G_N_ELEMENTS (axes_of_tensors)];
  n_dims = (*data)[1] % (GLOSS_TENSOR_MAX_DIMS + 1);
  *data += 2;
  if ((gsize) (end - *data) < n_dims * 4)
    return FALSE;
  for (guint i = 0; i < n_dims; i++, *data += 4)
    {
      guint32 dim;

      memcpy (&dim, *data, sizeof dim);
      dim = GUINT32_FROM_LE (dim);
      dims[i] = dim == G_MAXUINT32 ? G_MAXSIZE : dim;
    }

  if (gloss_model_config_bind_axes (config, axes, dims, n_dims, &expected))
    {
      g_assert_null (expected);
      assert_shape_fits (config, axes, dims, n_dims);
    }
  else
    {
      g_assert_true (expected && g_utf8_validate (expected, -1, NULL));
      for (const char *axis = SIZES; *axis; axis++)
        g_assert_cmpuint (gloss_model_config_get_axis (config, *axis), ==,
                          gloss_model_config_get_axis (&before, *axis));
    }
  assert_within_limits (config);
  return TRUE;
}

static void
finish (GlossModelConfig *config)
{
  g_autoptr (GError) error = NULL;
  gsize image_size_px;

  for (const char *axis = SIZES; *axis; axis++)
    {
      if (gloss_model_config_get_axis (config, *axis) == 0)
        return;
    }
  if (!gloss_model_config_finish (config, "config.json", &error))
    {
      fuzz_assert_error (&error);
      return;
    }
  g_assert_no_error (error);
  assert_within_limits (config);
  image_size_px = gloss_model_config_get_image_size_px (config);
  g_assert_cmpuint (config->n_heads % config->n_kv_heads, ==, 0);
  g_assert_cmpuint (config->head_dim % 2, ==, 0);
  g_assert_true (config->query_scale > 0);
  g_assert_cmpuint (image_size_px, >=, config->patch_size_px);
  g_assert_cmpuint (image_size_px, <=, GLOSS_CONFIG_MAX_IMAGE_SIZE_PX);
  g_assert_cmpuint (config->n_image_tokens, <=, GLOSS_CONFIG_MAX_IMAGE_TOKENS);
  g_assert_cmpuint (config->n_heads * config->head_dim, <=, GLOSS_CONFIG_MAX_DIM);
  g_assert_cmpuint (config->vit_n_heads * config->vit_head_dim, ==, config->vit_width);
  g_assert_cmpuint (image_size_px / config->patch_size_px * (image_size_px / config->patch_size_px),
                    ==, config->n_image_tokens);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  const guint8 *end = n_bytes > 0 ? data + n_bytes : data;
  const guint8 *nul = n_bytes > 0 ? memchr (data, '\0', n_bytes) : NULL;
  gsize json_bytes = nul ? (gsize) (nul - data) : n_bytes;
  g_autofree char *text = fuzz_copy (data, json_bytes, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) root = NULL;
  GlossModelConfig config;

  gloss_model_config_init (&config);
  if (json_bytes > 0) /* none: big_vision's files, which have shapes only */
    {
      root = gloss_json_parse (text, json_bytes, 1 << 20, "config.json", &error);
      if (!root || !gloss_model_config_read_json (&config, root, "config.json", &error))
        {
          fuzz_assert_error (&error);
          return 0;
        }
      g_assert_no_error (error);
      assert_within_limits (&config);
    }
  if (nul)
    {
      data = nul + 1;
      while (bind (&config, &data, end))
        ;
    }
  finish (&config);
  return 0;
}
