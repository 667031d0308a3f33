/* Asks a service whether it knows an account, before that is called signed in. */
#pragma once

#include "net/source.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_ACCOUNT_TRIAL_ACCEPTED,
  GLOSS_ACCOUNT_TRIAL_REFUSED, /* the service does not know it */
  GLOSS_ACCOUNT_TRIAL_UNTRIED, /* nobody could say: no network, a service out of order */
} GlossAccountTrial;

/*
 * Tries @account at its service among @endpoints, once. @options (whose number of tries does not
 * count) and @cancellable may be NULL. Anything but _ACCEPTED sets @error, to a sentence of why.
 * Any thread, which waits.
 */
GlossAccountTrial gloss_account_trial_run (const GlossAccount *account,
                                           const GlossEndpoints *endpoints,
                                           const GlossHttpOptions *options,
                                           GCancellable *cancellable, GError **error);

G_END_DECLS
