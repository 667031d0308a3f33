/*
 * Making Gloss's own file of a checkpoint.
 *
 * Tensors are taken in an order that reads each one of the checkpoint once, from its first byte to
 * its last, so that it may be compressed: the roles that share one (keys and values, gate and up)
 * take turns from layer to layer, as their parts follow each other in it.
 */
#include "model/prepare.h"

#include "base/disk-space.h"
#include "base/error.h"
#include "base/i18n.h"
#include "model/config-json.h"
#include "model/tensor-order.h"
#include "tensor/panel.h"
#include "weights/identity.h"
#include "weights/prepared-writer.h"
#include "weights/tensor-stream.h"

/* What is written at once; the disk takes it in some ten milliseconds. */
#define PIECE_BYTES ((gsize) 4 << 20)

/* One tensor of the prepared file and where it comes from. */
typedef struct
{
  GlossTensorRole role;
  const GlossTensorView *view; /* borrowed */
} Part;

struct _GlossPreparation
{
  const GlossCheckpoint *checkpoint; /* borrowed */
  guint64 n_bytes;

  /* owned */
  GArray *parts;   /* of Part, in the order of the file */
  GArray *tensors; /* of GlossTensorView, one for each part; without data */
  GStringChunk *names;
  json_t *configuration;
  json_t *source;
};

/* The sizes of the axes @letters, those in parentheses multiplied. */
static guint
list_dims (gsize *dims, const char *letters, const GlossModelConfig *config)
{
  guint n = 0;

  for (const char *p = letters; *p; p++)
    {
      gsize size = 1;

      if (*p == '(')
        {
          for (p++; *p != ')'; p++)
            size *= gloss_model_config_get_axis (config, *p);
        }
      else
        size = gloss_model_config_get_axis (config, *p);
      dims[n++] = size;
    }
  return n;
}

static void
add_part (GlossPreparation *preparation, GlossTensorRole role, gsize layer)
{
  const GlossModelConfig *config = gloss_checkpoint_get_config (preparation->checkpoint);
  const GlossTensorNaming naming = { .is_prepared = TRUE, .is_gemma2 = config->is_gemma2 };
  g_autofree char *name = gloss_tensor_role_make_name (role, &naming, layer);
  Part part = { role, gloss_checkpoint_find (preparation->checkpoint, role, layer) };
  GlossTensorView tensor = {
    .name = g_string_chunk_insert (preparation->names, name),
    .dtype = part.view->dtype,
    .is_packed = !gloss_tensor_role_is_vector (role),
    .n_bytes = gloss_dtype_get_size_bytes (part.view->dtype),
  };

  tensor.n_dims = list_dims (tensor.dims, gloss_tensor_role_get_axes (role, &naming), config);
  if (tensor.is_packed)
    tensor.n_bytes = gloss_tensor_count_packed_bytes (tensor.dtype, tensor.n_dims, tensor.dims);
  for (guint i = 0; i < tensor.n_dims && !tensor.is_packed; i++)
    tensor.n_bytes *= tensor.dims[i];
  g_array_append_val (preparation->parts, part);
  g_array_append_val (preparation->tensors, tensor);
}

/* The role behind the last of those from @first on that share their tensor with it. */
static guint
find_end_of_group (const GlossPreparation *preparation, guint first)
{
  const GlossTensorView *view = gloss_checkpoint_find (preparation->checkpoint, first, 0);
  guint end = first + 1;

  while (end < GLOSS_N_TENSOR_ROLES
         && gloss_tensor_role_is_used (end, gloss_checkpoint_get_naming (preparation->checkpoint))
         && gloss_checkpoint_find (preparation->checkpoint, end, 0) == view)
    end++;
  return end;
}

static void
list_parts (GlossPreparation *preparation)
{
  const GlossTensorNaming *naming = gloss_checkpoint_get_naming (preparation->checkpoint);
  const GlossModelConfig *config = gloss_checkpoint_get_config (preparation->checkpoint);
  guint end;

  for (guint first = 0; first < GLOSS_N_TENSOR_ROLES; first = end)
    {
      gsize n_layers = gloss_tensor_role_count_layers (first, config);

      end = first + 1;
      if (!gloss_tensor_role_is_used (first, naming))
        continue;
      end = find_end_of_group (preparation, first);
      for (gsize layer = 0; layer < n_layers; layer++)
        {
          for (guint role = first; role < end; role++)
            add_part (preparation, role, layer);
        }
    }
}

