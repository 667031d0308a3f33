/* The window of models: those on this machine, those to get, and the accounts for that. */
#pragma once

#include "app/engine.h"
#include "app/model-jobs.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_MODELS_WINDOW (gloss_models_window_get_type ())
G_DECLARE_FINAL_TYPE (GlossModelsWindow, gloss_models_window, GLOSS, MODELS_WINDOW,
                      AdwPreferencesWindow)

/* Keeps references. Main thread, as all. */
GlossModelsWindow *gloss_models_window_new (GlossEngine *engine, GlossModelJobs *jobs);

/* Shows the page called "installed", "get" or "accounts". */
void gloss_models_window_show_page (GlossModelsWindow *window, const char *name);

/* Looks again what there is on this machine. */
void gloss_models_window_refresh (GlossModelsWindow *window);

/* Takes @toast over, and shows it. */
void gloss_models_window_add_toast (GlossModelsWindow *window, AdwToast *toast);

G_END_DECLS
