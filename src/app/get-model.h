/* What is asked of a person before a model is downloaded. */
#pragma once

#include "app/model-jobs.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * Downloads @entry from the service @kind with @jobs, when there is an account for it, and when the
 * person has said once to accept the terms of use; without an account the accounts are shown. Asks
 * on @parent. Main thread.
 */
void gloss_get_model (GtkWindow *parent, GlossModelJobs *jobs, const GlossCatalogueEntry *entry,
                      GlossSourceKind kind);

G_END_DECLS
