/* Any bytes as a picture file with an EXIF orientation. */
#include "fuzz/fuzz.h"
#include "model/orientation.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  g_autofree guint8 *exact = fuzz_copy (data, n_bytes, FALSE);
  guint orientation = gloss_orientation_parse (exact, n_bytes);

  g_assert_cmpuint (orientation, >=, 1);
  g_assert_cmpuint (orientation, <=, 8);
  return 0;
}
