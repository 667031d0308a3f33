/* The window: a picture and its words. */
#pragma once

#include "app/engine.h"
#include "app/model-jobs.h"
#include "app/tuning-jobs.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_WINDOW (gloss_window_get_type ())
G_DECLARE_FINAL_TYPE (GlossWindow, gloss_window, GLOSS, WINDOW, AdwApplicationWindow)

GlossWindow *gloss_window_new (GtkApplication *application, GlossEngine *engine,
                               GlossModelJobs *jobs, GlossTuningJobs *tuning);

/* Opens @files, a list of GFile, files or folders, and shows the first new picture. What was there
 * stays. */
void gloss_window_open (GlossWindow *window, GListModel *files);

/* Takes @toast over, and shows it. */
void gloss_window_add_toast (GlossWindow *window, AdwToast *toast);

G_END_DECLS
