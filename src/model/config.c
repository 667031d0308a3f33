/* What a particular PaliGemma is, from config.json or from the shapes of its tensors. */
#include "model/config.h"

#include "base/error.h"
#include "base/i18n.h"

#include <math.h>
#include <string.h>

void
gloss_model_config_init (GlossModelConfig *config)
{
  *config = (GlossModelConfig){
    .vit_norm_eps = 1e-6f,
    .norm_eps = 1e-6f,
    .rope_base = 10000.0f,
  };
}

static gsize *
find_axis (GlossModelConfig *config, char axis)
{
  switch (axis)
    {
    case 'p':
      return &config->patch_size_px;
    case 'P':
      return &config->n_image_tokens;
    case 'E':
      return &config->vit_width;
    case 'D':
      return &config->vit_depth;
    case 'M':
      return &config->vit_mlp_dim;
    case 'A':
      return &config->vit_n_heads;
    case 'B':
      return &config->vit_head_dim;
    case 'W':
      return &config->width;
    case 'L':
      return &config->depth;
    case 'F':
      return &config->mlp_dim;
    case 'N':
      return &config->n_heads;
    case 'K':
      return &config->n_kv_heads;
    case 'H':
      return &config->head_dim;
    case 'V':
      return &config->n_table_rows;
    default:
      return NULL;
    }
}

gsize
gloss_model_config_get_axis (const GlossModelConfig *config, char axis)
{
  const gsize *size = find_axis ((GlossModelConfig *) config, axis);

  if (size)
    return *size;
  return axis == 'c' ? 3 : axis == '2' ? 2 : 1;
}

gboolean
gloss_model_config_bind_axes (GlossModelConfig *config, const char *axes, const gsize *dims,
                              guint n_dims, char **expected)
{
  GlossModelConfig bound = *config;
  g_autoptr (GString) wanted = g_string_new (NULL);
  gboolean matches = TRUE;
  guint n = 0;

  for (const char *p = axes; *p; p++, n++)
    {
      gsize product = 1;
      gsize *single = NULL;

      if (*p == '(')
        {
          for (p++; *p != ')'; p++)
            product *= gloss_model_config_get_axis (&bound, *p);
        }
      else
        {
          single = find_axis (&bound, *p);
          product = gloss_model_config_get_axis (&bound, *p);
        }
      if (single && product == 0 && n < n_dims && dims[n] > 0 && dims[n] <= GLOSS_CONFIG_MAX_DIM)
        *single = product = dims[n];

      if (n >= n_dims || product == 0 || dims[n] != product)
        matches = FALSE;
      g_string_append_printf (wanted, n > 0 ? "×" : "");
      if (product > 0)
        g_string_append_printf (wanted, "%" G_GSIZE_FORMAT, product);
      else
        g_string_append_printf (wanted, _ ("(1 to %u)"), GLOSS_CONFIG_MAX_DIM);
    }

  if (matches && n == n_dims)
    {
      *config = bound;
      return TRUE;
    }
  if (expected)
    *expected = g_string_free (g_steal_pointer (&wanted), FALSE);
  return FALSE;
}

/* Reading JSON: @section.@key, with a default that the class in transformers has, or none. */

typedef struct
{
  json_t *section;
  const char *section_name;
  const char *origin;
} Section;

static gboolean
read_size (const Section *section, const char *key, gsize *out, gsize otherwise, GError **error)
{
  json_t *value = json_object_get (section->section, key);

  if (!value && otherwise > 0)
    {
      *out = otherwise;
      return TRUE;
    }
  if (!json_is_integer (value) || json_integer_value (value) < 1
      || json_integer_value (value) > (json_int_t) GLOSS_CONFIG_MAX_DIM)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: \"%s\" in \"%s\" must be a whole number from 1 to %u"), section->origin,
                   key, section->section_name, GLOSS_CONFIG_MAX_DIM);
      return FALSE;
    }
  *out = (gsize) json_integer_value (value);
  return TRUE;
}

/* null means the default, but of a soft-cap none */
static gboolean
read_positive (const Section *section, const char *key, float *out, float otherwise,
               gboolean may_be_none, GError **error)
{
  json_t *value = json_object_get (section->section, key);
  float number = (float) json_number_value (value);

  if (!value || (json_is_null (value) && !may_be_none))
    *out = otherwise;
  else if (json_is_null (value))
    *out = 0;
  else if (!json_is_number (value) || !(number > 0) || number > 1e30f)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: \"%s\" in \"%s\" must be a positive number"), section->origin, key,
                   section->section_name);
      return FALSE;
    }
  else
    *out = number;
  return TRUE;
}

