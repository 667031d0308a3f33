/* Any bytes as an .npz file. */
#include "fuzz/fuzz.h"
#include "weights/npz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  fuzz_weight_file ("input.npz", data, n_bytes, gloss_npz_append_views, NULL);
  return 0;
}
