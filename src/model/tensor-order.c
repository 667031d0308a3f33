/*
 * Where the values of an out-major matrix lie in the tensor that a checkpoint has.
 *
 * Both are the same axes in another order, each a letter of tensors.inc. Every axis belongs either
 * to the outputs or to the inputs, so that a value's place is the sum of one offset for its output
 * and one for its input.
 */
#include "model/tensor-order.h"

#include <string.h>

typedef struct
{
  char letter;
  gsize size;
  gsize stride;
  gboolean is_taken;
} Axis;

#define MAX_AXES GLOSS_TENSOR_MAX_DIMS

/* The axes of one layer's part, the slowest first, which that part has densely: layers and pairs
 * are outside of it. */
static guint
list_axes (Axis *axes, const char *letters, gboolean is_stacked, const GlossModelConfig *config)
{
  guint n = 0;
  gsize stride = 1;

  for (const char *p = letters + (is_stacked ? 1 : 0); *p; p++)
    {
      if (g_ascii_isalpha (*p))
        axes[n++] = (Axis){ *p, gloss_model_config_get_axis (config, *p), 0, FALSE };
    }
  for (guint i = n; i-- > 0;)
    {
      axes[i].stride = stride;
      stride *= axes[i].size;
    }
  return n;
}

/* Adds a faster axis to a table of offsets. */
static void
multiply (gsize **offsets, gsize *n, const Axis *axis)
{
  gsize *more = g_new (gsize, *n * axis->size);

  for (gsize i = 0; i < *n; i++)
    {
      for (gsize j = 0; j < axis->size; j++)
        more[i * axis->size + j] = (*offsets)[i] + j * axis->stride;
    }
  g_free (*offsets);
  *offsets = more;
  *n *= axis->size;
}

static gboolean
is_dense (const gsize *offsets, gsize n, gsize stride)
{
  for (gsize i = 0; i < n; i++)
    {
      if (offsets[i] != i * stride)
        return FALSE;
    }
  return TRUE;
}

void
gloss_tensor_order_init (GlossTensorOrder *order, GlossTensorRole role,
                         const GlossTensorNaming *naming, const GlossModelConfig *config)
{
  const GlossTensorNaming wanted_naming = { .is_prepared = TRUE };
  const char *letters = gloss_tensor_role_get_axes (role, naming);
  const char *wanted = gloss_tensor_role_get_axes (role, &wanted_naming);
  const char *out_axes = gloss_tensor_role_get_out_axes (role);
  Axis axes[MAX_AXES];
  guint n_axes = list_axes (axes, letters, gloss_tensor_role_is_stacked (role, naming), config);

  *order = (GlossTensorOrder){ .n_out = 1, .n_in = 1 };
  order->out_offsets = g_new0 (gsize, 1);
  order->in_offsets = g_new0 (gsize, 1);
  for (const char *p = wanted; *p; p++)
    {
      guint i = 0;

      if (!g_ascii_isalpha (*p))
        continue;
      /* a letter that comes twice, the rows and columns of a patch, does so in the same order */
      while (i < n_axes && (axes[i].is_taken || axes[i].letter != *p))
        i++;
      g_assert (i < n_axes);
      axes[i].is_taken = TRUE;
      if (strchr (out_axes, *p))
        multiply (&order->out_offsets, &order->n_out, &axes[i]);
      else
        multiply (&order->in_offsets, &order->n_in, &axes[i]);
    }
  order->is_dense = is_dense (order->in_offsets, order->n_in, 1)
                    && is_dense (order->out_offsets, order->n_out, order->n_in);
}

void
gloss_tensor_order_clear (GlossTensorOrder *order)
{
  g_clear_pointer (&order->out_offsets, g_free);
  g_clear_pointer (&order->in_offsets, g_free);
}

/* A square that is read along the file's fastest axis and written along ours: each cache line of
 * both is fetched once, whatever their strides. */
#define TILE 64

#define COPY_TILE(type)                                                                            \
  static void copy_tile_##type (const GlossTensorOrder *order, guint8 *out, const guint8 *layer,   \
                                gsize first_row, gsize n_rows, gsize first_in, gsize n_in)         \
  {                                                                                                \
    type tile[TILE][TILE];                                                                         \
                                                                                                   \
    for (gsize i = 0; i < n_in; i++)                                                               \
      {                                                                                            \
        const guint8 *from = layer + order->in_offsets[first_in + i] * sizeof (type);              \
                                                                                                   \
        for (gsize row = 0; row < n_rows; row++)                                                   \
          memcpy (&tile[row][i], from + order->out_offsets[first_row + row] * sizeof (type),       \
                  sizeof (type));                                                                  \
      }                                                                                            \
    for (gsize row = 0; row < n_rows; row++)                                                       \
      memcpy (out + (row * order->n_in + first_in) * sizeof (type), tile[row],                     \
              n_in * sizeof (type));                                                               \
  }

COPY_TILE (guint16)
COPY_TILE (guint32)

void
gloss_tensor_order_copy_rows (const GlossTensorOrder *order, guint8 *out, const guint8 *layer,
                              gsize size_bytes, gsize first_row, gsize n_rows)
{
  g_assert (size_bytes == 2 || size_bytes == 4);
  for (gsize row = 0; row < n_rows; row += TILE)
    {
      for (gsize in = 0; in < order->n_in; in += TILE)
        (size_bytes == 2 ? copy_tile_guint16 : copy_tile_guint32) (
            order, out + row * order->n_in * size_bytes, layer, first_row + row,
            MIN (TILE, n_rows - row), in, MIN (TILE, order->n_in - in));
    }
}
