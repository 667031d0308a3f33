/* Bringing in a model that is on this machine already. */
#pragma once

#include "app/model-jobs.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Imports the file or folder @file with @jobs. Where no tokenizer lies beside it, a person is asked
 * for one on @parent first. Main thread. */
void gloss_import_model (GtkWindow *parent, GlossModelJobs *jobs, GFile *file);

G_END_DECLS
