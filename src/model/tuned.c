/* Folders that fine-tuning makes. */
#include "model/tuned.h"

#include "base/atomic-file.h"
#include "base/error.h"
#include "base/i18n.h"
#include "model/adapter.h"
#include "weights/identity.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DESCRIPTION_BYTES (1 << 20)

gboolean
gloss_tuned_model_is_there (const char *path)
{
  g_autofree char *name = g_build_filename (path, GLOSS_TUNED_NAME, NULL);

  return g_file_test (name, G_FILE_TEST_EXISTS);
}

char *
gloss_tuned_model_make_name (GlossTensorRole role, gsize layer)
{
  const GlossTensorNaming naming = { .is_prepared = TRUE };

  return gloss_tensor_role_make_name (role, &naming, layer);
}

/* That the base is the one of @identity, whose files may have been moved but not changed. */
static gboolean
check_identity (GlossModel *base, json_t *identity, const char *base_path, GError **error)
{
  GlossWeights *weights = gloss_checkpoint_get_weights (gloss_model_get_checkpoint (base));
  g_autoptr (json_t) is = gloss_weights_make_identity (weights);
  const char *expected = json_string_value (json_object_get (identity, "sha256"));

  if (g_strcmp0 (expected, json_string_value (json_object_get (is, "sha256"))) == 0)
    return TRUE;
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH,
               _ ("%s: the base model at %s is not the one that was fine-tuned; its checksum is "
                  "another"),
               GLOSS_TUNED_NAME, base_path);
  return FALSE;
}

static gboolean
refuse_nameless (GError **error)
{
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
               _ ("%s: does not say which model was fine-tuned"), GLOSS_TUNED_NAME);
  return FALSE;
}

char *
gloss_tuned_model_find_base (const char *path, GError **error)
{
  g_autofree char *description = g_build_filename (path, GLOSS_TUNED_NAME, NULL);
  g_autoptr (json_t) root = gloss_json_load (description, MAX_DESCRIPTION_BYTES, error);
  const char *base = json_string_value (json_object_get (json_object_get (root, "base"), "path"));

  if (!root || !base || !*base)
    {
      if (root)
        refuse_nameless (error);
      return NULL;
    }
  return g_strdup (base);
}

gboolean
gloss_tuned_model_write_description (const char *path, GlossModel *base, const char *base_path,
                                     json_t *about, GError **error)
{
  g_autofree char *description = g_build_filename (path, GLOSS_TUNED_NAME, NULL);
  g_autofree char *absolute = g_canonicalize_filename (base_path, NULL);
  g_autoptr (json_t) identity = gloss_weights_make_identity (
      gloss_checkpoint_get_weights (gloss_model_get_checkpoint (base)));
  g_autoptr (json_t) root =
      json_pack ("{s:{s:s, s:O}}", "base", "path", absolute, "identity", identity);
  char *text;
  gboolean is_written;

  if (!root)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
                           _ ("the path of the base model is not UTF-8, so that the result could "
                              "not name it; move the model"));
      return FALSE;
    }
  json_object_update (root, about);
  text = json_dumps (root, JSON_INDENT (1) | JSON_PRESERVE_ORDER);
  is_written = gloss_atomic_file_write (description, text, strlen (text), error);
  free (text);
  return is_written;
}

static GlossModel *
load_base (json_t *root, const GlossModelOptions *options, GError **error)
{
  json_t *base = json_object_get (root, "base");
  const char *path = json_string_value (json_object_get (base, "path"));
  g_autoptr (GlossModel) model = NULL;

  if (!path || !*path || !json_is_object (json_object_get (base, "identity")))
    {
      refuse_nameless (error);
      return NULL;
    }
  /* a chain of folders could lead in a circle */
  if (gloss_tuned_model_is_there (path))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: the base model at %s is itself a fine-tuned one"), GLOSS_TUNED_NAME,
                   path);
      return NULL;
    }
  model = gloss_model_load (path, options, error);
  if (!model)
    {
      g_prefix_error (error, _ ("%s: the model that was fine-tuned cannot be used: "),
                      GLOSS_TUNED_NAME);
      return NULL;
    }
  return check_identity (model, json_object_get (base, "identity"), path, error)
             ? g_steal_pointer (&model)
             : NULL;
}

