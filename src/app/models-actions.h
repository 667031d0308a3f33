/* What the program does about models, from all of its windows. */
#pragma once

#include "app/engine.h"
#include "app/model-jobs.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * Adds to @application the actions "models", which shows a page of the window of models (string, as
 * gloss_models_window_show_page ()), and "use-model" (path, name); and tells when one of @jobs is
 * done. Keeps references as long as @application is. Main thread.
 */
void gloss_models_actions_add (GtkApplication *application, GlossEngine *engine,
                               GlossModelJobs *jobs);

G_END_DECLS
