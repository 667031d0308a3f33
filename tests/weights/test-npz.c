/* .npz archives: the real ones, each form that is allowed, and every refusal. */
#include "base/error.h"
#include "builder.h"
#include "support/asserts.h"
#include "weights/npz.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define FLOATS "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"

/* An archive of "a.npy", 2×3 floats, and "b/c.npy", 5 bytes. */
static GByteArray *
new_archive (GlossTestZipKind kind, gsize *out_directory)
{
  static const char *const names[] = { "a.npy", "b/c.npy" };
  GByteArray *contents[] = {
    gloss_test_npy_new (1, FLOATS, 24),
    gloss_test_npy_new (2, "{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }", 5),
  };

  return gloss_test_zip_new (kind, 2, names, contents, out_directory);
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
assert_archive_is_refused (GByteArray *bytes, int code, const char *part)
{
  gloss_test_assert_refused ("hostile.npz", bytes, code, part);
}

/* As above, after a number in the first entry of the directory is changed. */
static void
assert_entry_is_refused (gsize field, guint64 value, guint n_bytes, int code, const char *part)
{
  gsize directory;
  g_autoptr (GByteArray) bytes = new_archive (GLOSS_TEST_ZIP_NUMPY, &directory);

  gloss_test_patch_number (bytes, directory + field, value, n_bytes);
  assert_archive_is_refused (bytes, code, part);
}

static void
assert_end_is_refused (gsize field, guint64 value, guint n_bytes, int code, const char *part)
{
  g_autoptr (GByteArray) bytes = new_archive (GLOSS_TEST_ZIP_NUMPY, NULL);

  gloss_test_patch_number (bytes, bytes->len - 22 + field, value, n_bytes);
  assert_archive_is_refused (bytes, code, part);
}

static void
test_should_read_the_fixtures (void)
{
  static const struct
  {
    const char *path;
    GlossDtype dtype;
    guint n_tensors;
  } fixtures[] = {
    { "fixtures/paligemma1/weights.f32.npz", GLOSS_DTYPE_F32, 32 },
    { "fixtures/paligemma1/weights.f16.npz", GLOSS_DTYPE_F16, 32 },
    { "fixtures/paligemma1/weights.bf16.npz", GLOSS_DTYPE_BF16, 32 },
    { "fixtures/paligemma2/weights.f32.npz", GLOSS_DTYPE_F32, 34 },
    { "fixtures/paligemma2/weights.bf16.npz", GLOSS_DTYPE_BF16, 34 },
    { "fixtures/paligemma2-27b-like/weights.f32.npz", GLOSS_DTYPE_F32, 34 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (fixtures); i++)
    {
      g_autofree char *path = gloss_test_path (fixtures[i].path);
      g_autofree char *name = g_path_get_basename (path);
      g_autoptr (GError) error = NULL;
      g_autoptr (GlossWeights) weights = gloss_weights_open (path, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (gloss_weights_get_n_tensors (weights), ==, fixtures[i].n_tensors);
      for (guint t = 0; t < fixtures[i].n_tensors; t++)
        {
          const GlossTensorView *view = gloss_weights_get_tensor (weights, t);

          g_assert_cmpint (view->dtype, ==, fixtures[i].dtype);
          g_assert_cmpstr (view->file_name, ==, name);
        }
      g_assert_true (gloss_weights_check (weights, &error));
      g_assert_no_error (error);
    }
}

static float
read_value (const GlossTensorView *view, gsize at)
{
  guint16 half;
  guint32 bits;

  if (view->dtype == GLOSS_DTYPE_F32)
    {
      memcpy (&bits, view->data + 4 * at, sizeof bits);
      return gloss_float_from_bits (bits);
    }
  memcpy (&half, view->data + 2 * at, sizeof half);
  return view->dtype == GLOSS_DTYPE_F16 ? gloss_float_from_f16 (half)
                                        : gloss_float_from_bf16 (half);
}

/* The half-sized files are the f32 one rounded: half a unit in the last place off, at most. */
static void
test_should_find_the_same_numbers_in_each_type (void)
{
  static const struct
  {
    const char *path;
    float relative;
    float absolute; /* half the step of subnormals */
  } halves[] = {
    { "fixtures/paligemma1/weights.f16.npz", 0x1p-11f, 0x1p-25f },
    { "fixtures/paligemma1/weights.bf16.npz", 0x1p-8f, 0 },
  };
  g_autofree char *path = gloss_test_path ("fixtures/paligemma1/weights.f32.npz");
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossWeights) exact = gloss_weights_open (path, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (halves); i++)
    {
      g_autofree char *half_path = gloss_test_path (halves[i].path);
      g_autoptr (GlossWeights) weights = gloss_weights_open (half_path, &error);

      g_assert_no_error (error);
      for (guint t = 0; t < gloss_weights_get_n_tensors (weights); t++)
        {
          const GlossTensorView *got = gloss_weights_get_tensor (weights, t);
          const GlossTensorView *expected = gloss_weights_find (exact, got->name);

          g_assert_nonnull (expected);
          g_assert_cmpuint (expected->n_bytes, ==, 2 * got->n_bytes);
          for (gsize v = 0; v < got->n_bytes / 2; v++)
            {
              float value = read_value (expected, v);

              g_assert_cmpfloat (ABS (read_value (got, v) - value), <=,
                                 halves[i].relative * ABS (value) + halves[i].absolute);
            }
        }
    }
}

static void
test_should_know_names_and_shapes (void)
{
  g_autofree char *path = gloss_test_path ("fixtures/paligemma1/weights.f32.npz");
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossWeights) weights = gloss_weights_open (path, &error);
  const GlossTensorView *view;
  g_autofree char *shape = NULL;

  g_assert_no_error (error);
  view = gloss_weights_get_tensor (weights, 0);
  g_assert_cmpstr (view->name, ==, "img/Transformer/encoder_norm/bias");
  g_assert_cmpuint (view->n_dims, ==, 1);
  g_assert_cmpuint (view->dims[0], ==, 48);
  g_assert_cmphex (gloss_float_to_bits (read_value (view, 0)), ==, 0xbc97fc79);

  view = gloss_weights_find (weights, "llm/layers/attn/kv_einsum/w");
  g_assert_nonnull (view);
  shape = gloss_tensor_format_shape (view->n_dims, view->dims);
  g_assert_cmpstr (shape, ==, "3×2×1×64×32");
  g_assert_cmpuint (view->n_bytes, ==, 3 * 2 * 64 * 32 * 4);
  g_assert_null (gloss_weights_find (weights, "llm/layers/attn/kv_einsum/w.npy"));
}

static void
test_should_read_every_kind_of_archive (void)
{
  char *folder = gloss_test_folder_new ();

  for (int kind = GLOSS_TEST_ZIP_PLAIN; kind <= GLOSS_TEST_ZIP_64; kind++)
    {
      g_autoptr (GByteArray) bytes = new_archive ((GlossTestZipKind) kind, NULL);
      g_autoptr (GlossWeights) weights = open_bytes (folder, bytes);
      const GlossTensorView *view = gloss_weights_get_tensor (weights, 0);

      g_assert_cmpuint (gloss_weights_get_n_tensors (weights), ==, 2);
      g_assert_cmpstr (view->name, ==, "a");
      g_assert_cmpint (view->dtype, ==, GLOSS_DTYPE_F32);
      g_assert_cmpuint (view->n_dims, ==, 2);
      g_assert_cmpuint (view->dims[0], ==, 2);
      g_assert_cmpuint (view->dims[1], ==, 3);
      g_assert_cmpuint (view->n_bytes, ==, 24);
      g_assert_cmpuint (view->data[0], ==, 1);
      g_assert_cmpuint (view->data[23], ==, 24);
      view = gloss_weights_find (weights, "b/c");
      g_assert_cmpint (view->dtype, ==, GLOSS_DTYPE_U8);
      g_assert_cmpuint (view->n_bytes, ==, 5);
      g_assert_cmpuint (view->data[4], ==, 5);
    }
  gloss_test_folder_remove (folder);
}

static void
test_should_pass_over_other_members (void)
{
  static const char *const names[] = { "notes.txt", "t.npy", "folder/" };
  GByteArray *contents[] = {
    gloss_test_npy_new (1, "not an array", 3),
    gloss_test_npy_new (1, FLOATS, 24),
    g_byte_array_new (),
  };
  char *folder = gloss_test_folder_new ();
  gsize directory;
  g_autoptr (GByteArray) bytes =
      gloss_test_zip_new (GLOSS_TEST_ZIP_PLAIN, 3, names, contents, &directory);
  g_autoptr (GlossWeights) weights = NULL;

  gloss_test_patch_number (bytes, directory + 10, 8, 2); /* nobody minds how the notes are packed */
  weights = open_bytes (folder, bytes);
  g_assert_cmpuint (gloss_weights_get_n_tensors (weights), ==, 1);
  g_assert_nonnull (gloss_weights_find (weights, "t"));
  gloss_test_folder_remove (folder);
}

static void
test_should_read_before_a_comment (void)
{
  static const gsize lengths[] = { 1, 22, G_MAXUINT16 };
  char *folder = gloss_test_folder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autoptr (GByteArray) bytes = new_archive (GLOSS_TEST_ZIP_64, NULL);
      g_autoptr (GlossWeights) weights = NULL;

      gloss_test_patch_number (bytes, bytes->len - 2, lengths[i], 2);
      for (gsize n = 0; n < lengths[i]; n++)
        gloss_test_append_number (bytes, "PK\5\6"[n % 4], 1);
      weights = open_bytes (folder, bytes);
      g_assert_cmpuint (gloss_weights_get_n_tensors (weights), ==, 2);
    }
  gloss_test_folder_remove (folder);
}

