/* Gloss's own weight files: what is written is read, and what is not as it was written is refused.
 */
#include "weights/prepared-writer.h"

#include "base/error.h"
#include "builder.h"
#include "support/asserts.h"
#include "weights/prepared-format.h"
#include "weights/prepared.h"

#include <string.h>
#include <zlib.h>

#define LARGE_BYTES 6000

static const GlossTensorView tensors[] = {
  { .name = "patch_bias", .dtype = GLOSS_DTYPE_F32, .n_dims = 1, .dims = { 3 }, .n_bytes = 12 },
  { .name = "query_kernel.0",
    .dtype = GLOSS_DTYPE_BF16,
    .n_dims = 2,
    .dims = { 30, 100 },
    .n_bytes = LARGE_BYTES },
  { .name = "final_norm", .dtype = GLOSS_DTYPE_F16, .n_dims = 1, .dims = { 5 }, .n_bytes = 10 },
};

static GArray *
new_tensors (guint n)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (GlossTensorView));

  g_array_append_vals (array, tensors, n);
  return array;
}

static guint8
get_value (guint tensor, gsize at)
{
  return (guint8) (at * 7 + tensor + 1);
}

/* Writes @n of the tensors in pieces; the path. */
static char *
write_file (const char *folder, const char *name, guint n)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GArray) list = new_tensors (n);
  g_autoptr (json_t) configuration = json_pack ("{s:i, s:f}", "width", 3, "scale", 0.1);
  g_autoptr (json_t) source = json_pack ("{s:s}", "name", "weights.npz");
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossPreparedWriter) writer =
      gloss_prepared_writer_new (path, TRUE, list, configuration, source, &error);
  g_autofree char *content = NULL;
  gsize n_bytes;

  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    {
      for (gsize at = 0; at < tensors[i].n_bytes;)
        {
          guint8 piece[1000];
          gsize n_piece = MIN (sizeof piece, tensors[i].n_bytes - at);

          for (gsize k = 0; k < n_piece; k++)
            piece[k] = get_value (i, at + k);
          g_assert_true (gloss_prepared_writer_append (writer, piece, n_piece, &error));
          at += n_piece;
        }
    }
  g_assert_true (gloss_prepared_writer_finish (writer, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &content, &n_bytes, NULL));
  g_assert_cmpuint (n_bytes, ==, gloss_prepared_count_bytes (list, configuration, source));
  return path;
}

static void
test_should_read_what_was_written (void)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *path = write_file (folder, "whole.GLOSS", 3);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossWeights) weights = gloss_weights_open (path, &error);
  json_t *metadata;
  const guint8 *begin;

  g_assert_no_error (error);
  begin = gloss_mapped_file_get_data (gloss_weights_get_file (weights, 0));
  g_assert_cmpuint (gloss_weights_get_n_tensors (weights), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const GlossTensorView *view = gloss_weights_find (weights, tensors[i].name);

      g_assert_true (view == gloss_weights_get_tensor (weights, i));
      g_assert_cmpint (view->dtype, ==, tensors[i].dtype);
      g_assert_cmpuint (view->n_dims, ==, tensors[i].n_dims);
      g_assert_cmpmem (view->dims, sizeof view->dims, tensors[i].dims, sizeof tensors[i].dims);
      g_assert_cmpuint ((gsize) (view->data - begin) % (i == 1 ? 4096 : 64), ==, 0);
      for (gsize at = 0; at < view->n_bytes; at++)
        g_assert_cmpuint (view->data[at], ==, get_value (i, at));
      g_assert_true (gloss_prepared_check_values (view, &error));
    }
  metadata = gloss_weights_get_metadata (weights);
  g_assert_cmpfloat (
      json_real_value (json_object_get (json_object_get (metadata, "configuration"), "scale")), ==,
      0.1);
  g_assert_cmpstr (
      json_string_value (json_object_get (json_object_get (metadata, "source"), "name")), ==,
      "weights.npz");
  gloss_test_folder_remove (folder);
}

/* Zeros are where no tensor is. */
static void
test_should_have_zeros_between (void)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *path = write_file (folder, "whole.gloss", 3);
  g_autoptr (GlossWeights) weights = gloss_weights_open (path, NULL);
  const GlossTensorView *first = gloss_weights_get_tensor (weights, 0);
  const GlossTensorView *second = gloss_weights_get_tensor (weights, 1);

  g_assert_true (second->data - (first->data + first->n_bytes) > 1000);
  for (const guint8 *p = first->data + first->n_bytes; p < second->data; p++)
    g_assert_cmpuint (*p, ==, 0);
  gloss_test_folder_remove (folder);
}

