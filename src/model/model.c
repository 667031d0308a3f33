/* A PaliGemma checkpoint, open and checked. */
#include "model/model.h"

#include "base/error.h"

#include <string.h>

typedef enum
{
  MATRIX,
  VECTOR,
} Kind;

typedef struct
{
  Kind kind;
  const char *bv_name;
  const char *bv_axes;
  guint index;
  const char *hf_name;
  const char *hf_gemma2_name; /* NULL: as hf_name */
  const char *hf_axes;
  const char *out_axes;
  gboolean gemma2_only;
} Row;

static const Row table[GLOSS_N_TENSOR_ROLES] = {
#define T(role, kind, ...) [GLOSS_TENSOR_##role] = { kind, __VA_ARGS__ },
#include "model/tensors.inc"
#undef T
};

struct _GlossModel
{
  gatomicrefcount n_refs;
  GlossModelConfig config;
  gboolean is_hf;
  GlossWeights *weights; /* owned */
  char *name;            /* owned: base name of the path, for messages */
  GHashTable *by_name;   /* owned: canonical name (owned) → view, during loading */
  GPtrArray *unknown;    /* borrowed names, NULL-terminated */

  /* owned, [layers] for each role of that kind */
  GlossMatrix *matrices[GLOSS_N_TENSOR_ROLES];
  float **vectors[GLOSS_N_TENSOR_ROLES];
};

static char
get_layer_axis (const Row *row)
{
  return row->bv_axes[0] == 'D' || row->bv_axes[0] == 'L' ? row->bv_axes[0] : 0;
}

static gsize
count_layers (const GlossModel *model, const Row *row)
{
  char axis = get_layer_axis (row);

  return axis ? gloss_model_config_get_axis (&model->config, axis) : 1;
}

/* Names without what differs between generations of checkpoints: big_vision's params/ or
 * opt/target/, Hugging Face's model. before everything and inside the language model. */
static char *
make_canonical (const char *name)
{
  static const char *const prefixes[] = { "params/", "opt/target/", "model." };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      if (g_str_has_prefix (name, prefixes[i]))
        {
          name += strlen (prefixes[i]);
          break;
        }
    }
  if (g_str_has_prefix (name, "language_model.model."))
    return g_strconcat ("language_model.", name + strlen ("language_model.model."), NULL);
  return g_strdup (name);
}

static gboolean
index_names (GlossModel *model, GError **error)
{
  model->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < gloss_weights_get_n_tensors (model->weights); i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (model->weights, i);
      char *name = make_canonical (view->name);

      if (!g_hash_table_insert (model->by_name, name, (gpointer) view))
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                       "%s: tensor \"%s\" is there twice under different prefixes", view->file_name,
                       view->name);
          return FALSE;
        }
    }
  return TRUE;
}

static char *
make_name (const GlossModel *model, const Row *row, gsize layer)
{
  const char *pattern = row->bv_name;
  const char *number;

  if (model->is_hf)
    pattern = model->config.is_gemma2 && row->hf_gemma2_name ? row->hf_gemma2_name : row->hf_name;

  number = strstr (pattern, "%u");
  if (!number)
    return g_strdup (pattern);
  return g_strdup_printf ("%.*s%" G_GSIZE_FORMAT "%s", (int) (number - pattern), pattern, layer,
                          number + 2);
}

/* The tensor that holds @row of @layer, checked against the configuration. */
static const GlossTensorView *
find_tensor (GlossModel *model, const Row *row, gsize layer, GError **error)
{
  g_autofree char *name = make_name (model, row, layer);
  g_autofree char *expected = NULL;
  const char *axes = model->is_hf ? row->hf_axes : row->bv_axes;
  const GlossTensorView *view = g_hash_table_lookup (model->by_name, name);

  if (!view)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "%s: tensor \"%s\" is missing",
                   model->name, name);
      return NULL;
    }
  if (!gloss_dtype_is_weight (view->dtype))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   "%s: tensor \"%s\" has type %s, but weights are F32, F16 or BF16",
                   view->file_name, view->name, gloss_dtype_get_name (view->dtype));
      return NULL;
    }
  if (!gloss_model_config_bind_axes (&model->config, axes, view->dims, view->n_dims, &expected))
    {
      g_autofree char *shape = gloss_tensor_format_shape (view->n_dims, view->dims);

      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "%s: tensor \"%s\" is %s, expected %s",
                   view->file_name, view->name, shape, expected);
      return NULL;
    }
  return view;
}

