/* What of a model is trained. */
#include "train/trainable.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

struct _GlossTrainable
{
  GlossTrainOptions options;
  GlossModel *base;   /* owned */
  GlossModel *model;  /* owned: the variant */
  GArray *parameters; /* owned, of GlossParameter; their memory too */

  /* owned, [layers]: index into parameters and 1 more, 0: none */
  guint *places[GLOSS_N_TENSOR_ROLES][GLOSS_N_PARAMETER_KINDS];
};

static gboolean
is_of_language_layers (GlossTensorRole role)
{
  return role >= GLOSS_TENSOR_ATTENTION_NORM && role < GLOSS_TENSOR_FINAL_NORM;
}

static gboolean
is_chosen (const GlossTrainOptions *options, GlossTensorRole role)
{
  switch (options->set)
    {
    case GLOSS_TRAIN_ATTENTION:
      return role == GLOSS_TENSOR_QUERY_KERNEL || role == GLOSS_TENSOR_KEY_KERNEL
             || role == GLOSS_TENSOR_VALUE_KERNEL || role == GLOSS_TENSOR_ATTENTION_OUT_KERNEL;
    case GLOSS_TRAIN_LORA:
      for (guint i = 0; i < GLOSS_N_PROJECTIONS; i++)
        {
          if (gloss_projection_get_role (i) == role)
            return (options->projections & 1u << i) != 0;
        }
      return FALSE;
    case GLOSS_TRAIN_ALL:
      if (options->n_top_layers > 0 && !is_of_language_layers (role))
        return FALSE;
      return !options->freeze_stem
             || (role != GLOSS_TENSOR_PATCH_KERNEL && role != GLOSS_TENSOR_PATCH_BIAS);
    }
  g_assert_not_reached ();
}

static gboolean
add_parameter (GlossTrainable *trainable, GlossTensorRole role, gsize layer,
               GlossParameterKind kind, gsize n_out, gsize n_in, GError **error)
{
  GlossParameter parameter = { role, layer, kind, n_out, n_in, NULL, NULL };
  gsize n = n_out * n_in;
  guint **places = &trainable->places[role][kind];

  parameter.value = g_try_new (float, n);
  parameter.gradient = g_try_new0 (float, n);
  g_array_append_val (trainable->parameters, parameter);
  if (!parameter.value || !parameter.gradient)
    {
      g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                           _ ("there is not enough memory for what is to be trained; train fewer "
                              "layers, or an adapter"));
      return FALSE;
    }
  if (!*places)
    *places = g_new0 (
        guint, gloss_tensor_role_count_layers (role, gloss_model_get_config (trainable->base)));
  (*places)[layer] = trainable->parameters->len;
  return TRUE;
}

/* value[n_out × n_in] = the matrix, whatever its strides. */
static void
copy_matrix (float *value, const GlossMatrix *matrix)
{
  g_autofree float *row = g_new (float, MAX (matrix->block_out, matrix->n_in));

  if (gloss_matrix_is_out_major (matrix))
    {
      for (gsize out = 0; out < matrix->n_out; out++)
        gloss_matrix_convert_row (value + out * matrix->n_in, matrix, out);
      return;
    }
  for (gsize first = 0; first < matrix->n_out; first += matrix->block_out)
    {
      for (gsize in = 0; in < matrix->n_in; in++)
        {
          gloss_matrix_convert_tile (row, matrix, in, 1, first, matrix->block_out);
          for (gsize i = 0; i < matrix->block_out; i++)
            value[(first + i) * matrix->n_in + in] = row[i];
        }
    }
}

