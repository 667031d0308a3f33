/* Adapters as PEFT writes them. */
#include "model/adapter.h"

#include "base/atomic-file.h"
#include "base/error.h"
#include "base/i18n.h"
#include "weights/safetensors-writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CONFIG_BYTES (1 << 20)
#define PREFIX "base_model.model."
/* as transformers names the language model's modules since version 4.52 */
#define WRITTEN_PREFIX PREFIX "model."

static const struct
{
  GlossTensorRole role;
  const char *name;
} projections[GLOSS_N_PROJECTIONS] = {
#define GLOSS_PROJECTION_ROW(id, role, name) { GLOSS_TENSOR_##role, name },
  GLOSS_PROJECTIONS (GLOSS_PROJECTION_ROW)
#undef GLOSS_PROJECTION_ROW
};

GlossTensorRole
gloss_projection_get_role (GlossProjection projection)
{
  return projections[projection].role;
}

const char *
gloss_projection_get_name (GlossProjection projection)
{
  return projections[projection].name;
}

gboolean
gloss_adapter_is_there (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, GLOSS_ADAPTER_CONFIG_NAME, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* "language_model.layers.3.self_attn.q_proj", newly allocated. */
static char *
make_module_name (GlossProjection projection, gsize layer)
{
  GlossTensorNaming naming = { .is_hf = TRUE };
  char *name = gloss_tensor_role_make_name (projections[projection].role, &naming, layer);

  *strrchr (name, '.') = '\0'; /* without ".weight" */
  return name;
}

/* rank and alpha, after a look at what else may be in the configuration. */
static gboolean
read_config (const char *folder, gsize *rank, double *scale, GError **error)
{
  static const char *const switches[] = { "use_dora", "fan_in_fan_out", "lora_bias", "use_qalora" };
  g_autofree char *path = g_build_filename (folder, GLOSS_ADAPTER_CONFIG_NAME, NULL);
  g_autoptr (json_t) root = gloss_json_load (path, MAX_CONFIG_BYTES, error);
  json_int_t r;
  double alpha;

  if (!root)
    return FALSE;
  r = json_integer_value (json_object_get (root, "r"));
  alpha = json_number_value (json_object_get (root, "lora_alpha"));
  if (r < 1 || r > GLOSS_LORA_MAX_RANK || !(alpha > 0 && alpha <= 1e6))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: \"r\" must be a number from 1 to %d and \"lora_alpha\" above 0"),
                   GLOSS_ADAPTER_CONFIG_NAME, GLOSS_LORA_MAX_RANK);
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    {
      if (!json_is_true (json_object_get (root, switches[i])))
        continue;
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("%s: adapters with \"%s\" are not supported"), GLOSS_ADAPTER_CONFIG_NAME,
                   switches[i]);
      return FALSE;
    }
  if (json_object_size (json_object_get (root, "rank_pattern")) > 0
      || json_object_size (json_object_get (root, "alpha_pattern")) > 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("%s: adapters of several ranks are not supported"),
                   GLOSS_ADAPTER_CONFIG_NAME);
      return FALSE;
    }
  *rank = (gsize) r;
  *scale = alpha
           / (json_is_true (json_object_get (root, "use_rslora")) ? sqrt ((double) r) : (double) r);
  return TRUE;
}

/* The floats of a tensor that must be [n_rows × n_columns]. Newly allocated. */
static float *
read_matrix (const GlossTensorView *view, gsize n_rows, gsize n_columns, GError **error)
{
  g_autofree char *shape = gloss_tensor_format_shape (view->n_dims, view->dims);
  float *values;

  if (view->n_dims != 2 || view->dims[0] != n_rows || view->dims[1] != n_columns
      || !gloss_dtype_is_weight (view->dtype))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH,
                   _ ("%s: tensor \"%s\" is %s of type %s, expected %zu×%zu; use the model that "
                      "the adapter was made for"),
                   view->file_name, view->name, shape, gloss_dtype_get_name (view->dtype), n_rows,
                   n_columns);
      return NULL;
    }
  values = g_new (float, n_rows *n_columns);

  GlossMatrix matrix = { .data = view->data,
                         .dtype = view->dtype,
                         .n_in = n_columns,
                         .n_out = n_rows,
                         .in_stride = 1,
                         .out_stride = n_columns,
                         .block_out = n_rows };

  gloss_matrix_convert_tile (values, &matrix, 0, n_columns, 0, n_rows);
  return values;
}

