/* Any bytes as an .npz file: what is used where it lies, and what is streamed. */
#include "fuzz/fuzz.h"
#include "weights/npz.h"
#include "weights/tensor-stream.h"

#include <string.h>

/* Every byte of the tensor; or a reason why not. */
static void
read_stream (const GlossTensorView *view)
{
  g_autoptr (GlossTensorStream) stream = gloss_tensor_stream_new (view);
  g_autoptr (GError) error = NULL;
  gsize done = 0;

  while (done < view->n_bytes && !error)
    {
      gsize n = MIN (4096, view->n_bytes - done);
      const guint8 *data = gloss_tensor_stream_next (stream, n, NULL, &error);

      g_assert_true ((data != NULL) != (error != NULL));
      if (data && view->data)
        g_assert_true (data == view->data + done);
      done += n;
    }
  if (!error)
    gloss_tensor_stream_finish (stream, &error);
  if (error)
    {
      g_assert_nonnull (view->deflated.data);
      fuzz_assert_error (&error);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  g_autofree char *path = NULL;
  g_autoptr (GlossWeights) weights = NULL, streamed = NULL;
  g_autoptr (GError) error = NULL;

  fuzz_weight_file ("input.npz", data, n_bytes, gloss_npz_append_views, NULL);
  if (n_bytes == 0)
    return 0;
  path = g_build_filename (fuzz_get_folder (), "input.npz", NULL);
  weights = gloss_weights_open (path, NULL);
  streamed = gloss_weights_open_streamed (path, &error);
  if (!streamed)
    {
      g_assert_null (weights);
      fuzz_assert_error (&error);
      return 0;
    }
  for (guint i = 0; i < gloss_weights_get_n_tensors (streamed); i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (streamed, i);

      fuzz_assert_shape (view);
      g_assert_true ((view->data != NULL) != (view->deflated.data != NULL));
      read_stream (view);
    }
  return 0;
}
