/* A PaliGemma checkpoint that is whole. */
#include "model/model.h"

#include "base/error.h"
#include "base/i18n.h"
#include "model/positions.h"
#include "model/tuned.h"
#include "tensor/product.h"

struct _GlossModel
{
  gatomicrefcount n_refs;
  GlossModel *base;            /* owned: of a variant, else NULL */
  GlossCheckpoint *checkpoint; /* owned; of a variant the base's */
  GlossModelConfig config;     /* the checkpoint's, at the size that was asked for */
  float *positions;            /* owned: resampled, or NULL */
  GlossArithmetic arithmetic;  /* exact or fast */
  gboolean has_lora;           /* whose rows are plain floats */
  gboolean gains_by_panels;    /* all matrices are packed, and faster so */

  /* owned, [layers] for each role of that kind */
  GlossMatrix *matrices[GLOSS_N_TENSOR_ROLES];
  float **vectors[GLOSS_N_TENSOR_ROLES];  /* of a variant each borrowed */
  GlossLora *loras[GLOSS_N_TENSOR_ROLES]; /* a rank of 0 is none */
  GPtrArray *kept;                        /* with a destroy function each; NULL: nothing */
};

typedef struct
{
  gpointer data;
  GDestroyNotify destroy;
} Kept;

static float *
copy_vector (GlossMatrix matrix)
{
  float *vector = g_new (float, matrix.n_out);

  /* a matrix of one input, whose row is dense */
  matrix.in_stride = matrix.n_out;
  gloss_matrix_convert_tile (vector, &matrix, 0, 1, 0, matrix.n_out);
  return vector;
}

static void
take_tensors (GlossModel *model)
{
  const GlossTensorNaming *naming = gloss_checkpoint_get_naming (model->checkpoint);

  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      gsize n_layers = gloss_tensor_role_count_layers (role, &model->config);
      gboolean is_vector = gloss_tensor_role_is_vector (role);

      if (!gloss_tensor_role_is_used (role, naming))
        continue;
      if (is_vector)
        model->vectors[role] = g_new0 (float *, n_layers);
      else
        model->matrices[role] = g_new0 (GlossMatrix, n_layers);
      for (gsize layer = 0; layer < n_layers; layer++)
        {
          const GlossTensorView *view = gloss_checkpoint_find (model->checkpoint, role, layer);
          GlossMatrix matrix =
              gloss_tensor_role_make_matrix (role, naming, &model->config, view, layer);

          if (is_vector)
            model->vectors[role][layer] = copy_vector (matrix);
          else
            model->matrices[role][layer] = matrix;
        }
    }
}

/* At another size the grid of positions is another: the table is resampled. */
static gboolean
change_image_size (GlossModel *model, gsize image_size_px, GError **error)
{
  gsize patch_px = model->config.patch_size_px, side = image_size_px / patch_px;
  GlossMatrix *positions = model->matrices[GLOSS_TENSOR_POSITION_EMBEDDING];

  if (image_size_px == gloss_model_config_get_image_size_px (&model->config))
    return TRUE;
  if (image_size_px % patch_px != 0 || side < 1 || side > GLOSS_POSITIONS_MAX_SIDE)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("an image size must be a multiple of the patch size %zu up to %zu, not %zu"),
                   patch_px, patch_px * GLOSS_POSITIONS_MAX_SIDE, image_size_px);
      return FALSE;
    }
  model->positions = gloss_positions_resample (positions, side);
  model->config.n_image_tokens = side * side;
  *positions = (GlossMatrix){
    .data = (const guint8 *) model->positions,
    .dtype = GLOSS_DTYPE_F32,
    .n_in = positions->n_in,
    .n_out = side * side,
    .in_stride = 1,
    .out_stride = positions->n_in,
    .block_out = side * side,
  };
  return TRUE;
}

