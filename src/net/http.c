/* One request at a time over HTTPS, redirects included, waited for in the calling thread. */
#include "net/http.h"

#include "base/i18n.h"
#include "net/net-error.h"

#include <libsoup/soup.h>
#include <string.h>

#define MAX_REDIRECTS 10
#define MAX_REFUSAL_BYTES 65536
#define DEFAULT_STALL_MSEC 30000
#define TICK_MSEC 50

struct _GlossHttp
{
  /* borrowed */
  GCancellable *cancellable;

  /* owned */
  GMainContext *context;
  GSource *timer;
  GSource *watch; /* of the cancellable, or NULL */
  SoupSession *session;
  SoupMessage *message;      /* the last one */
  SoupMessageHeaders *first; /* of the answer before any redirect, or NULL */
  GInputStream *body;        /* of the last answer, or NULL */
  GTlsDatabase *tls_database;

  gint64 stall_usec;
  gboolean has_answered; /* a server ever did */
  gboolean can_retry;

  /* the operation that goes on */
  GCancellable *stop; /* owned */
  gint64 active_usec;
  gboolean is_done;
  gboolean is_stalled;
  GlossHttpWaitFunc wait_func; /* or NULL */
  gpointer wait_data;          /* borrowed */
  GInputStream *got_body;
  gssize got_bytes;
  GError *got_error;
};

/*
 * libsoup 3.2's client is of no use with HTTP/2. From its own server it gets exactly 32 MiB of a
 * body, the size of its window, and then waits for ever, while curl gets all from there, also by
 * HTTP/2. From nginx it gets all, but 11 to 22 MB/s where HTTP/1.1 gives 343. A download needs
 * nothing that only HTTP/2 has; this variable is the only way to say so, and has to be set while
 * there is but one thread.
 */
static void __attribute__ ((constructor)) force_http1 (void)
{
  g_setenv ("SOUP_FORCE_HTTP1", "1", TRUE);
}

GlossRequest *
gloss_request_new (const char *url, const char *authorization)
{
  GlossRequest *request = g_new0 (GlossRequest, 1);

  request->url = g_strdup (url);
  request->authorization = g_strdup (authorization);
  return request;
}

void
gloss_request_free (GlossRequest *request)
{
  g_free (request->url);
  if (request->authorization)
    explicit_bzero (request->authorization, strlen (request->authorization));
  g_free (request->authorization);
  g_free (request->json);
  g_free (request);
}

