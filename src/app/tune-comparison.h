/* The held-out pictures with what base and fine-tuned model say, worst first. */
#pragma once

#include "base/json.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_TUNE_COMPARISON (gloss_tune_comparison_get_type ())
G_DECLARE_FINAL_TYPE (GlossTuneComparison, gloss_tune_comparison, GLOSS, TUNE_COMPARISON, GtkWidget)

/*
 * Shows the first pictures of @report, which gloss_quality_report_make_json ()
 * made, and the rest when asked; NULL: nothing. Takes a reference. Main thread only.
 */
void gloss_tune_comparison_set_report (GlossTuneComparison *comparison, json_t *report);

G_END_DECLS
