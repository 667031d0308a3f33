/* The table of PaliGemma's tensors. */
#include "model/tensor-table.h"

#include <string.h>

typedef enum
{
  MATRIX,
  VECTOR,
} Kind;

typedef struct
{
  const char *role_name;
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
#define T(role, kind, ...) [GLOSS_TENSOR_##role] = { #role, kind, __VA_ARGS__ },
#include "model/tensors.inc"
#undef T
};

/* The part of a stacked vision tensor's name that gets a number when it is not stacked. */
#define STACK "encoderblock/"

gboolean
gloss_tensor_role_is_vector (GlossTensorRole role)
{
  return table[role].kind == VECTOR;
}

gboolean
gloss_tensor_role_is_used (GlossTensorRole role, const GlossTensorNaming *naming)
{
  return naming->is_gemma2 || !table[role].gemma2_only;
}

static gboolean
has_hf_axes (const GlossTensorNaming *naming)
{
  return naming->is_hf || naming->is_prepared;
}

gboolean
gloss_tensor_naming_has_planar_patches (const GlossTensorNaming *naming)
{
  return has_hf_axes (naming);
}

static char
get_layer_axis (GlossTensorRole role)
{
  char first = table[role].bv_axes[0];

  return first == 'D' || first == 'L' ? first : 0;
}

gsize
gloss_tensor_role_count_layers (GlossTensorRole role, const GlossModelConfig *config)
{
  char axis = get_layer_axis (role);

  return axis ? gloss_model_config_get_axis (config, axis) : 1;
}

gboolean
gloss_tensor_role_is_stacked (GlossTensorRole role, const GlossTensorNaming *naming)
{
  char axis = get_layer_axis (role);

  return axis && !has_hf_axes (naming) && !(axis == 'D' && naming->is_unstacked);
}

char *
gloss_tensor_role_make_name (GlossTensorRole role, const GlossTensorNaming *naming, gsize layer)
{
  const Row *row = &table[role];
  const char *pattern = row->bv_name;
  const char *place;

  if (naming->is_prepared)
    {
      g_autofree char *name = g_ascii_strdown (row->role_name, -1);

      return get_layer_axis (role) ? g_strdup_printf ("%s.%" G_GSIZE_FORMAT, name, layer)
                                   : g_steal_pointer (&name);
    }
  if (naming->is_hf)
    {
      pattern = naming->is_gemma2 && row->hf_gemma2_name ? row->hf_gemma2_name : row->hf_name;
      place = strstr (pattern, "%u");
      if (!place)
        return g_strdup (pattern);
      return g_strdup_printf ("%.*s%" G_GSIZE_FORMAT "%s", (int) (place - pattern), pattern, layer,
                              place + 2);
    }

  place = strstr (pattern, STACK);
  if (!place || !naming->is_unstacked)
    return g_strdup (pattern);
  place += strlen (STACK) - 1;
  return g_strdup_printf ("%.*s_%" G_GSIZE_FORMAT "%s", (int) (place - pattern), pattern, layer,
                          place);
}

const char *
gloss_tensor_role_get_axes (GlossTensorRole role, const GlossTensorNaming *naming)
{
  const Row *row = &table[role];

  if (has_hf_axes (naming))
    return row->hf_axes;
  return get_layer_axis (role) && !gloss_tensor_role_is_stacked (role, naming) ? row->bv_axes + 1
                                                                               : row->bv_axes;
}

const char *
gloss_tensor_role_get_out_axes (GlossTensorRole role)
{
  return table[role].out_axes;
}

/* big_vision writes params/ or opt/target/ before everything; Hugging Face once wrote model. inside
 * the language model and now writes it before everything. */
char *
gloss_tensor_make_canonical (const char *name)
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

/* Walks the axes of the file from the fastest to the slowest, and merges neighbours of the same
 * side into one stride where they lie densely. An output axis that does not is the one of the
 * blocks. */
GlossMatrix
gloss_tensor_role_make_matrix (GlossTensorRole role, const GlossTensorNaming *naming,
                               const GlossModelConfig *config, const GlossTensorView *view,
                               gsize layer)
{
  const char *axes = gloss_tensor_role_get_axes (role, naming);
  GlossMatrix matrix = { view->data, view->dtype, 1, 1, 0, 0, 1, 0, FALSE };
  gsize stride = 1;
  gsize offset = 0;

  for (gsize i = strlen (axes); i-- > 0;)
    {
      gsize size;

      if (axes[i] == '(' || axes[i] == ')')
        continue;
      size = gloss_model_config_get_axis (config, axes[i]);
      if (i == 0 && gloss_tensor_role_is_stacked (role, naming))
        offset += layer * stride;
      else if (axes[i] == '2')
        offset += table[role].index * stride;
      else if (strchr (table[role].out_axes, axes[i]))
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
  if (view->is_packed)
    {
      matrix.in_stride = matrix.out_stride = matrix.block_stride = 0;
      matrix.block_out = matrix.n_out;
      matrix.is_packed = TRUE;
      return matrix;
    }
  g_assert (matrix.out_stride == 1 || matrix.in_stride == 1);
  matrix.data += offset * gloss_dtype_get_size_bytes (view->dtype);
  return matrix;
}
