/* A model for other programs. */
#include "model/export.h"

#include "base/atomic-file.h"
#include "base/disk-space.h"
#include "model/tensor-values.h"
#include "weights/npz-writer.h"
#include "weights/safetensors-writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Hugging Face's tables are padded to a multiple of that, with room for two tokens more. */
#define ROW_MULTIPLE 64
#define N_EXTRA_ROWS 2

/* One tensor of a file: some layers of some roles. */
typedef struct
{
  GlossTensorRole first_role;
  guint n_roles; /* keys and values, gates and ups */
  gsize first_layer;
  gsize n_layers;
  GlossTensorView view; /* without data; owns the name */
} Part;

struct _GlossExport
{
  GlossExportOptions options;
  GlossTensorNaming naming;
  GlossModelConfig config; /* with the rows that the table gets */
  guint64 n_bytes;         /* of tensors */

  /* owned */
  GlossModel *model;
  GPtrArray *parts; /* of Part, in the order of the files */
};

static void
part_free (gpointer data)
{
  Part *part = data;

  g_free ((char *) part->view.name);
  g_free (part);
}

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

static GlossDtype
choose_dtype (const GlossExport *export, const Part *part)
{
  GlossDtype dtype = export->options.dtype;

  for (guint i = 0; i < part->n_roles && !export->options.converts; i++)
    {
      for (gsize layer = 0; layer < part->n_layers; layer++)
        {
          GlossDtype own = gloss_tensor_values_choose_dtype (export->model, part->first_role + i,
                                                             part->first_layer + layer);

          if (i + layer == 0)
            dtype = own;
          else if (dtype != own)
            return GLOSS_DTYPE_F32;
        }
    }
  return dtype;
}

/* As the published folders and the releases of transformers from then on name them. */
static char *
make_name (const GlossExport *export, GlossTensorRole role, gsize layer)
{
  g_autofree char *name = gloss_tensor_role_make_name (role, &export->naming, layer);
  const char *prefix = "language_model.";

  if (export->naming.is_hf && g_str_has_prefix (name, prefix))
    return g_strconcat (prefix, "model.", name + strlen (prefix), NULL);
  return g_steal_pointer (&name);
}

static void
add_part (GlossExport *export, GlossTensorRole role, guint n_roles, gsize layer, gsize n_layers)
{
  Part *part = g_new0 (Part, 1);

  part->first_role = role;
  part->n_roles = n_roles;
  part->first_layer = layer;
  part->n_layers = n_layers;
  part->view.name = make_name (export, role, layer);
  part->view.dtype = choose_dtype (export, part);
  part->view.n_dims = list_dims (
      part->view.dims, gloss_tensor_role_get_axes (role, &export->naming), &export->config);
  part->view.n_bytes = gloss_dtype_get_size_bytes (part->view.dtype);
  for (guint i = 0; i < part->view.n_dims; i++)
    part->view.n_bytes *= part->view.dims[i];
  export->n_bytes += part->view.n_bytes;
  g_ptr_array_add (export->parts, part);
}

/* The role behind the last of those from @first on that share a tensor. */
static guint
find_end_of_group (const GlossExport *export, guint first)
{
  g_autofree char *name = gloss_tensor_role_make_name (first, &export->naming, 0);
  guint end = first + 1;

  while (end < GLOSS_N_TENSOR_ROLES && gloss_tensor_role_is_used (end, &export->naming))
    {
      g_autofree char *next = gloss_tensor_role_make_name (end, &export->naming, 0);

      if (strcmp (name, next) != 0)
        break;
      end++;
    }
  return end;
}

static void
list_parts (GlossExport *export)
{
  guint end;

  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role = end)
    {
      gsize n_layers = gloss_tensor_role_count_layers (role, &export->config);

      end = role + 1;
      if (!gloss_tensor_role_is_used (role, &export->naming))
        continue;
      end = find_end_of_group (export, role);
      if (gloss_tensor_role_is_stacked (role, &export->naming))
        add_part (export, role, end - role, 0, n_layers);
      else
        {
          for (gsize layer = 0; layer < n_layers; layer++)
            add_part (export, role, end - role, layer, 1);
        }
    }
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const Part *const *part_a = a, *const *part_b = b;

  return strcmp ((*part_a)->view.name, (*part_b)->view.name);
}

