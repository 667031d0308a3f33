/* The model that captions are made with, now and at the next start. */
#pragma once

#include "app/engine.h"

G_BEGIN_DECLS

/* Has @engine open @source (copied), and remembers it. Main thread. */
void gloss_chosen_model_set (GlossEngine *engine, const GlossModelSource *source);

/* The same with the demo model. */
void gloss_chosen_model_set_demo (GlossEngine *engine);

/* Has @engine open @source (copied) as the settings of the moment are. Main thread. */
void gloss_chosen_model_open (GlossEngine *engine, const GlossModelSource *source);

/* Whether the model that @engine has lies at @path. */
gboolean gloss_chosen_model_is (GlossEngine *engine, const char *path);

G_END_DECLS