static void
test_should_read_with_offsets_beyond_4_gib (void)
{
  const guint64 n_large = (4ull << 30) + 12345;
  char *folder = gloss_test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "large.npz", NULL);
  g_autofree char *dictionary = g_strdup_printf (
      "{'descr': '|u1', 'fortran_order': False, 'shape': (%" G_GUINT64_FORMAT ",), }", n_large);
  g_autoptr (GByteArray) head = g_byte_array_new ();
  g_autoptr (GByteArray) tail = g_byte_array_new ();
  g_autoptr (GByteArray) directory = g_byte_array_new ();
  g_autoptr (GByteArray) large = gloss_test_npy_new (1, dictionary, 0);
  g_autoptr (GByteArray) small = gloss_test_npy_new (1, FLOATS, 24);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossWeights) weights = NULL;
  const GlossTensorView *view;
  guint64 tail_at;
  int descriptor = g_open (path, O_RDWR | O_CREAT, 0600);

  gloss_test_zip_append_member (head, GLOSS_TEST_ZIP_64, "large.npy", large->len + n_large);
  g_byte_array_append (head, large->data, large->len);
  tail_at = head->len + n_large;
  gloss_test_zip_append_member (tail, GLOSS_TEST_ZIP_64, "small.npy", small->len);
  g_byte_array_append (tail, small->data, small->len);
  gloss_test_zip_append_entry (directory, GLOSS_TEST_ZIP_64, "large.npy", large->len + n_large, 0);
  gloss_test_zip_append_entry (directory, GLOSS_TEST_ZIP_64, "small.npy", small->len, tail_at);
  g_byte_array_append (tail, directory->data, directory->len);
  gloss_test_zip_append_end (tail, GLOSS_TEST_ZIP_64, 2, directory->len, tail_at + tail->len);

  /* What is between is a hole and takes no room on the disk. */
  g_assert_cmpint (pwrite (descriptor, head->data, head->len, 0), ==, head->len);
  if (pwrite (descriptor, tail->data, tail->len, (off_t) tail_at) != (gssize) tail->len)
    g_test_skip ("this file system has no files of 4 GiB");
  else
    {
      weights = gloss_weights_open (path, &error);
      g_assert_no_error (error);
      view = gloss_weights_find (weights, "large");
      g_assert_cmpuint (view->n_bytes, ==, n_large);
      g_assert_cmpuint (view->dims[0], ==, n_large);
      g_assert_cmpuint (view->data[n_large - 1], ==, 0);
      view = gloss_weights_find (weights, "small");
      g_assert_cmpuint (view->n_bytes, ==, 24);
      g_assert_cmpuint (view->data[0], ==, 1);
      g_assert_cmpuint (view->data[23], ==, 24);
    }
  close (descriptor);
  gloss_test_folder_remove (folder);
}

