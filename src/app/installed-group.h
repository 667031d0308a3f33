/* The models on this machine, and what can be done with them. */
#pragma once

#include "app/engine.h"
#include "app/model-jobs.h"
#include "app/models-survey.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_INSTALLED_GROUP (gloss_installed_group_get_type ())
G_DECLARE_FINAL_TYPE (GlossInstalledGroup, gloss_installed_group, GLOSS, INSTALLED_GROUP,
                      AdwPreferencesGroup)

/* Signals: "removed" (string) with a sentence, when a model was removed or could not be. Keeps
 * references. Main thread, as all. */
void gloss_installed_group_set_up (GlossInstalledGroup *group, GlossEngine *engine,
                                   GlossModelJobs *jobs);

/* Shows @survey; what is shown already stays. */
void gloss_installed_group_show (GlossInstalledGroup *group, const GlossModelsSurvey *survey);

G_END_DECLS
