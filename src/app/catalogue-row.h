/* A model that can be downloaded, in a list: what it takes of this machine, and a button for it. */
#pragma once

#include "app/model-jobs.h"
#include "app/models-survey.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_CATALOGUE_ROW (gloss_catalogue_row_get_type ())
G_DECLARE_FINAL_TYPE (GlossCatalogueRow, gloss_catalogue_row, GLOSS, CATALOGUE_ROW, AdwActionRow)

/* Signal "wanted" when the person wants it. Main thread, as all. */
GlossCatalogueRow *gloss_catalogue_row_new (const GlossCatalogueEntry *entry);
const GlossCatalogueEntry *gloss_catalogue_row_get_entry (GlossCatalogueRow *row);

/* Shows what it takes when it comes from the service @kind, against what @survey says of this
 * machine, and whether it is there or on its way. */
void gloss_catalogue_row_show (GlossCatalogueRow *row, GlossSourceKind kind,
                               const GlossModelsSurvey *survey, GlossModelJobs *jobs);

/* Whether it fits into the memory and on the disk of this machine, as last shown. */
gboolean gloss_catalogue_row_fits (GlossCatalogueRow *row);

G_END_DECLS