/* Where the model's own table is Hugging Face's, it stays as long as it is. */
static gsize
choose_n_rows (const GlossExport *export, const GlossTensorNaming *own)
{
  gsize n_rows = export->config.n_table_rows, n_pieces = export->options.n_pieces;
  gsize padded = (n_pieces + N_EXTRA_ROWS + ROW_MULTIPLE - 1) / ROW_MULTIPLE * ROW_MULTIPLE;

  if (export->options.kind == GLOSS_EXPORT_NPZ)
    return MIN (n_rows, n_pieces);
  return own->is_hf ? n_rows : MAX (n_rows, padded);
}

GlossExport *
gloss_export_new (GlossModel *model, const GlossExportOptions *options)
{
  const GlossCheckpoint *checkpoint = gloss_model_get_checkpoint (model);
  GlossExport *export = g_new0 (GlossExport, 1);

  export->options = *options;
  if (export->options.shard_bytes == 0)
    export->options.shard_bytes = GLOSS_EXPORT_SHARD_BYTES;
  export->model = gloss_model_ref (model);
  export->config = *gloss_model_get_config (model);
  export->naming.is_hf = options->kind == GLOSS_EXPORT_HF;
  export->naming.is_gemma2 = export->config.is_gemma2;
  export->config.n_table_rows = choose_n_rows (export, gloss_checkpoint_get_naming (checkpoint));
  export->parts = g_ptr_array_new_with_free_func (part_free);
  list_parts (export);
  if (options->kind == GLOSS_EXPORT_NPZ)
    g_ptr_array_sort (export->parts, compare_names);
  return export;
}

void
gloss_export_free (GlossExport *export)
{
  g_clear_pointer (&export->model, gloss_model_unref);
  g_ptr_array_unref (export->parts);
  g_free (export);
}

static const Part *
get_part (const GlossExport *export, guint index)
{
  return g_ptr_array_index (export->parts, index);
}

/* The part behind the last of the shard that begins with @first. */
static guint
find_end_of_shard (const GlossExport *export, guint first)
{
  guint64 n_bytes = get_part (export, first)->view.n_bytes;
  guint end = first + 1;

  if (export->options.kind == GLOSS_EXPORT_NPZ)
    return export->parts->len;
  while (end < export->parts->len
         && n_bytes + get_part (export, end)->view.n_bytes <= export->options.shard_bytes)
    n_bytes += get_part (export, end++)->view.n_bytes;
  return end;
}

/* Views of the parts of a file; names are borrowed. */
static GArray *
list_views (const GlossExport *export, guint first, guint end)
{
  GArray *views = g_array_new (FALSE, FALSE, sizeof (GlossTensorView));

  for (guint i = first; i < end; i++)
    g_array_append_val (views, get_part (export, i)->view);
  return views;
}

guint64
gloss_export_get_n_bytes (const GlossExport *export)
{
  guint64 n_bytes = 0;
  guint end;

  for (guint first = 0; first < export->parts->len; first = end)
    {
      g_autoptr (GArray) views = NULL;

      end = find_end_of_shard (export, first);
      views = list_views (export, first, end);
      n_bytes += export->options.kind == GLOSS_EXPORT_NPZ ? gloss_npz_count_bytes (views)
                                                          : gloss_safetensors_count_bytes (views);
    }
  return n_bytes;
}

static const char *
name_dtype (const GlossExport *export)
{
  GlossDtype dtype = get_part (export, 0)->view.dtype;

  for (guint i = 0; i < export->parts->len; i++)
    {
      if (get_part (export, i)->view.dtype != dtype)
        dtype = GLOSS_DTYPE_F32;
    }
  return dtype == GLOSS_DTYPE_F16 ? "float16" : dtype == GLOSS_DTYPE_BF16 ? "bfloat16" : "float32";
}

