/*
 * Reader of one safetensors file: the length of the header in 8 bytes, the header in JSON, which
 * gives each tensor's type, shape and place in the data, and the data up to the end of the file.
 */
#include "weights/safetensors.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#define LENGTH_BYTES 8
/* The reference implementation takes 100 MB, of which a JSON parser makes gigabytes. A PaliGemma of
 * a thousand tensors has a header of 150 kB. */
#define MAX_HEADER_BYTES 4000000
#define METADATA_KEY "__metadata__"

typedef struct
{
  /* borrowed */
  const char *file_name;
  const guint8 *data;

  guint64 n_bytes;
} Buffer;

/* Parses the header and sets @buffer to what follows it. */
static json_t *
read_header (GlossMappedFile *file, Buffer *buffer, GError **error)
{
  const guint8 *bytes = gloss_mapped_file_get_data (file);
  guint64 n_bytes = gloss_mapped_file_get_size_bytes (file);
  guint64 header_bytes;
  g_autoptr (json_t) header = NULL;

  if (n_bytes < LENGTH_BYTES)
    {
      g_set_error (
          error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
          _ ("%s: has %" PRIu64 " bytes, but a safetensors file begins with a number of %d bytes"),
          buffer->file_name, n_bytes, LENGTH_BYTES);
      return NULL;
    }
  memcpy (&header_bytes, bytes, sizeof header_bytes);
  header_bytes = GUINT64_FROM_LE (header_bytes);
  if (header_bytes > MAX_HEADER_BYTES)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("%s: its header is said to have %" PRIu64
                      " bytes, expected at most %d; is it a safetensors file?"),
                   buffer->file_name, header_bytes, MAX_HEADER_BYTES);
      return NULL;
    }
  if (header_bytes > n_bytes - LENGTH_BYTES)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: its header is said to have %" PRIu64 " bytes, but only %" PRIu64
                      " are left; the end of the file is missing"),
                   buffer->file_name, header_bytes, n_bytes - LENGTH_BYTES);
      return NULL;
    }
  if (header_bytes == 0 || bytes[LENGTH_BYTES] != '{')
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: its header of %" PRIu64 " bytes does not begin with \"{\""),
                   buffer->file_name, header_bytes);
      return NULL;
    }

  header = gloss_json_parse ((const char *) bytes + LENGTH_BYTES, header_bytes, MAX_HEADER_BYTES,
                             buffer->file_name, error);
  if (!header)
    return NULL;
  buffer->data = bytes + LENGTH_BYTES + header_bytes;
  buffer->n_bytes = n_bytes - LENGTH_BYTES - header_bytes;
  return g_steal_pointer (&header);
}

static gboolean
check_metadata (const Buffer *buffer, json_t *metadata, GError **error)
{
  const char *key;
  json_t *value;

  if (!json_is_object (metadata))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: \"%s\" of its header is not an object"), buffer->file_name,
                   METADATA_KEY);
      return FALSE;
    }
  json_object_foreach (metadata, key, value)
  {
    if (!json_is_string (value))
      {
        g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                     _ ("%s: \"%s\" in \"%s\" of its header is not a text"), buffer->file_name, key,
                     METADATA_KEY);
        return FALSE;
      }
  }
  return TRUE;
}

static gboolean
read_dtype (json_t *description, GlossTensorView *view, GError **error)
{
  const char *name = json_string_value (json_object_get (description, "dtype"));

  if (!name)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: tensor \"%s\" has no \"dtype\" that is a text"), view->file_name,
                   view->name);
      return FALSE;
    }
  if (!gloss_dtype_from_name (name, &view->dtype))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("%s: tensor \"%s\" has elements of type \"%s\", which Gloss does not read"),
                   view->file_name, view->name, name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_shape (json_t *description, GlossTensorView *view, GError **error)
{
  json_t *shape = json_object_get (description, "shape");
  gsize n_dims = json_array_size (shape);

  if (!json_is_array (shape))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: tensor \"%s\" has no \"shape\" that is a list"), view->file_name,
                   view->name);
      return FALSE;
    }
  if (n_dims > GLOSS_TENSOR_MAX_DIMS)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("%s: tensor \"%s\" has %zu dimensions, expected at most %d"), view->file_name,
                   view->name, n_dims, GLOSS_TENSOR_MAX_DIMS);
      return FALSE;
    }
  view->n_dims = (guint) n_dims;
  for (guint i = 0; i < view->n_dims; i++)
    {
      json_t *dim = json_array_get (shape, i);

      if (!json_is_integer (dim) || json_integer_value (dim) < 0)
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                       _ ("%s: tensor \"%s\": dimension %u of %u is not a number from 0 on"),
                       view->file_name, view->name, i + 1, view->n_dims);
          return FALSE;
        }
      view->dims[i] = (gsize) json_integer_value (dim);
    }
  return TRUE;
}

