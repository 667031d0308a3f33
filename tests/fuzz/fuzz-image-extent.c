/*
 * Where the first picture of a file ends. It is found within the file; what comes behind it does
 * not matter, and without its last byte it is not complete.
 */
#include "fuzz/fuzz.h"
#include "model/image-extent.h"

#include <string.h>

static gsize
find (const guint8 *data, gsize n_bytes)
{
  g_autofree guint8 *exact = fuzz_copy (data, n_bytes, FALSE);
  gsize extent = gloss_image_extent_find (exact, n_bytes);

  g_assert_cmpuint (extent, <=, n_bytes);
  return extent;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  gsize extent = find (data, n_bytes);

  /* Below 12 bytes it cannot be a WebP yet. */
  if (extent > 12 && extent < n_bytes)
    {
      g_assert_cmpuint (find (data, extent), ==, extent);
      g_assert_cmpuint (find (data, extent - 1), ==, 0);
    }
  return 0;
}
