/* Headers of arrays, each in an archive of its own: what is allowed, and every refusal. */
#include "base/error.h"
#include "builder.h"
#include "support/asserts.h"
#include "weights/weights.h"

#include <string.h>

#define FLOATS "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"

/* An archive with one array "t.npy" of that version, header and number of bytes. */
static GByteArray *
new_single (guint major, const char *dictionary, gsize n_data)
{
  static const char *const names[] = { "t.npy" };
  GByteArray *contents[] = { gloss_test_npy_new (major, dictionary, n_data) };

  return gloss_test_zip_new (GLOSS_TEST_ZIP_NUMPY, 1, names, contents, NULL);
}

static GlossWeights *
open_bytes (const char *folder, GByteArray *bytes)
{
  g_autofree char *path = gloss_test_write (folder, "test.npz", bytes->data, bytes->len);
  g_autoptr (GError) error = NULL;
  GlossWeights *weights = gloss_weights_open (path, &error);

  g_assert_no_error (error);
  return weights;
}

static void
assert_file_is_refused (GByteArray *bytes, int code, const char *part)
{
  gloss_test_assert_refused ("hostile.npz", bytes, code, part);
}

static void
assert_array_is_refused (const char *dictionary, gsize n_data, int code, const char *part)
{
  g_autoptr (GByteArray) bytes = new_single (1, dictionary, n_data);

  assert_file_is_refused (bytes, code, part);
}

static void
test_should_read_every_type (void)
{
  static const struct
  {
    const char *descr;
    GlossDtype dtype;
  } types[] = {
    { "<f4", GLOSS_DTYPE_F32 },  { "<f2", GLOSS_DTYPE_F16 },  { "<f8", GLOSS_DTYPE_F64 },
    { "<i8", GLOSS_DTYPE_I64 },  { "<i4", GLOSS_DTYPE_I32 },  { "<i2", GLOSS_DTYPE_I16 },
    { "|i1", GLOSS_DTYPE_I8 },   { "|u1", GLOSS_DTYPE_U8 },   { "|b1", GLOSS_DTYPE_BOOL },
    { "<V2", GLOSS_DTYPE_BF16 }, { "|V2", GLOSS_DTYPE_BF16 }, { "bfloat16", GLOSS_DTYPE_BF16 },
  };
  char *folder = gloss_test_folder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *dictionary = g_strdup_printf (
          "{'descr': '%s', 'fortran_order': False, 'shape': (7,), }", types[i].descr);
      g_autoptr (GByteArray) bytes =
          new_single (1 + i % 3, dictionary, 7 * gloss_dtype_get_size_bytes (types[i].dtype));
      g_autoptr (GlossWeights) weights = open_bytes (folder, bytes);

      g_assert_cmpint (gloss_weights_get_tensor (weights, 0)->dtype, ==, types[i].dtype);
    }
  gloss_test_folder_remove (folder);
}

static void
test_should_read_every_shape (void)
{
  static const struct
  {
    const char *dictionary;
    gsize n_data;
    const char *shape;
  } cases[] = {
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (), }", 1, "scalar" },
    { "{'descr': '|u1', 'fortran_order': True, 'shape': (), }", 1, "scalar" },
    { "{'descr': '|u1', 'fortran_order': True, 'shape': (4,), }", 4, "4" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (0, 4), }", 0, "0×4" },
    { "{'shape':(2,2,),\"fortran_order\":False,'descr':\"|u1\"}", 4, "2×2" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 3)}", 3,
      "1×1×1×1×1×1×1×3" },
  };
  char *folder = gloss_test_folder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = new_single (1, cases[i].dictionary, cases[i].n_data);
      g_autoptr (GlossWeights) weights = open_bytes (folder, bytes);
      const GlossTensorView *view = gloss_weights_find (weights, "t");
      g_autofree char *shape = gloss_tensor_format_shape (view->n_dims, view->dims);

      g_assert_cmpstr (shape, ==, cases[i].shape);
      g_assert_cmpuint (view->n_bytes, ==, cases[i].n_data);
    }
  gloss_test_folder_remove (folder);
}

static void
test_should_refuse_what_is_no_array (void)
{
  static const char *const names[] = { "t.npy" };
  GByteArray *contents[] = { g_byte_array_new () };
  g_autoptr (GByteArray) empty =
      gloss_test_zip_new (GLOSS_TEST_ZIP_NUMPY, 1, names, contents, NULL);
  const gsize content = 30 + strlen ("t.npy") + 20;
  g_autoptr (GByteArray) other = new_single (1, FLOATS, 24);
  g_autoptr (GByteArray) version = new_single (1, FLOATS, 24);
  g_autoptr (GByteArray) longer = new_single (1, FLOATS, 24);
  g_autoptr (GByteArray) large = new_single (3, FLOATS, 24);
  g_autoptr (GByteArray) binary = new_single (1, FLOATS, 24);

  assert_file_is_refused (empty, GLOSS_ERROR_FORMAT,
                          "tensor \"t\", of 0 bytes, does not begin as a numpy array does");
  gloss_test_patch_number (other, content, 'x', 1);
  assert_file_is_refused (other, GLOSS_ERROR_FORMAT,
                          "tensor \"t\", of 152 bytes, does not begin as a numpy array does");
  gloss_test_patch_number (version, content + 6, 4 | 1 << 8, 2);
  assert_file_is_refused (version, GLOSS_ERROR_UNSUPPORTED,
                          "is in version 4.1 of the numpy format, expected 1.0 to 3.0");
  gloss_test_patch_number (longer, content + 8, 143, 2);
  assert_file_is_refused (longer, GLOSS_ERROR_FORMAT,
                          "has a header of 143 bytes, but only 142 bytes are left");
  gloss_test_patch_number (large, content + 8, G_MAXUINT32, 4);
  assert_file_is_refused (large, GLOSS_ERROR_TOO_LARGE,
                          "has a header of 4294967295 bytes, expected at most 65535");
  gloss_test_patch_number (binary, content + 20, 0, 1);
  assert_file_is_refused (binary, GLOSS_ERROR_FORMAT, "has a damaged header: it is not text");
}