/* The tensors by their names as this version of transformers would have them. */
static GHashTable *
index_tensors (GlossWeights *weights)
{
  GHashTable *by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < gloss_weights_get_n_tensors (weights); i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (weights, i);
      const char *name = view->name;

      if (g_str_has_prefix (name, PREFIX))
        name += strlen (PREFIX);
      g_hash_table_insert (by_name, gloss_tensor_make_canonical (name), (gpointer) view);
    }
  return by_name;
}

/* Adds what there is for one projection; the tensors are taken out of @by_name. */
static gboolean
apply_projection (GlossModel *variant, GHashTable *by_name, GlossProjection projection, gsize layer,
                  gsize rank, double scale, GError **error)
{
  GlossTensorRole role = projections[projection].role;
  const GlossMatrix *matrix = gloss_model_get_matrix (variant, role, layer);
  g_autofree char *module = make_module_name (projection, layer);
  g_autofree char *a_name = g_strconcat (module, ".lora_A.weight", NULL);
  g_autofree char *b_name = g_strconcat (module, ".lora_B.weight", NULL);
  const GlossTensorView *a = g_hash_table_lookup (by_name, a_name);
  const GlossTensorView *b = g_hash_table_lookup (by_name, b_name);
  GlossLora lora = { .rank = rank, .n_in = matrix->n_in, .n_out = matrix->n_out };

  if (!a && !b)
    return TRUE;
  if (!a || !b)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, _ ("%s: tensor \"%s\" is missing"),
                   GLOSS_ADAPTER_WEIGHTS_NAME, a ? b_name : a_name);
      return FALSE;
    }
  lora.scale = (float) scale;
  lora.a = read_matrix (a, rank, matrix->n_in, error);
  if (!lora.a)
    return FALSE;
  gloss_model_keep (variant, (gpointer) lora.a, g_free);
  lora.b = read_matrix (b, matrix->n_out, rank, error);
  if (!lora.b)
    return FALSE;
  gloss_model_keep (variant, (gpointer) lora.b, g_free);
  gloss_model_set_lora (variant, role, layer, &lora);
  g_hash_table_remove (by_name, a_name);
  g_hash_table_remove (by_name, b_name);
  return TRUE;
}

GlossModel *
gloss_adapter_apply (GlossModel *base, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, GLOSS_ADAPTER_WEIGHTS_NAME, NULL);
  g_autoptr (GlossWeights) weights = NULL;
  g_autoptr (GHashTable) by_name = NULL;
  g_autoptr (GlossModel) variant = gloss_model_new_variant (base);
  GHashTableIter iter;
  gpointer name;
  gsize rank;
  double scale;

  if (!read_config (folder, &rank, &scale, error) || !(weights = gloss_weights_open (path, error)))
    return NULL;
  by_name = index_tensors (weights);
  for (guint projection = 0; projection < GLOSS_N_PROJECTIONS; projection++)
    {
      for (gsize layer = 0; layer < gloss_model_get_config (base)->depth; layer++)
        {
          if (!apply_projection (variant, by_name, projection, layer, rank, scale, error))
            return NULL;
        }
    }
  g_hash_table_iter_init (&iter, by_name);
  if (g_hash_table_iter_next (&iter, &name, NULL))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH,
                   _ ("%s: tensor \"%s\" belongs to no projection of this language model"),
                   GLOSS_ADAPTER_WEIGHTS_NAME, (const char *) name);
      return NULL;
    }
  return g_steal_pointer (&variant);
}

