/* Compressed members of npz archives: the same bytes as without compression, and no more of them
 * than was said. */
#include "weights/tensor-stream.h"

#include "base/error.h"
#include "builder.h"
#include "support/asserts.h"
#include "weights/npz.h"

#include <string.h>
#include <zlib.h>

static const char *const names[] = { "a.npy", "b/c.npy", "README" };

/* Three megabytes that do not compress to nothing, so that they come in several pieces. */
#define N_LARGE 3000000

static void
make_contents (GByteArray **contents)
{
  guint32 state = 1;
  gsize at;

  contents[0] =
      gloss_test_npy_new (1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 24);
  contents[1] =
      gloss_test_npy_new (2, "{'descr': '|u1', 'fortran_order': False, 'shape': (3000000,), }", 0);
  contents[2] = g_byte_array_new ();
  g_byte_array_append (contents[2], (const guint8 *) "text", 4);
  at = contents[1]->len;
  g_byte_array_set_size (contents[1], (guint) at + N_LARGE);
  for (; at < contents[1]->len; at++)
    {
      state = state * 1664525u + 1013904223u;
      contents[1]->data[at] = (guint8) (state >> 29);
    }
}

static GByteArray *
new_deflated (gsize *offsets, gsize *out_directory)
{
  GByteArray *contents[3];

  make_contents (contents);
  return gloss_test_zip_new_deflated (3, names, contents, offsets, out_directory);
}

static GlossWeights *
open_bytes (const char *folder, const GByteArray *bytes, GError **error)
{
  g_autofree char *path = gloss_test_write (folder, "test.npz", bytes->data, bytes->len);

  return gloss_weights_open_streamed (path, error);
}

/* All bytes of @view, @n_at_once at a time; NULL with @error. */
static GByteArray *
read_all (const GlossTensorView *view, gsize n_at_once, GError **error)
{
  g_autoptr (GlossTensorStream) stream = gloss_tensor_stream_new (view);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (gsize done = 0; done < view->n_bytes; done += n_at_once)
    {
      gsize n = MIN (n_at_once, view->n_bytes - done);
      const guint8 *data = gloss_tensor_stream_next (stream, n, NULL, error);

      if (!data)
        return NULL;
      g_byte_array_append (bytes, data, (guint) n);
    }
  return gloss_tensor_stream_finish (stream, error) ? g_steal_pointer (&bytes) : NULL;
}

static void
test_should_give_what_was_compressed (void)
{
  static const gsize pieces[] = { 1000, 999983, N_LARGE };
  char *folder = gloss_test_folder_new ();
  g_autoptr (GByteArray) bytes = new_deflated (NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossWeights) weights = open_bytes (folder, bytes, &error);
  GByteArray *contents[3];

  g_assert_no_error (error);
  make_contents (contents);
  g_assert_cmpuint (bytes->len, <, contents[1]->len);
  g_assert_cmpuint (gloss_weights_get_n_tensors (weights), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (weights, i);

      g_assert_null (view->data);
      g_assert_cmpuint (view->n_bytes, ==, i == 0 ? 24 : N_LARGE);
      for (guint k = 0; k < G_N_ELEMENTS (pieces); k++)
        {
          g_autoptr (GByteArray) got = read_all (view, pieces[k], &error);

          g_assert_no_error (error);
          g_assert_cmpmem (got->data, got->len,
                           contents[i]->data + contents[i]->len - view->n_bytes, view->n_bytes);
        }
    }
  for (guint i = 0; i < 3; i++)
    g_byte_array_unref (contents[i]);
  gloss_test_folder_remove (folder);
}

static void
test_should_give_what_is_not_compressed (void)
{
  g_autofree char *path = gloss_test_path ("fixtures/paligemma1/weights.bf16.npz");
  g_autoptr (GlossWeights) weights = gloss_weights_open_streamed (path, NULL);
  const GlossTensorView *view = gloss_weights_get_tensor (weights, 3);
  g_autoptr (GByteArray) got = read_all (view, 7, NULL);

  g_assert_cmpmem (got->data, got->len, view->data, view->n_bytes);
}

/* Opens @bytes and reads all; that it is refused with @part at either step. */
static void
assert_is_refused (const GByteArray *bytes, const char *part)
{
  char *folder = gloss_test_folder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossWeights) weights = open_bytes (folder, bytes, &error);

  for (guint i = 0; weights && !error && i < gloss_weights_get_n_tensors (weights); i++)
    {
      g_autoptr (GByteArray) got = read_all (gloss_weights_get_tensor (weights, i), 100000, &error);

      g_assert_true ((got != NULL) != (error != NULL));
    }
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, part);
  gloss_test_folder_remove (folder);
}

