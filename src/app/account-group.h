/* The account at one service: whether there is one and where it is from, signing in and out. */
#pragma once

#include "app/model-jobs.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_ACCOUNT_GROUP (gloss_account_group_get_type ())
G_DECLARE_FINAL_TYPE (GlossAccountGroup, gloss_account_group, GLOSS, ACCOUNT_GROUP,
                      AdwPreferencesGroup)

/* For @service, with the accounts of @jobs. Main thread, as all; what waits for the Secret Service
 * does so in a thread. */
void gloss_account_group_set_up (GlossAccountGroup *group, GlossService service,
                                 GlossModelJobs *jobs);

/* Looks again whether there is an account. */
void gloss_account_group_refresh (GlossAccountGroup *group);

G_END_DECLS