static gboolean
require_text (const Section *section, const char *key, const char *const *allowed, GError **error)
{
  json_t *value = json_object_get (section->section, key);
  const char *text = json_string_value (value);

  if (!value || json_is_null (value) || (text && g_strv_contains (allowed, text)))
    return TRUE;
  if (text)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                 _ ("%s: \"%s\" in \"%s\" is \"%s\", but Gloss knows only \"%s\""), section->origin,
                 key, section->section_name, text, allowed[0]);
  else
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                 _ ("%s: \"%s\" in \"%s\" is \"not a text\", but Gloss knows only \"%s\""),
                 section->origin, key, section->section_name, allowed[0]);
  return FALSE;
}

static gboolean
read_vision (GlossModelConfig *config, const Section *vision, GError **error)
{
  static const char *const activations[] = { "gelu_pytorch_tanh", NULL };
  static const char *const types[] = { "siglip_vision_model", NULL };
  gsize image_size_px;

  if (!require_text (vision, "model_type", types, error)
      || !read_size (vision, "hidden_size", &config->vit_width, 0, error)
      || !read_size (vision, "num_hidden_layers", &config->vit_depth, 0, error)
      || !read_size (vision, "intermediate_size", &config->vit_mlp_dim, 0, error)
      || !read_size (vision, "num_attention_heads", &config->vit_n_heads, 0, error)
      || !read_size (vision, "patch_size", &config->patch_size_px, 14, error)
      || !read_size (vision, "image_size", &image_size_px, 224, error)
      || !read_positive (vision, "layer_norm_eps", &config->vit_norm_eps, 1e-6f, FALSE, error)
      || !require_text (vision, "hidden_act", activations, error))
    return FALSE;

  if (config->vit_width % config->vit_n_heads != 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: the vision width %zu is not a multiple of its %zu heads"),
                   vision->origin, config->vit_width, config->vit_n_heads);
      return FALSE;
    }
  config->vit_head_dim = config->vit_width / config->vit_n_heads;

  if (image_size_px % config->patch_size_px != 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: the image size %zu is not a multiple of the patch size %zu"),
                   vision->origin, image_size_px, config->patch_size_px);
      return FALSE;
    }

  /* num_positions in the published files is wrong for some sizes */
  gsize side = image_size_px / config->patch_size_px;

  config->n_image_tokens = side * side;
  return TRUE;
}

static gboolean
read_language (GlossModelConfig *config, const Section *text, GError **error)
{
  static const char *const families[] = { "gemma", "gemma2", NULL };
  static const char *const activations[] = { "gelu_pytorch_tanh", NULL };
  const char *family = json_string_value (json_object_get (text->section, "model_type"));
  json_t *rope = json_object_get (text->section, "rope_parameters");
  Section rope_section = { rope, "rope_parameters", text->origin };

  if (!require_text (text, "model_type", families, error))
    return FALSE;
  config->is_gemma2 = g_strcmp0 (family, "gemma2") == 0;

  if (!read_size (text, "hidden_size", &config->width, 0, error)
      || !read_size (text, "num_hidden_layers", &config->depth, 0, error)
      || !read_size (text, "intermediate_size", &config->mlp_dim, 0, error)
      || !read_size (text, "num_attention_heads", &config->n_heads, 0, error)
      || !read_size (text, "num_key_value_heads", &config->n_kv_heads, 0, error)
      || !read_size (text, "head_dim", &config->head_dim, 256, error)
      || !read_positive (text, "rms_norm_eps", &config->norm_eps, 1e-6f, FALSE, error)
      || !read_positive (text, "rope_theta", &config->rope_base, 10000.0f, FALSE, error)
      || !require_text (text, "hidden_activation", activations, error))
    return FALSE;
  if (json_is_object (rope)
      && !read_positive (&rope_section, "rope_theta", &config->rope_base, config->rope_base, FALSE,
                         error))
    return FALSE;
  if (config->is_gemma2)
    {
      float scalar;

      if (!read_positive (text, "query_pre_attn_scalar", &scalar, 256, FALSE, error)
          || !read_positive (text, "attn_logit_softcapping", &config->attention_softcap, 50, TRUE,
                             error)
          || !read_positive (text, "final_logit_softcapping", &config->final_softcap, 30, TRUE,
                             error))
        return FALSE;
      if (scalar > 0)
        config->query_scale = 1.0f / sqrtf (scalar);
    }
  return TRUE;
}

static gboolean
has_other_rope (json_t *text)
{
  json_t *scaling = json_object_get (text, "rope_scaling");
  const char *type =
      json_string_value (json_object_get (json_object_get (text, "rope_parameters"), "rope_type"));

  return (scaling && !json_is_null (scaling)) || (type && strcmp (type, "default") != 0);
}