static void
test_should_refuse_damage (void)
{
  gsize offsets[3], directory, second_entry;
  g_autoptr (GByteArray) bytes = new_deflated (offsets, &directory);
  guint32 n_bytes;

  second_entry = directory + 46 + strlen (names[0]);
  memcpy (&n_bytes, bytes->data + second_entry + 24, 4);

  /* the wrong checksum */
  bytes->data[second_entry + 16] ^= 1;
  assert_is_refused (bytes, "test.npz: tensor \"b/c\" is damaged: ");
  bytes->data[second_entry + 16] ^= 1;

  /* spoiled in the middle, and in the header */
  bytes->data[offsets[1] + 300000] ^= 0x10;
  assert_is_refused (bytes, "test.npz: tensor \"b/c\" is damaged: ");
  bytes->data[offsets[1] + 300000] ^= 0x10;
  bytes->data[offsets[0]] ^= 0x06; /* a block of a kind that there is not */
  assert_is_refused (bytes, "test.npz: member \"a.npy\" is damaged: only 0 of ");
  bytes->data[offsets[0]] ^= 0x06;

  /* more and less inside than the directory and the array's own header say */
  gloss_test_patch_number (bytes, second_entry + 24, n_bytes - 1, 4);
  assert_is_refused (bytes, "of shape 3000000 and type U8 needs 3000000 bytes, but has 2999999");
  gloss_test_patch_number (bytes, second_entry + 24, G_MAXUINT32 - 1, 4);
  assert_is_refused (bytes, "which is more than deflating can do");
}

/* An array that says it is small in a stream that is not: what is said counts, and nothing is read
 * beyond it. */
static void
test_should_refuse_more_than_was_said (void)
{
  GByteArray *contents[] = {
    gloss_test_npy_new (1, "{'descr': '|u1', 'fortran_order': False, 'shape': (8,), }", 8),
  };
  gsize n_bytes = contents[0]->len, directory;
  g_autoptr (GByteArray) bytes = NULL;

  g_byte_array_set_size (contents[0], 20000000);
  memset (contents[0]->data + n_bytes, 0, contents[0]->len - n_bytes);
  bytes = gloss_test_zip_new_deflated (1, names, contents, NULL, &directory);
  g_assert_cmpuint (bytes->len, <, 25000);
  assert_is_refused (bytes, "of shape 8 and type U8 needs 8 bytes, but has 19999872");
  gloss_test_patch_number (bytes, directory + 24, n_bytes, 4);
  assert_is_refused (bytes, "tensor \"a\" is damaged");
}

static void
test_should_stop_when_cancelled (void)
{
  char *folder = gloss_test_folder_new ();
  g_autoptr (GByteArray) bytes = new_deflated (NULL, NULL);
  g_autoptr (GlossWeights) weights = open_bytes (folder, bytes, NULL);
  g_autoptr (GlossTensorStream) stream =
      gloss_tensor_stream_new (gloss_weights_get_tensor (weights, 1));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (gloss_tensor_stream_next (stream, 10, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  gloss_test_folder_remove (folder);
}

/* Never gigabytes for what a file says it would need. */
static void
test_should_refuse_what_memory_does_not_hold (void)
{
  GlossTensorView view = {
    .name = "large",
    .file_name = "large.npz",
    .n_bytes = GLOSS_TENSOR_STREAM_MAX_BYTES + 1,
    .deflated = { .data = (const guint8 *) "x", .n_bytes = 1 },
  };
  g_autoptr (GlossTensorStream) stream = gloss_tensor_stream_new (&view);
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_tensor_stream_next (stream, view.n_bytes, NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                           "large.npz: tensor \"large\" is compressed, and 1073741825 bytes");
}

static void
test_should_withstand_damage (void)
{
  static const char *const small[] = { "a.npy", "b.npy" };
  GByteArray *contents[] = {
    gloss_test_npy_new (1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 24),
    gloss_test_npy_new (1, "{'descr': '<V2', 'fortran_order': False, 'shape': (2,), }", 4),
  };
  g_autoptr (GByteArray) bytes = gloss_test_zip_new_deflated (2, small, contents, NULL, NULL);

  for (guint at = 0; at < bytes->len; at++)
    {
      char *folder = gloss_test_folder_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (GlossWeights) weights = NULL;

      bytes->data[at] ^= 0x11;
      weights = open_bytes (folder, bytes, &error);
      for (guint i = 0; weights && !error && i < gloss_weights_get_n_tensors (weights); i++)
        {
          g_autoptr (GByteArray) got =
              read_all (gloss_weights_get_tensor (weights, i), 1000, &error);

          g_assert_true ((got != NULL) != (error != NULL));
        }
      bytes->data[at] ^= 0x11;
      gloss_test_folder_remove (folder);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/weights/tensor-stream/" path, func)
  ADD ("should-give-what-was-compressed", test_should_give_what_was_compressed);
  ADD ("should-give-what-is-not-compressed", test_should_give_what_is_not_compressed);
  ADD ("should-refuse-damage", test_should_refuse_damage);
  ADD ("should-refuse-more-than-was-said", test_should_refuse_more_than_was_said);
  ADD ("should-stop-when-cancelled", test_should_stop_when_cancelled);
  ADD ("should-refuse-what-memory-does-not-hold", test_should_refuse_what_memory_does_not_hold);
  ADD ("should-withstand-damage", test_should_withstand_damage);
#undef ADD
  return g_test_run ();
}