static gboolean
tick (gpointer data)
{
  GlossHttp *http = data;

  gint64 usec = g_get_monotonic_time () - http->active_usec;

  if (http->stop && http->wait_func)
    http->wait_func (usec, http->wait_data);
  if (http->stop && usec > http->stall_usec)
    {
      http->is_stalled = TRUE;
      g_cancellable_cancel (http->stop);
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
stop (GCancellable *cancellable, gpointer data)
{
  GlossHttp *http = data;

  if (http->stop)
    g_cancellable_cancel (http->stop);
  return G_SOURCE_REMOVE;
}

GlossHttp *
gloss_http_new (const GlossHttpOptions *options, GCancellable *cancellable)
{
  GlossHttp *http = g_new0 (GlossHttp, 1);
  guint stall_msec = options && options->stall_msec ? options->stall_msec : DEFAULT_STALL_MSEC;

  http->cancellable = cancellable;
  http->stall_usec = (gint64) stall_msec * 1000;
  if (options && options->tls_database)
    http->tls_database = g_object_ref (options->tls_database);
  http->context = g_main_context_new ();
  /* until the end, because libsoup finishes a message whenever it is dropped */
  g_main_context_push_thread_default (http->context);
  http->timer = g_timeout_source_new (TICK_MSEC);
  g_source_set_callback (http->timer, tick, http, NULL);
  g_source_attach (http->timer, http->context);
  if (cancellable)
    {
      http->watch = g_cancellable_source_new (cancellable);
      g_source_set_callback (http->watch, G_SOURCE_FUNC (stop), http, NULL);
      g_source_attach (http->watch, http->context);
    }
  return http;
}

void
gloss_http_set_wait_func (GlossHttp *http, GlossHttpWaitFunc func, gpointer user_data)
{
  http->wait_func = func;
  http->wait_data = user_data;
}

static void
drop_message (GlossHttp *http)
{
  g_clear_error (&http->got_error);
  g_clear_object (&http->body);
  g_clear_object (&http->message);
}

void
gloss_http_free (GlossHttp *http)
{
  g_source_destroy (http->timer);
  g_source_unref (http->timer);
  if (http->watch)
    {
      g_source_destroy (http->watch);
      g_source_unref (http->watch);
    }
  drop_message (http);
  if (http->session)
    soup_session_abort (http->session);
  g_clear_object (&http->session);
  while (g_main_context_iteration (http->context, FALSE))
    ;
  g_main_context_pop_thread_default (http->context);
  g_clear_pointer (&http->first, soup_message_headers_unref);
  g_clear_object (&http->tls_database);
  g_main_context_unref (http->context);
  g_free (http);
}

/* Neither passwords that libsoup would ask for, nor encodings that it would undo: bytes are counted
 * and hashed as the server stores them. */
static void
make_session (GlossHttp *http, GUri *address)
{
  if (http->session)
    return;
  http->session =
      soup_session_new_with_options ("user-agent", "gloss", "timeout", 0, "idle-timeout", 10, NULL);
  soup_session_remove_feature_by_type (http->session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (http->session, SOUP_TYPE_CONTENT_DECODER);
  if (http->tls_database)
    soup_session_set_tls_database (http->session, http->tls_database);
  if (gloss_address_is_loopback (address))
    soup_session_set_proxy_resolver (http->session, NULL);
}

/* Whatever is begun between these two is waited for in the second. */
static void
begin (GlossHttp *http)
{
  http->stop = g_cancellable_new ();
  http->active_usec = g_get_monotonic_time ();
  http->is_done = FALSE;
  http->is_stalled = FALSE;
  http->got_bytes = 0;
  if (g_cancellable_is_cancelled (http->cancellable))
    g_cancellable_cancel (http->stop);
}

static void
finish (GlossHttp *http)
{
  while (!http->is_done)
    g_main_context_iteration (http->context, TRUE);
  g_clear_object (&http->stop);
}

/* What went wrong with the connection, in words. Takes got_error. */
static gboolean
fail (GlossHttp *http, GUri *address, GError **error)
{
  g_autoptr (GError) cause = g_steal_pointer (&http->got_error);
  g_autofree char *host = gloss_address_get_host (address);
  gboolean is_absent = FALSE;
  int code = G_IO_ERROR_CONNECTION_CLOSED;

  http->can_retry = FALSE;
  if (g_cancellable_set_error_if_cancelled (http->cancellable, error))
    return FALSE;
  if (http->is_stalled || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                   _ ("nothing came from %s for %.3g seconds; try again later"), host,
                   (double) http->stall_usec / 1e6);
      http->can_retry = TRUE;
      return FALSE;
    }
  if (cause->domain == G_TLS_ERROR && cause->code != G_TLS_ERROR_EOF
      && cause->code != G_TLS_ERROR_MISC)
    {
      g_set_error (error, G_TLS_ERROR, cause->code,
                   _ ("the certificate of %s is not to be trusted, so nothing was sent there: %s"),
                   host, cause->message);
      return FALSE;
    }
  if (g_error_matches (cause, SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_PARSING))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _ ("the answer of %s is not HTTP, or its headers are too long"), host);
      return FALSE;
    }
  if (cause->domain == G_RESOLVER_ERROR)
    code = G_IO_ERROR_HOST_NOT_FOUND, is_absent = TRUE;
  else if (cause->domain == G_IO_ERROR
           && (cause->code == G_IO_ERROR_CONNECTION_REFUSED
               || cause->code == G_IO_ERROR_HOST_UNREACHABLE
               || cause->code == G_IO_ERROR_NETWORK_UNREACHABLE
               || cause->code == G_IO_ERROR_HOST_NOT_FOUND))
    code = cause->code, is_absent = TRUE;
  if (is_absent)
    g_set_error (error, G_IO_ERROR, code,
                 _ ("%s cannot be reached (%s); is this machine connected to the network?"), host,
                 cause->message);
  else
    g_set_error (error, G_IO_ERROR, code, _ ("the connection to %s broke (%s)"), host,
                 cause->message);
  http->can_retry = http->has_answered || !is_absent;
  return FALSE;
}

