/* What a model of the catalogue takes of a machine. */
#include "library/catalogue-needs.h"

#include "model/captioner.h"

#include <string.h>

/* A short prompt, as in model-source.c; and as many threads as there usually are. */
#define TYPICAL_PROMPT_TOKENS 32
#define TYPICAL_THREADS 8

/* The language models as published; the picture tower is the same in all. */
typedef struct
{
  guint family;
  const char *size;
  gsize width, depth, mlp_dim, n_heads, n_kv_heads, head_dim;
} Tower;

static const Tower towers[] = {
  { 1, "3b", 2048, 18, 16384, 8, 1, 256 },
  { 2, "3b", 2304, 26, 9216, 8, 4, 256 },
  { 2, "10b", 3584, 42, 14336, 16, 8, 256 },
  { 2, "28b", 4608, 46, 36864, 32, 16, 128 },
};

static void
get_config (const GlossCatalogueEntry *entry, GlossModelConfig *config)
{
  const Tower *tower = towers;

  while (tower->family != entry->family || strcmp (tower->size, entry->size) != 0)
    tower++;
  gloss_model_config_init (config);
  config->patch_size_px = 14;
  config->n_image_tokens = (gsize) (entry->image_size_px / 14) * (entry->image_size_px / 14);
  config->vit_width = 1152;
  config->vit_depth = 27;
  config->vit_mlp_dim = 4304;
  config->vit_n_heads = 16;
  config->vit_head_dim = 72;
  config->n_table_rows = 257152;
  config->is_gemma2 = entry->family == 2;
  config->width = tower->width;
  config->depth = tower->depth;
  config->mlp_dim = tower->mlp_dim;
  config->n_heads = tower->n_heads;
  config->n_kv_heads = tower->n_kv_heads;
  config->head_dim = tower->head_dim;
}

guint64
gloss_catalogue_get_download_bytes (const GlossCatalogueEntry *entry, GlossSourceKind kind)
{
  return kind == GLOSS_SOURCE_KAGGLE ? entry->kaggle_bytes : entry->hugging_face_bytes;
}

guint64
gloss_catalogue_get_disk_bytes (const GlossCatalogueEntry *entry, GlossSourceKind kind)
{
  /* Kaggle's is an npz, of which a prepared file is made; safetensors are used as they are */
  return gloss_catalogue_get_download_bytes (entry, kind) * (kind == GLOSS_SOURCE_KAGGLE ? 2 : 1);
}

guint64
gloss_catalogue_get_memory_bytes (const GlossCatalogueEntry *entry)
{
  GlossModelConfig config;

  get_config (entry, &config);
  return entry->hugging_face_bytes
         + gloss_captioner_get_memory_bytes (&config, config.n_table_rows, TYPICAL_PROMPT_TOKENS,
                                             GLOSS_CAPTION_DEFAULT_MAX_TOKENS, 1, TYPICAL_THREADS);
}

const GlossCatalogueEntry *
gloss_catalogue_recommend (guint64 memory_bytes)
{
  const GlossCatalogueEntry *entry = gloss_catalogue_find ("paligemma2-3b-mix-224");

  return gloss_catalogue_get_memory_bytes (entry) <= memory_bytes
             ? entry
             : gloss_catalogue_find ("paligemma-3b-mix-224");
}
