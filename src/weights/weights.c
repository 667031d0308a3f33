/* A set of named tensors from weight files, as views into the mapped files. */
#include "weights/weights.h"

#include "base/error.h"
#include "base/i18n.h"
#include "weights/npz.h"
#include "tensor/panel.h"
#include "weights/prepared.h"
#include "weights/safetensors.h"

#include <string.h>

#define INDEX_NAME "model.safetensors.index.json"
#define SINGLE_NAME "model.safetensors"

struct _GlossWeights
{
  gboolean may_be_compressed;

  /* owned */
  json_t *metadata; /* of a prepared file, or NULL */
  GPtrArray *files; /* of GlossMappedFile */
  GStringChunk *strings;
  GArray *views;       /* of GlossTensorView, borrowing from files and strings */
  GHashTable *by_name; /* name → element of views */
};

static gboolean
append_file (GlossWeights *weights, GlossMappedFile *file, GError **error)
{
  const char *path = gloss_mapped_file_get_path (file);
  g_autofree char *folded = g_ascii_strdown (path, -1);
  g_autofree char *name = NULL;

  g_ptr_array_add (weights->files, gloss_mapped_file_ref (file));
  if (g_str_has_suffix (folded, ".npz"))
    return weights->may_be_compressed
               ? gloss_npz_append_streamed_views (file, weights->strings, weights->views, error)
               : gloss_npz_append_views (file, weights->strings, weights->views, error);
  if (g_str_has_suffix (folded, ".safetensors"))
    return gloss_safetensors_append_views (file, weights->strings, weights->views, error);
  if (g_str_has_suffix (folded, GLOSS_PREPARED_SUFFIX))
    return gloss_prepared_append_views (file, weights->strings, weights->views, &weights->metadata,
                                        error);

  name = g_filename_display_basename (path);
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
               _ ("%s: is not named like a weight file, which ends in .npz, .safetensors or %s"),
               name, GLOSS_PREPARED_SUFFIX);
  return FALSE;
}

static gboolean
open_file (GlossWeights *weights, const char *path, GError **error)
{
  g_autoptr (GlossMappedFile) file = gloss_mapped_file_open (path, error);

  return file && append_file (weights, file, error);
}

gsize
gloss_tensor_count_packed_bytes (GlossDtype dtype, guint n_dims, const gsize *dims)
{
  gsize n_in = 1;

  for (guint i = 1; i < n_dims; i++)
    {
      if (!g_size_checked_mul (&n_in, n_in, dims[i]))
        return G_MAXSIZE;
    }
  return gloss_panel_count_bytes (dtype, n_in, n_dims > 0 ? dims[0] : 1);
}

/* That the shape of @view needs just the bytes that it has. */
static gboolean
check_shape (const GlossTensorView *view, GError **error)
{
  g_autofree char *shape = NULL;
  gsize n_bytes = gloss_dtype_get_size_bytes (view->dtype);
  gboolean is_countable = TRUE;

  if (view->is_packed)
    {
      n_bytes = gloss_tensor_count_packed_bytes (view->dtype, view->n_dims, view->dims);
      is_countable = n_bytes != G_MAXSIZE;
    }
  for (guint i = 0; i < view->n_dims && is_countable && !view->is_packed; i++)
    is_countable = g_size_checked_mul (&n_bytes, n_bytes, view->dims[i]);
  if (is_countable && n_bytes == view->n_bytes)
    return TRUE;

  shape = gloss_tensor_format_shape (view->n_dims, view->dims);
  if (is_countable)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                 _ ("%s: tensor \"%s\" of shape %s and type %s needs %zu bytes, but has %zu"),
                 view->file_name, view->name, shape, gloss_dtype_get_name (view->dtype), n_bytes,
                 view->n_bytes);
  else
    g_set_error (
        error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
        _ ("%s: tensor \"%s\" of shape %s and type %s needs more bytes than can be counted, "
           "but has %zu"),
        view->file_name, view->name, shape, gloss_dtype_get_name (view->dtype), view->n_bytes);
  return FALSE;
}

