/* The files of a checkpoint. */
#include "model/checkpoint.h"

#include "base/error.h"
#include "base/i18n.h"
#include "model/config-json.h"

#include <inttypes.h>
#include <string.h>

struct _GlossCheckpoint
{
  GlossModelConfig config;
  GlossTensorNaming naming;
  GlossWeights *weights; /* owned */
  char *name;            /* owned: base name of the path, UTF-8, for messages */
  GHashTable *by_name;   /* owned: canonical name (owned) → view */
  GPtrArray *indexed;    /* borrowed views, those in by_name in the order of the files */
  GPtrArray *problems;   /* owned GlossCheckpointProblem */
  GPtrArray *unknown;    /* borrowed names, NULL-terminated */
  char *sources[GLOSS_N_CONFIG_FIELDS]; /* owned */
};

static void
problem_free (gpointer data)
{
  GlossCheckpointProblem *problem = data;

  g_free (problem->sentence);
  g_free (problem);
}

static void G_GNUC_PRINTF (3, 4)
    add_problem (GlossCheckpoint *checkpoint, GlossError code, const char *format, ...)
{
  GlossCheckpointProblem *problem;
  va_list arguments;

  if (checkpoint->problems->len >= GLOSS_CHECKPOINT_MAX_PROBLEMS)
    return;
  problem = g_new (GlossCheckpointProblem, 1);
  problem->code = code;
  va_start (arguments, format);
  problem->sentence = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_ptr_array_add (checkpoint->problems, problem);
}

/* Where values come from: each step of reading may change fields, and what changed gets its label.
 */

static void
set_source (GlossCheckpoint *checkpoint, GlossConfigField field, const char *label)
{
  g_free (checkpoint->sources[field]);
  checkpoint->sources[field] = g_strdup (label);
}

static void
note_changes (GlossCheckpoint *checkpoint, const GlossModelConfig *before, const char *label)
{
#define F(field, ...)                                                                              \
  if (before->field != checkpoint->config.field)                                                   \
    set_source (checkpoint, GLOSS_CONFIG_FIELD_##field, label);
#include "model/config-fields.inc"
#undef F
}

static void
note_json (GlossCheckpoint *checkpoint, json_t *root)
{
  static const struct
  {
    const char *section, *key;
  } places[GLOSS_N_CONFIG_FIELDS] = {
#define F(field, kind, axis, section, key, words) [GLOSS_CONFIG_FIELD_##field] = { section, key },
#include "model/config-fields.inc"
#undef F
  };

  for (guint i = 0; i < GLOSS_N_CONFIG_FIELDS; i++)
    {
      if (!places[i].key)
        set_source (checkpoint, i, "computed from config.json");
      else if (json_object_get (json_object_get (root, places[i].section), places[i].key))
        set_source (checkpoint, i, "config.json");
      else
        set_source (checkpoint, i, "default of transformers");
    }
}

/* What files of either family may hold beside the model: optimizer state, and copies and constants
 * that old versions of transformers wrote. */
static gboolean
is_ignored (const char *name, gboolean has_params)
{
  return (has_params && g_str_has_prefix (name, "opt/"))
         || g_str_has_suffix (name, "lm_head.weight")
         || g_str_has_suffix (name, ".rotary_emb.inv_freq")
         || g_str_has_suffix (name, ".position_ids");
}

static gboolean
index_names (GlossCheckpoint *checkpoint, GError **error)
{
  guint n = gloss_weights_get_n_tensors (checkpoint->weights);
  gboolean has_params = FALSE;

  for (guint i = 0; i < n; i++)
    has_params |=
        g_str_has_prefix (gloss_weights_get_tensor (checkpoint->weights, i)->name, "params/");

  checkpoint->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < n; i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (checkpoint->weights, i);

      if (is_ignored (view->name, has_params))
        continue;
      if (!g_hash_table_insert (checkpoint->by_name, gloss_tensor_make_canonical (view->name),
                                (gpointer) view))
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                       _ ("%s: tensor \"%s\" is there twice under different prefixes"),
                       view->file_name, view->name);
          return FALSE;
        }
      g_ptr_array_add (checkpoint->indexed, (gpointer) view);
    }
  return TRUE;
}

static const GlossTensorView *
find (const GlossCheckpoint *checkpoint, GlossTensorRole role, const GlossTensorNaming *naming,
      gsize layer)
{
  g_autofree char *name = gloss_tensor_role_make_name (role, naming, layer);

  return g_hash_table_lookup (checkpoint->by_name, name);
}

