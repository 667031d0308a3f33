/* What came of a run of fine-tuning: how good it is, and what to do with it. */
#pragma once

#include "app/tuning-job.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_TUNE_RESULT_PAGE (gloss_tune_result_page_get_type ())
G_DECLARE_FINAL_TYPE (GlossTuneResultPage, gloss_tune_result_page, GLOSS, TUNE_RESULT_PAGE,
                      GtkWidget)

/*
 * Signals: "use" (const char *path, const char *name) when captions are to be made with the model
 * that lies there from now on, "continue" when the run is to go on or be made longer, "again" when
 * one with the same settings is to begin. Main thread only, as all of these.
 */
GtkWidget *gloss_tune_result_page_new (void);

/* One that is GLOSS_TUNING_JOB_PAST or COMPARING, or on its way there. Takes a reference, and
 * follows it; NULL: nothing. */
void gloss_tune_result_page_set_job (GlossTuneResultPage *page, GlossTuningJob *job);

G_END_DECLS