/* Checks what the readers left to check, and makes the tensors known by name. */
static gboolean
enter_tensors (GlossWeights *weights, GError **error)
{
  for (guint i = 0; i < weights->views->len; i++)
    {
      GlossTensorView *view = &g_array_index (weights->views, GlossTensorView, i);
      const GlossTensorView *earlier = g_hash_table_lookup (weights->by_name, view->name);

      if (!check_shape (view, error))
        return FALSE;
      if (earlier)
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                       _ ("%s: tensor \"%s\" is there twice, the first time in %s"),
                       view->file_name, view->name, earlier->file_name);
          return FALSE;
        }
      g_hash_table_insert (weights->by_name, (gpointer) view->name, view);
    }
  return TRUE;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The files that @map names, sorted, each once; the strings belong to @map. */
static GPtrArray *
list_shards (json_t *map, GError **error)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) shards = g_ptr_array_new ();
  const char *tensor;
  json_t *value;

  json_object_foreach (map, tensor, value)
  {
    const char *shard = json_string_value (value);

    if (!shard)
      {
        g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                     _ ("%s: the file of tensor \"%s\" is not given as a text"), INDEX_NAME,
                     tensor);
        return NULL;
      }
    if (*shard == '\0' || strchr (shard, '/') || strcmp (shard, ".") == 0
        || strcmp (shard, "..") == 0)
      {
        g_set_error (
            error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
            _ ("%s: tensor \"%s\" is said to be in \"%s\", which is not the plain name of a "
               "file beside the index"),
            INDEX_NAME, tensor, shard);
        return NULL;
      }
    if (g_hash_table_add (known, (gpointer) shard))
      g_ptr_array_add (shards, (gpointer) shard);
  }
  g_ptr_array_sort (shards, compare_texts);
  return g_steal_pointer (&shards);
}

/* That each tensor of @map is in the file that it names. */
static gboolean
check_map (GlossWeights *weights, json_t *map, GError **error)
{
  const char *tensor;
  json_t *value;

  json_object_foreach (map, tensor, value)
  {
    const char *shard = json_string_value (value);
    const GlossTensorView *view = gloss_weights_find (weights, tensor);

    if (view && strcmp (view->file_name, shard) == 0)
      continue;
    if (view)
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: tensor \"%s\" is said to be in %s, but it is in %s"), INDEX_NAME, tensor,
                   shard, view->file_name);
    else
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: tensor \"%s\" is said to be in %s, but it is not there"), INDEX_NAME,
                   tensor, shard);
    return FALSE;
  }
  return TRUE;
}

static gboolean
open_shards (GlossWeights *weights, const char *folder, const char *index_path, GError **error)
{
  g_autoptr (json_t) root = gloss_json_load (index_path, GLOSS_WEIGHTS_MAX_INDEX_BYTES, error);
  g_autoptr (GPtrArray) shards = NULL;
  json_t *map;

  if (!root)
    return FALSE;
  map = json_object_get (root, "weight_map");
  if (json_object_size (map) == 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: has no \"weight_map\" that says in which file each tensor is"),
                   INDEX_NAME);
      return FALSE;
    }
  shards = list_shards (map, error);
  if (!shards)
    return FALSE;
  for (guint i = 0; i < shards->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, g_ptr_array_index (shards, i), NULL);
      g_autoptr (GlossMappedFile) file = gloss_mapped_file_open (path, error);

      if (!file)
        {
          g_prefix_error (error, _ ("%s: names a file that cannot be used: "), INDEX_NAME);
          return FALSE;
        }
      if (!append_file (weights, file, error))
        return FALSE;
    }
  return enter_tensors (weights, error) && check_map (weights, map, error);
}

/* The path of the prepared file in @folder, newly allocated; of several the count alone. */
static char *
find_prepared (const char *folder, guint *n)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autofree char *path = NULL;
  const char *name;

  *n = 0;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *folded = g_ascii_strdown (name, -1);

      /* one that is still being written is hidden */
      if (name[0] == '.' || !g_str_has_suffix (folded, GLOSS_PREPARED_SUFFIX))
        continue;
      g_free (path);
      path = g_build_filename (folder, name, NULL);
      ++*n;
    }
  return *n == 1 ? g_steal_pointer (&path) : NULL;
}

