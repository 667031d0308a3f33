/* Reader of Gloss's own weight files. */
#include "weights/prepared.h"

#include "base/error.h"
#include "base/i18n.h"
#include "weights/prepared-format.h"

#include <inttypes.h>
#include <string.h>
#include <zlib.h>

static guint32
read_u32 (const guint8 *bytes)
{
  guint32 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT32_FROM_LE (value);
}

static guint32
compute_checksum (const guint8 *data, gsize n_bytes)
{
  return (guint32) crc32_z (0, data, n_bytes);
}

/* What every version has at its beginning, so that another one is told from a damaged file. */
static gboolean
check_version (const char *file_name, const guint8 *data, guint64 n_bytes, GError **error)
{
  char layout[PREPARED_LAYOUT_BYTES] = PREPARED_LAYOUT;

  if (n_bytes < PREPARED_HEADER_AT)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                 _ ("%s: has %" PRIu64 " bytes, but a prepared file begins with %d; make it "
                    "again with gloss-cli prepare"),
                 file_name, n_bytes, PREPARED_HEADER_AT);
  else if (memcmp (data, PREPARED_MAGIC, strlen (PREPARED_MAGIC)) != 0)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                 _ ("%s: does not begin as the files that gloss-cli prepare makes"), file_name);
  else if (read_u32 (data + PREPARED_VERSION_AT) != PREPARED_VERSION
           || read_u32 (data + PREPARED_BYTE_ORDER_AT) != PREPARED_BYTE_ORDER
           || memcmp (data + PREPARED_LAYOUT_AT, layout, sizeof layout) != 0)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                 _ ("%s: was prepared by another version of Gloss; run gloss-cli prepare again"),
                 file_name);
  else if (read_u32 (data + PREPARED_CHECKSUM_AT) != compute_checksum (data, PREPARED_CHECKSUM_AT))
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                 _ ("%s: its first bytes are damaged; make it again with gloss-cli prepare"),
                 file_name);
  else
    return TRUE;
  return FALSE;
}

/* Parses the header; @header_bytes gets its length. */
static json_t *
read_header (const char *file_name, const guint8 *data, guint64 n_bytes, gsize *header_bytes,
             GError **error)
{
  guint64 length;

  if (!check_version (file_name, data, n_bytes, error))
    return NULL;
  memcpy (&length, data + PREPARED_HEADER_BYTES_AT, sizeof length);
  length = GUINT64_FROM_LE (length);
  if (length > PREPARED_MAX_HEADER_BYTES)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("%s: its header is said to have %" PRIu64 " bytes, expected at most %d"),
                   file_name, length, PREPARED_MAX_HEADER_BYTES);
      return NULL;
    }
  if (length > n_bytes - PREPARED_HEADER_AT)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: its header is said to have %" PRIu64 " bytes, but only %" PRIu64
                      " are left; the end of the file is missing"),
                   file_name, length, n_bytes - PREPARED_HEADER_AT);
      return NULL;
    }
  if (read_u32 (data + PREPARED_HEADER_CHECKSUM_AT)
      != compute_checksum (data + PREPARED_HEADER_AT, length))
    {
      g_set_error (
          error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
          _ ("%s: its header is damaged: it has the wrong checksum; make the file again with "
             "gloss-cli prepare"),
          file_name);
      return NULL;
    }
  *header_bytes = length;
  return gloss_json_parse ((const char *) data + PREPARED_HEADER_AT, length,
                           PREPARED_MAX_HEADER_BYTES, file_name, error);
}

static gboolean G_GNUC_PRINTF (3, 4)
    set_damaged (GError **error, const char *file_name, const char *format, ...)
{
  g_autofree char *what = NULL;
  g_autofree char *valid = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  /* jansson quotes what it stopped at, perhaps up to the middle of a character */
  valid = g_utf8_make_valid (what, -1);
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, _ ("%s: its header is damaged: %s"),
               file_name, valid);
  return FALSE;
}

static gboolean
read_shape (json_t *shape, GlossTensorView *view, GError **error)
{
  gsize n_dims = json_array_size (shape);

  if (!json_is_array (shape) || n_dims > GLOSS_TENSOR_MAX_DIMS)
    return set_damaged (error, view->file_name,
                        _ ("tensor \"%s\" has no shape of at most %d dimensions"), view->name,
                        GLOSS_TENSOR_MAX_DIMS);
  view->n_dims = (guint) n_dims;
  for (guint i = 0; i < view->n_dims; i++)
    {
      json_t *dim = json_array_get (shape, i);

      if (!json_is_integer (dim) || json_integer_value (dim) < 0)
        return set_damaged (error, view->file_name,
                            _ ("tensor \"%s\": dimension %u of %u is not a number from 0 on"),
                            view->name, i + 1, view->n_dims);
      view->dims[i] = (gsize) json_integer_value (dim);
    }
  return TRUE;
}