static void
test_should_refuse_what_is_no_archive (void)
{
  g_autoptr (GByteArray) text = g_byte_array_new ();
  g_autoptr (GByteArray) longer = g_byte_array_new ();

  g_byte_array_append (text, (const guint8 *) "not a ZIP file", 14);
  assert_archive_is_refused (text, GLOSS_ERROR_FORMAT,
                             "no ZIP directory was found at the end of its 14 bytes");
  g_byte_array_set_size (longer, 200000);
  memset (longer->data, 0x50, longer->len);
  assert_archive_is_refused (longer, GLOSS_ERROR_FORMAT,
                             "no ZIP directory was found at the end of its 200000 bytes");
}

static void
test_should_refuse_deflated_members (void)
{
  assert_entry_is_refused (10, 8, 2, GLOSS_ERROR_UNSUPPORTED,
                           "hostile.npz: is compressed; gloss-cli prepare hostile.npz makes a file "
                           "of it that can be used");
  assert_entry_is_refused (10, 12, 2, GLOSS_ERROR_UNSUPPORTED,
                           "member \"a.npy\" is compressed by ZIP's method 12, expected 0");
}

static void
test_should_refuse_encrypted_members (void)
{
  assert_entry_is_refused (8, 1, 2, GLOSS_ERROR_UNSUPPORTED, "member \"a.npy\" is encrypted");
  assert_entry_is_refused (8, 1 << 6, 2, GLOSS_ERROR_UNSUPPORTED, "member \"a.npy\" is encrypted");
}