static json_t *
make_text_config (const GlossExport *export)
{
  const GlossModelConfig *c = &export->config;
  json_t *text = json_pack ("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s}", "model_type",
                            c->is_gemma2 ? "gemma2" : "gemma", "hidden_size", (json_int_t) c->width,
                            "intermediate_size", (json_int_t) c->mlp_dim, "num_hidden_layers",
                            (json_int_t) c->depth, "num_attention_heads", (json_int_t) c->n_heads,
                            "num_key_value_heads", (json_int_t) c->n_kv_heads, "head_dim",
                            (json_int_t) c->head_dim, "vocab_size", (json_int_t) c->n_table_rows,
                            "num_image_tokens", (json_int_t) c->n_image_tokens, "hidden_activation",
                            "gelu_pytorch_tanh", "hidden_act", "gelu_pytorch_tanh");

  json_object_set_new (text, "rms_norm_eps", json_real ((double) c->norm_eps));
  json_object_set_new (text, "rope_theta", json_real ((double) c->rope_base));
  if (c->is_gemma2)
    {
      json_int_t scalar = (json_int_t) rint (1 / ((double) c->query_scale * c->query_scale));

      json_object_set_new (text, "query_pre_attn_scalar", json_integer (scalar));
      json_object_set_new (text, "attn_logit_softcapping",
                           json_real ((double) c->attention_softcap));
      json_object_set_new (text, "final_logit_softcapping", json_real ((double) c->final_softcap));
    }
  return text;
}

static json_t *
make_vision_config (const GlossExport *export)
{
  const GlossModelConfig *c = &export->config;
  json_t *vision = json_pack (
      "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:s}", "model_type",
      "siglip_vision_model", "hidden_size", (json_int_t) c->vit_width, "intermediate_size",
      (json_int_t) c->vit_mlp_dim, "num_hidden_layers", (json_int_t) c->vit_depth,
      "num_attention_heads", (json_int_t) c->vit_n_heads, "image_size",
      (json_int_t) gloss_model_config_get_image_size_px (c), "patch_size",
      (json_int_t) c->patch_size_px, "projection_dim", (json_int_t) c->width, "num_image_tokens",
      (json_int_t) c->n_image_tokens, "vision_use_head", 0, "hidden_act", "gelu_pytorch_tanh");

  json_object_set_new (vision, "layer_norm_eps", json_real ((double) c->vit_norm_eps));
  return vision;
}

json_t *
gloss_export_make_config (const GlossExport *export)
{
  json_int_t n_pieces = (json_int_t) export->options.n_pieces;

  return json_pack ("{s:[s], s:s, s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:s, s:o, s:o}",
                    "architectures", "PaliGemmaForConditionalGeneration", "model_type", "paligemma",
                    "bos_token_id", 2, "eos_token_id", 1, "pad_token_id", 0, "image_token_index",
                    n_pieces, "hidden_size", (json_int_t) export->config.width, "projection_dim",
                    (json_int_t) export->config.width, "vocab_size", n_pieces, "torch_dtype",
                    name_dtype (export), "text_config", make_text_config (export), "vision_config",
                    make_vision_config (export));
}