gboolean
gloss_adapter_is_used (GlossModel *model)
{
  for (guint i = 0; i < GLOSS_N_PROJECTIONS; i++)
    {
      for (gsize layer = 0; layer < gloss_model_get_config (model)->depth; layer++)
        {
          if (gloss_model_get_lora (model, projections[i].role, layer))
            return TRUE;
        }
    }
  return FALSE;
}

static void
add_tensor (GArray *tensors, GPtrArray *names, const char *module, const char *suffix,
            const float *values, gsize n_rows, gsize n_columns)
{
  GlossTensorView view = { .name = g_strconcat (WRITTEN_PREFIX, module, suffix, NULL),
                           .dtype = GLOSS_DTYPE_F32,
                           .n_dims = 2,
                           .dims = { n_rows, n_columns },
                           .data = (const guint8 *) values,
                           .n_bytes = n_rows * n_columns * sizeof (float) };

  g_ptr_array_add (names, (gpointer) view.name);
  g_array_append_val (tensors, view);
}

static gboolean
write_config (const char *folder, json_t *modules, const GlossLora *lora, const char *base_name,
              GError **error)
{
  g_autofree char *path = g_build_filename (folder, GLOSS_ADAPTER_CONFIG_NAME, NULL);
  double alpha = (double) lora->scale * (double) lora->rank;
  g_autoptr (json_t) root =
      json_pack ("{s:s, s:I, s:f, s:f, s:O, s:s, s:s, s:s, s:b, s:b}", "peft_type", "LORA", "r",
                 (json_int_t) lora->rank, "lora_alpha", alpha, "lora_dropout", 0.0,
                 "target_modules", modules, "base_model_name_or_path", base_name, "task_type",
                 "CAUSAL_LM", "bias", "none", "fan_in_fan_out", 0, "inference_mode", 1);
  char *text;
  gboolean is_written;

  if (alpha == floor (alpha))
    json_object_set_new (root, "lora_alpha", json_integer ((json_int_t) alpha));
  text = json_dumps (root, JSON_INDENT (1));
  is_written = gloss_atomic_file_write (path, text, strlen (text), error);
  free (text);
  return is_written;
}

gboolean
gloss_adapter_write (GlossModel *model, const char *folder, const char *base_name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, GLOSS_ADAPTER_WEIGHTS_NAME, NULL);
  g_autoptr (GArray) tensors = g_array_new (FALSE, FALSE, sizeof (GlossTensorView));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) pattern = g_string_new (".*language_model.*\\.(");
  g_autoptr (json_t) modules = NULL;
  const GlossLora *first = NULL;

  for (guint projection = 0; projection < GLOSS_N_PROJECTIONS; projection++)
    {
      gboolean is_used = FALSE;

      for (gsize layer = 0; layer < gloss_model_get_config (model)->depth; layer++)
        {
          const GlossLora *lora = gloss_model_get_lora (model, projections[projection].role, layer);
          g_autofree char *module = make_module_name (projection, layer);

          if (!lora)
            continue;
          is_used = TRUE;
          first = lora;
          add_tensor (tensors, names, module, ".lora_A.weight", lora->a, lora->rank, lora->n_in);
          add_tensor (tensors, names, module, ".lora_B.weight", lora->b, lora->n_out, lora->rank);
        }
      /* a pattern, since the vision tower has projections of the same names */
      if (is_used)
        g_string_append_printf (pattern, "%s%s", g_str_has_suffix (pattern->str, "(") ? "" : "|",
                                projections[projection].name);
    }
  g_return_val_if_fail (first != NULL, FALSE);

  g_string_append_c (pattern, ')');
  modules = json_string (pattern->str);
  return gloss_safetensors_write (path, tensors, error)
         && write_config (folder, modules, first, base_name, error);
}
