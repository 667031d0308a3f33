/* Naming and saving the model that a run of fine-tuning made. */
#pragma once

#include "app/tuning-job.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_TUNE_SAVE (gloss_tune_save_get_type ())
G_DECLARE_FINAL_TYPE (GlossTuneSave, gloss_tune_save, GLOSS, TUNE_SAVE, GtkWidget)

/*
 * Takes a reference. Hidden while there is no result. Saving goes on in a thread. Signals: "saved"
 * (const char *name), and "use" (const char *path, const char *name) when the model, which lies
 * there, is to be used. Main thread only.
 */
void gloss_tune_save_set_job (GlossTuneSave *save, GlossTuningJob *job);

/* Looks anew what there is of the job's result. */
void gloss_tune_save_refresh (GlossTuneSave *save);

G_END_DECLS
