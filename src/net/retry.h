/* When a request that failed is made again, and how often. */
#pragma once

#include "net/http.h"

G_BEGIN_DECLS

typedef struct
{
  const GlossHttpOptions *options; /* borrowed, or NULL */
  guint n_failures;                /* since something arrived; set to 0 when it does */
} GlossRetry;

/*
 * After a failure of @http, told in *@error: whether to try again, once the time for it has come.
 * Then
 * *@error is cleared. The time doubles from failure to failure, with some chance in it, so
 * that many programs do not come back at once; a server's Retry-After is heeded up to five minutes.
 * FALSE with *@error as it was, or G_IO_ERROR_CANCELLED.
 */
gboolean gloss_retry_wait (GlossRetry *retry, GlossHttp *http, GError **error);

/*
 * The body of the answer to @request, tried again as need be, with NUL after it; newly allocated.
 * NULL with GLOSS_ERROR_TOO_LARGE when it has more than @max_bytes, or as gloss_http_send () fails.
 * Any thread, which waits.
 */
char *gloss_http_fetch_text (const GlossRequest *request, gsize max_bytes, gsize *out_bytes,
                             const GlossHttpOptions *options, GCancellable *cancellable,
                             GError **error);

G_END_DECLS
