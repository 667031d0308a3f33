/*
 * One request at a time over HTTPS, redirects included, waited for in the calling thread.
 *
 * Redirects are followed here and not by libsoup, because Authorization goes only to the server it
 * is meant for: once a redirect has left its scheme, host and port it is not sent again, also not
 * when a later redirect comes back.
 */
#pragma once

#include "net/address.h"

G_BEGIN_DECLS

/* How to go about it. Zero means the default. */
typedef struct
{
  GTlsDatabase *tls_database; /* borrowed; whose certificates are trusted; NULL: the system's */
  guint stall_msec;           /* nothing arrives for so long: the connection is given up; 30 s */
  guint first_wait_msec;      /* before the second try; it doubles from try to try; 1 s */
  guint max_tries;            /* in a row without getting on; 6 */
} GlossHttpOptions;

/* What a service says about a refusal. */
typedef struct
{
  guint status;
  const char *error_code; /* the header X-Error-Code, or NULL */
  const char *body;       /* up to 64 KiB of it as valid UTF-8, or "" */
} GlossRefusal;

/* A sentence about @refusal in the words of the service, newly allocated; NULL when it has none. */
typedef char *(*GlossExplainFunc) (const GlossRefusal *refusal, gpointer user_data);

/* What to ask for. All owned. */
typedef struct
{
  char *url;
  char *authorization;     /* the value of the header, or NULL; secret */
  char *json;              /* a body, which makes it a POST; NULL: a GET */
  gboolean knows_accounts; /* the service has accounts, and another one may be let in */
  GlossExplainFunc explain;
  gpointer explain_data; /* borrowed; lives as long as the request */
} GlossRequest;

GlossRequest *gloss_request_new (const char *url, const char *authorization);
void gloss_request_free (GlossRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossRequest, gloss_request_free)

/* Part of a file that is not wanted again. */
typedef struct
{
  guint64 start;         /* the first byte that is wanted; 0: the whole file */
  const char *validator; /* of the file that the part is of, for If-Range, or NULL */
} GlossRange;

typedef struct _GlossHttp GlossHttp;

/* @options (or NULL) and @cancellable (or NULL) are borrowed. Everything with it happens in one
 * thread, whose default main context it is until it is freed. */
GlossHttp *gloss_http_new (const GlossHttpOptions *options, GCancellable *cancellable);
void gloss_http_free (GlossHttp *http);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossHttp, gloss_http_free)

/* In the thread of @http, ten or more times a second while it waits: how long nothing has come. */
typedef void (*GlossHttpWaitFunc) (gint64 usec, gpointer user_data);
void gloss_http_set_wait_func (GlossHttp *http, GlossHttpWaitFunc func, gpointer user_data);

/*
 * Sends @request, follows up to ten redirects, and returns when the answer's headers are there:
 * TRUE for 200 and 206, and for 416 when there is a @range (or NULL). FALSE for any other answer,
 * with the service's sentence or our own: GLOSS_NET_ERROR_ACCOUNT (401, and 403 without an account,
 * of a service that knows accounts), G_IO_ERROR_PERMISSION_DENIED (else 401, 403), _NOT_FOUND (404,
 * 410), _BUSY (429), else _FAILED; or when there is none: _HOST_NOT_FOUND, _CONNECTION_REFUSED,
 * _TIMED_OUT, _CONNECTION_CLOSED, _CANCELLED, or G_TLS_ERROR for a certificate that is not trusted.
 */
gboolean gloss_http_send (GlossHttp *http, const GlossRequest *request, const GlossRange *range,
                          GError **error);

/* The next bytes of the body, at most @n_bytes into @out; 0 at its end, -1 with the errors above.
 */
gssize gloss_http_read (GlossHttp *http, guint8 *out, gsize n_bytes, GError **error);

/* About the last answer; 0 when there was none. */
guint gloss_http_get_status (GlossHttp *http);

/* A header of the last answer, or with _first of the answer before any redirect; borrowed, or NULL.
 */
const char *gloss_http_get_header (GlossHttp *http, const char *name);
const char *gloss_http_get_first_header (GlossHttp *http, const char *name);

/* The length that the body of the last answer is declared to have. FALSE when it is not. */
gboolean gloss_http_get_length (GlossHttp *http, guint64 *out_bytes);

/* TRUE when the body has a length or says where it ends, so that it cannot be cut short unseen. */
gboolean gloss_http_has_end (GlossHttp *http);

/* What a 206 is of. FALSE when it does not say; *@out_total is 0 when it is unknown. */
gboolean gloss_http_get_content_range (GlossHttp *http, guint64 *out_start, guint64 *out_end,
                                       guint64 *out_total);

/* Whether the last failure may be gone in a while: 429, 5xx, a broken or stalled connection; when
 * no server ever answered, only a stalled one. */
gboolean gloss_http_can_retry (GlossHttp *http);

/* Seconds that the last answer asks to wait (Retry-After); 0 when it does not. */
guint64 gloss_http_get_retry_after (GlossHttp *http);

/* Waits for @msec. FALSE with G_IO_ERROR_CANCELLED, at once. */
gboolean gloss_http_wait (GlossHttp *http, guint msec, GError **error);

G_END_DECLS
