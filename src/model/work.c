/* How much there is to compute and to read for a caption. */
#include "model/work.h"

/* Of attention: scores and weighted sums, for each pair of a row and a token that it sees. */
static double
count_attention (gsize n_heads, gsize head_dim, gsize n_rows, gsize n_tokens)
{
  return 4.0 * (double) n_heads * (double) head_dim * (double) n_rows * (double) n_tokens;
}

double
gloss_work_count_encoder_flop (const GlossModelConfig *config)
{
  double n = (double) config->n_image_tokens, width = (double) config->vit_width;
  double patch = (double) (config->patch_size_px * config->patch_size_px * 3);
  double block = 2 * n * width * (4 * width + 2 * (double) config->vit_mlp_dim)
                 + count_attention (config->vit_n_heads, config->vit_head_dim,
                                    config->n_image_tokens, config->n_image_tokens);

  return 2 * n * patch * width + (double) config->vit_depth * block
         + 2 * n * width * (double) config->width;
}

/* Weights of one layer that every row goes through, and those that only rows do whose result is
 * needed. */
static void
count_layer_weights (const GlossModelConfig *config, double *always, double *needed)
{
  double width = (double) config->width, head = (double) config->head_dim;

  *always = width * 2 * (double) config->n_kv_heads * head;
  *needed = width * (2 * (double) config->n_heads * head + 3 * (double) config->mlp_dim);
}

static double
count_block (const GlossModelConfig *config, gsize n_rows, gsize n_needed)
{
  double always, needed;

  count_layer_weights (config, &always, &needed);
  return 2 * (double) n_rows * always + 2 * (double) n_needed * needed
         + count_attention (config->n_heads, config->head_dim, n_needed, n_rows);
}

double
gloss_work_count_prefill_flop (const GlossModelConfig *config, gsize n_rows)
{
  return (double) (config->depth - 1) * count_block (config, n_rows, n_rows)
         + count_block (config, n_rows, 1)
         + 2 * (double) config->width * (double) config->n_table_rows;
}

double
gloss_work_count_step_bytes (const GlossModelConfig *config, GlossDtype dtype, gsize n_rows)
{
  double always, needed;
  double keys_and_values = 2 * (double) (config->n_kv_heads * config->head_dim) * (double) n_rows;

  count_layer_weights (config, &always, &needed);
  return (double) gloss_dtype_get_size_bytes (dtype)
             * ((double) config->depth * (always + needed)
                + (double) config->width * (double) config->n_table_rows)
         + (double) sizeof (float) * (double) config->depth * keys_and_values;
}