static void
test_should_refuse_archives_in_parts (void)
{
  assert_entry_is_refused (34, 3, 2, GLOSS_ERROR_UNSUPPORTED, "member \"a.npy\" is in part 4");
  assert_end_is_refused (4, 1, 2, GLOSS_ERROR_UNSUPPORTED,
                         "is part 2 of a ZIP archive in several parts, with 2 of 2 members");
  assert_end_is_refused (8, 1, 2, GLOSS_ERROR_UNSUPPORTED,
                         "is part 1 of a ZIP archive in several parts, with 1 of 2 members");
}

static void
test_should_refuse_sizes_that_disagree (void)
{
  assert_entry_is_refused (20, 151, 4, GLOSS_ERROR_FORMAT,
                           "not compressed, but 151 bytes long outside and 152 inside");
}

static void
test_should_refuse_members_beyond_the_end (void)
{
  gsize directory;
  g_autoptr (GByteArray) bytes = new_archive (GLOSS_TEST_ZIP_NUMPY, &directory);
  g_autofree char *message = NULL;

  gloss_test_patch_number (bytes, directory + 20, 100000, 4);
  gloss_test_patch_number (bytes, directory + 24, 100000, 4);
  message = g_strdup_printf ("member \"a.npy\" is said to have 100000 bytes from byte 55 on, but "
                             "the members end at byte %" G_GSIZE_FORMAT,
                             directory);
  assert_archive_is_refused (bytes, GLOSS_ERROR_FORMAT, message);

  assert_entry_is_refused (
      42, 0x7fffffff, 4, GLOSS_ERROR_FORMAT,
      "member \"a.npy\" is said to be at byte 2147483647, but it is not there");
  assert_entry_is_refused (42, 1, 4, GLOSS_ERROR_FORMAT,
                           "member \"a.npy\" is said to be at byte 1, but it is not there");
  assert_entry_is_refused (46, 'x', 1, GLOSS_ERROR_FORMAT,
                           "member \"x.npy\" is said to be at byte 0");
}

