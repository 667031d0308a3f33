/* The models that can be downloaded, for a person who looks for the one to take. */
#pragma once

#include "app/model-jobs.h"
#include "app/models-survey.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_CATALOGUE_PAGE (gloss_catalogue_page_get_type ())
G_DECLARE_FINAL_TYPE (GlossCataloguePage, gloss_catalogue_page, GLOSS, CATALOGUE_PAGE,
                      AdwPreferencesPage)

/* Keeps a reference. Main thread, as all. */
void gloss_catalogue_page_set_up (GlossCataloguePage *page, GlossModelJobs *jobs);

/* Takes @survey over and shows the models against it. */
void gloss_catalogue_page_show (GlossCataloguePage *page, GlossModelsSurvey *survey);

G_END_DECLS