static void
test_changed_values_should_be_found (void)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *path = write_file (folder, "changed.gloss", 3);
  g_autofree char *content = NULL;
  gsize n_bytes;
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossWeights) weights = NULL;

  g_assert_true (g_file_get_contents (path, &content, &n_bytes, NULL));
  content[n_bytes - 1] ^= 1;
  g_free (gloss_test_write (folder, "changed.gloss", content, n_bytes));
  weights = gloss_weights_open (path, &error);
  g_assert_no_error (error);
  g_assert_true (gloss_prepared_check_values (gloss_weights_get_tensor (weights, 1), &error));
  g_assert_false (gloss_prepared_check_values (gloss_weights_get_tensor (weights, 2), &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                           "changed.gloss: the values of tensor \"final_norm\" are not those");
  gloss_test_folder_remove (folder);
}

static gboolean
append_views (GlossMappedFile *file, GStringChunk *strings, GArray *views, GError **error)
{
  g_autoptr (json_t) metadata = NULL;

  return gloss_prepared_append_views (file, strings, views, &metadata, error);
}

static GByteArray *
read_bytes (const char *path)
{
  char *content;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (path, &content, &n_bytes, NULL));
  return g_byte_array_new_take ((guint8 *) content, n_bytes);
}

static void
test_should_withstand_damage (void)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *path = write_file (folder, "small.gloss", 1);
  g_autoptr (GByteArray) bytes = read_bytes (path);

  g_assert_cmpuint (bytes->len, <, 1000);
  gloss_test_assert_withstands_damage ("small.gloss", bytes, append_views);
  gloss_test_folder_remove (folder);
}

/* The header has checksums over all of it. */
static void
test_no_changed_header_should_be_believed (void)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *path = write_file (folder, "small.gloss", 1);
  g_autoptr (GByteArray) bytes = read_bytes (path);
  guint64 header_bytes;

  memcpy (&header_bytes, bytes->data + PREPARED_HEADER_BYTES_AT, 8);
  for (guint at = 0; at < PREPARED_HEADER_AT + header_bytes; at++)
    {
      for (guint bit = 0; bit < 8; bit++)
        {
          g_autofree char *spoiled_path = NULL;

          bytes->data[at] ^= 1 << bit;
          spoiled_path = gloss_test_write (folder, "small.gloss", bytes->data, bytes->len);
          g_assert_false (gloss_test_is_accepted_inside (spoiled_path, append_views));
          bytes->data[at] ^= 1 << bit;
        }
    }
  gloss_test_folder_remove (folder);
}

/* Where the data begin in the files below: their headers are filled up with blanks. */
#define DATA_AT 448

/* A file with any header at all, its own checksums right, and @n_data bytes behind it. */
static GByteArray *
make_file (const char *header, gsize n_data)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr (GString) text = g_string_new (header);
  guint8 layout[PREPARED_LAYOUT_BYTES] = PREPARED_LAYOUT;

  g_strdelimit (text->str, "'", '"');
  while (text->len < DATA_AT - PREPARED_HEADER_AT)
    g_string_append_c (text, ' ');
  g_byte_array_append (bytes, (const guint8 *) PREPARED_MAGIC, 8);
  gloss_test_append_number (bytes, PREPARED_VERSION, 4);
  gloss_test_append_number (bytes, PREPARED_BYTE_ORDER, 4);
  g_byte_array_append (bytes, layout, sizeof layout);
  gloss_test_append_number (bytes, text->len, 8);
  gloss_test_append_number (bytes, crc32 (0, (const guint8 *) text->str, (uInt) text->len), 4);
  gloss_test_append_number (bytes, crc32 (0, bytes->data, PREPARED_CHECKSUM_AT), 4);
  g_byte_array_append (bytes, (const guint8 *) text->str, (guint) text->len);
  for (gsize i = 0; i < n_data; i++)
    gloss_test_append_number (bytes, 0, 1);
  return bytes;
}

typedef struct
{
  const char *header;
  gsize n_data;
  const char *says; /* NULL: nothing is wrong */
} Case;