/* Settles what depends on all matrices and on the CPU. */
static void
choose_arithmetic (GlossModel *model, GlossArithmetic wanted)
{
  gboolean is_small = TRUE;

  model->gains_by_panels = TRUE;
  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      gsize n_layers = gloss_tensor_role_count_layers (role, &model->config);

      for (gsize i = 0; model->matrices[role] && i < n_layers; i++)
        {
          const GlossMatrix *matrix = &model->matrices[role][i];

          is_small &= gloss_dtype_get_size_bytes (matrix->dtype) == 2;
          model->gains_by_panels &=
              matrix->is_packed && gloss_product_gains_by_panels (matrix->dtype);
        }
    }
  model->arithmetic = wanted;
  if (wanted == GLOSS_ARITHMETIC_AUTO)
    model->arithmetic =
        is_small && gloss_product_gains_by_bf16 () ? GLOSS_ARITHMETIC_FAST : GLOSS_ARITHMETIC_EXACT;
}

GlossModel *
gloss_model_load (const char *path, const GlossModelOptions *options, GError **error)
{
  g_autoptr (GlossCheckpoint) checkpoint = NULL;
  g_autoptr (GlossModel) model = NULL;
  const GPtrArray *problems;

  if (gloss_tuned_model_is_there (path))
    return gloss_tuned_model_load (path, options, error);
  checkpoint = gloss_checkpoint_open (path, options, error);
  if (!checkpoint)
    return NULL;
  problems = gloss_checkpoint_get_problems (checkpoint);
  if (problems->len > 0)
    {
      const GlossCheckpointProblem *first = g_ptr_array_index (problems, 0);

      g_set_error_literal (error, GLOSS_ERROR, first->code, first->sentence);
      return NULL;
    }

  model = g_new0 (GlossModel, 1);
  g_atomic_ref_count_init (&model->n_refs);
  model->config = *gloss_checkpoint_get_config (checkpoint);
  model->checkpoint = g_steal_pointer (&checkpoint);
  take_tensors (model);
  choose_arithmetic (model, options ? options->arithmetic : GLOSS_ARITHMETIC_EXACT);
  if (options && options->image_size_px > 0
      && !change_image_size (model, options->image_size_px, error))
    return NULL;
  return g_steal_pointer (&model);
}

GlossModel *
gloss_model_ref (GlossModel *model)
{
  g_atomic_ref_count_inc (&model->n_refs);
  return model;
}

static void
kept_free (gpointer data)
{
  Kept *kept = data;

  kept->destroy (kept->data);
  g_free (kept);
}

GlossModel *
gloss_model_new_variant (GlossModel *base)
{
  GlossModel *variant = g_new0 (GlossModel, 1);

  g_atomic_ref_count_init (&variant->n_refs);
  variant->base = gloss_model_ref (base);
  variant->checkpoint = base->checkpoint;
  variant->config = base->config;
  variant->arithmetic = base->arithmetic;
  variant->gains_by_panels = base->gains_by_panels;
  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      gsize n = gloss_tensor_role_count_layers (role, &base->config);

      if (base->matrices[role])
        variant->matrices[role] = g_memdup2 (base->matrices[role], n * sizeof (GlossMatrix));
      if (base->vectors[role])
        variant->vectors[role] = g_memdup2 (base->vectors[role], n * sizeof (float *));
      variant->has_lora |= base->loras[role] != NULL;
      if (base->loras[role])
        variant->loras[role] = g_memdup2 (base->loras[role], n * sizeof (GlossLora));
    }
  return variant;
}

void
gloss_model_set_matrix (GlossModel *variant, GlossTensorRole role, gsize layer,
                        const GlossMatrix *matrix)
{
  const GlossMatrix *before = gloss_model_get_matrix (variant, role, layer);

  g_assert (variant->base && matrix->n_in == before->n_in && matrix->n_out == before->n_out);
  variant->gains_by_panels &= matrix->is_packed && gloss_product_gains_by_panels (matrix->dtype);
  variant->matrices[role][layer] = *matrix;
}

