/* The third page of fine-tuning: how a run goes. */
#pragma once

#include "app/tuning-job.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_TUNE_RUN_PAGE (gloss_tune_run_page_get_type ())
G_DECLARE_FINAL_TYPE (GlossTuneRunPage, gloss_tune_run_page, GLOSS, TUNE_RUN_PAGE, GtkWidget)

/* Takes a reference, and follows it; NULL: nothing. Main thread. */
void gloss_tune_run_page_set_job (GlossTuneRunPage *page, GlossTuningJob *job);

G_END_DECLS
