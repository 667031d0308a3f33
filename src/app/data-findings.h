/* What there is to say about data, each with the list of what it is about. */
#pragma once

#include "app/tune-data.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_DATA_FINDINGS (gloss_data_findings_get_type ())
G_DECLARE_FINAL_TYPE (GlossDataFindings, gloss_data_findings, GLOSS, DATA_FINDINGS,
                      AdwPreferencesGroup)

/* Signal: "open" (pointer to a GlossTuneFinding, borrowed). Main thread, as all. Of looking at the
 * pictures it tells, and stops it or begins it again; @data is kept. */
void gloss_data_findings_set_data (GlossDataFindings *findings, GlossTuneData *data);

/* Shows what is known now. */
void gloss_data_findings_show (GlossDataFindings *findings);

G_END_DECLS
