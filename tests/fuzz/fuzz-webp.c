/* Any bytes as an animation in WebP, and the size of a HEIC file. */
#include "fuzz/fuzz.h"
#include "model/image-kind.h"
#include "model/webp.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  g_autofree guint8 *exact = fuzz_copy (data, n_bytes, FALSE);
  guint32 width, height;
  GlossWebpFrame frame, again;

  if (gloss_webp_take_first_frame (&frame, exact, n_bytes) && frame.file)
    {
      gsize n_frame_bytes;
      const guint8 *bytes = g_bytes_get_data (frame.file, &n_frame_bytes);

      g_assert_cmpuint (frame.x_px, <, frame.canvas_width_px);
      g_assert_cmpuint (frame.y_px, <, frame.canvas_height_px);
      g_assert_cmpuint (n_frame_bytes, <=, n_bytes + 30);
      g_assert_false (gloss_webp_take_first_frame (&again, bytes, n_frame_bytes));
      g_bytes_unref (frame.file);
    }
  gloss_image_kind_get_heif_size (exact, n_bytes, &width, &height);
  gloss_image_kind_guess (exact, n_bytes, "a.svgz");
  return 0;
}