const GlossTensorView *
gloss_checkpoint_find (const GlossCheckpoint *checkpoint, GlossTensorRole role, gsize layer)
{
  return find (checkpoint, role, &checkpoint->naming, layer);
}

/* Whose names these are, by the tensors that each family has. */
static gboolean
find_naming (GlossCheckpoint *checkpoint, GError **error)
{
  GlossTensorNaming hf = { .is_hf = TRUE }, bv = { 0 }, unstacked = { .is_unstacked = TRUE };
  g_autofree char *hf_name = gloss_tensor_role_make_name (GLOSS_TENSOR_EMBEDDING, &hf, 0);
  g_autofree char *bv_name = gloss_tensor_role_make_name (GLOSS_TENSOR_EMBEDDING, &bv, 0);

  if (gloss_weights_get_metadata (checkpoint->weights))
    checkpoint->naming.is_prepared = TRUE;
  else if (find (checkpoint, GLOSS_TENSOR_EMBEDDING, &hf, 0))
    checkpoint->naming = hf;
  else if (!find (checkpoint, GLOSS_TENSOR_EMBEDDING, &bv, 0))
    {
      /* model-00001-of-00002.safetensors, chosen where its folder was meant */
      if (strstr (checkpoint->name, "-of-"))
        {
          g_set_error (
              error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
              _ ("%s: this is one of several parts of a model; name the folder that holds them"),
              checkpoint->name);
          return FALSE;
        }
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("%s: this is not a PaliGemma: it has neither \"%s\" nor \"%s\""),
                   checkpoint->name, bv_name, hf_name);
      return FALSE;
    }
  else if (find (checkpoint, GLOSS_TENSOR_VIT_QUERY_KERNEL, &unstacked, 0))
    checkpoint->naming = unstacked;
  return TRUE;
}

/* big_vision's files have no configuration; what shapes cannot say follows from the family. */
static void
infer_config (GlossCheckpoint *checkpoint)
{
  GlossModelConfig before = checkpoint->config;
  GlossTensorNaming naming = checkpoint->naming;

  naming.is_gemma2 = TRUE;
  if (find (checkpoint, GLOSS_TENSOR_ATTENTION_POST_NORM, &naming, 0))
    {
      checkpoint->config.is_gemma2 = TRUE;
      checkpoint->config.attention_softcap = 50;
      checkpoint->config.final_softcap = 30;
    }
  note_changes (checkpoint, &before, "rule: post-norms mean Gemma 2");

  before = checkpoint->config;
  while (checkpoint->naming.is_unstacked
         && find (checkpoint, GLOSS_TENSOR_VIT_QUERY_KERNEL, &checkpoint->naming,
                  checkpoint->config.vit_depth))
    checkpoint->config.vit_depth++;
  note_changes (checkpoint, &before, "number of encoderblock tensors");
}

static gboolean
read_prepared_config (GlossCheckpoint *checkpoint, GError **error)
{
  json_t *metadata = gloss_weights_get_metadata (checkpoint->weights);

  if (!gloss_model_config_from_json (&checkpoint->config,
                                     json_object_get (metadata, "configuration"), checkpoint->name,
                                     error))
    return FALSE;
  for (guint i = 0; i < GLOSS_N_CONFIG_FIELDS; i++)
    set_source (checkpoint, i, "prepared file");
  checkpoint->naming.is_gemma2 = checkpoint->config.is_gemma2;
  return TRUE;
}

static gboolean
read_config (GlossCheckpoint *checkpoint, const char *path, GError **error)
{
  g_autofree char *folder =
      g_file_test (path, G_FILE_TEST_IS_DIR) ? g_strdup (path) : g_path_get_dirname (path);
  g_autofree char *config_path = g_build_filename (folder, "config.json", NULL);

  if (checkpoint->naming.is_prepared)
    return read_prepared_config (checkpoint, error);
  gloss_model_config_init (&checkpoint->config);
  for (guint i = 0; i < GLOSS_N_CONFIG_FIELDS; i++)
    set_source (checkpoint, i, "default");

  if (checkpoint->naming.is_hf || g_file_test (config_path, G_FILE_TEST_EXISTS))
    {
      g_autoptr (json_t) root = gloss_json_load (config_path, 1 << 20, error);

      if (!root || !gloss_model_config_read_json (&checkpoint->config, root, "config.json", error))
        return FALSE;
      note_json (checkpoint, root);
    }
  else
    infer_config (checkpoint);
  checkpoint->naming.is_gemma2 = checkpoint->config.is_gemma2;
  return TRUE;
}

