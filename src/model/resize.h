/* Making a picture the size that the model sees, exactly as the reference implementations do. */
#pragma once

#include "base/pool.h"
#include "model/image.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_RESIZE_BILINEAR, /* big_vision's: antialiased triangle in float, not rounded */
  GLOSS_RESIZE_BICUBIC,  /* Hugging Face's: Pillow's bicubic, rounded to 8 bits */
} GlossResize;

/*
 * Both work in tiles of @pool (rows), between which its job can be cancelled; @out is then not
 * complete. The bits do not depend on the number of threads. FALSE with GLOSS_ERROR_TOO_LARGE when
 * there is no memory for what lies between. No aliasing, no size may be 0. The thread that calls
 * @pool.
 *
 * gloss_resize_bilinear: TensorFlow's ScaleAndTranslate with the antialiased triangle kernel.
 * @out: out_height × out_width × 3, levels 0 … 255, not rounded. @rgb: height × width × 3,
 * row-major.
 * gloss_resize_bicubic: Pillow's 8-bit bicubic, bit for bit. Shapes as above, @out rounded to
 * levels.
 */
gboolean gloss_resize_bilinear (GlossPool *pool, float *out, gsize out_height, gsize out_width,
                                const guint8 *rgb, gsize height, gsize width, GError **error);
gboolean gloss_resize_bicubic (GlossPool *pool, guint8 *out, gsize out_height, gsize out_width,
                               const guint8 *rgb, gsize height, gsize width, GError **error);

/*
 * The model's input from @image, its proportions not kept. @out: size_px × size_px × 3, row-major,
 * in [−1, 1]: v/127.5 − 1 after GLOSS_RESIZE_BILINEAR, (v/255 − 0.5)/0.5 after
 * GLOSS_RESIZE_BICUBIC. Cancelling, failure and thread as above.
 */
gboolean gloss_model_input_make (GlossPool *pool, float *out, gsize size_px,
                                 const GlossImage *image, GlossResize resize, GError **error);

G_END_DECLS
