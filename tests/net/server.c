/* A web server in a thread of its own, with a certificate made for the test, that can misbehave. */
#include "net/server.h"

#include "base/random.h"
#include "support/asserts.h"

#include <string.h>

struct _Server
{
  ServerFunc func;
  gpointer user_data;
  gboolean has_tls;
  char *base;
  char *other_base;
  GTlsCertificate *certificate;
  GTlsDatabase *trust;
  char *folder; /* of the certificate, which GnuTLS reads when it is needed */
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  GPtrArray *silent; /* connections that are kept open */
  GMutex lock;
  GCond is_up;
  GString *log;     /* guarded by lock */
  guint n_requests; /* guarded by lock */
};

/* One certificate for all servers of this process: openssl takes its time. */
static void
make_certificate (Server *server)
{
  static char *pem = NULL;
  const char *folder = server->folder = gloss_test_folder_new ();
  g_autofree char *key = g_build_filename (folder, "key.pem", NULL);
  g_autofree char *path = g_build_filename (folder, "certificate.pem", NULL);
  g_autoptr (GError) error = NULL;

  if (!pem)
    {
      const char *argv[] = { "openssl",
                             "req",
                             "-x509",
                             "-newkey",
                             "ec",
                             "-pkeyopt",
                             "ec_paramgen_curve:prime256v1",
                             "-nodes",
                             "-keyout",
                             key,
                             "-out",
                             path,
                             "-days",
                             "2",
                             "-subj",
                             "/CN=localhost",
                             "-addext",
                             "subjectAltName=DNS:localhost,IP:127.0.0.1",
                             NULL };
      g_autofree char *first = NULL, *second = NULL, *said = NULL;
      int status;

      g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &said,
                    &status, &error);
      g_assert_no_error (error);
      if (!g_spawn_check_wait_status (status, NULL))
        g_error ("openssl: %s", said);
      g_assert_true (g_file_get_contents (path, &first, NULL, NULL));
      g_assert_true (g_file_get_contents (key, &second, NULL, NULL));
      pem = g_strconcat (first, second, NULL);
    }
  server->certificate = g_tls_certificate_new_from_pem (pem, -1, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (path, pem, -1, NULL));
  server->trust = g_tls_file_database_new (path, &error);
  g_assert_no_error (error);
}

static void
handle (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
        gpointer user_data)
{
  Server *server = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  static const char *const names[] = { "Range", "If-Range", "Authorization" };

  g_assert_cmpint (soup_server_message_get_http_version (message), ==, SOUP_HTTP_1_1);
  g_mutex_lock (&server->lock);
  g_string_append_printf (server->log, "%s %s %s", soup_server_message_get_method (message),
                          soup_message_headers_get_one (headers, "Host"), path);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *value = soup_message_headers_get_one (headers, names[i]);

      g_string_append_printf (server->log, " %s", value ? value : "-");
    }
  g_string_append_c (server->log, '\n');
  server->n_requests++;
  g_mutex_unlock (&server->lock);
  server->func (server, message, path, server->user_data);
}

/* There only with the address sanitizer. */
void __lsan_disable (void) __attribute__ ((weak));
void __lsan_enable (void) __attribute__ ((weak));

static gpointer
run (gpointer data)
{
  Server *server = data;
  g_autoptr (SoupServer) soup = NULL;
  g_autoptr (GError) error = NULL;
  GSList *addresses;

  /* libsoup 3.2's server loses each socket that it accepts; this is about the client */
  if (__lsan_disable)
    __lsan_disable ();
  g_main_context_push_thread_default (server->context);
  soup = soup_server_new ("server-header", "test", NULL);
  if (server->has_tls)
    soup_server_set_tls_certificate (soup, server->certificate);
  soup_server_add_handler (soup, NULL, handle, server, NULL);
  soup_server_listen_local (
      soup, 0, SOUP_SERVER_LISTEN_IPV4_ONLY | (server->has_tls ? SOUP_SERVER_LISTEN_HTTPS : 0),
      &error);
  g_assert_no_error (error);
  addresses = soup_server_get_uris (soup);
  g_mutex_lock (&server->lock);
  server->base = g_strdup_printf ("%s://localhost:%d", server->has_tls ? "https" : "http",
                                  g_uri_get_port (addresses->data));
  server->other_base = g_strdup_printf ("%s://127.0.0.1:%d", server->has_tls ? "https" : "http",
                                        g_uri_get_port (addresses->data));
  g_cond_signal (&server->is_up);
  g_mutex_unlock (&server->lock);
  g_slist_free_full (addresses, (GDestroyNotify) g_uri_unref);
  g_main_loop_run (server->loop);
  g_ptr_array_set_size (server->silent, 0);
  soup_server_disconnect (soup);
  g_clear_object (&soup);
  while (g_main_context_iteration (server->context, FALSE))
    ;
  g_main_context_pop_thread_default (server->context);
  if (__lsan_enable)
    __lsan_enable ();
  return NULL;
}

