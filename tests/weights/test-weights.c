/* Opening weights by file and by folder, whole or in shards. */
#include "base/error.h"
#include "builder.h"
#include "support/asserts.h"
#include "weights/weights.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define INDEX_NAME "model.safetensors.index.json"

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = gloss_test_folder_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gloss_test_folder_remove (fixture->folder);
}

/* A safetensors file of one byte per tensor, which is the letter of its name. */
static void
write_tensors (const Fixture *fixture, const char *file_name, const char *letters)
{
  g_autoptr (GString) header = g_string_new ("{");
  g_autoptr (GByteArray) bytes = NULL;

  for (guint i = 0; letters[i]; i++)
    g_string_append_printf (header,
                            "%s\"%c\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[%u,%u]}",
                            i > 0 ? "," : "", letters[i], i, i + 1);
  g_string_append_c (header, '}');
  bytes = gloss_test_safetensors_new (header->str, 0);
  g_byte_array_append (bytes, (const guint8 *) letters, (guint) strlen (letters));
  g_free (gloss_test_write (fixture->folder, file_name, bytes->data, bytes->len));
}

static void
write_index (const Fixture *fixture, const char *text)
{
  g_free (gloss_test_write (fixture->folder, INDEX_NAME, text, strlen (text)));
}

static GlossWeights *
open_path (const char *path)
{
  g_autoptr (GError) error = NULL;
  GlossWeights *weights = gloss_weights_open (path, &error);

  g_assert_no_error (error);
  return weights;
}

static void
assert_folder_is_refused (const Fixture *fixture, GQuark domain, int code, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_weights_open (fixture->folder, &error));
  gloss_assert_error_says (&error, domain, code, part);
}

static void
test_shards_should_be_read_as_one (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = gloss_test_path ("fixtures/paligemma2/hf");
  g_autoptr (GlossWeights) weights = open_path (path);
  const GlossTensorView *first, *last;
  g_autoptr (GError) error = NULL;
  gsize n_bytes = 0;

  for (guint i = 0; i < gloss_weights_get_n_tensors (weights); i++)
    n_bytes += gloss_weights_get_tensor (weights, i)->n_bytes;
  g_assert_cmpuint (n_bytes, ==, 1069376); /* the index says so */
  first = gloss_weights_get_tensor (weights, 0);
  last = gloss_weights_get_tensor (weights, gloss_weights_get_n_tensors (weights) - 1);
  g_assert_cmpstr (first->file_name, ==, "model-00001-of-00002.safetensors");
  g_assert_cmpstr (last->file_name, ==, "model-00002-of-00002.safetensors");
  g_assert_cmpint (gloss_weights_find (weights, "model.language_model.embed_tokens.weight")->dtype,
                   ==, GLOSS_DTYPE_BF16);
  g_assert_null (gloss_weights_find (weights, "lm_head.weight"));
  g_assert_true (gloss_weights_check (weights, &error));
  g_assert_no_error (error);
}

static void
test_folder_should_open_the_single_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = gloss_test_path ("fixtures/paligemma1/hf/");
  g_autoptr (GlossWeights) weights = open_path (path);

  g_assert_nonnull (gloss_weights_find (weights, "language_model.model.norm.weight"));
}

static void
test_folder_should_prefer_the_index (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GlossWeights) weights = NULL;

  write_tensors (fixture, "model.safetensors", "xyz");
  write_tensors (fixture, "two.safetensors", "ba");
  write_tensors (fixture, "one.safetensors", "cd");
  write_index (fixture, "{\"metadata\":{},\"weight_map\":{\"a\":\"two.safetensors\",\"d\":\"one."
                        "safetensors\",\"b\":\"two.safetensors\",\"c\":\"one.safetensors\"}}");
  weights = open_path (fixture->folder);
  g_assert_cmpuint (gloss_weights_get_n_tensors (weights), ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (weights, i);

      g_assert_cmpint (view->name[0], ==, "cdba"[i]);
      g_assert_cmpint (view->data[0], ==, "cdba"[i]);
    }
}