static void
have_answer (GObject *object, GAsyncResult *result, gpointer data)
{
  GlossHttp *http = data;

  http->got_body = soup_session_send_finish (SOUP_SESSION (object), result, &http->got_error);
  http->is_done = TRUE;
}

static void
have_bytes (GObject *object, GAsyncResult *result, gpointer data)
{
  GlossHttp *http = data;

  http->got_bytes = g_input_stream_read_finish (G_INPUT_STREAM (object), result, &http->got_error);
  http->is_done = TRUE;
}

static SoupMessage *
make_message (const GlossRequest *request, GUri *address, const GlossRange *range,
              gboolean is_trusted, gboolean is_redirected)
{
  gboolean is_post = request->json && !is_redirected;
  SoupMessage *message = soup_message_new_from_uri (is_post ? "POST" : "GET", address);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  soup_message_headers_replace (headers, "Accept-Encoding", "identity");
  if (request->authorization && is_trusted)
    soup_message_headers_replace (headers, "Authorization", request->authorization);
  if (range && range->start > 0)
    {
      g_autofree char *value = g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-", range->start);

      soup_message_headers_replace (headers, "Range", value);
      if (range->validator)
        soup_message_headers_replace (headers, "If-Range", range->validator);
    }
  if (is_post)
    {
      g_autoptr (GBytes) body = g_bytes_new (request->json, strlen (request->json));

      soup_message_set_request_body_from_bytes (message, "application/json", body);
    }
  return message;
}

static gboolean
send_once (GlossHttp *http, SoupMessage *message, GUri *address, GError **error)
{
  drop_message (http);
  begin (http);
  make_session (http, address);
  http->message = g_object_ref (message);
  soup_session_send_async (http->session, message, G_PRIORITY_DEFAULT, http->stop, have_answer,
                           http);
  finish (http);
  http->body = g_steal_pointer (&http->got_body);
  if (http->got_error)
    {
      g_clear_object (&http->message);
      return fail (http, address, error);
    }
  http->has_answered = TRUE;
  if (!http->first)
    http->first = soup_message_headers_ref (soup_message_get_response_headers (message));
  return TRUE;
}

/* The beginning of the body of a refusal; what cannot be read of it is left out. */
static char *
read_refusal (GlossHttp *http)
{
  g_autofree char *bytes = g_malloc (MAX_REFUSAL_BYTES);
  gsize n_bytes = 0;

  while (n_bytes < MAX_REFUSAL_BYTES)
    {
      gssize n =
          gloss_http_read (http, (guint8 *) bytes + n_bytes, MAX_REFUSAL_BYTES - n_bytes, NULL);

      if (n <= 0)
        break;
      n_bytes += (gsize) n;
    }
  return g_utf8_make_valid (bytes, (gssize) n_bytes);
}

