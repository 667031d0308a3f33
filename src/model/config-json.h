/* A configuration in Gloss's own words: every field of config-fields.inc by its name. */
#pragma once

#include "model/config.h"

G_BEGIN_DECLS

/* A new object. Any thread. */
json_t *gloss_model_config_to_json (const GlossModelConfig *config);

/*
 * Takes @config from @object, which must have every field and nothing else, each a number in the
 * bounds that config.h gives; that they fit together is left for gloss_model_config_finish ().
 * @origin names the file in messages. Fails with GLOSS_ERROR_FORMAT. Any thread.
 */
gboolean gloss_model_config_from_json (GlossModelConfig *config, json_t *object, const char *origin,
                                       GError **error);

G_END_DECLS