/* Numbers near 2^64 must not wrap around to a place inside the file. */
static void
test_should_refuse_sizes_that_overflow (void)
{
  static const guint64 numbers[] = { G_MAXUINT64, G_MAXUINT64 - 29, 1ull << 63, 1ull << 32 };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, numbers[i]);
      gsize directory, first_extra, end64;
      g_autoptr (GByteArray) offset = new_archive (GLOSS_TEST_ZIP_64, &directory);
      g_autoptr (GByteArray) size = new_archive (GLOSS_TEST_ZIP_64, NULL);
      g_autoptr (GByteArray) begin = new_archive (GLOSS_TEST_ZIP_64, NULL);
      g_autoptr (GByteArray) length = new_archive (GLOSS_TEST_ZIP_64, NULL);
      g_autoptr (GByteArray) count = new_archive (GLOSS_TEST_ZIP_64, NULL);
      g_autoptr (GByteArray) locator = new_archive (GLOSS_TEST_ZIP_64, NULL);

      first_extra = directory + 46 + strlen ("a.npy") + 6 + 4;
      end64 = offset->len - 22 - 20 - 56;
      gloss_test_patch_number (offset, first_extra + 16, numbers[i], 8);
      assert_archive_is_refused (offset, GLOSS_ERROR_FORMAT, number);
      gloss_test_patch_number (size, first_extra, numbers[i], 8);
      gloss_test_patch_number (size, first_extra + 8, numbers[i], 8);
      assert_archive_is_refused (size, GLOSS_ERROR_FORMAT, number);
      gloss_test_patch_number (begin, end64 + 48, numbers[i], 8);
      assert_archive_is_refused (begin, GLOSS_ERROR_FORMAT, number);
      gloss_test_patch_number (length, end64 + 40, numbers[i], 8);
      assert_archive_is_refused (length, GLOSS_ERROR_FORMAT, number);
      gloss_test_patch_number (count, end64 + 24, numbers[i], 8);
      gloss_test_patch_number (count, end64 + 32, numbers[i], 8);
      assert_archive_is_refused (count, GLOSS_ERROR_TOO_LARGE, number);
      gloss_test_patch_number (locator, end64 + 56 + 8, numbers[i], 8);
      assert_archive_is_refused (locator, GLOSS_ERROR_FORMAT, number);
    }
}

/* Every wrong place in the file or just behind it, and every wrong length of a ZIP64 field. */
static void
test_should_refuse_wrong_numbers (void)
{
  gsize directory;
  g_autoptr (GByteArray) small = new_archive (GLOSS_TEST_ZIP_NUMPY, &directory);
  g_autoptr (GByteArray) large = new_archive (GLOSS_TEST_ZIP_64, NULL);
  gsize extra;

  gloss_test_assert_number_is_refused ("numbers.npz", small, directory + 42, 4, 0, small->len + 64,
                                       gloss_npz_append_views);
  gloss_test_assert_number_is_refused ("numbers.npz", small, small->len - 22 + 16, 4, 0,
                                       small->len + 64, gloss_npz_append_views);
  gloss_test_assert_number_is_refused ("numbers.npz", small, small->len - 22 + 12, 4, 0,
                                       small->len + 64, gloss_npz_append_views);
  gloss_test_assert_number_is_refused ("numbers.npz", large, large->len - 22 - 20 + 8, 8, 0,
                                       large->len + 64, gloss_npz_append_views);
  extra = directory + 46 + strlen ("a.npy") + 6;
  gloss_test_assert_number_is_refused ("numbers.npz", large, extra + 2, 2, 0, G_MAXUINT8,
                                       gloss_npz_append_views);
}

static void
test_should_refuse_a_damaged_directory (void)
{
  assert_end_is_refused (10, 3, 2, GLOSS_ERROR_UNSUPPORTED, "2 of 3 members");
  assert_end_is_refused (8, 0x00030003, 4, GLOSS_ERROR_FORMAT,
                         "it should have 3 entries up to byte");
  assert_end_is_refused (8, 0x00010001, 4, GLOSS_ERROR_FORMAT,
                         "the 1 entries of the ZIP directory end at byte");
  assert_end_is_refused (12, 100000, 4, GLOSS_ERROR_FORMAT,
                         "the ZIP directory is said to be 100000 bytes long at byte");
  assert_end_is_refused (16, 0xffffffff, 4, GLOSS_ERROR_FORMAT,
                         "refers to a ZIP64 record, but there is none before byte");
  assert_entry_is_refused (0, 0, 1, GLOSS_ERROR_FORMAT, "the ZIP directory is damaged at byte");
  assert_entry_is_refused (28, 60000, 2, GLOSS_ERROR_FORMAT,
                           "the ZIP directory is damaged at byte");
  assert_entry_is_refused (46, 0xff, 1, GLOSS_ERROR_FORMAT, "has a name that is not UTF-8");
  assert_entry_is_refused (46, 0, 1, GLOSS_ERROR_FORMAT, "has a name that is not UTF-8");
  assert_entry_is_refused (24, 0xffffffff, 4, GLOSS_ERROR_FORMAT,
                           "ZIP64 sizes of member \"a.npy\" are missing or damaged, in an extra "
                           "field of 0 bytes");
}

