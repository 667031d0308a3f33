/* What came of a run of fine-tuning, for other programs: the button with its menu, and how far it
 * is. */
#pragma once

#include "app/tuning-job.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_TUNE_EXPORT (gloss_tune_export_get_type ())
G_DECLARE_FINAL_TYPE (GlossTuneExport, gloss_tune_export, GLOSS, TUNE_EXPORT, GtkWidget)

/*
 * Takes a reference. What is written goes on when another job is set, and ends with the widget. The
 * signal "said" (const char *words) tells what came of it. Main thread only.
 */
void gloss_tune_export_set_job (GlossTuneExport *export, GlossTuningJob *job);

/* Looks anew what there is to export. */
void gloss_tune_export_refresh (GlossTuneExport *export);

G_END_DECLS
