/* Whether the person has said to accept the terms of use of the models; asked once. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Any thread. */
gboolean gloss_consent_is_given (void);

/* Remembers it. FALSE with G_IO_ERROR. Any thread. */
gboolean gloss_consent_give (GError **error);

G_END_DECLS
