/* All runs of fine-tuning that there were. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_TUNE_RUNS_PAGE (gloss_tune_runs_page_get_type ())
G_DECLARE_FINAL_TYPE (GlossTuneRunsPage, gloss_tune_runs_page, GLOSS, TUNE_RUNS_PAGE, GtkWidget)

/* Reads them anew, in a while. Signals, each with the folder of a run: "open", "continue", "again"
 * (one with the same settings is to begin); and "problem" with a sentence. Main thread. */
void gloss_tune_runs_page_refresh (GlossTuneRunsPage *page);

G_END_DECLS
