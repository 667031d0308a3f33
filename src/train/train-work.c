/* How much there is to compute for an example of training. */
#include "train/train-work.h"

#include "model/work.h"

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