/* Walks the axes of the file from the fastest to the slowest, and merges neighbours of the same
 * side into one stride where they lie densely. An output axis that does not is the one of the
 * blocks. */
static GlossMatrix
make_matrix (const GlossModel *model, const Row *row, const GlossTensorView *view, gsize layer)
{
  const char *axes = model->is_hf ? row->hf_axes : row->bv_axes;
  GlossMatrix matrix = { view->data, view->dtype, 1, 1, 0, 0, 1, 0 };
  gsize stride = 1;
  gsize offset = 0;

  for (gsize i = strlen (axes); i-- > 0;)
    {
      gsize size;

      if (axes[i] == '(' || axes[i] == ')')
        continue;
      size = gloss_model_config_get_axis (&model->config, axes[i]);
      if (i == 0 && !model->is_hf && get_layer_axis (row))
        offset += layer * stride;
      else if (axes[i] == '2')
        offset += row->index * stride;
      else if (strchr (row->out_axes, axes[i]))
        {
          if (matrix.out_stride == 0)
            {
              matrix.out_stride = stride;
              matrix.block_out = matrix.n_out = size;
            }
          else
            {
              if (stride == matrix.out_stride * matrix.n_out)
                matrix.block_out *= size;
              else
                matrix.block_stride = stride;
              matrix.n_out *= size;
            }
        }
      else if (axes[i] != '1')
        {
          if (matrix.in_stride == 0)
            matrix.in_stride = stride;
          g_assert (stride == matrix.in_stride * matrix.n_in);
          matrix.n_in *= size;
        }
      stride *= size;
    }
  g_assert (matrix.in_stride == 1 || matrix.out_stride == 1);
  matrix.data += offset * gloss_dtype_get_size_bytes (view->dtype);
  return matrix;
}

static float *
copy_vector (const GlossModel *model, const Row *row, const GlossTensorView *view, gsize layer)
{
  GlossMatrix matrix = make_matrix (model, row, view, layer);
  float *vector = g_new (float, matrix.n_out);

  /* a matrix of one input, whose row is dense */
  matrix.in_stride = matrix.n_out;
  gloss_matrix_convert_tile (vector, &matrix, 0, 1, 0, matrix.n_out);
  return vector;
}

static gboolean
take_tensors (GlossModel *model, GError **error)
{
  /* First all shapes: a later tensor may hold a size that an earlier one's view needs. */
  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      const Row *row = &table[role];

      if (row->gemma2_only && !model->config.is_gemma2)
        continue;
      for (gsize layer = 0; layer < (model->is_hf ? count_layers (model, row) : 1); layer++)
        {
          if (!find_tensor (model, row, layer, error))
            return FALSE;
        }
    }
  if (!gloss_model_config_finish (&model->config, model->name, error))
    return FALSE;

  g_autoptr (GHashTable) used = g_hash_table_new (NULL, NULL);

  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      const Row *row = &table[role];
      gsize n_layers = count_layers (model, row);

      if (row->gemma2_only && !model->config.is_gemma2)
        continue;
      if (row->kind == MATRIX)
        model->matrices[role] = g_new0 (GlossMatrix, n_layers);
      else
        model->vectors[role] = g_new0 (float *, n_layers);
      for (gsize layer = 0; layer < n_layers; layer++)
        {
          const GlossTensorView *view = find_tensor (model, row, layer, error);

          g_assert (view);
          g_hash_table_add (used, (gpointer) view);
          if (row->kind == MATRIX)
            model->matrices[role][layer] = make_matrix (model, row, view, layer);
          else
            model->vectors[role][layer] = copy_vector (model, row, view, layer);
        }
    }

  for (guint i = 0; i < gloss_weights_get_n_tensors (model->weights); i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (model->weights, i);

      if (!g_hash_table_contains (used, view))
        g_ptr_array_add (model->unknown, (gpointer) view->name);
    }
  g_ptr_array_add (model->unknown, NULL);
  return TRUE;
}