static void
test_should_refuse_other_types (void)
{
  static const char *const descrs[] = { ">f4", "<u4", "<c8", "|O", "<U7", "|V1", "f4", "=f4", "" };

  for (guint i = 0; i < G_N_ELEMENTS (descrs); i++)
    {
      g_autofree char *dictionary =
          g_strdup_printf ("{'descr': '%s', 'fortran_order': False, 'shape': (2,), }", descrs[i]);
      g_autofree char *message =
          g_strdup_printf ("tensor \"t\" has elements of type \"%s\"", descrs[i]);

      assert_array_is_refused (dictionary, 8, GLOSS_ERROR_UNSUPPORTED, message);
    }
}

static void
test_should_refuse_fortran_order (void)
{
  assert_array_is_refused ("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", 6,
                           GLOSS_ERROR_UNSUPPORTED,
                           "tensor \"t\" of shape 2×3 is stored in Fortran order");
}

static void
test_should_refuse_hostile_shapes (void)
{
  assert_array_is_refused ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }", 24,
                           GLOSS_ERROR_FORMAT,
                           "tensor \"t\" of shape 2×4 and type F32 needs 32 bytes, but has 24");
  assert_array_is_refused ("{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }", 24,
                           GLOSS_ERROR_FORMAT, "needs 20 bytes, but has 24");
  assert_array_is_refused (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 2), }", 0,
      GLOSS_ERROR_FORMAT,
      "tensor \"t\" of shape 4611686018427387904×2 and type F32 needs more bytes than can be "
      "counted, but has 0");
  assert_array_is_refused (
      "{'descr': '|u1', 'fortran_order': False, 'shape': (18446744073709551616,), }", 0,
      GLOSS_ERROR_FORMAT, "expected a dimension below 2^64 at character 51");
  assert_array_is_refused (
      "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 1), }", 1,
      GLOSS_ERROR_UNSUPPORTED, "tensor \"t\" has 9 dimensions, expected at most 8");
}

static void
test_should_refuse_malformed_dictionaries (void)
{
  static const char *const dictionaries[][2] = {
    { "", "expected {" },
    { "[]", "expected { at character 0" },
    { "{", "expected a key in quotes" },
    { "{}", "expected each of descr, fortran_order and shape once" },
    { "{'descr': '|u1', 'shape': (1,), }", "expected each of descr, fortran_order and shape once" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), 'x': 1}",
      "expected each of descr, fortran_order and shape once" },
    { "{'descr': '|u1', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
      "expected each of descr, fortran_order and shape once at character 25" },
    { "{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (1,)}",
      "expected an element type in quotes at character 10" },
    { "{'descr': '|u1, 'fortran_order': False, 'shape': (1,)}", "expected }" },
    { "{'descr': '|u\\x31', 'fortran_order': False, 'shape': (1,)}",
      "expected an element type in quotes" },
    { "{'descr': '|u1', 'fortran_order': 0, 'shape': (1,)}", "expected False at character 34" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': [1]}", "expected ( at character 50" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (1)}", "expected , at character 52" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}", "expected a dimension" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (1.0,)}", "expected ," },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (01,)}", "expected a dimension" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (1L,)}", "expected ," },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1", "expected )" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (,)}", "expected a dimension" },
    { "{'descr': '|u1' 'fortran_order': False, 'shape': (1,)}", "expected }" },
    { "{'descr' '|u1', 'fortran_order': False, 'shape': (1,)}", "expected :" },
    { "{'descr: ", "expected a key in quotes" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)} #",
      "expected spaces and one newline" },
    { "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}\n",
      "expected spaces and one newline" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (dictionaries); i++)
    {
      g_autofree char *message =
          g_strconcat ("tensor \"t\" has a damaged header: ", dictionaries[i][1], NULL);

      assert_array_is_refused (dictionaries[i][0], 1, GLOSS_ERROR_FORMAT, message);
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (void);
  } tests[] = {
    { "should-read-every-type", test_should_read_every_type },
    { "should-read-every-shape", test_should_read_every_shape },
    { "should-refuse-what-is-no-array", test_should_refuse_what_is_no_array },
    { "should-refuse-other-types", test_should_refuse_other_types },
    { "should-refuse-fortran-order", test_should_refuse_fortran_order },
    { "should-refuse-hostile-shapes", test_should_refuse_hostile_shapes },
    { "should-refuse-malformed-dictionaries", test_should_refuse_malformed_dictionaries },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/weights/npy/", tests[i].path, NULL);

      g_test_add_func (path, tests[i].test);
    }
  return g_test_run ();
}
