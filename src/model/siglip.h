/* The vision tower: SigLIP and the head that projects into the language model. */
#pragma once

#include "base/arena.h"
#include "base/pool.h"
#include "model/model.h"
#include "model/tap.h"

G_BEGIN_DECLS

/* Bytes of workspace that gloss_siglip_encode () takes; G_MAXSIZE on overflow. Any thread. */
gsize gloss_siglip_get_workspace_bytes (const GlossModelConfig *config);

/*
 * out[n_image_tokens × width] = image tokens of image[side × side × 3], values in [−1, 1], side as
 * gloss_model_config_get_image_size_px () says. They go unscaled into the language model.
 * @tap may be NULL. When the pool's job is cancelled the result is unspecified. From the thread
 * that runs the job.
 */
void gloss_siglip_encode (GlossModel *model, GlossPool *pool, GlossArena *arena, float *out,
                          const float *image, const GlossTap *tap);

/* out[n_image_tokens × patch²·3] = the patches of such an image as the stem multiplies them. Any
 * thread. */
void gloss_siglip_gather_patches (GlossModel *model, float *out, const float *image);

G_END_DECLS