static gboolean
read_config (GlossModel *model, const char *path, GError **error)
{
  g_autofree char *folder =
      g_file_test (path, G_FILE_TEST_IS_DIR) ? g_strdup (path) : g_path_get_dirname (path);
  g_autofree char *config_path = g_build_filename (folder, "config.json", NULL);

  gloss_model_config_init (&model->config);
  if (model->is_hf || g_file_test (config_path, G_FILE_TEST_EXISTS))
    {
      g_autoptr (json_t) root = gloss_json_load (config_path, 1 << 20, error);

      return root && gloss_model_config_read_json (&model->config, root, "config.json", error);
    }

  model->config.is_gemma2 =
      g_hash_table_contains (model->by_name, table[GLOSS_TENSOR_ATTENTION_POST_NORM].bv_name);
  if (model->config.is_gemma2)
    {
      model->config.attention_softcap = 50;
      model->config.final_softcap = 30;
    }
  return TRUE;
}

GlossModel *
gloss_model_load (const char *path, const GlossModelOptions *options, GError **error)
{
  g_autoptr (GlossWeights) weights = gloss_weights_open (path, error);
  g_autoptr (GlossModel) model = NULL;

  if (!weights)
    return NULL;

  model = g_new0 (GlossModel, 1);
  g_atomic_ref_count_init (&model->n_refs);
  model->weights = g_steal_pointer (&weights);
  model->name = g_path_get_basename (path);
  model->unknown = g_ptr_array_new ();
  if (!index_names (model, error))
    return NULL;

  model->is_hf = g_hash_table_contains (model->by_name, table[GLOSS_TENSOR_EMBEDDING].hf_name);
  if (!model->is_hf
      && !g_hash_table_contains (model->by_name, table[GLOSS_TENSOR_EMBEDDING].bv_name))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   "%s: this is not a PaliGemma: it has neither \"%s\" nor \"%s\"", model->name,
                   table[GLOSS_TENSOR_EMBEDDING].bv_name, table[GLOSS_TENSOR_EMBEDDING].hf_name);
      return NULL;
    }
  if (!read_config (model, path, error))
    return NULL;
  if (options && options->query_scale > 0)
    model->config.query_scale = options->query_scale;
  if (!take_tensors (model, error))
    return NULL;
  g_clear_pointer (&model->by_name, g_hash_table_unref);
  return g_steal_pointer (&model);
}

GlossModel *
gloss_model_ref (GlossModel *model)
{
  g_atomic_ref_count_inc (&model->n_refs);
  return model;
}

void
gloss_model_unref (GlossModel *model)
{
  if (!g_atomic_ref_count_dec (&model->n_refs))
    return;
  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      for (gsize i = 0; model->vectors[role] && i < count_layers (model, &table[role]); i++)
        g_free (model->vectors[role][i]);
      g_free (model->vectors[role]);
      g_free (model->matrices[role]);
    }
  g_clear_pointer (&model->by_name, g_hash_table_unref);
  g_ptr_array_unref (model->unknown);
  gloss_weights_unref (model->weights);
  g_free (model->name);
  g_free (model);
}

const GlossModelConfig *
gloss_model_get_config (GlossModel *model)
{
  return &model->config;
}

GlossWeights *
gloss_model_get_weights (GlossModel *model)
{
  return model->weights;
}

gboolean
gloss_model_has_planar_patches (GlossModel *model)
{
  return model->is_hf;
}

const GlossMatrix *
gloss_model_get_matrix (GlossModel *model, GlossTensorRole role, gsize layer)
{
  g_assert (model->matrices[role] && layer < count_layers (model, &table[role]));
  return &model->matrices[role][layer];
}

const float *
gloss_model_get_vector (GlossModel *model, GlossTensorRole role, gsize layer)
{
  g_assert (model->vectors[role] && layer < count_layers (model, &table[role]));
  return model->vectors[role][layer];
}

const char *const *
gloss_model_get_unknown_tensors (GlossModel *model)
{
  return (const char *const *) model->unknown->pdata;
}

gboolean
gloss_model_check_vocabulary (GlossModel *model, gsize n_pieces, GError **error)
{
  gsize n_rows = model->config.n_table_rows;
  gsize n_padded = (n_pieces + 2 + 63) / 64 * 64;

  if (n_rows == n_pieces || (model->is_hf && n_rows == n_padded))
    return TRUE;
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH,
               "%s: the embedding has %" G_GSIZE_FORMAT
               " rows, but the tokenizer has %" G_GSIZE_FORMAT
               " pieces; use the tokenizer that belongs to this model",
               model->name, n_rows, n_pieces);
  return FALSE;
}