GlossPreparation *
gloss_preparation_new (const GlossCheckpoint *checkpoint, GError **error)
{
  GlossWeights *weights = gloss_checkpoint_get_weights (checkpoint);
  const GPtrArray *problems = gloss_checkpoint_get_problems (checkpoint);
  GlossPreparation *preparation;

  if (gloss_checkpoint_get_naming (checkpoint)->is_prepared)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, _ ("%s: is prepared already"),
                   gloss_checkpoint_get_name (checkpoint));
      return NULL;
    }
  if (problems->len > 0)
    {
      const GlossCheckpointProblem *first = g_ptr_array_index (problems, 0);

      g_set_error_literal (error, GLOSS_ERROR, first->code, first->sentence);
      return NULL;
    }

  preparation = g_new0 (GlossPreparation, 1);
  preparation->checkpoint = checkpoint;
  preparation->parts = g_array_new (FALSE, FALSE, sizeof (Part));
  preparation->tensors = g_array_new (FALSE, FALSE, sizeof (GlossTensorView));
  preparation->names = g_string_chunk_new (4096);
  preparation->configuration =
      gloss_model_config_to_json (gloss_checkpoint_get_config (checkpoint));
  preparation->source = gloss_weights_make_identity (weights);
  list_parts (preparation);
  preparation->n_bytes = gloss_prepared_count_bytes (
      preparation->tensors, preparation->configuration, preparation->source);
  return preparation;
}

void
gloss_preparation_free (GlossPreparation *preparation)
{
  g_array_unref (preparation->parts);
  g_array_unref (preparation->tensors);
  g_string_chunk_free (preparation->names);
  json_decref (preparation->configuration);
  json_decref (preparation->source);
  g_free (preparation);
}

guint64
gloss_preparation_get_n_bytes (const GlossPreparation *preparation)
{
  return preparation->n_bytes;
}

gboolean
gloss_preparation_is_done (const GlossPreparation *preparation, const char *path)
{
  g_autoptr (GlossCheckpoint) made = gloss_checkpoint_open (path, NULL, NULL);
  json_t *metadata = made ? gloss_weights_get_metadata (gloss_checkpoint_get_weights (made)) : NULL;

  return metadata && gloss_checkpoint_get_problems (made)->len == 0
         && json_equal (json_object_get (metadata, "source"), preparation->source)
         && json_equal (json_object_get (metadata, "configuration"), preparation->configuration);
}

/* What writing needs from part to part. */
typedef struct
{
  GlossPreparedWriter *writer;
  GlossTensorStream *stream; /* of the tensor @view */
  const GlossTensorView *view;
  guint8 *piece; /* owned: PIECE_BYTES, or the largest panel */
  guint8 *rows;  /* owned: the rows of the largest panel */
  guint64 n_done;
  guint64 n_all;
  GlossPrepareProgress progress;
  gpointer user_data;
  GCancellable *cancellable;
} Run;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->writer, gloss_prepared_writer_free);
  g_clear_pointer (&run->stream, gloss_tensor_stream_free);
  g_free (run->piece);
  g_free (run->rows);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static gboolean
append (Run *run, const guint8 *data, gsize n_bytes, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (run->cancellable, error)
      || !gloss_prepared_writer_append (run->writer, data, n_bytes, error))
    return FALSE;
  run->n_done += n_bytes;
  if (run->progress)
    run->progress (run->n_done, run->n_all, run->user_data);
  return TRUE;
}

/* A norm or bias, as it lies in the stream. */
static gboolean
copy_vector (Run *run, gsize n_bytes, GError **error)
{
  const guint8 *data = gloss_tensor_stream_next (run->stream, n_bytes, run->cancellable, error);

  return data && append (run, data, n_bytes, error);
}

/* @n_out rows of the present part, which must be there before the next ones are asked for: out of
 * @layer, or where that is NULL from the stream. */
static const guint8 *
get_rows (Run *run, const GlossTensorOrder *order, const guint8 *layer, gsize size_bytes,
          gsize first, gsize n_out, GError **error)
{
  if (!layer)
    return gloss_tensor_stream_next (run->stream, n_out * order->n_in * size_bytes,
                                     run->cancellable, error);
  gloss_tensor_order_copy_rows (order, run->rows, layer, size_bytes, first, n_out);
  return run->rows;
}