static void
test_extension_should_count_in_any_case (Fixture *fixture, gconstpointer data)
{
  g_autofree char *npz = gloss_test_path ("fixtures/paligemma1/weights.bf16.npz");
  g_autofree char *upper = g_build_filename (fixture->folder, "WEIGHTS.NPZ", NULL);
  g_autofree char *mixed = g_build_filename (fixture->folder, "Model.SafeTensors", NULL);
  g_autoptr (GlossWeights) first = NULL;
  g_autoptr (GlossWeights) second = NULL;

  g_assert_cmpint (symlink (npz, upper), ==, 0);
  first = open_path (upper);
  g_assert_cmpuint (gloss_weights_get_n_tensors (first), ==, 32);
  write_tensors (fixture, "Model.SafeTensors", "ab");
  second = open_path (mixed);
  g_assert_cmpuint (gloss_weights_get_n_tensors (second), ==, 2);
}

static void
test_other_files_should_be_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = gloss_test_path ("fixtures/paligemma1/hf/config.json");
  g_autofree char *missing = g_build_filename (fixture->folder, "missing.npz", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_weights_open (path, &error));
  gloss_assert_error_says (
      &error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
      "config.json: is not named like a weight file, which ends in .npz, .safetensors "
      "or .gloss");
  g_assert_null (gloss_weights_open (missing, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           "missing.npz: cannot be opened");
}

static void
test_folder_without_weights_should_say_what_was_sought (Fixture *fixture, gconstpointer data)
{
  g_autofree char *message =
      g_strconcat (fixture->folder, ": neither " INDEX_NAME " nor model.safetensors is in", NULL);

  write_tensors (fixture, "other.safetensors", "a");
  assert_folder_is_refused (fixture, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, message);
}

/* Opened under whatever name it has; what comes out of it test-prepared.c holds it to. */
static void
test_folder_should_open_its_one_prepared_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *several = g_strconcat (fixture->folder, ": has 2 prepared files (.gloss)", NULL);

  g_free (gloss_test_write (fixture->folder, ".gloss-abcdef", "", 0));
  g_free (gloss_test_write (fixture->folder, ".half.gloss", "", 0));
  g_free (gloss_test_write (fixture->folder, "Tea.Gloss", "tea", 3));
  assert_folder_is_refused (fixture, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "Tea.Gloss: ");
  g_free (gloss_test_write (fixture->folder, "coffee.gloss", "coffee", 6));
  assert_folder_is_refused (fixture, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, several);
  write_tensors (fixture, "model.safetensors", "xyz");
  gloss_weights_free (open_path (fixture->folder));
}

static void
test_missing_shard_should_be_named (Fixture *fixture, gconstpointer data)
{
  write_tensors (fixture, "one.safetensors", "a");
  write_index (fixture, "{\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\"}}");
  assert_folder_is_refused (fixture, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                            INDEX_NAME ": names a file that cannot be used: ");
  assert_folder_is_refused (fixture, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                            "/two.safetensors: cannot be opened: ");
}

static void
test_shards_elsewhere_should_be_refused (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = {
    "../one.safetensors", "/etc/passwd", "a/one.safetensors", "..", ".", ""
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *index = g_strdup_printf ("{\"weight_map\":{\"a\":\"%s\"}}", names[i]);
      g_autofree char *message = g_strdup_printf (
          INDEX_NAME ": tensor \"a\" is said to be in \"%s\", which is not the plain name",
          names[i]);

      write_index (fixture, index);
      assert_folder_is_refused (fixture, GLOSS_ERROR, GLOSS_ERROR_FORMAT, message);
    }
}

static void
test_index_should_agree_with_the_shards (Fixture *fixture, gconstpointer data)
{
  write_tensors (fixture, "one.safetensors", "a");
  write_tensors (fixture, "two.safetensors", "b");
  write_index (fixture, "{\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\","
                        "\"c\":\"two.safetensors\"}}");
  assert_folder_is_refused (fixture, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                            INDEX_NAME ": tensor \"c\" is said to be in two.safetensors, but it is "
                                       "not there");
  write_tensors (fixture, "two.safetensors", "bc");
  write_index (fixture, "{\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\","
                        "\"c\":\"one.safetensors\"}}");
  assert_folder_is_refused (fixture, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                            INDEX_NAME ": tensor \"c\" is said to be in one.safetensors, but it is "
                                       "in two.safetensors");
}