/* Eight hexadecimal digits. */
static gboolean
read_checksum (const char *text, guint32 *out)
{
  *out = 0;
  for (guint i = 0; i < 8; i++)
    {
      if (!g_ascii_isxdigit (text[i]))
        return FALSE;
      *out = *out << 4 | (guint32) g_ascii_xdigit_value (text[i]);
    }
  return text[8] == '\0';
}

/* Reads @description and moves @end, where the tensor before it ends, to the end of this one. */
static gboolean
read_tensor (GlossMappedFile *file, json_t *description, GStringChunk *strings,
             GlossTensorView *view, guint64 *end, GError **error)
{
  guint64 n_file_bytes = gloss_mapped_file_get_size_bytes (file), expected;
  const char *name, *type, *checksum;
  json_t *shape;
  int is_packed;
  json_int_t offset, n_bytes;
  json_error_t failure;

  if (json_unpack_ex (description, &failure, JSON_STRICT, "{s:s, s:s, s:o, s:b, s:I, s:I, s:s}",
                      "name", &name, "type", &type, "shape", &shape, "packed", &is_packed, "offset",
                      &offset, "bytes", &n_bytes, "crc32", &checksum)
      != 0)
    return set_damaged (error, view->file_name, _ ("a tensor is not described as it should: %s"),
                        failure.text);
  view->name = g_string_chunk_insert (strings, name);
  view->has_checksum = TRUE;
  view->is_packed = is_packed;
  if (!gloss_dtype_from_name (type, &view->dtype))
    return set_damaged (error, view->file_name, _ ("tensor \"%s\" has the unknown type \"%s\""),
                        name, type);
  if (!read_checksum (checksum, &view->checksum))
    return set_damaged (error, view->file_name,
                        _ ("the checksum of tensor \"%s\" is \"%s\", expected 8 digits"), name,
                        checksum);
  if (!read_shape (shape, view, error))
    return FALSE;
  if (n_bytes < 0)
    return set_damaged (error, view->file_name,
                        _ ("tensor \"%s\" is said to have %" PRId64 " bytes"), name,
                        (gint64) n_bytes);
  expected = prepared_align (*end, (guint64) n_bytes);
  if (offset < 0 || (guint64) offset != expected)
    return set_damaged (error, view->file_name,
                        _ ("tensor \"%s\" is said to begin at byte %" PRId64 ", expected %" PRIu64),
                        name, (gint64) offset, expected);
  if ((guint64) offset > n_file_bytes || (guint64) n_bytes > n_file_bytes - (guint64) offset)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: tensor \"%s\" is said to have %" PRId64 " bytes at byte %" PRId64
                      ", but the file has %" PRIu64 "; its end is missing"),
                   view->file_name, name, (gint64) n_bytes, (gint64) offset, n_file_bytes);
      return FALSE;
    }
  view->data = gloss_mapped_file_get_data (file) + offset;
  view->n_bytes = (gsize) n_bytes;
  *end = (guint64) offset + (guint64) n_bytes;
  return TRUE;
}

gboolean
gloss_prepared_append_views (GlossMappedFile *file, GStringChunk *strings, GArray *views,
                             json_t **metadata, GError **error)
{
  g_autofree char *name = g_filename_display_basename (gloss_mapped_file_get_path (file));
  const char *file_name = g_string_chunk_insert (strings, name);
  guint64 n_bytes = gloss_mapped_file_get_size_bytes (file), end;
  gsize header_bytes;
  g_autoptr (json_t) header =
      read_header (file_name, gloss_mapped_file_get_data (file), n_bytes, &header_bytes, error);
  json_t *configuration, *source, *tensors;
  json_error_t failure;

  if (!header)
    return FALSE;
  if (json_unpack_ex (header, &failure, JSON_STRICT, "{s:o, s:o, s:o}", "configuration",
                      &configuration, "source", &source, "tensors", &tensors)
      != 0)
    return set_damaged (error, file_name, "%s", failure.text);
  if (!json_is_object (configuration) || !json_is_object (source) || !json_is_array (tensors))
    return set_damaged (error, file_name,
                        _ ("\"configuration\" and \"source\" must be objects, \"tensors\" a list"));

  end = PREPARED_HEADER_AT + header_bytes;
  for (gsize i = 0; i < json_array_size (tensors); i++)
    {
      GlossTensorView view = { .file_name = file_name };

      if (!read_tensor (file, json_array_get (tensors, i), strings, &view, &end, error))
        return FALSE;
      g_array_append_val (views, view);
    }
  if (end != n_bytes)
    return set_damaged (error, file_name,
                        _ ("the tensors end at byte %" PRIu64 ", but the file has %" PRIu64), end,
                        n_bytes);
  *metadata = g_steal_pointer (&header);
  return TRUE;
}

gboolean
gloss_prepared_check_values (const GlossTensorView *view, GError **error)
{
  if (!view->has_checksum || compute_checksum (view->data, view->n_bytes) == view->checksum)
    return TRUE;
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
               _ ("%s: the values of tensor \"%s\" are not those that were written; make the file "
                  "again with gloss-cli prepare"),
               view->file_name, view->name);
  return FALSE;
}