/* Compares the tensor that holds @role of @layer with the configuration, and takes from its shape
 * what is not known yet. */
static void
check_tensor (GlossCheckpoint *checkpoint, GlossTensorRole role, gsize layer)
{
  g_autofree char *name = gloss_tensor_role_make_name (role, &checkpoint->naming, layer);
  g_autofree char *expected = NULL;
  const char *axes = gloss_tensor_role_get_axes (role, &checkpoint->naming);
  const GlossTensorView *view = g_hash_table_lookup (checkpoint->by_name, name);
  GlossModelConfig before = checkpoint->config;

  if (!view)
    add_problem (checkpoint, GLOSS_ERROR_FORMAT, _ ("%s: tensor \"%s\" is missing"),
                 checkpoint->name, name);
  else if (!gloss_dtype_is_weight (view->dtype))
    add_problem (checkpoint, GLOSS_ERROR_UNSUPPORTED,
                 _ ("%s: tensor \"%s\" has type %s, but weights are F32, F16 or BF16"),
                 view->file_name, view->name, gloss_dtype_get_name (view->dtype));
  else if (!gloss_model_config_bind_axes (&checkpoint->config, axes, view->dims, view->n_dims,
                                          &expected))
    {
      g_autofree char *shape = gloss_tensor_format_shape (view->n_dims, view->dims);

      add_problem (checkpoint, GLOSS_ERROR_FORMAT, _ ("%s: tensor \"%s\" is %s, expected %s"),
                   view->file_name, view->name, shape, expected);
    }
  else
    {
      g_autofree char *label = g_strconcat ("shape of ", view->name, NULL);

      note_changes (checkpoint, &before, label);
    }
}

/* A configuration with too few layers would run, and say nonsense. */
static void
check_no_more_layers (GlossCheckpoint *checkpoint, GlossTensorRole role, gsize n_layers)
{
  const GlossTensorView *next = gloss_checkpoint_find (checkpoint, role, n_layers);

  if (next)
    add_problem (checkpoint, GLOSS_ERROR_FORMAT,
                 _ ("%s: tensor \"%s\" is there, but the configuration has %zu such layers only"),
                 next->file_name, next->name, n_layers);
}

/* So would Gemma 2's tensors under a configuration of the first Gemma. */
static void
check_no_post_norms (GlossCheckpoint *checkpoint)
{
  GlossTensorNaming naming = checkpoint->naming;
  const GlossTensorView *norm;

  naming.is_gemma2 = TRUE;
  norm = find (checkpoint, GLOSS_TENSOR_MLP_POST_NORM, &naming, 0);
  if (norm && !checkpoint->naming.is_gemma2)
    add_problem (checkpoint, GLOSS_ERROR_FORMAT,
                 _ ("%s: tensor \"%s\" belongs to Gemma 2, but the configuration is of Gemma"),
                 norm->file_name, norm->name);
}

static void
check_tensors (GlossCheckpoint *checkpoint)
{
  g_autoptr (GHashTable) used = g_hash_table_new (NULL, NULL);

  check_no_post_norms (checkpoint);
  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      gsize n_layers = 1;

      if (!gloss_tensor_role_is_used (role, &checkpoint->naming))
        continue;
      if (!gloss_tensor_role_is_stacked (role, &checkpoint->naming))
        n_layers = gloss_tensor_role_count_layers (role, &checkpoint->config);
      for (gsize layer = 0;
           layer < n_layers && checkpoint->problems->len < GLOSS_CHECKPOINT_MAX_PROBLEMS; layer++)
        {
          check_tensor (checkpoint, role, layer);
          g_hash_table_add (used, (gpointer) gloss_checkpoint_find (checkpoint, role, layer));
        }
      if (role == GLOSS_TENSOR_QUERY_KERNEL || role == GLOSS_TENSOR_VIT_QUERY_KERNEL)
        {
          if (!gloss_tensor_role_is_stacked (role, &checkpoint->naming))
            check_no_more_layers (checkpoint, role, n_layers);
        }
    }

  for (guint i = 0; i < checkpoint->indexed->len; i++)
    {
      const GlossTensorView *view = g_ptr_array_index (checkpoint->indexed, i);

      if (!g_hash_table_contains (used, view))
        g_ptr_array_add (checkpoint->unknown, (gpointer) view->name);
    }
  g_ptr_array_add (checkpoint->unknown, NULL);
}