Server *
server_new (gboolean has_tls, ServerFunc func, gpointer user_data)
{
  Server *server = g_new0 (Server, 1);

  server->func = func;
  server->user_data = user_data;
  /* as the services would; the client has its reasons not to take it */
  g_setenv ("SOUP_SERVER_HTTP2", "1", TRUE);
  server->has_tls = has_tls;
  make_certificate (server);
  server->context = g_main_context_new ();
  server->loop = g_main_loop_new (server->context, FALSE);
  server->silent = g_ptr_array_new_with_free_func (g_object_unref);
  server->log = g_string_new (NULL);
  g_mutex_init (&server->lock);
  g_cond_init (&server->is_up);
  server->thread = g_thread_new ("server", run, server);
  g_mutex_lock (&server->lock);
  while (!server->base)
    g_cond_wait (&server->is_up, &server->lock);
  g_mutex_unlock (&server->lock);
  return server;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
server_free (Server *server)
{
  g_main_context_invoke (server->context, quit, server->loop);
  g_thread_join (server->thread);
  g_main_loop_unref (server->loop);
  g_main_context_unref (server->context);
  g_ptr_array_unref (server->silent);
  g_object_unref (server->certificate);
  g_object_unref (server->trust);
  g_string_free (server->log, TRUE);
  g_mutex_clear (&server->lock);
  g_cond_clear (&server->is_up);
  gloss_test_folder_remove (server->folder);
  g_free (server->base);
  g_free (server->other_base);
  g_free (server);
}

const char *
server_get_base (Server *server)
{
  return server->base;
}

const char *
server_get_other_base (Server *server)
{
  return server->other_base;
}

GTlsDatabase *
server_get_trust (Server *server)
{
  return server->trust;
}

char *
server_get_certificate_path (Server *server)
{
  return g_build_filename (server->folder, "certificate.pem", NULL);
}

char *
server_get_log (Server *server)
{
  char *log;

  g_mutex_lock (&server->lock);
  log = g_strdup (server->log->str);
  g_mutex_unlock (&server->lock);
  return log;
}

guint
server_count_requests (Server *server)
{
  guint n;

  g_mutex_lock (&server->lock);
  n = server->n_requests;
  g_mutex_unlock (&server->lock);
  return n;
}

void
server_forget (Server *server)
{
  g_mutex_lock (&server->lock);
  g_string_truncate (server->log, 0);
  server->n_requests = 0;
  g_mutex_unlock (&server->lock);
}

gsize
server_get_start (SoupServerMessage *message, const char *etag)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *range = soup_message_headers_get_one (headers, "Range");
  const char *condition = soup_message_headers_get_one (headers, "If-Range");

  if (!range || !g_str_has_prefix (range, "bytes=")
      || (condition && g_strcmp0 (condition, etag) != 0))
    return 0;
  return (gsize) g_ascii_strtoull (range + strlen ("bytes="), NULL, 10);
}

void
server_send_file (SoupServerMessage *message, GBytes *data, const char *etag)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  gsize n_bytes = g_bytes_get_size (data), start = server_get_start (message, etag);
  g_autoptr (GBytes) part = NULL;

  if (etag)
    soup_message_headers_replace (headers, "ETag", etag);
  if (start >= n_bytes)
    {
      soup_server_message_set_status (message, 416, NULL);
      return;
    }
  part = g_bytes_new_from_bytes (data, start, n_bytes - start);
  if (start > 0)
    soup_message_headers_set_content_range (headers, (goffset) start, (goffset) n_bytes - 1,
                                            (goffset) n_bytes);
  /* libsoup would cut it again */
  soup_message_headers_remove (soup_server_message_get_request_headers (message), "Range");
  soup_server_message_set_status (message, start > 0 ? 206 : 200, NULL);
  soup_message_body_append_bytes (soup_server_message_get_response_body (message), part);
}

void
server_send_text (SoupServerMessage *message, guint status, const char *text)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_COPY, text, strlen (text));
}

void
server_redirect (SoupServerMessage *message, const char *location)
{
  soup_server_message_set_status (message, 302, NULL);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Location",
                                location);
}

static GIOStream *
send_raw (SoupServerMessage *message, const char *head, const guint8 *data, gsize n_bytes)
{
  GIOStream *stream = soup_server_message_steal_connection (message);
  GOutputStream *out = g_io_stream_get_output_stream (stream);

  /* the client may have enough of it before the end */
  if (g_output_stream_write_all (out, head, strlen (head), NULL, NULL, NULL) && n_bytes > 0)
    g_output_stream_write_all (out, data, n_bytes, NULL, NULL, NULL);
  g_output_stream_flush (out, NULL, NULL);
  return stream;
}

void
server_send_raw (Server *server, SoupServerMessage *message, const char *head, const guint8 *data,
                 gsize n_bytes)
{
  g_autoptr (GIOStream) stream = send_raw (message, head, data, n_bytes);

  g_io_stream_close (stream, NULL, NULL);
}

void
server_send_and_stall (Server *server, SoupServerMessage *message, const char *head,
                       const guint8 *data, gsize n_bytes)
{
  g_ptr_array_add (server->silent, send_raw (message, head, data, n_bytes));
}

GBytes *
server_make_data (gsize n_bytes, guint64 seed)
{
  guint8 *data = g_malloc (n_bytes + 8);
  GlossRandom random;

  gloss_random_init (&random, seed);
  for (gsize i = 0; i < n_bytes; i += 8)
    {
      guint64 value = gloss_random_next (&random);

      memcpy (data + i, &value, 8);
    }
  return g_bytes_new_take (data, n_bytes);
}