static gboolean
open_folder (GlossWeights *weights, const char *folder, GError **error)
{
  g_autofree char *index_path = g_build_filename (folder, INDEX_NAME, NULL);
  g_autofree char *single_path = g_build_filename (folder, SINGLE_NAME, NULL);
  g_autofree char *prepared_path = NULL, *name = NULL;
  guint n_prepared;

  if (g_file_test (index_path, G_FILE_TEST_EXISTS))
    return open_shards (weights, folder, index_path, error);
  if (g_file_test (single_path, G_FILE_TEST_EXISTS))
    return open_file (weights, single_path, error) && enter_tensors (weights, error);
  prepared_path = find_prepared (folder, &n_prepared);
  if (prepared_path)
    return open_file (weights, prepared_path, error) && enter_tensors (weights, error);

  name = g_filename_display_name (folder);
  if (n_prepared > 1)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("%s: has %u prepared files (%s); choose one of them"), name, n_prepared,
                   GLOSS_PREPARED_SUFFIX);
      return FALSE;
    }
  g_set_error (
      error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
      _ ("%s: neither %s nor %s is in this folder; choose one that has them, or an .npz file"),
      name, INDEX_NAME, SINGLE_NAME);
  return FALSE;
}

static GlossWeights *
open_weights (const char *path, gboolean may_be_compressed, GError **error)
{
  g_autoptr (GlossWeights) weights = NULL;
  gboolean is_open;

  g_return_val_if_fail (path != NULL, NULL);

  weights = g_new0 (GlossWeights, 1);
  weights->may_be_compressed = may_be_compressed;
  weights->files = g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_mapped_file_unref);
  weights->strings = g_string_chunk_new (4096);
  weights->views = g_array_new (FALSE, FALSE, sizeof (GlossTensorView));
  weights->by_name = g_hash_table_new (g_str_hash, g_str_equal);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    is_open = open_folder (weights, path, error);
  else
    is_open = open_file (weights, path, error) && enter_tensors (weights, error);
  return is_open ? g_steal_pointer (&weights) : NULL;
}

GlossWeights *
gloss_weights_open (const char *path, GError **error)
{
  return open_weights (path, FALSE, error);
}

GlossWeights *
gloss_weights_open_streamed (const char *path, GError **error)
{
  return open_weights (path, TRUE, error);
}

void
gloss_weights_free (GlossWeights *weights)
{
  g_clear_pointer (&weights->metadata, json_decref);
  g_hash_table_unref (weights->by_name);
  g_array_unref (weights->views);
  g_string_chunk_free (weights->strings);
  g_ptr_array_unref (weights->files);
  g_free (weights);
}

guint
gloss_weights_get_n_tensors (GlossWeights *weights)
{
  return weights->views->len;
}

const GlossTensorView *
gloss_weights_get_tensor (GlossWeights *weights, guint index)
{
  g_return_val_if_fail (index < weights->views->len, NULL);

  return &g_array_index (weights->views, GlossTensorView, index);
}

const GlossTensorView *
gloss_weights_find (GlossWeights *weights, const char *name)
{
  return g_hash_table_lookup (weights->by_name, name);
}

json_t *
gloss_weights_get_metadata (GlossWeights *weights)
{
  return weights->metadata;
}

guint
gloss_weights_get_n_files (GlossWeights *weights)
{
  return weights->files->len;
}

GlossMappedFile *
gloss_weights_get_file (GlossWeights *weights, guint index)
{
  g_return_val_if_fail (index < weights->files->len, NULL);

  return g_ptr_array_index (weights->files, index);
}

char *
gloss_tensor_format_shape (guint n_dims, const gsize *dims)
{
  g_autoptr (GString) text = g_string_new (n_dims == 0 ? _ ("scalar") : NULL);

  for (guint i = 0; i < n_dims; i++)
    g_string_append_printf (text, "%s%" G_GSIZE_FORMAT, i == 0 ? "" : "×", dims[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
gloss_weights_check (GlossWeights *weights, GError **error)
{
  for (guint i = 0; i < weights->files->len; i++)
    {
      if (!gloss_mapped_file_check (g_ptr_array_index (weights->files, i), error))
        return FALSE;
    }
  return TRUE;
}