static void
test_tensors_in_two_files_should_be_refused (Fixture *fixture, gconstpointer data)
{
  write_tensors (fixture, "one.safetensors", "ab");
  write_tensors (fixture, "two.safetensors", "bc");
  write_index (fixture, "{\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\","
                        "\"c\":\"two.safetensors\"}}");
  assert_folder_is_refused (fixture, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                            "two.safetensors: tensor \"b\" is there twice, the first time in "
                            "one.safetensors");
}

static void
test_malformed_index_should_be_refused (Fixture *fixture, gconstpointer data)
{
  static const char *const indices[][2] = {
    { "{\"weight_map\":\n", ": line 2 is not valid JSON" },
    { "[]", ": has no \"weight_map\"" },
    { "{}", ": has no \"weight_map\"" },
    { "{\"weight_map\":{}}", ": has no \"weight_map\"" },
    { "{\"weight_map\":{\"a\":1}}", ": the file of tensor \"a\" is not given as a text" },
    { "{\"weight_map\":{\"a\":\"b\",\"a\":\"c\"}}", ": line 1 is not valid JSON: duplicate" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (indices); i++)
    {
      g_autofree char *message = g_strconcat (INDEX_NAME, indices[i][1], NULL);

      write_index (fixture, indices[i][0]);
      assert_folder_is_refused (fixture, GLOSS_ERROR, GLOSS_ERROR_FORMAT, message);
    }
}

static void
test_damaged_shard_should_be_named (Fixture *fixture, gconstpointer data)
{
  write_tensors (fixture, "one.safetensors", "a");
  g_free (gloss_test_write (fixture->folder, "two.safetensors", "\2\0\0\0\0\0\0\0{}x", 11));
  write_index (fixture, "{\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\"}}");
  assert_folder_is_refused (fixture, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                            "two.safetensors: its tensors end at byte 0 of the data, which has 1");
}

static void
test_check_should_name_the_shard_that_changed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "two.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossWeights) weights = NULL;

  write_tensors (fixture, "one.safetensors", "a");
  write_tensors (fixture, "two.safetensors", "b");
  write_index (fixture, "{\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\"}}");
  weights = open_path (fixture->folder);
  g_assert_true (gloss_weights_check (weights, &error));
  g_assert_no_error (error);
  g_assert_cmpint (truncate (path, 3), ==, 0);
  g_assert_false (gloss_weights_check (weights, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_CHANGED,
                           "\"two.safetensors\" changed while it was in use; start again");
}

static void
test_shape_should_be_written_with_crosses (Fixture *fixture, gconstpointer data)
{
  const gsize dims[] = { 2048, 1024, 1 };
  g_autofree char *scalar = gloss_tensor_format_shape (0, NULL);
  g_autofree char *vector = gloss_tensor_format_shape (1, dims);
  g_autofree char *cube = gloss_tensor_format_shape (3, dims);

  g_assert_cmpstr (scalar, ==, "scalar");
  g_assert_cmpstr (vector, ==, "2048");
  g_assert_cmpstr (cube, ==, "2048×1024×1");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "shards-should-be-read-as-one", test_shards_should_be_read_as_one },
    { "folder-should-open-the-single-file", test_folder_should_open_the_single_file },
    { "folder-should-prefer-the-index", test_folder_should_prefer_the_index },
    { "extension-should-count-in-any-case", test_extension_should_count_in_any_case },
    { "other-files-should-be-refused", test_other_files_should_be_refused },
    { "folder-without-weights-should-say-what-was-sought",
      test_folder_without_weights_should_say_what_was_sought },
    { "folder-should-open-its-one-prepared-file", test_folder_should_open_its_one_prepared_file },
    { "missing-shard-should-be-named", test_missing_shard_should_be_named },
    { "shards-elsewhere-should-be-refused", test_shards_elsewhere_should_be_refused },
    { "index-should-agree-with-the-shards", test_index_should_agree_with_the_shards },
    { "tensors-in-two-files-should-be-refused", test_tensors_in_two_files_should_be_refused },
    { "malformed-index-should-be-refused", test_malformed_index_should_be_refused },
    { "damaged-shard-should-be-named", test_damaged_shard_should_be_named },
    { "check-should-name-the-shard-that-changed", test_check_should_name_the_shard_that_changed },
    { "shape-should-be-written-with-crosses", test_shape_should_be_written_with_crosses },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/weights/weights/", tests[i].path, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].test, tear_down);
    }
  return g_test_run ();
}