static gboolean
read_place (const Buffer *buffer, json_t *description, GlossTensorView *view, GError **error)
{
  json_t *offsets = json_object_get (description, "data_offsets");
  json_t *first = json_array_get (offsets, 0);
  json_t *second = json_array_get (offsets, 1);
  json_int_t begin, end;

  if (json_array_size (offsets) != 2 || !json_is_integer (first) || !json_is_integer (second))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: tensor \"%s\" has no \"data_offsets\" that are two whole numbers"),
                   view->file_name, view->name);
      return FALSE;
    }
  begin = json_integer_value (first);
  end = json_integer_value (second);
  if (begin < 0 || end < begin || (guint64) end > buffer->n_bytes)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: tensor \"%s\" is said to lie in bytes %" PRId64 " to %" PRId64
                      " of the data, which has %" PRIu64),
                   view->file_name, view->name, (gint64) begin, (gint64) end, buffer->n_bytes);
      return FALSE;
    }
  view->data = buffer->data + begin;
  view->n_bytes = (gsize) (end - begin);
  return TRUE;
}

static gboolean
read_tensor (const Buffer *buffer, json_t *description, GlossTensorView *view, GError **error)
{
  if (!json_is_object (description))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: tensor \"%s\" is not described by an object"), view->file_name,
                   view->name);
      return FALSE;
    }
  return read_dtype (description, view, error) && read_shape (description, view, error)
         && read_place (buffer, description, view, error);
}

/* Empty tensors come before the one that begins where they lie. */
static int
compare_places (const void *a, const void *b)
{
  const GlossTensorView *first = a, *second = b;

  if (first->data != second->data)
    return first->data < second->data ? -1 : 1;
  if (first->n_bytes != second->n_bytes)
    return first->n_bytes < second->n_bytes ? -1 : 1;
  return strcmp (first->name, second->name);
}

/* That @views, which are sorted, follow each other from the first byte of the data to the last. */
static gboolean
check_cover (const Buffer *buffer, const GlossTensorView *views, guint n_views, GError **error)
{
  gsize end = 0;

  for (guint i = 0; i < n_views; i++)
    {
      gsize begin = (gsize) (views[i].data - buffer->data);

      if (begin != end)
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                       begin < end ? _ ("%s: tensor \"%s\" begins at byte %zu of the data, "
                                        "expected %zu: it overlaps another")
                                   : _ ("%s: tensor \"%s\" begins at byte %zu of the data, "
                                        "expected %zu: there is a hole before it"),
                       buffer->file_name, views[i].name, begin, end);
          return FALSE;
        }
      end += views[i].n_bytes;
    }
  if (end != buffer->n_bytes)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: its tensors end at byte %zu of the data, which has %" PRIu64),
                   buffer->file_name, end, buffer->n_bytes);
      return FALSE;
    }
  return TRUE;
}

gboolean
gloss_safetensors_append_views (GlossMappedFile *file, GStringChunk *strings, GArray *views,
                                GError **error)
{
  g_autofree char *file_name = g_filename_display_basename (gloss_mapped_file_get_path (file));
  Buffer buffer = { .file_name = g_string_chunk_insert (strings, file_name) };
  g_autoptr (json_t) header = read_header (file, &buffer, error);
  guint n_before = views->len;
  guint n_added;
  GlossTensorView *added = NULL;
  const char *name;
  json_t *value;

  if (!header)
    return FALSE;
  json_object_foreach (header, name, value)
  {
    GlossTensorView view = { .file_name = buffer.file_name };

    if (strcmp (name, METADATA_KEY) == 0)
      {
        if (!check_metadata (&buffer, value, error))
          return FALSE;
        continue;
      }
    view.name = g_string_chunk_insert (strings, name);
    if (!read_tensor (&buffer, value, &view, error))
      return FALSE;
    g_array_append_val (views, view);
  }
  n_added = views->len - n_before;
  if (n_added > 0)
    {
      added = &g_array_index (views, GlossTensorView, n_before);
      qsort (added, n_added, sizeof *added, compare_places);
    }
  return check_cover (&buffer, added, n_added, error);
}
