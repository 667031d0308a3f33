/* A server on this machine that answers as Kaggle, Hugging Face and Google's storage do. */
#pragma once

#include "net/server.h"
#include "net/source.h"

G_BEGIN_DECLS

/* What the services think of whoever asks. */
typedef enum
{
  SERVICES_FRIENDLY,
  SERVICES_NO_CONSENT, /* 403: the licence was not accepted */
  SERVICES_BUSY,       /* 429 */
  SERVICES_BROKEN,     /* 500 */
  SERVICES_CLOSED,     /* 401 from the buckets too */
  SERVICES_CODED,      /* a refusal inside of a 200 */
} ServicesMood;

typedef struct _Services Services;

/* The accounts that it knows: me with the key "rightkey", and the tokens "KGAT_right" and
 * "hf_right". It has nothing but what is added. */
Services *services_new (gboolean has_tls);
void services_free (Services *services);
Server *services_get_server (Services *services);
void services_set_mood (Services *services, ServicesMood mood);

/* Adds a file to what is called "kaggle:OWNER/MODEL/FRAMEWORK/VARIATION", "hf:OWNER/REPOSITORY" or
 * "bucket:NAME". */
void services_add (Services *services, const char *where, const char *name, GBytes *content);

/* Removes all that was added there. */
void services_forget (Services *services, const char *where);

/* From now on the reply to the list of that is this text. */
void services_set_list (Services *services, const char *where, const char *text);

/* From now on the first @n downloads are cut in the middle; or, of large files, stop there and stay
 * silent. */
void services_set_cuts (Services *services, guint n);
void services_set_stalls (Services *services, guint n);

/* Its addresses; cleared by the caller. */
void services_get_endpoints (Services *services, GlossEndpoints *endpoints);

G_END_DECLS