static void
test_should_refuse_duplicate_names (void)
{
  static const char *const names[] = { "t.npy", "t.npy" };
  GByteArray *contents[] = { gloss_test_npy_new (1, FLOATS, 24),
                             gloss_test_npy_new (1, FLOATS, 24) };
  g_autoptr (GByteArray) bytes =
      gloss_test_zip_new (GLOSS_TEST_ZIP_NUMPY, 2, names, contents, NULL);

  assert_archive_is_refused (bytes, GLOSS_ERROR_FORMAT,
                             "tensor \"t\" is there twice, the first time in hostile.npz");
}

static void
test_should_refuse_arrays_cut_short (void)
{
  for (guint n_bytes = 0; n_bytes < 128; n_bytes++)
    {
      gsize directory;
      g_autoptr (GByteArray) bytes = new_archive (GLOSS_TEST_ZIP_NUMPY, &directory);
      g_autofree char *message =
          n_bytes < 12 ? g_strdup_printf (
              "tensor \"a\", of %u bytes, does not begin as a numpy array does", n_bytes)
                       : g_strdup_printf ("tensor \"a\" has a header of 118 bytes, but only %u "
                                          "bytes are left",
                                          n_bytes - 10);

      gloss_test_patch_number (bytes, directory + 20, n_bytes, 4);
      gloss_test_patch_number (bytes, directory + 24, n_bytes, 4);
      assert_archive_is_refused (bytes, GLOSS_ERROR_FORMAT, message);
    }
}

static void
test_should_withstand_damage (void)
{
  for (int kind = GLOSS_TEST_ZIP_PLAIN; kind <= GLOSS_TEST_ZIP_64; kind++)
    {
      g_autoptr (GByteArray) bytes = new_archive ((GlossTestZipKind) kind, NULL);

      gloss_test_assert_withstands_damage ("damaged.npz", bytes, gloss_npz_append_views);
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
    { "should-read-the-fixtures", test_should_read_the_fixtures },
    { "should-find-the-same-numbers-in-each-type", test_should_find_the_same_numbers_in_each_type },
    { "should-know-names-and-shapes", test_should_know_names_and_shapes },
    { "should-read-every-kind-of-archive", test_should_read_every_kind_of_archive },
    { "should-pass-over-other-members", test_should_pass_over_other_members },
    { "should-read-before-a-comment", test_should_read_before_a_comment },
    { "should-read-with-offsets-beyond-4-gib", test_should_read_with_offsets_beyond_4_gib },
    { "should-refuse-what-is-no-archive", test_should_refuse_what_is_no_archive },
    { "should-refuse-deflated-members", test_should_refuse_deflated_members },
    { "should-refuse-encrypted-members", test_should_refuse_encrypted_members },
    { "should-refuse-archives-in-parts", test_should_refuse_archives_in_parts },
    { "should-refuse-sizes-that-disagree", test_should_refuse_sizes_that_disagree },
    { "should-refuse-members-beyond-the-end", test_should_refuse_members_beyond_the_end },
    { "should-refuse-sizes-that-overflow", test_should_refuse_sizes_that_overflow },
    { "should-refuse-wrong-numbers", test_should_refuse_wrong_numbers },
    { "should-refuse-a-damaged-directory", test_should_refuse_a_damaged_directory },
    { "should-refuse-duplicate-names", test_should_refuse_duplicate_names },
    { "should-refuse-arrays-cut-short", test_should_refuse_arrays_cut_short },
    { "should-withstand-damage", test_should_withstand_damage },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/weights/npz/", tests[i].path, NULL);

      g_test_add_func (path, tests[i].test);
    }
  return g_test_run ();
}
