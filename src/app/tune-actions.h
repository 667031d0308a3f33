/* What the program does about fine-tuning, from all of its windows. */
#pragma once

#include "app/engine.h"
#include "app/tuning-jobs.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * Adds the actions "app.fine-tune" (where it goes on, else a new run), "app.tuning-runs" and
 * "app.resume-tuning" (ay, the folder of a run). While a run goes on the machine does not suspend,
 * and its end is told. Main thread.
 */
void gloss_tune_actions_add (GtkApplication *application, GlossEngine *engine,
                             GlossTuningJobs *jobs);

/* Looks for runs that an earlier program did not bring to an end, and offers to go on. */
void gloss_tune_actions_offer_interrupted (GtkApplication *application);

G_END_DECLS
