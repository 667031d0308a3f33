/* What a particular PaliGemma is: its sizes and switches. */
#pragma once

#include "base/json.h"

G_BEGIN_DECLS

/* Largest size that is believed of a file. The 28B's largest is its table of 257216 rows. */
#define GLOSS_CONFIG_MAX_DIM (1u << 20)

/* The largest PaliGemma sees 896 px, 4096 tokens. */
#define GLOSS_CONFIG_MAX_IMAGE_TOKENS ((gsize) 16384)
#define GLOSS_CONFIG_MAX_IMAGE_SIZE_PX ((gsize) 4096)

/* A size of 0 is not known yet. Letters are the axes of tensors.inc. */
typedef struct
{
  /* vision: SigLIP */
  gsize patch_size_px;  /* p */
  gsize n_image_tokens; /* P, a square */
  gsize vit_width;      /* E */
  gsize vit_depth;      /* D */
  gsize vit_mlp_dim;    /* M */
  gsize vit_n_heads;    /* A */
  gsize vit_head_dim;   /* B */
  float vit_norm_eps;

  /* language: Gemma or Gemma 2 */
  gboolean is_gemma2; /* post-norms */
  gsize width;        /* W */
  gsize depth;        /* L */
  gsize mlp_dim;      /* F */
  gsize n_heads;      /* N */
  gsize n_kv_heads;   /* K */
  gsize head_dim;     /* H */
  gsize n_table_rows; /* V; Hugging Face's 64 junk rows included */
  float norm_eps;
  float rope_base;
  float query_scale;       /* 0: gloss_model_config_finish () derives it */
  float attention_softcap; /* 0: none */
  float final_softcap;     /* the value that the family has, 0: none; whether it is used is the
                              request's choice */
} GlossModelConfig;

/* The defaults that both families share; all sizes unknown. Any thread. */
void gloss_model_config_init (GlossModelConfig *config);

/*
 * Takes what the "paligemma" configuration @root of Hugging Face says; @origin names it in
 * messages. Fails with GLOSS_ERROR_FORMAT (missing or odd numbers) or GLOSS_ERROR_UNSUPPORTED
 * (another kind of model). Any thread.
 */
gboolean gloss_model_config_read_json (GlossModelConfig *config, json_t *root, const char *origin,
                                       GError **error);

/*
 * Compares dims[n_dims] with the axes letters of tensors.inc and takes the sizes that are not known
 * yet. On FALSE nothing is taken; @expected (may be NULL) gets the shape that was expected, newly
 * allocated. Any thread.
 */
gboolean gloss_model_config_bind_axes (GlossModelConfig *config, const char *axes,
                                       const gsize *dims, guint n_dims, char **expected);

/* The size of one axis letter, 0 when it is not known. Any thread. */
gsize gloss_model_config_get_axis (const GlossModelConfig *config, char axis);

/*
 * When all sizes are known: derives what is left and checks that they fit together. @origin names
 * the model in messages. Fails with GLOSS_ERROR_FORMAT, or GLOSS_ERROR_TOO_LARGE beyond what
 * workspaces are made for. Any thread.
 */
gboolean gloss_model_config_finish (GlossModelConfig *config, const char *origin, GError **error);

/* Side of the square picture that the model sees, in pixels. Any thread. */
gsize gloss_model_config_get_image_size_px (const GlossModelConfig *config);

G_END_DECLS
