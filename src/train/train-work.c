/* How much there is to compute for an example of training. */
#include "train/train-work.h"

#include "model/work.h"

#include <string.h>

/* Of a block: its products with weights apart by what their backward needs, and attention. */
typedef struct
{
  double keys_and_values; /* of all rows */
  double queries;
  double output;
  double mlp;
  double attention;
} Block;

/* The last block needs keys and values of all rows, and of the rest only the active rows. */
static Block
count_block (const GlossModelConfig *config, const GlossSequence *sequence, gboolean is_last)
{
  gsize n_rows = gloss_packed_count_rows (sequence, config->n_image_tokens);
  gsize n_active = sequence->n_ids - sequence->n_prefix, n_given = n_rows - n_active + 1;
  double rows = is_last ? (double) n_active : (double) n_rows;
  double width = (double) config->width, query = (double) (config->n_heads * config->head_dim);
  double kv = (double) (config->n_kv_heads * config->head_dim);
  /* rows up to the newline see each other, those behind it what is before them */
  double pairs = is_last ? (double) n_given : (double) n_given * (double) n_given;

  for (gsize row = n_given; row < n_rows; row++)
    pairs += (double) (row + 1);
  return (Block){
    .keys_and_values = 2 * (double) n_rows * width * 2 * kv,
    .queries = 2 * rows * width * query,
    .output = 2 * rows * query * width,
    .mlp = 2 * rows * width * 3 * (double) config->mlp_dim,
    .attention = 4 * query * pairs,
  };
}

static double
sum_block (const Block *block)
{
  return block->keys_and_values + block->queries + block->output + block->mlp + block->attention;
}

/* The gradient of the block's input, or of what is trained in it where that is not wanted, is as
 * much as the forward; attention has two sums where the forward has one. */
static double
count_block_backward (const Block *block, const GlossTrainOptions *options, gboolean wants_input)
{
  double total = block->output + block->mlp + 2 * block->attention;

  if (wants_input)
    total += block->keys_and_values + block->queries;
  if (options->set != GLOSS_TRAIN_LORA)
    total += block->keys_and_values + block->queries + block->output;
  if (options->set == GLOSS_TRAIN_ALL)
    total += block->mlp;
  return total;
}

/* Of low-rank additions, whose two factors each row goes through forward and twice backward. */
static double
count_lora (GlossTrainable *trainable, double n_rows)
{
  double total = 0;

  if (gloss_trainable_get_options (trainable)->set != GLOSS_TRAIN_LORA)
    return 0;
  for (guint i = 0; i < gloss_trainable_get_n_parameters (trainable); i++)
    {
      const GlossParameter *parameter = gloss_trainable_get_parameter (trainable, i);

      total += 3 * 2 * n_rows * (double) (parameter->n_out * parameter->n_in);
    }
  return total;
}

double
gloss_train_work_count_flop (GlossTrainable *trainable, const GlossSequence *sequence,
                             gboolean has_states)
{
  const GlossModelConfig *config = gloss_model_get_config (gloss_trainable_get_base (trainable));
  const GlossTrainOptions *options = gloss_trainable_get_options (trainable);
  gsize lowest = gloss_trainable_get_lowest_layer (trainable);
  gboolean trains_input = gloss_trainable_trains_input (trainable);
  double encoder = gloss_work_count_encoder_flop (config);
  double table = 2 * (double) (sequence->n_ids - sequence->n_prefix) * (double) config->width
                 * (double) config->n_table_rows;
  /* logits and their gradient, and where the table is trained its own */
  double total = trains_input ? 3 * table : 2 * table;

  if (!has_states)
    total += gloss_trainable_trains_vision (trainable) ? 3 * encoder : encoder;
  for (gsize layer = has_states ? lowest : 0; layer < config->depth; layer++)
    {
      Block block = count_block (config, sequence, layer + 1 == config->depth);

      total += sum_block (&block);
      if (layer >= lowest)
        total += count_block_backward (&block, options, layer > lowest || trains_input);
    }
  return total
         + count_lora (trainable,
                       (double) gloss_packed_count_rows (sequence, config->n_image_tokens));
}

