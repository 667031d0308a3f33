/* Trained tensors in files. */
#include "train/state-file.h"

#include "base/error.h"
#include "base/i18n.h"
#include "model/adapter.h"
#include "model/tuned.h"
#include "weights/identity.h"
#include "weights/prepared-writer.h"
#include "weights/prepared.h"

#include <string.h>

#define PIECE_BYTES ((gsize) 16 << 20)

/* What is written of each parameter. */
typedef enum
{
  VALUE,
  FIRST_MOMENT,
  SECOND_MOMENT,
  N_PARTS,
} Part;

static float *
get_part (GlossTrainable *trainable, GlossOptimizer *optimizer, guint index, Part part)
{
  if (part == VALUE)
    return gloss_trainable_get_parameter (trainable, index)->value;
  return optimizer ? gloss_optimizer_get_moment (optimizer, index, part == SECOND_MOMENT) : NULL;
}

static char *
make_name (const GlossParameter *parameter, Part part)
{
  static const char *const kinds[] = { "", "/a", "/b" };
  static const char *const parts[] = { "", "/first", "/second" };
  g_autofree char *name = gloss_tuned_model_make_name (parameter->role, parameter->layer);

  return g_strconcat (name, kinds[parameter->kind], parts[part], NULL);
}

static void
clear_view (gpointer data)
{
  g_free ((gpointer) ((GlossTensorView *) data)->name);
}

/* Views of all that is to be written; without @optimizer the values alone. */
static GArray *
list_tensors (GlossTrainable *trainable, GlossOptimizer *optimizer)
{
  GArray *tensors = g_array_new (FALSE, FALSE, sizeof (GlossTensorView));

  g_array_set_clear_func (tensors, clear_view);
  for (guint i = 0; i < gloss_trainable_get_n_parameters (trainable); i++)
    {
      const GlossParameter *parameter = gloss_trainable_get_parameter (trainable, i);

      for (Part part = VALUE; part < N_PARTS; part++)
        {
          const float *values = get_part (trainable, optimizer, i, part);
          GlossTensorView view = {
            .name = values ? make_name (parameter, part) : NULL,
            .dtype = GLOSS_DTYPE_F32,
            .n_dims = 2,
            .dims = { parameter->n_out, parameter->n_in },
            .data = (const guint8 *) values,
            .n_bytes = parameter->n_out * parameter->n_in * sizeof (float),
          };

          if (values)
            g_array_append_val (tensors, view);
        }
    }
  return tensors;
}

static gboolean
write_tensors (const char *path, const GArray *tensors, json_t *configuration, json_t *source,
               GError **error)
{
  g_autoptr (GlossPreparedWriter) writer =
      gloss_prepared_writer_new (path, TRUE, tensors, configuration, source, error);

  if (!writer)
    return FALSE;
  for (guint i = 0; i < tensors->len; i++)
    {
      const GlossTensorView *view = &g_array_index (tensors, GlossTensorView, i);

      for (gsize done = 0; done < view->n_bytes; done += PIECE_BYTES)
        {
          if (!gloss_prepared_writer_append (writer, view->data + done,
                                             MIN (PIECE_BYTES, view->n_bytes - done), error))
            return FALSE;
        }
    }
  return gloss_prepared_writer_finish (writer, error);
}

static json_t *
make_identity (GlossTrainable *trainable)
{
  const GlossCheckpoint *checkpoint =
      gloss_model_get_checkpoint (gloss_trainable_get_base (trainable));

  return gloss_weights_make_identity (gloss_checkpoint_get_weights (checkpoint));
}