static gboolean
refuse_shape (const GlossTensorView *view, gsize n_out, gsize n_in, GError **error)
{
  g_autofree char *shape = gloss_tensor_format_shape (view->n_dims, view->dims);

  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH,
               _ ("%s: tensor \"%s\" is %s of type %s, expected %zu×%zu of type F32"),
               view->file_name, view->name, shape, gloss_dtype_get_name (view->dtype), n_out, n_in);
  return FALSE;
}

static gboolean
apply_tensor (GlossModel *variant, const GlossTensorView *view, GlossTensorRole role, gsize layer,
              GError **error)
{
  if (gloss_tensor_role_is_vector (role))
    {
      const GlossModelConfig *config = gloss_model_get_config (variant);
      gsize n = 1;
      float *copy;

      for (const char *p = gloss_tensor_role_get_out_axes (role); *p; p++)
        n *= gloss_model_config_get_axis (config, *p);
      if (view->n_dims != 2 || view->dims[0] != n || view->dims[1] != 1
          || view->dtype != GLOSS_DTYPE_F32)
        return refuse_shape (view, n, 1, error);
      copy = g_memdup2 (view->data, view->n_bytes);
      gloss_model_keep (variant, copy, g_free);
      gloss_model_set_vector (variant, role, layer, copy);
      return TRUE;
    }

  const GlossMatrix *before = gloss_model_get_matrix (variant, role, layer);
  GlossMatrix matrix = {
    .data = view->data,
    .dtype = view->dtype,
    .n_in = before->n_in,
    .n_out = before->n_out,
    .in_stride = 1,
    .out_stride = before->n_in,
    .block_out = before->n_out,
  };

  if (view->n_dims != 2 || view->dims[0] != matrix.n_out || view->dims[1] != matrix.n_in
      || view->dtype != GLOSS_DTYPE_F32)
    return refuse_shape (view, matrix.n_out, matrix.n_in, error);
  gloss_model_set_matrix (variant, role, layer, &matrix);
  return TRUE;
}

static void
free_weights (gpointer data)
{
  gloss_weights_free (data);
}

static GlossModel *
apply_tensors (GlossModel *base, const char *path, GError **error)
{
  g_autofree char *file = g_build_filename (path, GLOSS_TUNED_CHANGED_NAME, NULL);
  const GlossModelConfig *config = gloss_model_get_config (base);
  const GlossTensorNaming naming = { .is_prepared = TRUE, .is_gemma2 = config->is_gemma2 };
  GlossWeights *weights = gloss_weights_open (file, error);
  g_autoptr (GlossModel) variant = NULL;
  guint n_applied = 0;

  if (!weights)
    return NULL;
  variant = gloss_model_new_variant (base);
  gloss_model_keep (variant, weights, free_weights);
  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      for (gsize layer = 0; gloss_tensor_role_is_used (role, &naming)
                            && layer < gloss_tensor_role_count_layers (role, config);
           layer++)
        {
          g_autofree char *name = gloss_tuned_model_make_name (role, layer);
          const GlossTensorView *view = gloss_weights_find (weights, name);

          if (view && !apply_tensor (variant, view, role, layer, error))
            return NULL;
          n_applied += view != NULL;
        }
    }
  if (n_applied == 0 || n_applied != gloss_weights_get_n_tensors (weights))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH,
                   _ ("%s: only %u of its %u tensors belong to the base model"),
                   GLOSS_TUNED_CHANGED_NAME, n_applied, gloss_weights_get_n_tensors (weights));
      return NULL;
    }
  return g_steal_pointer (&variant);
}

GlossModel *
gloss_tuned_model_load (const char *path, const GlossModelOptions *options, GError **error)
{
  g_autofree char *description = g_build_filename (path, GLOSS_TUNED_NAME, NULL);
  g_autoptr (json_t) root = gloss_json_load (description, MAX_DESCRIPTION_BYTES, error);
  g_autoptr (GlossModel) base = NULL;

  if (!root || !(base = load_base (root, options, error)))
    return NULL;
  return gloss_adapter_is_there (path) ? gloss_adapter_apply (base, path, error)
                                       : apply_tensors (base, path, error);
}