/* What would make the numbers mean something else than we compute. */
static gboolean
refuse_variants (json_t *root, const Section *text, GError **error)
{
  const char *what = NULL;

  if (json_object_get (root, "quantization_config"))
    what = _ ("\"quantization_config\" is there, but quantised weights are not read");
  else if (json_is_false (json_object_get (root, "tie_word_embeddings"))
           || json_is_false (json_object_get (text->section, "tie_word_embeddings")))
    what = _ ("\"tie_word_embeddings\" is false, which no PaliGemma has");
  else if (json_is_true (json_object_get (text->section, "attention_bias")))
    what = _ ("\"attention_bias\" is true, which no PaliGemma has");
  else if (has_other_rope (text->section))
    what = _ ("the positions of the language model are scaled, which no PaliGemma does");
  if (!what)
    return TRUE;
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, "%s: %s", text->origin, what);
  return FALSE;
}

gboolean
gloss_model_config_read_json (GlossModelConfig *config, json_t *root, const char *origin,
                              GError **error)
{
  Section vision = { json_object_get (root, "vision_config"), "vision_config", origin };
  Section text = { json_object_get (root, "text_config"), "text_config", origin };
  json_t *type = json_object_get (root, "model_type");

  if (!json_is_object (root) || !json_is_string (type))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: this is not the configuration of a model: it has no \"model_type\""),
                   origin);
      return FALSE;
    }
  if (strcmp (json_string_value (type), "paligemma") != 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("%s: the model is of type \"%s\", but Gloss runs \"paligemma\" only"), origin,
                   json_string_value (type));
      return FALSE;
    }
  if (!json_is_object (vision.section) || !json_is_object (text.section))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, _ ("%s: \"%s\" is missing"), origin,
                   json_is_object (vision.section) ? "text_config" : "vision_config");
      return FALSE;
    }
  return refuse_variants (root, &text, error) && read_vision (config, &vision, error)
         && read_language (config, &text, error);
}

/* Each size alone may be believable and their products not; workspaces are sized by these. */
static gboolean
check_products (const GlossModelConfig *config, const char *origin, GError **error)
{
  gsize image_size_px = gloss_model_config_get_image_size_px (config);
  const struct
  {
    const char *sentence; /* the origin, the value and the most that it may be */
    gsize value, max;
  } limits[] = {
    { N_ ("%s: %zu image tokens, but at most %zu are supported"), config->n_image_tokens,
      GLOSS_CONFIG_MAX_IMAGE_TOKENS },
    { N_ ("%s: %zu pixels on a side, but at most %zu are supported"), image_size_px,
      GLOSS_CONFIG_MAX_IMAGE_SIZE_PX },
    { N_ ("%s: %zu values in a patch, but at most %zu are supported"),
      config->patch_size_px * config->patch_size_px * 3, GLOSS_CONFIG_MAX_DIM },
    { N_ ("%s: %zu values of all heads, but at most %zu are supported"),
      config->n_heads * config->head_dim, GLOSS_CONFIG_MAX_DIM },
    { N_ ("%s: %zu values of all key heads, but at most %zu are supported"),
      config->n_kv_heads * config->head_dim, GLOSS_CONFIG_MAX_DIM },
    { N_ ("%s: %zu values of all vision heads, but at most %zu are supported"),
      config->vit_n_heads * config->vit_head_dim, GLOSS_CONFIG_MAX_DIM },
  };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      if (limits[i].value > limits[i].max)
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, _ (limits[i].sentence), origin,
                       limits[i].value, limits[i].max);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
gloss_model_config_finish (GlossModelConfig *config, const char *origin, GError **error)
{
  gsize side = (gsize) sqrt ((double) config->n_image_tokens);

  if (!check_products (config, origin, error))
    return FALSE;
  if (side * side != config->n_image_tokens)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: %zu image tokens are not a square"), origin, config->n_image_tokens);
      return FALSE;
    }
  if (config->n_heads % config->n_kv_heads != 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: %zu attention heads cannot share %zu key and value heads"), origin,
                   config->n_heads, config->n_kv_heads);
      return FALSE;
    }
  if (config->vit_n_heads * config->vit_head_dim != config->vit_width)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: %zu vision heads of dimension %zu do not make up the vision width %zu"),
                   origin, config->vit_n_heads, config->vit_head_dim, config->vit_width);
      return FALSE;
    }
  if (config->head_dim % 2 != 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: the head dimension %zu must be even"), origin, config->head_dim);
      return FALSE;
    }

  /* A configuration by shapes alone. Of the published models only the 28B, known by its shape,
   * scales queries by the width of a head's share instead of the head dimension. */
  if (config->query_scale == 0)
    {
      gboolean is_28b = config->is_gemma2 && config->width == 4608 && config->n_heads == 32
                        && config->head_dim == 128;

      config->query_scale = 1.0f
                            / sqrtf (is_28b ? (float) config->width / (float) config->n_heads
                                            : (float) config->head_dim);
    }
  return TRUE;
}

gsize
gloss_model_config_get_image_size_px (const GlossModelConfig *config)
{
  return (gsize) (sqrt ((double) config->n_image_tokens) + 0.5) * config->patch_size_px;
}