gboolean
gloss_result_write (GlossTrainable *trainable, const char *folder, const char *base_path,
                    json_t *about, GError **error)
{
  g_autofree char *base_name = g_path_get_basename (base_path);
  gboolean is_written;

  if (gloss_trainable_get_options (trainable)->set == GLOSS_TRAIN_LORA)
    is_written =
        gloss_adapter_write (gloss_trainable_get_model (trainable), folder, base_name, error);
  else
    {
      g_autofree char *path = g_build_filename (folder, GLOSS_TUNED_CHANGED_NAME, NULL);
      g_autoptr (GArray) tensors = list_tensors (trainable, NULL);
      g_autoptr (json_t) identity = make_identity (trainable);

      is_written = write_tensors (path, tensors, about, identity, error);
    }
  return is_written
         && gloss_tuned_model_write_description (folder, gloss_trainable_get_base (trainable),
                                                 base_path, about, error);
}

gboolean
gloss_snapshot_write (GlossTrainable *trainable, GlossOptimizer *optimizer, const char *folder,
                      json_t *state, GError **error)
{
  g_autofree char *path = g_build_filename (folder, GLOSS_SNAPSHOT_NAME, NULL);
  g_autoptr (GArray) tensors = list_tensors (trainable, optimizer);
  g_autoptr (json_t) identity = make_identity (trainable);
  g_autoptr (json_t) all = json_pack ("{s:O, s:I}", "state", state, "updates",
                                      (json_int_t) gloss_optimizer_get_n_updates (optimizer));

  return write_tensors (path, tensors, all, identity, error);
}

gboolean
gloss_snapshot_is_there (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, GLOSS_SNAPSHOT_NAME, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static gboolean
check_snapshot (GlossWeights *weights, const GArray *tensors, GError **error)
{
  if (gloss_weights_get_n_tensors (weights) != tensors->len)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH,
                   _ ("%s: has %u tensors, but %u are trained; continue with the options that the "
                      "run was begun with"),
                   GLOSS_SNAPSHOT_NAME, gloss_weights_get_n_tensors (weights), tensors->len);
      return FALSE;
    }
  for (guint i = 0; i < tensors->len; i++)
    {
      const GlossTensorView *wanted = &g_array_index (tensors, GlossTensorView, i);
      const GlossTensorView *view = gloss_weights_find (weights, wanted->name);

      if (!view || view->dtype != GLOSS_DTYPE_F32 || view->n_bytes != wanted->n_bytes)
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH,
                       _ ("%s: tensor \"%s\" is missing or has another shape; continue with the "
                          "options that the run was begun with"),
                       GLOSS_SNAPSHOT_NAME, wanted->name);
          return FALSE;
        }
      if (!gloss_prepared_check_values (view, error))
        return FALSE;
    }
  return TRUE;
}

json_t *
gloss_snapshot_read (GlossTrainable *trainable, GlossOptimizer *optimizer, const char *folder,
                     GError **error)
{
  g_autofree char *path = g_build_filename (folder, GLOSS_SNAPSHOT_NAME, NULL);
  g_autoptr (GlossWeights) weights = gloss_weights_open (path, error);
  g_autoptr (GArray) tensors = list_tensors (trainable, optimizer);
  json_t *all, *state;
  json_int_t n_updates;

  if (!weights || !check_snapshot (weights, tensors, error))
    return NULL;
  all = json_object_get (gloss_weights_get_metadata (weights), "configuration");
  state = json_object_get (all, "state");
  n_updates = json_integer_value (json_object_get (all, "updates"));
  if (!json_is_object (state) || n_updates < 0 || n_updates > G_MAXINT32)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, _ ("%s: is not the snapshot of a run"),
                   GLOSS_SNAPSHOT_NAME);
      return NULL;
    }
  for (guint i = 0; i < tensors->len; i++)
    {
      const GlossTensorView *wanted = &g_array_index (tensors, GlossTensorView, i);
      const GlossTensorView *view = gloss_weights_find (weights, wanted->name);

      memcpy ((guint8 *) wanted->data, view->data, wanted->n_bytes);
    }
  gloss_optimizer_set_n_updates (optimizer, (guint) n_updates);
  return json_incref (state);
}
