/* Every published size, as files of holes: up to 55 GB, whose tensors lie beyond 4 GiB and are
 * larger than it. */
#include "model/full-size.h"
#include "model/model.h"
#include "support/asserts.h"

#include <math.h>
#include <string.h>

/* Parameters of each model, by KerasHub's table of presets where it has them and by the shapes. */
static const struct
{
  const char *name;
  FullSize size;
  gsize image_size_px;
  guint64 n_parameters;
} sizes[] = {
  { "paligemma-3b-224", FULL_SIZE_PALIGEMMA_3B, 224, 2923335408 },
  { "paligemma-3b-448", FULL_SIZE_PALIGEMMA_3B, 448, 2924220144 },
  { "paligemma-3b-896", FULL_SIZE_PALIGEMMA_3B, 896, 2927759088 },
  { "paligemma2-3b-224", FULL_SIZE_PALIGEMMA2_3B, 224, 3032094960 },
  { "paligemma2-3b-448", FULL_SIZE_PALIGEMMA2_3B, 448, 3032979696 },
  { "paligemma2-3b-896", FULL_SIZE_PALIGEMMA2_3B, 896, 3036518640 },
  { "paligemma2-10b-224", FULL_SIZE_PALIGEMMA2_10B, 224, 9662409456 },
  { "paligemma2-10b-448", FULL_SIZE_PALIGEMMA2_10B, 448, 9663294192 },
  { "paligemma2-10b-896", FULL_SIZE_PALIGEMMA2_10B, 896, 9666833136 },
  { "paligemma2-28b-224", FULL_SIZE_PALIGEMMA2_28B, 224, 27650192112 },
  { "paligemma2-28b-448", FULL_SIZE_PALIGEMMA2_28B, 448, 27651076848 },
  { "paligemma2-28b-896", FULL_SIZE_PALIGEMMA2_28B, 896, 27654615792 },
};

static float
read_value (const GlossMatrix *matrix, gsize in, gsize out)
{
  guint16 half;

  memcpy (&half, gloss_matrix_get_element (matrix, in, out), 2);
  return gloss_float_from_bf16 (half);
}

/* The marks at the two ends of the tensor of @role, seen through the views that the model takes.
 * Rows that share a tensor have its first mark in the first and its last in the second. */
static void
check_ends (GlossModel *model, GlossTensorRole role)
{
  gboolean is_second = role == GLOSS_TENSOR_VALUE_KERNEL || role == GLOSS_TENSOR_UP_KERNEL;
  gboolean is_first = role == GLOSS_TENSOR_KEY_KERNEL || role == GLOSS_TENSOR_GATE_KERNEL;
  gsize last_layer = gloss_tensor_role_count_layers (role, gloss_model_get_config (model)) - 1;
  float mark = (float) (is_second ? role : role + 1);

  if (gloss_tensor_role_is_vector (role))
    {
      g_assert_cmpfloat (gloss_model_get_vector (model, role, 0)[0], ==, mark);
      return;
    }

  const GlossMatrix *first = gloss_model_get_matrix (model, role, 0);
  const GlossMatrix *last = gloss_model_get_matrix (model, role, last_layer);

  g_assert_cmpfloat (read_value (first, 0, 0), ==, is_second ? 0 : mark);
  g_assert_cmpfloat (read_value (last, last->n_in - 1, last->n_out - 1), ==, is_first ? 0 : -mark);
}

static void
test_every_tensor_should_be_where_it_is (gconstpointer data)
{
  guint index = GPOINTER_TO_UINT (data);
  char *folder = gloss_test_folder_new ();
  g_autoptr (GError) error = NULL;
  guint64 n_parameters = 0;
  GlossModelConfig wanted;
  const char *why;

  full_size_get_config (&wanted, sizes[index].size, sizes[index].image_size_px);

  g_autofree char *path = full_size_write_holes (folder, &wanted, &why);
  g_autoptr (GlossModel) model = path ? gloss_model_load (path, NULL, &error) : NULL;

  /* the map holds the file; nothing is left behind when a check fails */
  gloss_test_folder_remove (folder);
  if (!path)
    {
      g_test_skip (why);
      return;
    }
  g_assert_no_error (error);

  const GlossModelConfig *config = gloss_model_get_config (model);
  GlossWeights *weights = gloss_checkpoint_get_weights (gloss_model_get_checkpoint (model));

  for (const char *axis = "pPEDMABWLFNKHV"; *axis; axis++)
    g_assert_cmpuint (gloss_model_config_get_axis (config, *axis), ==,
                      gloss_model_config_get_axis (&wanted, *axis));
  g_assert_cmpfloat (config->query_scale, ==,
                     sizes[index].size == FULL_SIZE_PALIGEMMA2_28B ? 1 / 12.0f : 1 / 16.0f);
  for (guint i = 0; i < gloss_weights_get_n_tensors (weights); i++)
    n_parameters += gloss_weights_get_tensor (weights, i)->n_bytes / 2;
  g_assert_cmpuint (n_parameters, ==, sizes[index].n_parameters);
  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      if (config->is_gemma2
          || (role != GLOSS_TENSOR_ATTENTION_POST_NORM && role != GLOSS_TENSOR_MLP_POST_NORM))
        check_ends (model, role);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/model/sizes/%s/every-tensor-should-be-where-it-is", sizes[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_every_tensor_should_be_where_it_is);
    }
  return g_test_run ();
}