#define ALL(tensors) "{'configuration':{},'source':{},'tensors':[" tensors "]}"
#define TENSOR(name, type, shape, offset, bytes, crc)                                              \
  "{'name':'" name "','type':'" type "','shape':" shape ",'packed':false,'offset':" offset         \
  ",'bytes':" bytes ",'crc32':'" crc "'}"
#define PACKED(shape, bytes)                                                                       \
  "{'name':'a','type':'BF16','shape':" shape ",'packed':true,'offset':4096,'bytes':" bytes         \
  ",'crc32':'00000000'}"
#define PLACED(name, offset, bytes) TENSOR (name, "U8", "[" bytes "]", offset, bytes, "00000000")

static const Case cases[] = {
  { ALL (""), 0, NULL },
  { ALL (PLACED ("a", "448", "4")), 4, NULL },
  { ALL (PLACED ("a", "448", "4") "," PLACED ("b", "512", "4")), 68, NULL },
  { ALL (PLACED ("a", "4096", "5000")), 4096 - 448 + 5000, NULL },
  /* 33 outputs take two panels, 65 inputs 33 pairs */
  { ALL (PACKED ("[33,65]", "8448")), 4096 - 448 + 8448, NULL },
  { ALL (PACKED ("[33,13,5]", "8448")), 4096 - 448 + 8448, NULL },

  { "{", 0, "is not valid JSON" },
  { "[]", 0, "its header is damaged: " },
  { "{'configuration':{},'source':{}}", 0, "its header is damaged: Object item not found" },
  { "{'configuration':{},'source':{},'tensors':[],'more':1}", 0, "left unpacked: more" },
  { "{'configuration':[],'source':{},'tensors':[]}", 0, "must be objects" },
  { "{'configuration':{},'source':{},'tensors':{}}", 0, "must be objects" },
  { "{'source':{},'source':{},'configuration':{},'tensors':[]}", 0, "duplicate" },
  { ALL ("1"), 0, "a tensor is not described as it should" },
  { ALL ("{'name':'a'}"), 0, "a tensor is not described as it should" },
  { ALL (TENSOR ("a", "F4", "[1]", "448", "4", "00000000")), 4, "has the unknown type \"F4\"" },
  { ALL (TENSOR ("a", "F32", "[1]", "448", "4", "0000000g")), 4, "expected 8 digits" },
  { ALL (TENSOR ("a", "F32", "[1]", "448", "4", "000000000")), 4, "expected 8 digits" },
  { ALL (TENSOR ("a", "F32", "[1]", "448", "4", "")), 4, "expected 8 digits" },
  { ALL (TENSOR ("a", "F32", "1", "448", "4", "00000000")), 4, "has no shape" },
  { ALL (TENSOR ("a", "F32", "[1,1,1,1,1,1,1,1,1]", "448", "4", "00000000")), 4, "has no shape" },
  { ALL (TENSOR ("a", "F32", "[-1]", "448", "4", "00000000")), 4, "dimension 1 of 1" },
  { ALL (TENSOR ("a", "F32", "[1.5]", "448", "4", "00000000")), 4, "dimension 1 of 1" },
  { ALL (TENSOR ("a", "F32", "[2]", "448", "4", "00000000")), 4, "needs 8 bytes, but has 4" },
  { ALL (PACKED ("[33,65]", "4290")), 4096 - 448 + 4290, "needs 8448 bytes, but has 4290" },
  { ALL (PACKED ("[1,4611686018427387904,8]", "4290")), 4096 - 448 + 4290, "than can be counted" },
  { ALL (PLACED ("a", "-64", "4")), 4, "begin at byte -64, expected 448" },
  { ALL (TENSOR ("a", "U8", "[4]", "448", "-4", "00000000")), 4, "said to have -4 bytes" },
  { ALL (PLACED ("a", "0", "4")), 4, "begin at byte 0, expected 448" },
  { ALL (PLACED ("a", "512", "4")), 68, "begin at byte 512, expected 448" },
  { ALL (PLACED ("a", "449", "4")), 5, "begin at byte 449, expected 448" },
  { ALL (PLACED ("a", "448", "5000")), 5000, "begin at byte 448, expected 4096" },
  { ALL (PLACED ("a", "9223372036854775744", "4")), 4, "expected 448" },
  { ALL (PLACED ("a", "4096", "9223372036854775807")), 5000, "but the file has 5448" },
  { ALL (PLACED ("a", "448", "4")), 3, "but the file has 451" },
  { ALL (PLACED ("a", "448", "4")), 5, "the tensors end at byte 452, but the file has 453" },
  { ALL (PLACED ("a", "448", "4") "," PLACED ("b", "448", "4")), 68,
    "tensor \"b\" is said to begin at byte 448, expected 512" },
  { ALL (PLACED ("a", "512", "4") "," PLACED ("b", "448", "4")), 68,
    "tensor \"a\" is said to begin at byte 512, expected 448" },
  { ALL (PLACED ("a", "448", "4") "," PLACED ("a", "512", "4")), 68, "\"a\" is there twice" },
};

