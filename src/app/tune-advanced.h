/* All that can be changed of a way to fine-tune, one row each. */
#pragma once

#include "app/tune-recipe.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_TUNE_ADVANCED (gloss_tune_advanced_get_type ())
G_DECLARE_FINAL_TYPE (GlossTuneAdvanced, gloss_tune_advanced, GLOSS, TUNE_ADVANCED,
                      AdwPreferencesGroup)

/* Shows @recipe, which is copied, as @task is; examples need @least_ids. Signals: "changed" when a
 * person changed it; "reset" when it is to be the preset's again. Main thread only, as all. */
void gloss_tune_advanced_show (GlossTuneAdvanced *advanced, const GlossTuneRecipe *recipe,
                               const GlossTuneTask *task, guint least_ids);

/* What it is called now, and whether it is changed. */
void gloss_tune_advanced_set_name (GlossTuneAdvanced *advanced, const char *name,
                                   gboolean is_changed);

/* As far as what is written there can be; borrowed. */
const GlossTuneRecipe *gloss_tune_advanced_get_recipe (GlossTuneAdvanced *advanced);
gboolean gloss_tune_advanced_is_valid (GlossTuneAdvanced *advanced);

G_END_DECLS
