/* A checkpoint of random values. */
#include "model/random-model.h"

#include "base/random.h"
#include "model/tensor-table.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define SPREAD 0.035f

/* Prime: a wrong offset is a wrong value. */
#define BLOCK_VALUES ((gsize) 4194301)

typedef struct
{
  const GlossModelConfig *config; /* borrowed */
  GlossTensorNaming naming;
  GlossDtype dtype;
  json_t *header; /* owned */
  guint64 offset; /* of the next tensor, behind the header */
} Layout;

/* Enters one tensor into the header and counts its bytes. */
static void
add_tensor (Layout *layout, GlossTensorRole role, gsize layer)
{
  g_autofree char *name = gloss_tensor_role_make_name (role, &layout->naming, layer);
  guint64 n_values = 1;
  json_t *shape = json_array ();

  for (const char *p = gloss_tensor_role_get_axes (role, &layout->naming); *p; p++)
    {
      gsize size = 1;

      if (*p == '(')
        {
          for (p++; *p != ')'; p++)
            size *= gloss_model_config_get_axis (layout->config, *p);
        }
      else
        size = gloss_model_config_get_axis (layout->config, *p);
      n_values *= size;
      json_array_append_new (shape, json_integer ((json_int_t) size));
    }

  guint64 end = layout->offset + n_values * gloss_dtype_get_size_bytes (layout->dtype);

  json_object_set_new (layout->header, name,
                       json_pack ("{s:s, s:o, s:[I, I]}", "dtype",
                                  gloss_dtype_get_name (layout->dtype), "shape", shape,
                                  "data_offsets", (json_int_t) layout->offset, (json_int_t) end));
  layout->offset = end;
}

static void
lay_out (Layout *layout, const GlossModelConfig *config, GlossDtype dtype)
{
  *layout = (Layout){
    .config = config,
    .naming = { .is_hf = TRUE, .is_gemma2 = config->is_gemma2 },
    .dtype = dtype,
    .header = json_object (),
  };
  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      gsize n_layers = gloss_tensor_role_count_layers (role, config);

      for (gsize layer = 0; gloss_tensor_role_is_used (role, &layout->naming) && layer < n_layers;
           layer++)
        add_tensor (layout, role, layer);
    }
}

guint64
gloss_random_model_count_bytes (const GlossModelConfig *config, GlossDtype dtype)
{
  Layout layout;

  lay_out (&layout, config, dtype);
  json_decref (layout.header);
  return layout.offset;
}

static gboolean
write_config (const char *folder, const GlossModelConfig *config, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "config.json", NULL);
  json_t *vision = json_pack (
      "{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "model_type", "siglip_vision_model", "hidden_size",
      (json_int_t) config->vit_width, "num_hidden_layers", (json_int_t) config->vit_depth,
      "intermediate_size", (json_int_t) config->vit_mlp_dim, "num_attention_heads",
      (json_int_t) config->vit_n_heads, "patch_size", (json_int_t) config->patch_size_px,
      "image_size", (json_int_t) gloss_model_config_get_image_size_px (config));
  json_t *text = json_pack (
      "{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "model_type", config->is_gemma2 ? "gemma2" : "gemma",
      "hidden_size", (json_int_t) config->width, "num_hidden_layers", (json_int_t) config->depth,
      "intermediate_size", (json_int_t) config->mlp_dim, "num_attention_heads",
      (json_int_t) config->n_heads, "num_key_value_heads", (json_int_t) config->n_kv_heads,
      "head_dim", (json_int_t) config->head_dim);
  g_autoptr (json_t) root = json_pack ("{s:s, s:o, s:o}", "model_type", "paligemma",
                                       "vision_config", vision, "text_config", text);
  g_autofree char *content = NULL;

  if (config->is_gemma2)
    json_object_set_new (text, "query_pre_attn_scalar",
                         json_real (1 / ((double) config->query_scale * config->query_scale)));
  content = json_dumps (root, JSON_INDENT (2) | JSON_PRESERVE_ORDER);
  return g_file_set_contents_full (path, content, -1, G_FILE_SET_CONTENTS_NONE, 0600, error);
}

/* A value as half float, in the range of normal ones. */
static guint16
round_to_f16 (float value)
{
  guint32 bits = gloss_float_to_bits (value);

  if (fabsf (value) < 0x1p-14f)
    return 0;
  return (guint16) ((bits >> 16 & 0x8000) | (((bits & 0x7fffffff) - (112u << 23)) >> 13));
}

/* [BLOCK_VALUES] of @dtype; newly allocated. */
static guint8 *
make_block (GlossDtype dtype)
{
  guint8 *block = g_malloc_n (BLOCK_VALUES, gloss_dtype_get_size_bytes (dtype));
  GlossRandom random;

  gloss_random_init (&random, 1);
  for (gsize i = 0; i < BLOCK_VALUES; i++)
    {
      float value = (float) (gloss_random_next_double (&random) * 2 - 1) * SPREAD;
      guint16 half = dtype == GLOSS_DTYPE_BF16 ? gloss_float_to_bf16 (value) : round_to_f16 (value);

      if (dtype == GLOSS_DTYPE_F32)
        memcpy (block + i * sizeof value, &value, sizeof value);
      else
        memcpy (block + i * sizeof half, &half, sizeof half);
    }
  return block;
}

static gboolean
write_all (int fd, const guint8 *data, gsize n_bytes, GError **error)
{
  while (n_bytes > 0)
    {
      ssize_t n = write (fd, data, n_bytes);

      if (n < 0 && errno != EINTR)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                       "the random model cannot be written: %s", g_strerror (errno));
          return FALSE;
        }
      data += MAX (n, 0);
      n_bytes -= (gsize) MAX (n, 0);
    }
  return TRUE;
}

static gboolean
write_weights (int fd, const Layout *layout, GCancellable *cancellable, GError **error)
{
  g_autofree char *text = json_dumps (layout->header, JSON_COMPACT | JSON_PRESERVE_ORDER);
  guint64 n_header = GUINT64_TO_LE (strlen (text));
  gsize block_bytes = BLOCK_VALUES * gloss_dtype_get_size_bytes (layout->dtype);
  g_autofree guint8 *block = make_block (layout->dtype);

  if (!write_all (fd, (const guint8 *) &n_header, sizeof n_header, error)
      || !write_all (fd, (const guint8 *) text, strlen (text), error))
    return FALSE;
  for (guint64 done = 0; done < layout->offset;)
    {
      gsize n = (gsize) MIN (layout->offset - done, block_bytes);

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !write_all (fd, block, n, error))
        return FALSE;
      done += n;
    }
  return TRUE;
}

gboolean
gloss_random_model_write (const char *folder, const GlossModelConfig *config, GlossDtype dtype,
                          GCancellable *cancellable, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "model.safetensors", NULL);
  gboolean is_written;
  Layout layout;
  int fd;

  if (!write_config (folder, config, error))
    return FALSE;
  fd = open (path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s cannot be made: %s", path,
                   g_strerror (errno));
      return FALSE;
    }
  lay_out (&layout, config, dtype);
  is_written = write_weights (fd, &layout, cancellable, error);
  json_decref (layout.header);
  close (fd);
  return is_written;
}
