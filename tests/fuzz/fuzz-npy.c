/* Any bytes as one array with its .npy header. */
#include "fuzz/fuzz.h"
#include "weights/npy.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  g_autofree guint8 *copy = fuzz_copy (data, n_bytes, FALSE);
  GlossTensorView view = { .name = "tensor", .file_name = "file.npz" };
  g_autoptr (GError) error = NULL;

  if (gloss_npy_read_header (copy, n_bytes, &view, &error))
    {
      g_assert_no_error (error);
      fuzz_assert_view (&view, copy, n_bytes);
      g_assert_true (view.data + view.n_bytes == copy + n_bytes);
      g_assert_cmpuint ((gsize) (view.data - copy), >=, 10);
    }
  else
    fuzz_assert_error (&error);
  return 0;
}