double
gloss_train_work_count_all_flop (const GlossModelConfig *config, const GlossTrainOptions *options,
                                 const GlossSequence *sequence, gboolean has_states, gsize n_kept)
{
  gboolean trains_input = options->set == GLOSS_TRAIN_ALL && options->n_top_layers == 0;
  gsize lowest = options->n_top_layers > 0 ? config->depth - options->n_top_layers : 0;
  double table = 2 * (double) (sequence->n_ids - sequence->n_prefix) * (double) config->width
                 * (double) config->n_table_rows;
  double total = trains_input ? 3 * table : 2 * table;

  for (gsize layer = has_states ? lowest : 0; layer < config->depth; layer++)
    {
      Block block = count_block (config, sequence, layer + 1 == config->depth);

      total += sum_block (&block);
      if (layer >= lowest)
        total += count_block_backward (&block, options, layer > lowest || trains_input);
      if (layer >= lowest && layer + n_kept < config->depth)
        total += sum_block (&block);
    }
  if (trains_input)
    total += 4 * gloss_work_count_encoder_flop (config);
  return total;
}

double
gloss_train_work_count_adapter_flop (const GlossModelConfig *config,
                                     const GlossTrainOptions *options,
                                     const GlossSequence *sequence)
{
  /* forward, again before the backward, and the gradients of both factors and the input */
  return options->set != GLOSS_TRAIN_LORA
             ? 0
             : 4 * 2 * (double) gloss_packed_count_rows (sequence, config->n_image_tokens)
                   * (double) gloss_train_work_count_values (config, options);
}

/* Outputs and inputs of a role's tensor, without layers. */
static void
get_size (const GlossModelConfig *config, GlossTensorRole role, gsize *n_out, gsize *n_in)
{
  const GlossTensorNaming naming = { .is_prepared = TRUE };
  const char *out_axes = gloss_tensor_role_get_out_axes (role);

  *n_out = *n_in = 1;
  for (const char *p = gloss_tensor_role_get_axes (role, &naming); *p; p++)
    {
      if (*p == '(' || *p == ')')
        continue;
      *(strchr (out_axes, *p) ? n_out : n_in) *= gloss_model_config_get_axis (config, *p);
    }
}

static gboolean
is_trained (const GlossTrainOptions *options, GlossTensorRole role)
{
  gboolean is_attention = role == GLOSS_TENSOR_QUERY_KERNEL || role == GLOSS_TENSOR_KEY_KERNEL
                          || role == GLOSS_TENSOR_VALUE_KERNEL
                          || role == GLOSS_TENSOR_ATTENTION_OUT_KERNEL;
  const guint32 projections = options->projections ? options->projections : GLOSS_ALL_PROJECTIONS;

  if (options->set == GLOSS_TRAIN_ATTENTION)
    return is_attention;
  for (guint i = 0; options->set == GLOSS_TRAIN_LORA && i < GLOSS_N_PROJECTIONS; i++)
    {
      if (gloss_projection_get_role (i) == role)
        return (projections & 1u << i) != 0;
    }
  if (options->set == GLOSS_TRAIN_LORA)
    return FALSE;
  if (options->n_top_layers > 0)
    return role >= GLOSS_TENSOR_ATTENTION_NORM && role < GLOSS_TENSOR_FINAL_NORM;
  return !options->freeze_stem
         || (role != GLOSS_TENSOR_PATCH_KERNEL && role != GLOSS_TENSOR_PATCH_BIAS);
}

gsize
gloss_train_work_count_values (const GlossModelConfig *config, const GlossTrainOptions *options)
{
  const GlossTensorNaming naming = { .is_gemma2 = config->is_gemma2 };
  gsize total = 0;

  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      gsize n_layers = gloss_tensor_role_count_layers (role, config), n_out, n_in;

      if (!gloss_tensor_role_is_used (role, &naming) || !is_trained (options, role))
        continue;
      if (options->n_top_layers > 0)
        n_layers = options->n_top_layers;
      get_size (config, role, &n_out, &n_in);
      total += n_layers
               * (options->set == GLOSS_TRAIN_LORA ? MAX (1, options->rank) * (n_out + n_in)
                                                   : n_out * n_in);
    }
  return total;
}
