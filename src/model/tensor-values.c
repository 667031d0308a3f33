/*
 * The values of a model's tensors in another order.
 *
 * Both the order that they have and the one that is wanted are a matrix's: out-major, or in-major
 * in blocks. So tiles of floats are taken from the one, turned over where the two differ, and
 * written as the other.
 */
#include "model/tensor-values.h"

#include "base/mapped-file.h"

#include <string.h>

/* Floats of a tile; three such buffers are held. */
#define TILE_VALUES ((gsize) 1 << 20)
/* A square that is turned over inside of the first cache. */
#define SQUARE ((gsize) 32)

typedef struct
{
  const GlossMatrix *matrix; /* borrowed */
  const GlossLora *lora;     /* borrowed; or NULL */
  GlossDtype dtype;          /* to write */
  GlossTensorSink sink;
  gpointer user_data;

  /* owned: TILE_VALUES floats, or a row or column of the matrix if that is longer */
  float *tile;
  float *turned;
  guint8 *bytes;
} Work;

static void
work_clear (Work *work)
{
  g_free (work->tile);
  g_free (work->turned);
  g_free (work->bytes);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static gsize
encode (guint8 *out, GlossDtype dtype, const float *values, gsize n)
{
  if (dtype == GLOSS_DTYPE_F32)
    {
      memcpy (out, values, n * sizeof (float));
      return n * sizeof (float);
    }
  for (gsize i = 0; i < n; i++)
    {
      guint16 half = dtype == GLOSS_DTYPE_F16 ? gloss_float_to_f16 (values[i])
                                              : gloss_float_to_bf16 (values[i]);

      memcpy (out + 2 * i, &half, sizeof half);
    }
  return 2 * n;
}

/* out[n_columns × n_rows] = in[n_rows × n_columns] turned over; the row of out is @stride long. */
static void
turn (float *out, gsize stride, const float *in, gsize n_rows, gsize n_columns)
{
  for (gsize row = 0; row < n_rows; row += SQUARE)
    {
      for (gsize column = 0; column < n_columns; column += SQUARE)
        {
          gsize end_row = MIN (row + SQUARE, n_rows), end = MIN (column + SQUARE, n_columns);

          for (gsize c = column; c < end; c++)
            {
              for (gsize r = row; r < end_row; r++)
                out[c * stride + r] = in[r * n_columns + c];
            }
        }
    }
}

/* tile[n_out × n_in], or turned over with @is_in_major. */
static void
add_lora (const GlossLora *lora, float *tile, gboolean is_in_major, gsize first_out, gsize n_out,
          gsize first_in, gsize n_in)
{
  for (gsize o = 0; o < n_out; o++)
    {
      const float *b = lora->b + (first_out + o) * lora->rank;

      for (gsize r = 0; r < lora->rank; r++)
        {
          const float *a = lora->a + r * lora->n_in + first_in;
          float factor = lora->scale * b[r];

          if (is_in_major)
            {
              for (gsize i = 0; i < n_in; i++)
                tile[i * n_out + o] += factor * a[i];
            }
          else
            {
              for (gsize i = 0; i < n_in; i++)
                tile[o * n_in + i] += factor * a[i];
            }
        }
    }
}

/* Values of outputs and inputs into work->tile, [n_out × n_in] or turned over. */
static void
take_tile (Work *work, gboolean is_in_major, gsize first_out, gsize n_out, gsize first_in,
           gsize n_in)
{
  const GlossMatrix *matrix = work->matrix;
  gboolean comes_in_major = !gloss_matrix_is_out_major (matrix);
  gsize block_out = comes_in_major && !matrix->is_packed ? matrix->block_out : matrix->n_out;

  for (gsize done = 0; done < n_out;)
    {
      gsize out = first_out + done, n = MIN (n_out - done, block_out - out % block_out);
      gboolean is_whole = n == n_out;

      if (comes_in_major == is_in_major && is_whole)
        gloss_matrix_convert_tile (work->tile, matrix, first_in, n_in, out, n);
      else
        {
          gloss_matrix_convert_tile (work->turned, matrix, first_in, n_in, out, n);
          if (comes_in_major && is_in_major)
            {
              for (gsize i = 0; i < n_in; i++)
                memcpy (work->tile + i * n_out + done, work->turned + i * n, n * sizeof (float));
            }
          else if (comes_in_major)
            turn (work->tile + done * n_in, n_in, work->turned, n_in, n);
          else
            turn (work->tile, n_out, work->turned, n, n_in);
        }
      done += n;
    }
  if (work->lora)
    add_lora (work->lora, work->tile, is_in_major, first_out, n_out, first_in, n_in);
}

static gboolean
give (Work *work, gsize n, GError **error)
{
  gsize n_bytes = encode (work->bytes, work->dtype, work->tile, n);

  return work->sink (work->bytes, n_bytes, work->user_data, error);
}

/* The part of a mapped file that was read is not needed again. */
static void
release (const GlossTensorView *view, const GlossMatrix *matrix, gsize first_out, gsize n_out)
{
  gsize row_bytes = matrix->n_in * gloss_dtype_get_size_bytes (matrix->dtype);
  const guint8 *data = matrix->data + first_out * row_bytes;

  /* what has been replaced may lie anywhere */
  if (!matrix->is_packed && view && data >= view->data
      && data + n_out * row_bytes <= view->data + view->n_bytes)
    gloss_mapped_file_release_pages (data, n_out * row_bytes);
}

/* Row by row, and behind the last one the first again. */
static gboolean
write_rows (Work *work, const GlossTensorView *view, gsize n_rows, GError **error)
{
  const GlossMatrix *matrix = work->matrix;
  gsize n_at_once = MAX (TILE_VALUES / matrix->n_in, 1);
  gsize n_own = MIN (n_rows, matrix->n_out);

  for (gsize first = 0; first < n_own; first += n_at_once)
    {
      gsize n = MIN (n_at_once, n_own - first);

      take_tile (work, FALSE, first, n, 0, matrix->n_in);
      if (!give (work, n * matrix->n_in, error))
        return FALSE;
      if (gloss_matrix_is_out_major (matrix))
        release (view, matrix, first, n);
    }
  for (gsize row = n_own; row < n_rows; row++)
    {
      take_tile (work, FALSE, 0, 1, 0, matrix->n_in);
      if (!give (work, matrix->n_in, error))
        return FALSE;
    }
  if (!gloss_matrix_is_out_major (matrix))
    release (view, matrix, 0, matrix->n_out);
  return TRUE;
}

/* Block by block, in each one input after the other. */
static gboolean
write_columns (Work *work, const GlossTensorView *view, gsize block_out, GError **error)
{
  const GlossMatrix *matrix = work->matrix;
  gsize n_at_once = MAX (TILE_VALUES / block_out, 1);

  for (gsize block = 0; block < matrix->n_out; block += block_out)
    {
      for (gsize first = 0; first < matrix->n_in; first += n_at_once)
        {
          gsize n = MIN (n_at_once, matrix->n_in - first);

          take_tile (work, TRUE, block, block_out, first, n);
          if (!give (work, n * block_out, error))
            return FALSE;
        }
    }
  release (view, matrix, 0, matrix->n_out);
  return TRUE;
}

/* Colour planes of a patch, or pixels: the place in @planar ? the latter : the former of what comes
 * at @in of the other. */
static gsize
map_patch_input (gsize in, gsize n_pixels, gboolean planar)
{
  return planar ? in % 3 * n_pixels + in / 3 : in % n_pixels * 3 + in / n_pixels;
}

/* A patch kernel whose inputs are to come in the other order. Small. */
static gboolean
write_patches (Work *work, gboolean comes_planar, gboolean is_in_major, GError **error)
{
  const GlossMatrix *matrix = work->matrix;
  gsize n_in = matrix->n_in, n_out = matrix->n_out;
  g_autofree float *all = NULL;

  take_tile (work, FALSE, 0, n_out, 0, n_in);
  all = g_memdup2 (work->tile, n_out * n_in * sizeof (float));
  for (gsize in = 0; in < n_in; in++)
    {
      gsize from = map_patch_input (in, n_in / 3, comes_planar);

      for (gsize out = 0; out < n_out; out++)
        work->tile[is_in_major ? in * n_out + out : out * n_in + in] = all[out * n_in + from];
    }
  return give (work, n_out * n_in, error);
}

static gsize
count_vector (GlossModel *model, GlossTensorRole role)
{
  gsize n = 1;

  for (const char *p = gloss_tensor_role_get_out_axes (role); *p; p++)
    n *= gloss_model_config_get_axis (gloss_model_get_config (model), *p);
  return n;
}

GlossDtype
gloss_tensor_values_choose_dtype (GlossModel *model, GlossTensorRole role, gsize layer)
{
  const GlossTensorView *view;
  const float *vector;
  guint8 bytes[sizeof (float)];

  if (!gloss_tensor_role_is_vector (role))
    return gloss_model_get_lora (model, role, layer)
               ? GLOSS_DTYPE_F32
               : gloss_model_get_matrix (model, role, layer)->dtype;
  /* vectors have become floats; those that were trained fit no shorter type */
  view = gloss_checkpoint_find (gloss_model_get_checkpoint (model), role, layer);
  vector = gloss_model_get_vector (model, role, layer);
  for (gsize i = 0; i < count_vector (model, role); i++)
    {
      float back;

      encode (bytes, view->dtype, &vector[i], 1);
      gloss_matrix_convert (&back, view->dtype, bytes, 1);
      if (back != vector[i])
        return GLOSS_DTYPE_F32;
    }
  return view->dtype;
}

gboolean
gloss_tensor_values_write (GlossModel *model, GlossTensorRole role, gsize layer,
                           const GlossTensorNaming *naming, gsize n_rows, GlossDtype dtype,
                           GlossTensorSink sink, gpointer user_data, GError **error)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  const GlossTensorView *view =
      gloss_checkpoint_find (gloss_model_get_checkpoint (model), role, layer);
  g_auto (Work) work = { .dtype = dtype, .sink = sink, .user_data = user_data };
  GlossMatrix wanted;
  GlossTensorView empty = { .dtype = dtype, .data = (const guint8 *) &work };
  gboolean comes_planar = gloss_model_has_planar_patches (model);
  gsize n_values;

  if (gloss_tensor_role_is_vector (role))
    {
      gsize n = count_vector (model, role);

      work.tile = g_memdup2 (gloss_model_get_vector (model, role, layer), n * sizeof (float));
      work.bytes = g_malloc (n * sizeof (float));
      return give (&work, n, error);
    }
  work.matrix = gloss_model_get_matrix (model, role, layer);
  work.lora = gloss_model_get_lora (model, role, layer);
  wanted = gloss_tensor_role_make_matrix (role, naming, config, &empty, 0);
  n_values = MAX (TILE_VALUES, MAX (work.matrix->n_in, wanted.block_out));
  if (role == GLOSS_TENSOR_PATCH_KERNEL)
    n_values = MAX (n_values, work.matrix->n_in * work.matrix->n_out);
  work.tile = g_new (float, n_values);
  work.turned = g_new (float, n_values);
  work.bytes = g_malloc (n_values * sizeof (float));
  if (role == GLOSS_TENSOR_PATCH_KERNEL
      && comes_planar != gloss_tensor_naming_has_planar_patches (naming))
    return write_patches (&work, comes_planar, !gloss_matrix_is_out_major (&wanted), error);
  if (gloss_matrix_is_out_major (&wanted))
    return write_rows (&work, view, role == GLOSS_TENSOR_EMBEDDING ? n_rows : work.matrix->n_out,
                       error);
  return write_columns (&work, view, wanted.block_out, error);
}
