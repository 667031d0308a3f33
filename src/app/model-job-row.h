/* One job with a model in a list: how far it is, and what can be done with it. */
#pragma once

#include "app/model-jobs.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_MODEL_JOB_ROW (gloss_model_job_row_get_type ())
G_DECLARE_FINAL_TYPE (GlossModelJobRow, gloss_model_job_row, GLOSS, MODEL_JOB_ROW, GtkListBoxRow)

/* Has @list, which must be empty, show all @jobs. Main thread. */
void gloss_model_job_row_fill_list (GtkListBox *list, GlossModelJobs *jobs);

G_END_DECLS