static gboolean
add_whole (GlossTrainable *trainable, GlossTensorRole role, gsize layer, GError **error)
{
  GlossParameter *parameter;
  const GlossMatrix *matrix;

  if (gloss_tensor_role_is_vector (role))
    {
      const char *axes = gloss_tensor_role_get_out_axes (role);
      const float *vector = gloss_model_get_vector (trainable->base, role, layer);
      gsize n = 1;

      for (const char *p = axes; *p; p++)
        n *= gloss_model_config_get_axis (gloss_model_get_config (trainable->base), *p);
      if (!add_parameter (trainable, role, layer, GLOSS_PARAMETER_WHOLE, n, 1, error))
        return FALSE;
      parameter = gloss_trainable_find (trainable, role, layer, GLOSS_PARAMETER_WHOLE);
      memcpy (parameter->value, vector, n * sizeof (float));
      gloss_model_set_vector (trainable->model, role, layer, parameter->value);
      return TRUE;
    }

  matrix = gloss_model_get_matrix (trainable->base, role, layer);
  if (!add_parameter (trainable, role, layer, GLOSS_PARAMETER_WHOLE, matrix->n_out, matrix->n_in,
                      error))
    return FALSE;
  parameter = gloss_trainable_find (trainable, role, layer, GLOSS_PARAMETER_WHOLE);
  copy_matrix (parameter->value, matrix);

  GlossMatrix replacement = {
    .data = (const guint8 *) parameter->value,
    .dtype = GLOSS_DTYPE_F32,
    .n_in = matrix->n_in,
    .n_out = matrix->n_out,
    .in_stride = 1,
    .out_stride = matrix->n_in,
    .block_out = matrix->n_out,
  };

  gloss_model_set_matrix (trainable->model, role, layer, &replacement);
  return TRUE;
}

/* A is uniform in ±1/√n_in, as PEFT draws it, and B zero: the model begins as its base. */
static gboolean
add_lora (GlossTrainable *trainable, GlossTensorRole role, gsize layer, GlossRandom *random,
          GError **error)
{
  const GlossTrainOptions *options = &trainable->options;
  const GlossMatrix *matrix = gloss_model_get_matrix (trainable->base, role, layer);
  GlossParameter *a, *b;
  double bound = 1 / sqrt ((double) matrix->n_in);

  if (!add_parameter (trainable, role, layer, GLOSS_PARAMETER_LORA_A, options->rank, matrix->n_in,
                      error)
      || !add_parameter (trainable, role, layer, GLOSS_PARAMETER_LORA_B, matrix->n_out,
                         options->rank, error))
    return FALSE;
  a = gloss_trainable_find (trainable, role, layer, GLOSS_PARAMETER_LORA_A);
  b = gloss_trainable_find (trainable, role, layer, GLOSS_PARAMETER_LORA_B);
  for (gsize i = 0; i < a->n_out * a->n_in; i++)
    a->value[i] = (float) ((2 * gloss_random_next_double (random) - 1) * bound);
  memset (b->value, 0, b->n_out * b->n_in * sizeof (float));

  GlossLora lora = {
    .a = a->value,
    .b = b->value,
    .rank = options->rank,
    .n_in = matrix->n_in,
    .n_out = matrix->n_out,
    .scale = options->alpha / (float) options->rank,
  };

  gloss_model_set_lora (trainable->model, role, layer, &lora);
  return TRUE;
}

static gboolean
add_parameters (GlossTrainable *trainable, GError **error)
{
  const GlossTrainOptions *options = &trainable->options;
  const GlossModelConfig *config = gloss_model_get_config (trainable->base);
  GlossTensorNaming naming = { .is_gemma2 = config->is_gemma2 };
  GlossRandom random;

  gloss_random_init (&random, options->seed);
  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      gsize n_layers = gloss_tensor_role_count_layers (role, config), first = 0;

      if (!gloss_tensor_role_is_used (role, &naming) || !is_chosen (options, role))
        continue;
      if (options->n_top_layers > 0)
        first = n_layers - options->n_top_layers;
      for (gsize layer = first; layer < n_layers; layer++)
        {
          if (options->set == GLOSS_TRAIN_LORA ? !add_lora (trainable, role, layer, &random, error)
                                               : !add_whole (trainable, role, layer, error))
            return FALSE;
        }
    }
  return TRUE;
}

GlossTrainable *
gloss_trainable_new (GlossModel *base, const GlossTrainOptions *options, GError **error)
{
  g_autoptr (GlossTrainable) trainable = g_new0 (GlossTrainable, 1);
  gsize depth = gloss_model_get_config (base)->depth;

  trainable->options = *options;
  trainable->base = gloss_model_ref (base);
  trainable->model = gloss_model_new_variant (base);
  trainable->parameters = g_array_new (FALSE, FALSE, sizeof (GlossParameter));
  if (options->n_top_layers > depth)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("the language model has %zu layers, so its last %u cannot be trained"), depth,
                   options->n_top_layers);
      return NULL;
    }
  if (options->set == GLOSS_TRAIN_LORA)
    {
      if (options->rank == 0)
        trainable->options.rank = 8;
      if (options->alpha == 0)
        trainable->options.alpha = (float) trainable->options.rank;
      if (options->projections == 0)
        trainable->options.projections = GLOSS_ALL_PROJECTIONS;
    }
  if (trainable->options.rank > GLOSS_LORA_MAX_RANK)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("the rank of an adapter is from 1 to %d, not %u"), GLOSS_LORA_MAX_RANK,
                   trainable->options.rank);
      return NULL;
    }
  if (!add_parameters (trainable, error))
    return NULL;
  return g_steal_pointer (&trainable);
}

