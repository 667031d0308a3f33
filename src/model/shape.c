/* The shapes of the published models. */
#include "model/shape.h"

#include "base/error.h"

#include <string.h>

typedef enum
{
  SO400M,
  DEMO,
} Vision;

static const struct
{
  const char *name;
  gboolean is_gemma2;
  gsize width, depth, mlp_dim, n_heads, n_kv_heads, head_dim, n_table_rows;
  Vision vision;
} shapes[] = {
#define S(...) { __VA_ARGS__ },
#include "model/shape.inc"
#undef S
};

static void
set_vision (GlossModelConfig *config, Vision vision)
{
  config->patch_size_px = 14;
  switch (vision)
    {
    case SO400M: /* SigLIP So400m/14: arXiv 2303.15343 */
      config->vit_width = 1152;
      config->vit_depth = 27;
      config->vit_mlp_dim = 4304;
      config->vit_n_heads = 16;
      break;
    case DEMO:
      config->vit_width = 192;
      config->vit_depth = 6;
      config->vit_mlp_dim = 768;
      config->vit_n_heads = 3;
      break;
    }
  config->vit_head_dim = config->vit_width / config->vit_n_heads;
}

static gboolean
refuse (const char *name, GError **error)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", shapes[i].name);
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
               "there is no shape \"%s\"; a shape is one of %s, and behind a hyphen the side of "
               "its picture, a multiple of 14 pixels: paligemma-3b-224",
               name, list->str);
  return FALSE;
}

gboolean
gloss_shape_find (const char *name, GlossModelConfig *config, GError **error)
{
  const char *hyphen = strrchr (name, '-');
  guint64 side_px;

  if (!hyphen
      || !g_ascii_string_to_unsigned (hyphen + 1, 10, 14, GLOSS_CONFIG_MAX_IMAGE_SIZE_PX, &side_px,
                                      NULL)
      || side_px % 14 != 0)
    return refuse (name, error);
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      gsize n = strlen (shapes[i].name);

      if (n != (gsize) (hyphen - name) || strncmp (name, shapes[i].name, n) != 0)
        continue;
      gloss_model_config_init (config);
      set_vision (config, shapes[i].vision);
      config->n_image_tokens = (gsize) (side_px / 14) * (gsize) (side_px / 14);
      config->is_gemma2 = shapes[i].is_gemma2;
      config->attention_softcap = shapes[i].is_gemma2 ? 50 : 0;
      config->final_softcap = shapes[i].is_gemma2 ? 30 : 0;
      config->width = shapes[i].width;
      config->depth = shapes[i].depth;
      config->mlp_dim = shapes[i].mlp_dim;
      config->n_heads = shapes[i].n_heads;
      config->n_kv_heads = shapes[i].n_kv_heads;
      config->head_dim = shapes[i].head_dim;
      config->n_table_rows = shapes[i].n_table_rows;
      return gloss_model_config_finish (config, name, error);
    }
  return refuse (name, error);
}