/* What writing needs from part to part. */
typedef struct
{
  GlossNpzWriter *npz;                 /* owned; or */
  GlossSafetensorsWriter *safetensors; /* owned */
  guint64 n_done;
  guint64 n_all;
  GlossExportProgress progress;
  gpointer user_data;
  GCancellable *cancellable;
} Run;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->npz, gloss_npz_writer_free);
  g_clear_pointer (&run->safetensors, gloss_safetensors_writer_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static gboolean
take_values (const guint8 *data, gsize n_bytes, gpointer user_data, GError **error)
{
  Run *run = user_data;

  if (g_cancellable_set_error_if_cancelled (run->cancellable, error)
      || !(run->npz ? gloss_npz_writer_append (run->npz, data, n_bytes, error)
                    : gloss_safetensors_writer_append (run->safetensors, data, n_bytes, error)))
    return FALSE;
  run->n_done += n_bytes;
  if (run->progress)
    run->progress (run->n_done, run->n_all, run->user_data);
  return TRUE;
}

static gboolean
write_part (Run *run, const GlossExport *export, const Part *part, GError **error)
{
  for (gsize layer = 0; layer < part->n_layers; layer++)
    {
      for (guint i = 0; i < part->n_roles; i++)
        {
          if (!gloss_tensor_values_write (
                  export->model, part->first_role + i, part->first_layer + layer, &export->naming,
                  export->config.n_table_rows, part->view.dtype, take_values, run, error))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
write_file (Run *run, const GlossExport *export, const char *path, gboolean may_replace,
            guint first, guint end, GError **error)
{
  g_autoptr (GArray) views = list_views (export, first, end);
  gboolean is_npz = export->options.kind == GLOSS_EXPORT_NPZ;

  if (is_npz)
    run->npz = gloss_npz_writer_new (path, may_replace, views, error);
  else
    run->safetensors = gloss_safetensors_writer_new (path, views, error);
  if (!run->npz && !run->safetensors)
    return FALSE;
  for (guint i = first; i < end; i++)
    {
      if (!write_part (run, export, get_part (export, i), error))
        return FALSE;
    }
  /* nothing that has changed meanwhile gets a name */
  if (!gloss_model_check_files (export->model, error)
      || !(is_npz ? gloss_npz_writer_finish (run->npz, error)
                  : gloss_safetensors_writer_finish (run->safetensors, error)))
    return FALSE;
  run_clear (run);
  return TRUE;
}

static gboolean
write_json (const char *folder, const char *name, json_t *root, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text = json_dumps (root, JSON_INDENT (2));
  gboolean is_written = gloss_atomic_file_write (path, text, strlen (text), error);

  free (text);
  return is_written;
}

static guint
count_shards (const GlossExport *export)
{
  guint n = 0;

  for (guint first = 0; first < export->parts->len; first = find_end_of_shard (export, first))
    n++;
  return n;
}

static gboolean
write_folder (Run *run, const GlossExport *export, const char *folder, GError **error)
{
  g_autoptr (json_t) config = gloss_export_make_config (export);
  g_autoptr (json_t) index = json_pack ("{s:{s:I}, s:{}}", "metadata", "total_size",
                                        (json_int_t) export->n_bytes, "weight_map");
  guint n = count_shards (export), end;

  for (guint first = 0, shard = 1; first < export->parts->len; first = end, shard++)
    {
      g_autofree char *name = n == 1 ? g_strdup ("model.safetensors")
                                     : g_strdup_printf ("model-%05u-of-%05u.safetensors", shard, n);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      end = find_end_of_shard (export, first);
      if (!write_file (run, export, path, TRUE, first, end, error))
        return FALSE;
      for (guint i = first; i < end; i++)
        json_object_set_new (json_object_get (index, "weight_map"), get_part (export, i)->view.name,
                             json_string (name));
    }
  return (n == 1 || write_json (folder, "model.safetensors.index.json", index, error))
         && write_json (folder, "config.json", config, error);
}

gboolean
gloss_export_write (const GlossExport *export, const char *path, gboolean may_replace,
                    GlossExportProgress progress, gpointer user_data, GCancellable *cancellable,
                    GError **error)
{
  g_auto (Run) run = { .n_all = export->n_bytes,
                       .progress = progress,
                       .user_data = user_data,
                       .cancellable = cancellable };

  if (!gloss_disk_space_check (path, gloss_export_get_n_bytes (export), error)
      || !gloss_model_check_files (export->model, error))
    return FALSE;
  if (export->options.kind == GLOSS_EXPORT_NPZ)
    return write_file (&run, export, path, may_replace, 0, export->parts->len, error);
  return write_folder (&run, export, path, error);
}
