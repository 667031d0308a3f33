/* Making a picture the size that the model sees, exactly as the reference implementations do. */
#pragma once

#include "model/image.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_RESIZE_BILINEAR, /* big_vision's: antialiased triangle in float, not rounded */
  GLOSS_RESIZE_BICUBIC,  /* Hugging Face's: Pillow's bicubic, rounded to 8 bits */
} GlossResize;

/*
 * TensorFlow's ScaleAndTranslate with the antialiased triangle kernel.
 * @out: out_height × out_width × 3, levels 0 … 255, not rounded. @rgb: height × width × 3,
 * row-major. No aliasing, no size may be 0. Never fails. Any thread.
 */
void gloss_resize_bilinear (float *out, gsize out_height, gsize out_width, const guint8 *rgb,
                            gsize height, gsize width);

/*
 * Pillow's 8-bit bicubic, bit for bit. Shapes as above, @out rounded to levels. No aliasing, no
 * size may be 0. Never fails. Any thread.
 */
void gloss_resize_bicubic (guint8 *out, gsize out_height, gsize out_width, const guint8 *rgb,
                           gsize height, gsize width);

/*
 * The model's input from @image, its proportions not kept. @out: size_px × size_px × 3, row-major,
 * in [−1, 1]: v/127.5 − 1 after GLOSS_RESIZE_BILINEAR, (v/255 − 0.5)/0.5 after
 * GLOSS_RESIZE_BICUBIC. Never fails. Any thread.
 */
void gloss_image_to_model_input (float *out, gsize size_px, const GlossImage *image,
                                 GlossResize resize);

G_END_DECLS