/* What is left when all shapes are known, and whether they fit together. */
static void
finish_config (GlossCheckpoint *checkpoint, const GlossModelOptions *options)
{
  GlossModelConfig before = checkpoint->config;
  g_autoptr (GError) error = NULL;

  if (checkpoint->problems->len == 0
      && !gloss_model_config_finish (&checkpoint->config, checkpoint->name, &error))
    add_problem (checkpoint, GLOSS_ERROR_FORMAT, "%s", error->message);
  note_changes (checkpoint, &before, "rule: head dimension, but width/heads for the 28B's shapes");

  before = checkpoint->config;
  if (options && options->query_scale > 0)
    checkpoint->config.query_scale = options->query_scale;
  note_changes (checkpoint, &before, "option");
}

/* Takes @weights over, which may be NULL with @error set. */
static GlossCheckpoint *
open_checkpoint (GlossWeights *weights, const char *path, const GlossModelOptions *options,
                 GError **error)
{
  g_autoptr (GlossCheckpoint) checkpoint = NULL;
  g_autofree char *absolute = NULL;

  if (!weights)
    return NULL;

  checkpoint = g_new0 (GlossCheckpoint, 1);
  checkpoint->weights = weights;
  absolute = g_canonicalize_filename (path, NULL);
  checkpoint->name = g_filename_display_basename (absolute);
  checkpoint->problems = g_ptr_array_new_with_free_func (problem_free);
  checkpoint->unknown = g_ptr_array_new ();
  checkpoint->indexed = g_ptr_array_new ();
  if (!index_names (checkpoint, error) || !find_naming (checkpoint, error)
      || !read_config (checkpoint, path, error))
    return NULL;
  check_tensors (checkpoint);
  finish_config (checkpoint, options);
  return g_steal_pointer (&checkpoint);
}

GlossCheckpoint *
gloss_checkpoint_open (const char *path, const GlossModelOptions *options, GError **error)
{
  return open_checkpoint (gloss_weights_open (path, error), path, options, error);
}

GlossCheckpoint *
gloss_checkpoint_open_streamed (const char *path, const GlossModelOptions *options, GError **error)
{
  return open_checkpoint (gloss_weights_open_streamed (path, error), path, options, error);
}

void
gloss_checkpoint_free (GlossCheckpoint *checkpoint)
{
  gloss_weights_free (checkpoint->weights);
  g_clear_pointer (&checkpoint->by_name, g_hash_table_unref);
  g_ptr_array_unref (checkpoint->problems);
  g_ptr_array_unref (checkpoint->unknown);
  g_ptr_array_unref (checkpoint->indexed);
  g_free (checkpoint->name);
  for (guint i = 0; i < GLOSS_N_CONFIG_FIELDS; i++)
    g_free (checkpoint->sources[i]);
  g_free (checkpoint);
}

const char *
gloss_checkpoint_get_name (const GlossCheckpoint *checkpoint)
{
  return checkpoint->name;
}

GlossWeights *
gloss_checkpoint_get_weights (const GlossCheckpoint *checkpoint)
{
  return checkpoint->weights;
}

const GlossModelConfig *
gloss_checkpoint_get_config (const GlossCheckpoint *checkpoint)
{
  return &checkpoint->config;
}

const GlossTensorNaming *
gloss_checkpoint_get_naming (const GlossCheckpoint *checkpoint)
{
  return &checkpoint->naming;
}

const char *
gloss_checkpoint_get_source (const GlossCheckpoint *checkpoint, GlossConfigField field)
{
  return checkpoint->sources[field];
}

const GPtrArray *
gloss_checkpoint_get_problems (const GlossCheckpoint *checkpoint)
{
  return checkpoint->problems;
}

const char *const *
gloss_checkpoint_get_unknown (const GlossCheckpoint *checkpoint)
{
  return (const char *const *) checkpoint->unknown->pdata;
}

gboolean
gloss_checkpoint_check_vocabulary (const GlossCheckpoint *checkpoint, gsize n_pieces,
                                   GError **error)
{
  gsize n_rows = checkpoint->config.n_table_rows;
  gsize n_padded = (n_pieces + 2 + 63) / 64 * 64;

  gboolean may_be_padded = checkpoint->naming.is_hf || checkpoint->naming.is_prepared;

  if (n_rows == n_pieces || (may_be_padded && n_rows == n_padded))
    return TRUE;
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH,
               _ ("%s: the embedding has %zu rows, but the tokenizer has %zu pieces; use the "
                  "tokenizer that belongs to this model"),
               checkpoint->name, n_rows, n_pieces);
  return FALSE;
}
