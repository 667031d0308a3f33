/* The window of fine-tuning: what to learn from, how, how it goes, and what came of it. */
#pragma once

#include "app/engine.h"
#include "app/tuning-jobs.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_TUNE_WINDOW (gloss_tune_window_get_type ())
G_DECLARE_FINAL_TYPE (GlossTuneWindow, gloss_tune_window, GLOSS, TUNE_WINDOW, AdwWindow)

/* Keeps references. It can be closed while runs go on. Main thread only, as all of these. */
GlossTuneWindow *gloss_tune_window_new (GlossEngine *engine, GlossTuningJobs *jobs);

/* The run that goes on, else the beginning of a new one. */
void gloss_tune_window_show_present (GlossTuneWindow *window);

/* The list of all runs; and one of them, which goes on or is past. */
void gloss_tune_window_show_runs (GlossTuneWindow *window);
void gloss_tune_window_show_job (GlossTuneWindow *window, GlossTuningJob *job);

/* Goes on with the run in @folder, as soon as its turn comes, and shows it. */
void gloss_tune_window_continue (GlossTuneWindow *window, const char *folder);

void gloss_tune_window_add_toast (GlossTuneWindow *window, AdwToast *toast);

G_END_DECLS
