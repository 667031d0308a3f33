/* safetensors files: the real ones, and every refusal. */
#include "base/error.h"
#include "builder.h"
#include "support/asserts.h"
#include "weights/safetensors.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define TENSOR(name, dtype, shape, begin, end)                                                     \
  "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" #begin "," #end   \
  "]}"
#define GOOD                                                                                       \
  "{\"__metadata__\":{\"format\":\"pt\"}," TENSOR ("b", "F32", "[2,3]", 8, 32) "," TENSOR (        \
      "a", "BF16", "[4]", 0, 8) "," TENSOR ("c", "U8", "[]", 32, 33) "}   "

static void
assert_file_is_refused (const char *header, gsize n_data, int code, const char *part)
{
  g_autoptr (GByteArray) bytes = gloss_test_safetensors_new (header, n_data);

  gloss_test_assert_refused ("hostile.safetensors", bytes, code, part);
}

static void
assert_is_damaged (const char *header, gsize n_data, const char *part)
{
  assert_file_is_refused (header, n_data, GLOSS_ERROR_FORMAT, part);
}

static void
test_should_read_the_fixtures (void)
{
  static const char *const paths[] = {
    "fixtures/paligemma1/hf/model.safetensors",
    "fixtures/paligemma2-27b-like/hf/model.safetensors",
  };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *path = gloss_test_path (paths[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (GlossWeights) weights = gloss_weights_open (path, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (gloss_weights_get_n_tensors (weights), >, 30);
      for (guint t = 0; t < gloss_weights_get_n_tensors (weights); t++)
        {
          const GlossTensorView *view = gloss_weights_get_tensor (weights, t);

          g_assert_cmpint (view->dtype, ==, GLOSS_DTYPE_F32);
          g_assert_true (gloss_weights_find (weights, view->name) == view);
        }
    }
}

/* The same model by two converters, so that a shifted offset cannot pass. */
static void
test_should_find_the_numbers_of_the_npz (void)
{
  static const char *const pairs[][2] = {
    { "language_model.model.norm.weight", "llm/final_norm/scale" },
    { "vision_tower.vision_model.embeddings.patch_embedding.bias", "img/embedding/bias" },
    { "vision_tower.vision_model.post_layernorm.bias", "img/Transformer/encoder_norm/bias" },
    { "multi_modal_projector.linear.bias", "img/head/bias" },
  };
  g_autofree char *hf_path = gloss_test_path ("fixtures/paligemma1/hf/model.safetensors");
  g_autofree char *npz_path = gloss_test_path ("fixtures/paligemma1/weights.f32.npz");
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossWeights) hf = gloss_weights_open (hf_path, &error);
  g_autoptr (GlossWeights) npz = gloss_weights_open (npz_path, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      const GlossTensorView *got = gloss_weights_find (hf, pairs[i][0]);
      const GlossTensorView *expected = gloss_weights_find (npz, pairs[i][1]);

      g_assert_true (got && expected);
      g_assert_cmpmem (got->data, got->n_bytes, expected->data, expected->n_bytes);
    }
}

static void
test_should_read_in_the_order_of_the_data (void)
{
  static const char *const names[] = { "a", "b", "c" };
  static const guint8 first_bytes[] = { 1, 9, 33 };
  static const char *const shapes[] = { "4", "2×3", "scalar" };
  char *folder = gloss_test_folder_new ();
  g_autoptr (GByteArray) bytes = gloss_test_safetensors_new (GOOD, 33);
  g_autofree char *path = gloss_test_write (folder, "x.safetensors", bytes->data, bytes->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossWeights) weights = gloss_weights_open (path, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (gloss_weights_get_n_tensors (weights), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (weights, i);
      g_autofree char *shape = gloss_tensor_format_shape (view->n_dims, view->dims);

      g_assert_cmpstr (view->name, ==, names[i]);
      g_assert_cmpuint (view->data[0], ==, first_bytes[i]);
      g_assert_cmpstr (shape, ==, shapes[i]);
      g_assert_cmpstr (view->file_name, ==, "x.safetensors");
    }
  gloss_test_folder_remove (folder);
}

static void
test_should_read_empty_tensors (void)
{
  static const char header[] =
      "{" TENSOR ("z", "F32", "[0,7]", 4, 4) "," TENSOR ("a", "F32", "[1]", 0, 4) "," TENSOR (
          "y", "F32", "[0]", 0, 0) "," TENSOR ("b", "U8", "[2]", 4, 6) "}";
  char *folder = gloss_test_folder_new ();
  g_autoptr (GByteArray) bytes = gloss_test_safetensors_new (header, 6);
  g_autoptr (GByteArray) nothing = gloss_test_safetensors_new ("{}", 0);
  g_autofree char *path = gloss_test_write (folder, "x.safetensors", bytes->data, bytes->len);
  g_autofree char *other = gloss_test_write (folder, "y.safetensors", nothing->data, nothing->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossWeights) weights = gloss_weights_open (path, &error);
  g_autoptr (GlossWeights) none = gloss_weights_open (other, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (gloss_weights_get_n_tensors (weights), ==, 4);
  g_assert_cmpuint (gloss_weights_find (weights, "z")->n_bytes, ==, 0);
  g_assert_cmpuint (gloss_weights_get_n_tensors (none), ==, 0);
  gloss_test_folder_remove (folder);
}

static void
test_should_read_beyond_4_gib (void)
{
  static const char header[] =
      "{" TENSOR ("large", "U8", "[4294967301]", 0,
                  4294967301) "," TENSOR ("small", "F32", "[1]", 4294967301, 4294967305) "}";
  char *folder = gloss_test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "large.safetensors", NULL);
  g_autoptr (GByteArray) bytes = gloss_test_safetensors_new (header, 0);
  g_autoptr (GError) error = NULL;
  int descriptor = g_open (path, O_RDWR | O_CREAT, 0600);

  g_assert_cmpint (pwrite (descriptor, bytes->data, bytes->len, 0), ==, bytes->len);
  if (pwrite (descriptor, "\1\2\3\4", 4, (off_t) bytes->len + 4294967301) != 4)
    g_test_skip ("this file system has no files of 4 GiB");
  else
    {
      g_autoptr (GlossWeights) weights = gloss_weights_open (path, &error);
      const GlossTensorView *view;

      g_assert_no_error (error);
      g_assert_cmpuint (gloss_weights_find (weights, "large")->n_bytes, ==, 4294967301);
      view = gloss_weights_find (weights, "small");
      g_assert_cmpmem (view->data, view->n_bytes, "\1\2\3\4", 4);
    }
  close (descriptor);
  gloss_test_folder_remove (folder);
}

static void
test_should_refuse_headers_that_do_not_fit (void)
{
  g_autoptr (GByteArray) bytes = gloss_test_safetensors_new ("{}", 0);

  gloss_test_patch_number (bytes, 0, 4000001, 8);
  gloss_test_assert_refused ("hostile.safetensors", bytes, GLOSS_ERROR_TOO_LARGE,
                             "its header is said to have 4000001 bytes, expected at most "
                             "4000000");
  gloss_test_patch_number (bytes, 0, G_MAXUINT64, 8);
  gloss_test_assert_refused ("hostile.safetensors", bytes, GLOSS_ERROR_TOO_LARGE,
                             "18446744073709551615 bytes");
  gloss_test_patch_number (bytes, 0, 3, 8);
  gloss_test_assert_refused ("hostile.safetensors", bytes, GLOSS_ERROR_FORMAT,
                             "its header is said to have 3 bytes, but only 2 are left");
  g_byte_array_set_size (bytes, 7);
  gloss_test_assert_refused ("hostile.safetensors", bytes, GLOSS_ERROR_FORMAT,
                             "has 7 bytes, but a safetensors file begins with a number of 8 bytes");
}

static void
test_should_refuse_headers_that_are_no_object (void)
{
  assert_is_damaged ("", 4, "its header of 0 bytes does not begin with \"{\"");
  assert_is_damaged (" {}", 0, "its header of 3 bytes does not begin with \"{\"");
  assert_is_damaged ("[]", 0, "does not begin with \"{\"");
  assert_is_damaged ("{\"a\":\n1", 0, "line 2 is not valid JSON");
  assert_is_damaged ("{} x", 0, "line 1 is not valid JSON");
  assert_is_damaged ("{\"a\":1}", 0, "tensor \"a\" is not described by an object");
}

static void
test_should_refuse_duplicate_keys (void)
{
  assert_is_damaged ("{" TENSOR ("a", "U8", "[1]", 0, 1) "," TENSOR ("a", "U8", "[1]", 1, 2) "}", 2,
                     "duplicate");
  assert_is_damaged ("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":"
                     "[0,1]}}",
                     1, "duplicate");
}

static void
test_should_refuse_wrong_metadata (void)
{
  assert_is_damaged ("{\"__metadata__\":[]}", 0, "\"__metadata__\" of its header is not an object");
  assert_is_damaged ("{\"__metadata__\":{\"format\":1}}", 0,
                     "\"format\" in \"__metadata__\" of its header is not a text");
}

static void
test_should_refuse_other_types (void)
{
  assert_file_is_refused ("{" TENSOR ("a", "F8_E4M3", "[1]", 0, 1) "}", 1, GLOSS_ERROR_UNSUPPORTED,
                          "tensor \"a\" has elements of type \"F8_E4M3\", which Gloss does not "
                          "read");
  assert_is_damaged ("{\"a\":{\"dtype\":3,\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
                     "tensor \"a\" has no \"dtype\" that is a text");
  assert_is_damaged ("{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "has no \"dtype\"");
}

static void
test_should_refuse_hostile_shapes (void)
{
  assert_is_damaged ("{" TENSOR ("a", "F32", "[2,3]", 0, 20) "}", 20,
                     "tensor \"a\" of shape 2×3 and type F32 needs 24 bytes, but has 20");
  assert_is_damaged ("{" TENSOR ("a", "F32", "[4611686018427387904,4]", 0, 0) "}", 0,
                     "tensor \"a\" of shape 4611686018427387904×4 and type F32 needs more bytes "
                     "than can be counted, but has 0");
  assert_is_damaged ("{" TENSOR ("a", "U8", "[9223372036854775808]", 0, 0) "}", 0,
                     "line 1 is not valid JSON");
  assert_is_damaged ("{" TENSOR ("a", "U8", "[1,-1]", 0, 1) "}", 1,
                     "tensor \"a\": dimension 2 of 2 is not a number from 0 on");
  assert_is_damaged ("{" TENSOR ("a", "U8", "[1.0]", 0, 1) "}", 1, "dimension 1 of 1");
  assert_is_damaged ("{" TENSOR ("a", "U8", "1", 0, 1) "}", 1,
                     "tensor \"a\" has no \"shape\" that is a list");
  assert_file_is_refused ("{" TENSOR ("a", "U8", "[1,1,1,1,1,1,1,1,1]", 0, 1) "}", 1,
                          GLOSS_ERROR_UNSUPPORTED,
                          "tensor \"a\" has 9 dimensions, expected at most 8");
}

static void
test_should_refuse_places_outside_the_data (void)
{
  assert_is_damaged ("{" TENSOR ("a", "U8", "[5]", 0, 5) "}", 4,
                     "tensor \"a\" is said to lie in bytes 0 to 5 of the data, which has 4");
  assert_is_damaged ("{" TENSOR ("a", "U8", "[0]", 4, 3) "}", 4,
                     "is said to lie in bytes 4 to 3 of the data, which has 4");
  assert_is_damaged ("{" TENSOR ("a", "U8", "[5]", -1, 4) "}", 4, "in bytes -1 to 4 of the data");
  assert_is_damaged ("{" TENSOR ("a", "U8", "[1]", 9223372036854775806, 9223372036854775807) "}", 4,
                     "in bytes 9223372036854775806 to 9223372036854775807 of the data");
  assert_is_damaged ("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]}}", 1,
                     "tensor \"a\" has no \"data_offsets\" that are two whole numbers");
  assert_is_damaged ("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,\"1\"]}}", 1,
                     "has no \"data_offsets\"");
  assert_is_damaged ("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "has no \"data_offsets\"");
}

static void
test_should_refuse_overlaps_and_holes (void)
{
  assert_is_damaged ("{" TENSOR ("a", "U8", "[3]", 0, 3) "," TENSOR ("b", "U8", "[2]", 2, 4) "}", 4,
                     "tensor \"b\" begins at byte 2 of the data, expected 3: it overlaps another");
  assert_is_damaged ("{" TENSOR ("a", "U8", "[4]", 0, 4) "," TENSOR ("b", "U8", "[4]", 0, 4) "}", 4,
                     "tensor \"b\" begins at byte 0 of the data, expected 4: it overlaps another");
  assert_is_damaged ("{" TENSOR ("a", "U8", "[1]", 0, 1) "," TENSOR ("b", "U8", "[2]", 2, 4) "}", 4,
                     "tensor \"b\" begins at byte 2 of the data, expected 1: there is a hole");
  assert_is_damaged ("{" TENSOR ("a", "U8", "[3]", 1, 4) "}", 4,
                     "tensor \"a\" begins at byte 1 of the data, expected 0: there is a hole");
  assert_is_damaged ("{" TENSOR ("a", "U8", "[3]", 0, 3) "}", 4,
                     "its tensors end at byte 3 of the data, which has 4");
  assert_is_damaged ("{}", 1, "its tensors end at byte 0 of the data, which has 1");
}

static void
test_should_withstand_damage (void)
{
  g_autoptr (GByteArray) bytes = gloss_test_safetensors_new (GOOD, 33);

  gloss_test_assert_withstands_damage ("damaged.safetensors", bytes,
                                       gloss_safetensors_append_views);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (void);
  } tests[] = {
    { "should-read-the-fixtures", test_should_read_the_fixtures },
    { "should-find-the-numbers-of-the-npz", test_should_find_the_numbers_of_the_npz },
    { "should-read-in-the-order-of-the-data", test_should_read_in_the_order_of_the_data },
    { "should-read-empty-tensors", test_should_read_empty_tensors },
    { "should-read-beyond-4-gib", test_should_read_beyond_4_gib },
    { "should-refuse-headers-that-do-not-fit", test_should_refuse_headers_that_do_not_fit },
    { "should-refuse-headers-that-are-no-object", test_should_refuse_headers_that_are_no_object },
    { "should-refuse-duplicate-keys", test_should_refuse_duplicate_keys },
    { "should-refuse-wrong-metadata", test_should_refuse_wrong_metadata },
    { "should-refuse-other-types", test_should_refuse_other_types },
    { "should-refuse-hostile-shapes", test_should_refuse_hostile_shapes },
    { "should-refuse-places-outside-the-data", test_should_refuse_places_outside_the_data },
    { "should-refuse-overlaps-and-holes", test_should_refuse_overlaps_and_holes },
    { "should-withstand-damage", test_should_withstand_damage },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/weights/safetensors/", tests[i].path, NULL);

      g_test_add_func (path, tests[i].test);
    }
  return g_test_run ();
}