static void
test_headers_should_be_told_apart (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = make_file (cases[i].header, cases[i].n_data);

      if (cases[i].says)
        gloss_test_assert_refused ("x.gloss", bytes, GLOSS_ERROR_FORMAT, cases[i].says);
      else
        {
          char *folder = gloss_test_folder_new ();
          g_autofree char *path = gloss_test_write (folder, "x.gloss", bytes->data, bytes->len);

          g_assert_true (gloss_test_is_accepted_inside (path, append_views));
          gloss_test_folder_remove (folder);
        }
    }
}

/* Before anything else in it is looked at. */
static void
test_other_versions_should_be_prepared_again (void)
{
  static const gsize places[] = { PREPARED_VERSION_AT, PREPARED_BYTE_ORDER_AT,
                                  PREPARED_LAYOUT_AT + 2, PREPARED_LAYOUT_AT + 20 };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (GByteArray) bytes = make_file ("of another form", 0);

      bytes->data[places[i]]++;
      gloss_test_assert_refused ("x.gloss", bytes, GLOSS_ERROR_UNSUPPORTED,
                                 "x.gloss: was prepared by another version of Gloss; run "
                                 "gloss-cli prepare again");
    }
}

static void
test_what_is_not_prepared_should_be_refused (void)
{
  g_autoptr (GByteArray) bytes = make_file (ALL (""), 0);
  g_autoptr (GByteArray) text = g_byte_array_new ();

  gloss_test_patch_number (bytes, PREPARED_HEADER_CHECKSUM_AT, 1, 4);
  gloss_test_assert_refused ("x.gloss", bytes, GLOSS_ERROR_FORMAT, "its first bytes are damaged");
  gloss_test_patch_number (bytes, PREPARED_CHECKSUM_AT, crc32 (0, bytes->data, 60), 4);
  gloss_test_assert_refused ("x.gloss", bytes, GLOSS_ERROR_FORMAT, "has the wrong checksum");
  gloss_test_patch_number (bytes, PREPARED_HEADER_BYTES_AT, 400, 8);
  gloss_test_patch_number (bytes, PREPARED_CHECKSUM_AT, crc32 (0, bytes->data, 60), 4);
  gloss_test_assert_refused ("x.gloss", bytes, GLOSS_ERROR_FORMAT, "but only 384 are left");
  gloss_test_patch_number (bytes, PREPARED_HEADER_BYTES_AT, G_MAXUINT64, 8);
  gloss_test_patch_number (bytes, PREPARED_CHECKSUM_AT, crc32 (0, bytes->data, 60), 4);
  gloss_test_assert_refused ("x.gloss", bytes, GLOSS_ERROR_TOO_LARGE, "expected at most 4000000");

  g_byte_array_append (text, (const guint8 *) "any text", 8);
  gloss_test_assert_refused ("x.gloss", text, GLOSS_ERROR_FORMAT, "has 8 bytes, but a prepared");
  while (text->len < 100)
    g_byte_array_append (text, (const guint8 *) "any text", 8);
  gloss_test_assert_refused ("x.gloss", text, GLOSS_ERROR_FORMAT,
                             "does not begin as the files that gloss-cli prepare makes");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/weights/prepared/" path, func)
  ADD ("should-read-what-was-written", test_should_read_what_was_written);
  ADD ("should-have-zeros-between", test_should_have_zeros_between);
  ADD ("changed-values-should-be-found", test_changed_values_should_be_found);
  ADD ("should-withstand-damage", test_should_withstand_damage);
  ADD ("no-changed-header-should-be-believed", test_no_changed_header_should_be_believed);
  ADD ("headers-should-be-told-apart", test_headers_should_be_told_apart);
  ADD ("other-versions-should-be-prepared-again", test_other_versions_should_be_prepared_again);
  ADD ("what-is-not-prepared-should-be-refused", test_what_is_not_prepared_should_be_refused);
#undef ADD
  return g_test_run ();
}
