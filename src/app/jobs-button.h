/* The button in the header bar that is there while something goes on with models. */
#pragma once

#include "app/model-jobs.h"
#include "app/tuning-jobs.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_JOBS_BUTTON (gloss_jobs_button_get_type ())
G_DECLARE_FINAL_TYPE (GlossJobsButton, gloss_jobs_button, GLOSS, JOBS_BUTTON, GtkWidget)

/* Shows how far all @jobs are, and each in a popover. Keeps a reference. Main thread. */
void gloss_jobs_button_set_jobs (GlossJobsButton *button, GlossModelJobs *jobs,
                                 GlossTuningJobs *tuning);

G_END_DECLS