static gboolean
refuse (GlossHttp *http, const GlossRequest *request, GUri *address, guint status, GError **error)
{
  g_autofree char *host = gloss_address_get_host (address);
  g_autofree char *body = read_refusal (http);
  const GlossRefusal refusal = { status, gloss_http_get_header (http, "X-Error-Code"), body };
  g_autofree char *said =
      request->explain ? request->explain (&refusal, request->explain_data) : NULL;
  gboolean can_wait = status == 429 || status >= 500;
  gboolean wants_account =
      request->knows_accounts && (status == 401 || (status == 403 && !request->authorization));
  int code = G_IO_ERROR_FAILED;
  const char *sentence = N_ ("%s gave an answer that is no file (%u)");

  if (g_cancellable_set_error_if_cancelled (http->cancellable, error))
    return FALSE;
  if (status == 401)
    {
      code = G_IO_ERROR_PERMISSION_DENIED;
      sentence = N_ ("%s wants an account, or does not know the one that it was given (%u)");
    }
  else if (status == 403)
    {
      code = G_IO_ERROR_PERMISSION_DENIED;
      sentence = N_ ("%s does not let this account have it (%u)");
    }
  else if (status == 404 || status == 410)
    {
      code = G_IO_ERROR_NOT_FOUND;
      sentence = N_ ("%s has nothing of this name (%u)");
    }
  else if (status == 429)
    {
      code = G_IO_ERROR_BUSY;
      sentence = N_ ("%s was asked too often (%u); try again later");
    }
  else if (status >= 500)
    sentence = N_ ("%s is out of order (%u); try again later");
  if (wants_account)
    code = GLOSS_NET_ERROR_ACCOUNT;
  if (said)
    g_set_error_literal (error, wants_account ? GLOSS_NET_ERROR : G_IO_ERROR, code, said);
  else
    g_set_error (error, wants_account ? GLOSS_NET_ERROR : G_IO_ERROR, code, _ (sentence), host,
                 status);
  http->can_retry = can_wait;
  return FALSE;
}

static gboolean
is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

gboolean
gloss_http_send (GlossHttp *http, const GlossRequest *request, const GlossRange *range,
                 GError **error)
{
  g_autoptr (GUri) address = gloss_address_parse (request->url, error);
  g_autoptr (GUri) origin = address ? g_uri_ref (address) : NULL;
  gboolean is_trusted = TRUE;

  g_clear_pointer (&http->first, soup_message_headers_unref);
  http->can_retry = FALSE;
  drop_message (http);
  for (guint n_redirects = 0; address; n_redirects++)
    {
      g_autoptr (SoupMessage) message = NULL;
      g_autoptr (GUri) next = NULL;
      g_autofree char *host = NULL;
      const char *location;
      guint status;

      is_trusted = is_trusted && gloss_address_is_same_origin (address, origin);
      message = make_message (request, address, range, is_trusted, n_redirects > 0);
      if (!send_once (http, message, address, error))
        return FALSE;
      status = soup_message_get_status (message);
      if (status == 200 || status == 206 || (status == 416 && range && range->start > 0))
        return TRUE;
      location =
          soup_message_headers_get_one (soup_message_get_response_headers (message), "Location");
      if (!is_redirect (status) || !location)
        return refuse (http, request, address, status, error);
      if (n_redirects == MAX_REDIRECTS)
        {
          host = gloss_address_get_host (address);
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_LINKS,
                       _ ("%s led from one address to the next %d times and on"), host,
                       MAX_REDIRECTS);
          return FALSE;
        }
      next = gloss_address_resolve (address, location, error);
      g_uri_unref (address);
      address = g_steal_pointer (&next);
    }
  return FALSE;
}

/* What is there already, without waiting; -1 when that is nothing, or the end, or an error, which
 * all are told by waiting for it. TLS gives 16 kB at once, and a turn of the main loop for each
 * costs a third of the rate. */
