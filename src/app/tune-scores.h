/* How a fine-tuned model compares with its base, in figures on cards, and advice. */
#pragma once

#include "base/json.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_TUNE_SCORES (gloss_tune_scores_get_type ())
G_DECLARE_FINAL_TYPE (GlossTuneScores, gloss_tune_scores, GLOSS, TUNE_SCORES, GtkWidget)

/* Shows what gloss_quality_report_make_json () made, read here only; NULL: nothing. Main thread
 * only. */
void gloss_tune_scores_set_report (GlossTuneScores *scores, json_t *report);

G_END_DECLS
