/* When a request that failed is made again, and how often. */
#include "net/retry.h"

#include "base/error.h"
#include "base/i18n.h"

#include <inttypes.h>

#define DEFAULT_MAX_TRIES 6
#define DEFAULT_FIRST_WAIT_MSEC 1000
#define MAX_WAIT_MSEC 60000
#define MAX_RETRY_AFTER_SECONDS 300

gboolean
gloss_retry_wait (GlossRetry *retry, GlossHttp *http, GError **error)
{
  const GlossHttpOptions *options = retry->options;
  guint max_tries = options && options->max_tries ? options->max_tries : DEFAULT_MAX_TRIES;
  guint64 msec =
      options && options->first_wait_msec ? options->first_wait_msec : DEFAULT_FIRST_WAIT_MSEC;
  guint64 retry_after = gloss_http_get_retry_after (http);
  g_autoptr (GError) cancelled = NULL;

  if (!gloss_http_can_retry (http) || ++retry->n_failures >= max_tries)
    return FALSE;
  if (retry_after > MAX_RETRY_AFTER_SECONDS)
    {
      g_prefix_error (error, _ ("the server asks to wait %" PRIu64 " minutes: "),
                      (retry_after - 1) / 60 + 1);
      return FALSE;
    }
  msec <<= MIN (retry->n_failures - 1, 6);
  msec = MIN (msec, MAX_WAIT_MSEC);
  msec += (guint64) g_random_int_range (0, (gint32) (msec / 4 + 1));
  msec = MAX (msec, retry_after * 1000);
  if (!gloss_http_wait (http, (guint) msec, &cancelled))
    {
      g_clear_error (error);
      g_propagate_error (error, g_steal_pointer (&cancelled));
      return FALSE;
    }
  g_clear_error (error);
  return TRUE;
}

static char *
read_text (GlossHttp *http, gsize max_bytes, gsize *out_bytes, GError **error)
{
  g_autoptr (GByteArray) text = g_byte_array_new ();
  g_autofree guint8 *buffer = g_malloc (65536);
  gssize n;

  while ((n = gloss_http_read (http, buffer, 65536, error)) > 0)
    {
      if (text->len + (gsize) n > max_bytes)
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                       _ ("the server's answer has more than %zu bytes"), max_bytes);
          return NULL;
        }
      g_byte_array_append (text, buffer, (guint) n);
    }
  if (n < 0)
    return NULL;
  *out_bytes = text->len;
  g_byte_array_append (text, (const guint8 *) "", 1);
  return (char *) g_byte_array_free (g_steal_pointer (&text), FALSE);
}

char *
gloss_http_fetch_text (const GlossRequest *request, gsize max_bytes, gsize *out_bytes,
                       const GlossHttpOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossHttp) http = gloss_http_new (options, cancellable);
  GlossRetry retry = { options, 0 };
  GError *failure = NULL;

  do
    {
      char *text = NULL;

      if (gloss_http_send (http, request, NULL, &failure))
        text = read_text (http, max_bytes, out_bytes, &failure);
      if (text)
        return text;
    }
  while (gloss_retry_wait (&retry, http, &failure));
  g_propagate_error (error, failure);
  return NULL;
}
