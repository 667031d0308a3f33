/* Accounts in the environment and in the files of the services' own programs. */
#pragma once

#include "net/accounts.h"

G_BEGIN_DECLS

/* The largest file that is read. */
#define GLOSS_ACCOUNT_MAX_FILE_BYTES 16384

/* The account of @service in the environment. New; NULL without error when there is none. Any
 * thread, while nobody changes the environment. */
GlossAccount *gloss_account_find_in_environment (GlossService service, GError **error);

/* The same in the files of the service's programs. */
GlossAccount *gloss_account_find_in_files (GlossService service, GError **error);

/* What kaggle.json says, @n_bytes at @text; @origin names it. Fails as gloss_json_parse () and
 * gloss_account_new () do, and with GLOSS_ERROR_FORMAT. Any thread. */
GlossAccount *gloss_account_parse_kaggle_json (const char *text, gsize n_bytes, const char *origin,
                                               GError **error);

G_END_DECLS