static gssize
read_at_once (GlossHttp *http, guint8 *out, gsize n_bytes)
{
  gsize n_read = 0;

  if (!G_IS_POLLABLE_INPUT_STREAM (http->body)
      || !g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (http->body)))
    return -1;
  while (n_read < n_bytes && !http->got_error)
    {
      gssize n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (http->body),
                                                           out + n_read, n_bytes - n_read, NULL,
                                                           &http->got_error);

      if (n <= 0)
        break;
      n_read += (gsize) n;
    }
  if (g_error_matches (http->got_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    g_clear_error (&http->got_error);
  return n_read > 0 ? (gssize) n_read : -1;
}

gssize
gloss_http_read (GlossHttp *http, guint8 *out, gsize n_bytes, GError **error)
{
  gssize n_read;

  if (!http->body)
    return 0;
  /* an error that came behind the last bytes */
  if (http->got_error)
    {
      http->is_stalled = FALSE;
      fail (http, soup_message_get_uri (http->message), error);
      return -1;
    }
  n_read = g_cancellable_is_cancelled (http->cancellable) ? -1 : read_at_once (http, out, n_bytes);
  if (n_read > 0)
    return n_read;
  if (http->got_error)
    {
      http->is_stalled = FALSE;
      fail (http, soup_message_get_uri (http->message), error);
      return -1;
    }
  begin (http);
  g_input_stream_read_async (http->body, out, n_bytes, G_PRIORITY_DEFAULT, http->stop, have_bytes,
                             http);
  finish (http);
  if (!http->got_error)
    return http->got_bytes;
  fail (http, soup_message_get_uri (http->message), error);
  return -1;
}

guint
gloss_http_get_status (GlossHttp *http)
{
  return http->message ? soup_message_get_status (http->message) : 0;
}

const char *
gloss_http_get_header (GlossHttp *http, const char *name)
{
  if (!http->message)
    return NULL;
  return soup_message_headers_get_list (soup_message_get_response_headers (http->message), name);
}

const char *
gloss_http_get_first_header (GlossHttp *http, const char *name)
{
  return http->first ? soup_message_headers_get_one (http->first, name) : NULL;
}

gboolean
gloss_http_get_length (GlossHttp *http, guint64 *out_bytes)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (http->message);
  const char *text = soup_message_headers_get_one (headers, "Content-Length");

  return soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH && text
         && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, out_bytes, NULL);
}

gboolean
gloss_http_has_end (GlossHttp *http)
{
  SoupEncoding encoding =
      soup_message_headers_get_encoding (soup_message_get_response_headers (http->message));

  return encoding == SOUP_ENCODING_CONTENT_LENGTH || encoding == SOUP_ENCODING_CHUNKED;
}

gboolean
gloss_http_get_content_range (GlossHttp *http, guint64 *out_start, guint64 *out_end,
                              guint64 *out_total)
{
  goffset start, end, total;

  if (!soup_message_headers_get_content_range (soup_message_get_response_headers (http->message),
                                               &start, &end, &total)
      || start < 0 || end < start || (total != -1 && total <= end))
    return FALSE;
  *out_start = (guint64) start;
  *out_end = (guint64) end;
  *out_total = total == -1 ? 0 : (guint64) total;
  return TRUE;
}

gboolean
gloss_http_can_retry (GlossHttp *http)
{
  return http->can_retry;
}

guint64
gloss_http_get_retry_after (GlossHttp *http)
{
  const char *text = gloss_http_get_header (http, "Retry-After");
  g_autoptr (GDateTime) then = NULL;
  g_autoptr (GDateTime) now = NULL;
  guint64 seconds;

  if (!text)
    return 0;
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &seconds, NULL))
    return seconds;
  then = soup_date_time_new_from_http_string (text);
  now = g_date_time_new_now_utc ();
  return then && g_date_time_difference (then, now) > 0
             ? (guint64) (g_date_time_difference (then, now) / G_TIME_SPAN_SECOND + 1)
             : 0;
}

gboolean
gloss_http_wait (GlossHttp *http, guint msec, GError **error)
{
  GPollFD poll_fd;

  if (!http->cancellable)
    g_usleep ((gulong) msec * 1000);
  else if (g_cancellable_make_pollfd (http->cancellable, &poll_fd))
    {
      g_poll (&poll_fd, 1, (gint) MIN (msec, G_MAXINT));
      g_cancellable_release_fd (http->cancellable);
    }
  return !g_cancellable_set_error_if_cancelled (http->cancellable, error);
}