void
gloss_trainable_free (GlossTrainable *trainable)
{
  gloss_model_unref (trainable->model);
  gloss_model_unref (trainable->base);
  for (guint i = 0; i < trainable->parameters->len; i++)
    {
      GlossParameter *parameter = gloss_trainable_get_parameter (trainable, i);

      g_free (parameter->value);
      g_free (parameter->gradient);
    }
  g_array_unref (trainable->parameters);
  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      for (guint kind = 0; kind < GLOSS_N_PARAMETER_KINDS; kind++)
        g_free (trainable->places[role][kind]);
    }
  g_free (trainable);
}

GlossModel *
gloss_trainable_get_model (GlossTrainable *trainable)
{
  return trainable->model;
}

GlossModel *
gloss_trainable_get_base (GlossTrainable *trainable)
{
  return trainable->base;
}

const GlossTrainOptions *
gloss_trainable_get_options (GlossTrainable *trainable)
{
  return &trainable->options;
}

guint
gloss_trainable_get_n_parameters (GlossTrainable *trainable)
{
  return trainable->parameters->len;
}

GlossParameter *
gloss_trainable_get_parameter (GlossTrainable *trainable, guint index)
{
  return &g_array_index (trainable->parameters, GlossParameter, index);
}

GlossParameter *
gloss_trainable_find (GlossTrainable *trainable, GlossTensorRole role, gsize layer,
                      GlossParameterKind kind)
{
  const guint *places = trainable->places[role][kind];

  return places && places[layer] > 0 ? gloss_trainable_get_parameter (trainable, places[layer] - 1)
                                     : NULL;
}

gsize
gloss_trainable_count_values (GlossTrainable *trainable)
{
  gsize n = 0;

  for (guint i = 0; i < trainable->parameters->len; i++)
    {
      const GlossParameter *parameter = gloss_trainable_get_parameter (trainable, i);

      n += parameter->n_out * parameter->n_in;
    }
  return n;
}

gsize
gloss_trainable_get_lowest_layer (GlossTrainable *trainable)
{
  gsize lowest = gloss_model_get_config (trainable->base)->depth;

  if (gloss_trainable_trains_input (trainable))
    return 0;
  for (guint i = 0; i < trainable->parameters->len; i++)
    {
      const GlossParameter *parameter = gloss_trainable_get_parameter (trainable, i);

      if (is_of_language_layers (parameter->role))
        lowest = MIN (lowest, parameter->layer);
    }
  return lowest;
}

/* What comes before the language model's layers in the table: the vision tower, the head and the
 * embedding. */
gboolean
gloss_trainable_trains_input (GlossTrainable *trainable)
{
  return trainable->parameters->len > 0
         && gloss_trainable_get_parameter (trainable, 0)->role <= GLOSS_TENSOR_EMBEDDING;
}

gboolean
gloss_trainable_trains_vision (GlossTrainable *trainable)
{
  return trainable->parameters->len > 0
         && gloss_trainable_get_parameter (trainable, 0)->role <= GLOSS_TENSOR_HEAD_BIAS;
}

typedef struct
{
  float *values;
  gsize n;
} Clear;

#define TILE ((gsize) 1 << 18)

static void
clear_tile (gsize tile, guint worker, gpointer user_data)
{
  const Clear *clear = user_data;

  memset (clear->values + tile * TILE, 0, MIN (TILE, clear->n - tile * TILE) * sizeof (float));
}

void
gloss_trainable_clear_gradients (GlossTrainable *trainable, GlossPool *pool)
{
  for (guint i = 0; i < trainable->parameters->len; i++)
    {
      GlossParameter *parameter = gloss_trainable_get_parameter (trainable, i);
      Clear clear = { parameter->gradient, parameter->n_out * parameter->n_in };

      gloss_pool_run (pool, (clear.n + TILE - 1) / TILE, clear_tile, &clear);
    }
}
