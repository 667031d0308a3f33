/* Four bytes of picture size, then what a model might say. */
#include "fuzz/fuzz.h"
#include "model/boxes.h"
#include "model/image.h"

#include <string.h>

#define SHORTEST_OBJECT_BYTES 36 /* four <locDDDD> */

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  guint width_px, height_px;
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) boxes = NULL;
  gboolean is_utf8;

  if (n_bytes < 4)
    return 0;
  width_px = MIN (data[0] | (guint) data[1] << 8, GLOSS_IMAGE_MAX_SIDE_PX);
  height_px = MIN (data[2] | (guint) data[3] << 8, GLOSS_IMAGE_MAX_SIDE_PX);
  text = fuzz_copy (data + 4, n_bytes - 4, TRUE);
  is_utf8 = g_utf8_validate (text, -1, NULL);

  boxes = gloss_boxes_parse (text, width_px, height_px);
  g_assert_nonnull (boxes);
  g_assert_cmpuint (boxes->len, <=, strlen (text) / SHORTEST_OBJECT_BYTES);
  for (guint i = 0; i < boxes->len; i++)
    {
      const GlossBox *box = g_ptr_array_index (boxes, i);
      const int pixels[] = { box->y0, box->x0, box->y1, box->x1 };

      for (guint k = 0; k < 4; k++)
        {
          guint size_px = k % 2 == 0 ? height_px : width_px;

          g_assert_cmpuint (box->loc[k], <, 1024);
          g_assert_true (pixels[k] >= 0 && (guint) pixels[k] <= size_px);
          /* at most half a pixel from loc/1024 × size */
          g_assert_cmpint (ABS ((gint64) pixels[k] * 1024 - (gint64) box->loc[k] * size_px), <=,
                           512);
        }
      for (guint k = 0; k < GLOSS_BOX_N_SEGMENTS; k++)
        g_assert_cmpuint (box->segments[k], <, box->has_segments ? 128 : 1);
      g_assert_nonnull (box->label);
      g_assert_null (strpbrk (box->label, ";<>"));
      g_assert_nonnull (strstr (text, box->label));
      g_assert_true (!is_utf8 || g_utf8_validate (box->label, -1, NULL));
    }
  return 0;
}