static gboolean
copy_packed (Run *run, const GlossTensorOrder *order, GlossDtype dtype, GError **error)
{
  gsize size_bytes = gloss_dtype_get_size_bytes (dtype);
  gsize panel_bytes = gloss_panel_get_size_bytes (dtype, order->n_in);
  gsize n_at_once = MAX (PIECE_BYTES / panel_bytes, 1) * GLOSS_PANEL_OUT;
  const guint8 *layer = NULL;

  /* what lies in another order is needed as a whole */
  if (!order->is_dense)
    {
      layer = gloss_tensor_stream_next (run->stream, order->n_out * order->n_in * size_bytes,
                                        run->cancellable, error);
      if (!layer)
        return FALSE;
    }
  for (gsize first = 0; first < order->n_out; first += n_at_once)
    {
      gsize end = MIN (order->n_out, first + n_at_once), n_bytes = 0;

      for (gsize out = first; out < end; out += GLOSS_PANEL_OUT)
        {
          gsize n_out = MIN (GLOSS_PANEL_OUT, order->n_out - out);
          const guint8 *rows = get_rows (run, order, layer, size_bytes, out, n_out, error);

          if (!rows)
            return FALSE;
          gloss_panel_pack (run->piece + n_bytes, rows, n_out, order->n_in, size_bytes);
          n_bytes += panel_bytes;
        }
      if (!append (run, run->piece, n_bytes, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
end_stream (Run *run, GError **error)
{
  gboolean is_whole = !run->stream || gloss_tensor_stream_finish (run->stream, error);

  g_clear_pointer (&run->stream, gloss_tensor_stream_free);
  return is_whole;
}

static gboolean
write_part (Run *run, const GlossPreparation *preparation, guint index, GError **error)
{
  const Part *part = &g_array_index (preparation->parts, Part, index);
  const GlossTensorView *tensor = &g_array_index (preparation->tensors, GlossTensorView, index);
  g_auto (GlossTensorOrder) order = { 0 };

  if (part->view != run->view)
    {
      if (!end_stream (run, error))
        return FALSE;
      run->view = part->view;
      run->stream = gloss_tensor_stream_new (part->view);
    }
  gloss_tensor_order_init (&order, part->role,
                           gloss_checkpoint_get_naming (preparation->checkpoint),
                           gloss_checkpoint_get_config (preparation->checkpoint));
  if (!tensor->is_packed)
    return copy_vector (run, tensor->n_bytes, error);
  return copy_packed (run, &order, tensor->dtype, error);
}

static gsize
find_largest_panel (const GlossPreparation *preparation)
{
  gsize n_bytes = 1;

  for (guint i = 0; i < preparation->tensors->len; i++)
    {
      const GlossTensorView *tensor = &g_array_index (preparation->tensors, GlossTensorView, i);
      gsize n_in = 1;

      for (guint k = 1; k < tensor->n_dims; k++)
        n_in *= tensor->dims[k];
      if (tensor->is_packed)
        n_bytes = MAX (n_bytes, gloss_panel_get_size_bytes (tensor->dtype, n_in));
    }
  return n_bytes;
}

gboolean
gloss_preparation_write (const GlossPreparation *preparation, const char *path,
                         gboolean may_replace, GlossPrepareProgress progress, gpointer user_data,
                         GCancellable *cancellable, GError **error)
{
  GlossWeights *weights = gloss_checkpoint_get_weights (preparation->checkpoint);
  g_auto (Run) run = {
    .n_all = preparation->n_bytes,
    .progress = progress,
    .user_data = user_data,
    .cancellable = cancellable,
  };
  gsize panel_bytes;

  if (!gloss_disk_space_check (path, preparation->n_bytes, error))
    return FALSE;
  run.writer = gloss_prepared_writer_new (path, may_replace, preparation->tensors,
                                          preparation->configuration, preparation->source, error);
  if (!run.writer)
    return FALSE;
  panel_bytes = find_largest_panel (preparation);
  run.piece = g_try_malloc (MAX (PIECE_BYTES, panel_bytes));
  run.rows = g_try_malloc (panel_bytes);
  if (!run.piece || !run.rows)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("%s: needs %.1f MB to be prepared in, which the system does not give"),
                   gloss_checkpoint_get_name (preparation->checkpoint),
                   2 * (double) panel_bytes / 1e6);
      return FALSE;
    }
  for (guint i = 0; i < preparation->parts->len; i++)
    {
      if (!write_part (&run, preparation, i, error))
        return FALSE;
    }
  return end_stream (&run, error) && gloss_weights_check (weights, error)
         && gloss_prepared_writer_finish (run.writer, error);
}
