/* The shapes of the published models, by name. */
#pragma once

#include "model/config.h"

G_BEGIN_DECLS

/*
 * The sizes of the model called @name, a tower of shape.inc, a hyphen and the side of its picture
 * in pixels: "paligemma-3b-224", "demo-112". Fails with GLOSS_ERROR_UNSUPPORTED, naming what there
 * is. Any thread.
 */
gboolean gloss_shape_find (const char *name, GlossModelConfig *config, GError **error);

G_END_DECLS