void
gloss_model_set_vector (GlossModel *variant, GlossTensorRole role, gsize layer, const float *vector)
{
  g_assert (variant->base && gloss_model_get_vector (variant, role, layer));
  variant->vectors[role][layer] = (float *) vector;
}

void
gloss_model_set_lora (GlossModel *variant, GlossTensorRole role, gsize layer, const GlossLora *lora)
{
  const GlossMatrix *matrix = gloss_model_get_matrix (variant, role, layer);

  g_assert (variant->base && lora->n_in == matrix->n_in && lora->n_out == matrix->n_out);
  if (!variant->loras[role])
    variant->loras[role] =
        g_new0 (GlossLora, gloss_tensor_role_count_layers (role, &variant->config));
  variant->loras[role][layer] = *lora;
  variant->has_lora = TRUE;
}

const GlossLora *
gloss_model_get_lora (GlossModel *model, GlossTensorRole role, gsize layer)
{
  const GlossLora *lora = model->loras[role] ? &model->loras[role][layer] : NULL;

  return lora && lora->rank > 0 ? lora : NULL;
}

void
gloss_model_keep (GlossModel *variant, gpointer data, GDestroyNotify destroy)
{
  Kept *kept = g_new (Kept, 1);

  *kept = (Kept){ data, destroy };
  if (!variant->kept)
    variant->kept = g_ptr_array_new_with_free_func (kept_free);
  g_ptr_array_add (variant->kept, kept);
}

void
gloss_model_unref (GlossModel *model)
{
  if (!g_atomic_ref_count_dec (&model->n_refs))
    return;
  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      gsize n_layers = gloss_tensor_role_count_layers (role, &model->config);

      for (gsize i = 0; !model->base && model->vectors[role] && i < n_layers; i++)
        g_free (model->vectors[role][i]);
      g_free (model->vectors[role]);
      g_free (model->matrices[role]);
      g_free (model->loras[role]);
    }
  g_free (model->positions);
  g_clear_pointer (&model->kept, g_ptr_array_unref);
  if (model->base)
    gloss_model_unref (model->base);
  else
    gloss_checkpoint_free (model->checkpoint);
  g_free (model);
}

const GlossModelConfig *
gloss_model_get_config (GlossModel *model)
{
  return &model->config;
}

const GlossCheckpoint *
gloss_model_get_checkpoint (GlossModel *model)
{
  return model->checkpoint;
}

gboolean
gloss_model_check_files (GlossModel *model, GError **error)
{
  return gloss_weights_check (gloss_checkpoint_get_weights (model->checkpoint), error);
}

GlossArithmetic
gloss_model_get_arithmetic (GlossModel *model)
{
  return model->arithmetic;
}

GlossRowsKind
gloss_model_get_rows_kind (GlossModel *model, gsize n_rows)
{
  if (n_rows == 1 || model->has_lora)
    return GLOSS_ROWS_PLAIN;
  if (model->arithmetic == GLOSS_ARITHMETIC_FAST)
    return GLOSS_ROWS_PACKED_BF16;
  return model->gains_by_panels ? GLOSS_ROWS_PACKED_F32 : GLOSS_ROWS_PLAIN;
}

gboolean
gloss_model_has_planar_patches (GlossModel *model)
{
  return gloss_tensor_naming_has_planar_patches (gloss_checkpoint_get_naming (model->checkpoint));
}

const GlossMatrix *
gloss_model_get_matrix (GlossModel *model, GlossTensorRole role, gsize layer)
{
  g_assert (model->matrices[role] && layer < gloss_tensor_role_count_layers (role, &model->config));
  return &model->matrices[role][layer];
}

const float *
gloss_model_get_vector (GlossModel *model, GlossTensorRole role, gsize layer)
{
  g_assert (model->vectors[role] && layer < gloss_tensor_role_count_layers (role, &model->config));
  return model->vectors[role][layer];
}
