/* Refusals that are told apart by what the person can do about them; the sentences are translated.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * GlossNetError:
 * @GLOSS_NET_ERROR_ACCOUNT: the service wants an account, or another one; sign in.
 * @GLOSS_NET_ERROR_UNCONFIRMED: a server would get a secret; ask whether the person wants that.
 */
typedef enum
{
  GLOSS_NET_ERROR_ACCOUNT,
  GLOSS_NET_ERROR_UNCONFIRMED,
} GlossNetError;

#define GLOSS_NET_ERROR (gloss_net_error_quark ())
GQuark gloss_net_error_quark (void);

G_END_DECLS
