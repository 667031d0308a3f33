/* Downloading from a server on this machine that is good, and from one that is not. */
#include "base/error.h"
#include "base/random.h"
#include "net/server.h"
#include "net/transfer.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define N_BYTES 300000
#define SECRET "Bearer hf_mostSecret"

typedef struct _Fixture Fixture;
typedef void (*Answer) (Fixture *fixture, Server *server, SoupServerMessage *message, guint n);

struct _Fixture
{
  Server *server;
  char *folder; /* owned, as all */
  char *path;
  GBytes *data;
  GBytes *other; /* another version, as long */
  char *sha256;
  Answer answer;
  guint n; /* requests so far */
  GlossRandom random;
  GlossHttpOptions options;
  GCancellable *cancellable;
  GlossTransferProgress last;
  guint n_told;
  guint64 cancel_at;
  gint64 cancelled_usec;
};

static void
handle (Server *server, SoupServerMessage *message, const char *path, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->answer (fixture, server, message, fixture->n++);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = server_new (TRUE, handle, fixture);
  fixture->folder = gloss_test_folder_new ();
  fixture->path = g_build_filename (fixture->folder, "model.npz", NULL);
  fixture->data = server_make_data (N_BYTES, 1);
  fixture->other = server_make_data (N_BYTES, 2);
  fixture->sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, fixture->data);
  fixture->cancellable = g_cancellable_new ();
  fixture->options = (GlossHttpOptions){ server_get_trust (fixture->server), 20000, 1, 4 };
  gloss_random_init (&fixture->random, 1);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  server_free (fixture->server);
  gloss_test_folder_remove (fixture->folder);
  g_free (fixture->path);
  g_bytes_unref (fixture->data);
  g_bytes_unref (fixture->other);
  g_free (fixture->sha256);
  g_object_unref (fixture->cancellable);
}

static void
note (const GlossTransferProgress *progress, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->last = *progress;
  fixture->n_told++;
  if (fixture->cancel_at > 0 && progress->n_bytes >= fixture->cancel_at)
    g_cancellable_cancel (fixture->cancellable);
}

static gboolean
run_with (Fixture *fixture, const GlossTransfer *more, const char *authorization, GError **error)
{
  g_autofree char *url = g_strconcat (server_get_base (fixture->server), "/model.npz", NULL);
  g_autoptr (GlossRequest) request = gloss_request_new (url, authorization);
  GlossTransfer transfer = more ? *more : (GlossTransfer){ 0 };

  transfer.request = request;
  transfer.path = fixture->path;
  return gloss_transfer_run (&transfer, &fixture->options, fixture->cancellable, note, fixture,
                             error);
}

static gboolean
run (Fixture *fixture, GError **error)
{
  return run_with (fixture, NULL, SECRET, error);
}

static gboolean
exists (Fixture *fixture, const char *suffix)
{
  g_autofree char *path = g_strconcat (fixture->path, suffix, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* That the file is @data and nothing lies beside it. */
static void
assert_whole (Fixture *fixture, GBytes *data)
{
  g_autofree char *got = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (fixture->path, &got, &n_bytes, NULL));
  g_assert_cmpmem (got, n_bytes, g_bytes_get_data (data, NULL), g_bytes_get_size (data));
  g_assert_false (exists (fixture, ".part"));
  g_assert_false (exists (fixture, ".part.json"));
}

static void
assert_fails (Fixture *fixture, const GlossTransfer *more, GQuark domain, int code,
              const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (run_with (fixture, more, SECRET, &error));
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, "model.npz: "));
  g_assert_null (strstr (error->message, "mostSecret"));
  gloss_assert_error_says (&error, domain, code, part);
  g_assert_false (exists (fixture, ""));
}

static void
answer_well (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_send_file (message, fixture->data, "\"one\"");
}

static void
test_file_should_arrive_whole (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GlossTransfer more = { .n_bytes = N_BYTES, .expected = { .sha256 = fixture->sha256 } };

  fixture->answer = answer_well;
  run_with (fixture, &more, SECRET, &error);
  g_assert_no_error (error);
  assert_whole (fixture, fixture->data);
  g_assert_cmpuint (fixture->last.n_bytes, ==, N_BYTES);
  g_assert_cmpuint (fixture->last.n_total_bytes, ==, N_BYTES);
  g_assert_cmpuint (fixture->n, ==, 1);

  /* over what is there, and without knowing anything */
  run (fixture, &error);
  g_assert_no_error (error);
  assert_whole (fixture, fixture->data);
}

static void
test_large_file_should_not_stop (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) small = fixture->data;
  g_autoptr (GError) error = NULL;

  fixture->data = server_make_data (40 << 20, 3);
  fixture->answer = answer_well;
  fixture->options.max_tries = 1;
  run (fixture, &error);
  g_assert_no_error (error);
  assert_whole (fixture, fixture->data);
}

static void
answer_empty (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_send_raw (server, message, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL, 0);
}

static void
test_empty_file_should_arrive (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);

  fixture->answer = answer_empty;
  run (fixture, &error);
  g_assert_no_error (error);
  assert_whole (fixture, nothing);
}

static void
test_only_the_trusted_certificate_should_do (Fixture *fixture, gconstpointer data)
{
  fixture->answer = answer_well;
  fixture->options.tls_database = NULL;
  assert_fails (fixture, NULL, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, "not to be trusted");
  g_assert_cmpuint (fixture->n, ==, 0);
  g_assert_false (exists (fixture, ".part"));
}

/* Redirects. */

static void
answer_elsewhere (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  g_autofree char *location = NULL;

  if (n == 0)
    {
      location = g_strconcat (server_get_other_base (server), "/signed?key=1", NULL);
      server_redirect (message, location);
    }
  else if (n == 1)
    {
      /* and back again */
      location = g_strconcat (server_get_base (server), "/end", NULL);
      server_redirect (message, location);
    }
  else
    server_send_file (message, fixture->data, NULL);
}

static void
test_authorization_should_not_leave_its_server (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *log = NULL;
  g_auto (GStrv) lines = NULL;

  fixture->answer = answer_elsewhere;
  run (fixture, &error);
  g_assert_no_error (error);
  assert_whole (fixture, fixture->data);
  log = server_get_log (fixture->server);
  lines = g_strsplit (log, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  g_assert_true (g_str_has_suffix (lines[0], "/model.npz - - " SECRET));
  g_assert_true (g_str_has_prefix (lines[1], "GET 127.0.0.1:"));
  g_assert_true (g_str_has_suffix (lines[1], "/signed - - -"));
  g_assert_true (g_str_has_prefix (lines[2], "GET localhost:"));
  g_assert_true (g_str_has_suffix (lines[2], "/end - - -"));
}

static void
answer_same_server (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  if (n == 0)
    server_redirect (message, "/moved");
  else
    server_send_file (message, fixture->data, NULL);
}

static void
test_authorization_should_stay_on_its_server (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *log = NULL;

  fixture->answer = answer_same_server;
  run (fixture, &error);
  g_assert_no_error (error);
  log = server_get_log (fixture->server);
  g_assert_nonnull (strstr (log, "/moved - - " SECRET));
}

static void
answer_in_circles (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_redirect (message, "/model.npz");
}

static void
answer_down_to_http (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_redirect (message, "http://127.0.0.1/model.npz");
}

static void
answer_with_a_file_address (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_redirect (message, "file:///etc/passwd");
}

/* The fault cases, with what is said about them. */

static void
answer_401 (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_send_text (message, 401, "who are you?");
}

static void
answer_403 (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_send_text (message, 403, "no");
}

static void
answer_404 (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_send_text (message, 404, "");
}

static void
answer_429 (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_send_text (message, 429, "");
}

static void
answer_429_for_an_hour (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Retry-After",
                                "3600");
  server_send_text (message, 429, "");
}

static void
answer_500 (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_send_text (message, 500, "");
}

static void
answer_truncated (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_send_raw (server, message, "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n",
                   g_bytes_get_data (fixture->data, NULL), 1000);
}

static void
answer_silence (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_send_and_stall (server, message, "", NULL, 0);
}

static void
answer_and_stall (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_send_and_stall (server, message, "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n",
                         g_bytes_get_data (fixture->data, NULL), 1000);
}

static void
answer_garbage (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_send_raw (server, message, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n", NULL, 0);
}

static void
answer_huge_headers (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  g_autoptr (GString) head = g_string_new ("HTTP/1.1 200 OK\r\n");

  while (head->len < (8 << 20))
    g_string_append_printf (head, "X-Header-%" G_GSIZE_FORMAT ": %0900d\r\n", head->len, 1);
  server_send_raw (server, message, head->str, NULL, 0);
}

static void
answer_without_end (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_send_raw (server, message, "HTTP/1.1 200 OK\r\n\r\n",
                   g_bytes_get_data (fixture->data, NULL), N_BYTES);
}

static void
answer_compressed (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_send_raw (server, message,
                   "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n",
                   g_bytes_get_data (fixture->data, NULL), 10);
}

static void
answer_with_a_part (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_send_raw (
      server, message,
      "HTTP/1.1 206 OK\r\nContent-Range: bytes 5-9/300000\r\nContent-Length: 5\r\n\r\n",
      g_bytes_get_data (fixture->data, NULL), 5);
}

static void
answer_too_large (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  server_send_raw (server, message,
                   "HTTP/1.1 200 OK\r\nContent-Length: 4611686018427387904\r\n\r\n",
                   g_bytes_get_data (fixture->data, NULL), N_BYTES);
}

static void
answer_with_other_md5 (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "x-goog-hash",
                                "crc32c=n03x6A==,md5=1B2M2Y8AsgTpgAmY7PhCfg==");
  server_send_file (message, fixture->data, NULL);
}

static void
answer_shorter (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  g_autoptr (GBytes) part = g_bytes_new_from_bytes (fixture->data, 0, 1000);

  server_send_file (message, part, NULL);
}

static void
answer_endless_chunks (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  g_autoptr (GString) body = g_string_new (NULL);

  for (guint i = 0; i < 2000; i++)
    g_string_append_printf (body, "400\r\n%01024d\r\n", 0);
  server_send_raw (server, message, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                   (const guint8 *) body->str, body->len);
}

typedef struct
{
  const char *name;
  Answer answer;
  guint64 n_bytes; /* that are expected */
  guint64 max_bytes;
  gboolean wants_sha256;
  gboolean is_glib; /* the domain is G_IO_ERROR, else GLOSS_ERROR */
  int code;
  guint n_requests; /* how often the server is asked */
  const char *says;
} Fault;

static const Fault faults[] = {
  { "key refused", answer_401, 0, 0, FALSE, TRUE, G_IO_ERROR_PERMISSION_DENIED, 1,
    "wants an account" },
  { "licence not accepted", answer_403, 0, 0, FALSE, TRUE, G_IO_ERROR_PERMISSION_DENIED, 1,
    "does not let this account" },
  { "not there", answer_404, 0, 0, FALSE, TRUE, G_IO_ERROR_NOT_FOUND, 1, "nothing of this name" },
  { "asked too often", answer_429, 0, 0, FALSE, TRUE, G_IO_ERROR_BUSY, 4, "asked too often (429)" },
  { "come back in an hour", answer_429_for_an_hour, 0, 0, FALSE, TRUE, G_IO_ERROR_BUSY, 1,
    "asks to wait 60 minutes" },
  { "server out of order", answer_500, 0, 0, FALSE, TRUE, G_IO_ERROR_FAILED, 4,
    "out of order (500)" },
  { "cut off each time", answer_truncated, 0, 0, FALSE, TRUE, G_IO_ERROR_CONNECTION_CLOSED, 4,
    "broke" },
  { "no answer", answer_silence, 0, 0, FALSE, TRUE, G_IO_ERROR_TIMED_OUT, 2, "for 0.4 seconds" },
  { "stalled", answer_and_stall, 0, 0, FALSE, TRUE, G_IO_ERROR_TIMED_OUT, 2, "for 0.4 seconds" },
  { "not HTTP", answer_garbage, 0, 0, FALSE, TRUE, G_IO_ERROR_INVALID_DATA, 1, "is not HTTP" },
  { "headers of 8 MiB", answer_huge_headers, 0, 0, FALSE, TRUE, G_IO_ERROR_CONNECTION_CLOSED, 4,
    "Header too big" },
  { "length unknown", answer_without_end, 0, 0, FALSE, FALSE, GLOSS_ERROR_UNSUPPORTED, 1,
    "how long the file is" },
  { "compressed", answer_compressed, 0, 0, FALSE, FALSE, GLOSS_ERROR_UNSUPPORTED, 1, "compressed" },
  { "a part unasked", answer_with_a_part, 0, 0, FALSE, FALSE, GLOSS_ERROR_FORMAT, 1,
    "a part of the file" },
  { "disk too small", answer_too_large, 0, 0, FALSE, TRUE, G_IO_ERROR_NO_SPACE, 1,
    "free some of it" },
  { "larger than allowed", answer_well, 0, 1000, FALSE, FALSE, GLOSS_ERROR_TOO_LARGE, 1,
    "expected at most 1000" },
  { "longer than allowed, length unknown", answer_endless_chunks, 0, 5000, FALSE, FALSE,
    GLOSS_ERROR_TOO_LARGE, 1, "more than the 5000 bytes" },
  { "other size", answer_shorter, N_BYTES, 0, FALSE, FALSE, GLOSS_ERROR_FORMAT, 1,
    "has 1000 bytes, expected 300000" },
  { "other SHA-256", answer_well, 0, 0, TRUE, FALSE, GLOSS_ERROR_FORMAT, 1, "SHA-256 is" },
  { "other MD5", answer_with_other_md5, 0, 0, FALSE, FALSE, GLOSS_ERROR_FORMAT, 1,
    "expected d41d8cd98f00b204e9800998ecf8427e" },
  { "redirects in a circle", answer_in_circles, 0, 0, FALSE, TRUE, G_IO_ERROR_TOO_MANY_LINKS, 11,
    "10 times and on" },
  { "redirect to http", answer_down_to_http, 0, 0, FALSE, TRUE, G_IO_ERROR_PERMISSION_DENIED, 1,
    "from https to http" },
  { "redirect to a file", answer_with_a_file_address, 0, 0, FALSE, TRUE,
    G_IO_ERROR_INVALID_ARGUMENT, 1, "does not begin with https" },
};

static void
test_fault_should_have_its_sentence (Fixture *fixture, gconstpointer data)
{
  const Fault *fault = data;
  GlossTransfer more = { .n_bytes = fault->n_bytes, .max_bytes = fault->max_bytes };

  if (fault->wants_sha256)
    more.expected.sha256 =
        (char *) "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  fixture->answer = fault->answer;
  if (fault->code == G_IO_ERROR_TIMED_OUT)
    {
      fixture->options.stall_msec = 400;
      fixture->options.max_tries = 2;
    }
  g_test_message ("%s:", fault->name);
  assert_fails (fixture, &more, fault->is_glib ? G_IO_ERROR : GLOSS_ERROR, fault->code,
                fault->says);
  /* on a busy machine the time may be over before the request is sent */
  if (fault->code != G_IO_ERROR_TIMED_OUT)
    g_assert_cmpuint (fixture->n, ==, fault->n_requests);
}

static void
test_nobody_there_should_be_said_at_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GlossRequest) request = gloss_request_new ("https://localhost:9/model.npz", NULL);
  GlossTransfer transfer = { .request = request, .path = fixture->path };
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();

  fixture->options.first_wait_msec = 60000;
  g_assert_false (gloss_transfer_run (&transfer, &fixture->options, NULL, NULL, NULL, &error));
  g_test_message ("%s", error->message);
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED,
                           "connected to the network");
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 5 * G_USEC_PER_SEC);
}

static void
test_addresses_should_be_https (void)
{
  static const char *const wrong[] = { "http://example.com/a",
                                       "ftp://localhost/a",
                                       "/a",
                                       "https://me:pw@example.com/",
                                       "https:///a",
                                       "",
                                       "file:///etc/passwd",
                                       "http://127.0.0.1.example.com/" };
  static const char *const right[] = { "https://example.com/a", "http://localhost:80/a",
                                       "http://127.0.0.1/", "http://[::1]:9/" };
  g_autofree char *longest = g_strnfill (10000, 'a');
  g_autofree char *url = g_strconcat ("https://example.com/", longest, NULL);

  for (guint i = 0; i <= G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (gloss_address_parse (i < G_N_ELEMENTS (wrong) ? wrong[i] : url, &error));
      g_test_message ("%s", error->message);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      g_assert_null (strstr (error->message, "pw"));
    }
  for (guint i = 0; i < G_N_ELEMENTS (right); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GUri) address = gloss_address_parse (right[i], &error);

      g_assert_no_error (error);
    }
}

/* Going on. */

static void
answer_in_three (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  if (n == 0)
    server_send_raw (server, message,
                     "HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: 300000\r\n\r\n",
                     g_bytes_get_data (fixture->data, NULL), 100000);
  else if (n == 1)
    server_send_text (message, 503, "");
  else
    server_send_file (message, fixture->data, "\"one\"");
}

static void
test_broken_download_should_go_on (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *log = NULL;

  fixture->answer = answer_in_three;
  run (fixture, &error);
  g_assert_no_error (error);
  assert_whole (fixture, fixture->data);
  log = server_get_log (fixture->server);
  g_assert_nonnull (strstr (log, "/model.npz bytes=99999- \"one\" "));
  g_assert_cmpuint (fixture->n, ==, 3);
}

static void
answer_changed (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  if (n == 0)
    server_send_raw (server, message,
                     "HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: 300000\r\n\r\n",
                     g_bytes_get_data (fixture->data, NULL), 100000);
  else
    server_send_file (message, fixture->other, "\"two\"");
}

static void
answer_changed_ignoring_if_range (Fixture *fixture, Server *server, SoupServerMessage *message,
                                  guint n)
{
  if (n > 0)
    soup_message_headers_remove (soup_server_message_get_request_headers (message), "If-Range");
  answer_changed (fixture, server, message, n);
}

static void
answer_changed_in_secret (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  if (n == 0)
    answer_changed (fixture, server, message, n);
  else
    server_send_file (message, fixture->other, "\"one\"");
}

static void
answer_without_ranges (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  if (n > 0)
    soup_message_headers_remove (soup_server_message_get_request_headers (message), "Range");
  answer_changed (fixture, server, message, n);
}

static void
answer_changed_with_weak_marks (Fixture *fixture, Server *server, SoupServerMessage *message,
                                guint n)
{
  if (n == 0)
    server_send_raw (server, message,
                     "HTTP/1.1 200 OK\r\nETag: W/\"one\"\r\nContent-Length: 300000\r\n\r\n",
                     g_bytes_get_data (fixture->data, NULL), 100000);
  else
    server_send_file (message, fixture->other, "W/\"one\"");
}

static void
answer_shorter_now (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  g_autoptr (GBytes) part = g_bytes_new_from_bytes (fixture->other, 0, 5000);

  if (n == 0)
    answer_changed (fixture, server, message, n);
  else
    {
      soup_message_headers_remove (soup_server_message_get_request_headers (message), "If-Range");
      server_send_file (message, part, "\"two\"");
    }
}

static void
test_changed_file_should_be_begun_anew (Fixture *fixture, gconstpointer data)
{
  static const Answer answers[] = { answer_changed, answer_changed_ignoring_if_range,
                                    answer_without_ranges, answer_changed_with_weak_marks };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (GError) error = NULL;

      fixture->n = 0;
      fixture->answer = answers[i];
      run (fixture, &error);
      g_assert_no_error (error);
      assert_whole (fixture, fixture->other);
    }
}

static void
test_file_that_became_shorter_should_be_begun_anew (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) part = g_bytes_new_from_bytes (fixture->other, 0, 5000);
  g_autoptr (GError) error = NULL;

  fixture->answer = answer_shorter_now;
  run (fixture, &error);
  g_assert_no_error (error);
  assert_whole (fixture, part);
}

/* The marks are the same, but the byte where both parts meet is not, or else the checksum. */
static void
test_changed_in_secret_should_be_found (Fixture *fixture, gconstpointer data)
{
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, fixture->other);
  GlossTransfer more = { .expected = { .sha256 = sha256 } };
  g_autoptr (GError) error = NULL;
  guint8 *bytes = g_memdup2 (g_bytes_get_data (fixture->other, NULL), N_BYTES);

  fixture->answer = answer_changed_in_secret;
  run (fixture, &error);
  g_assert_no_error (error);
  assert_whole (fixture, fixture->other);

  bytes[99999] = ((const guint8 *) g_bytes_get_data (fixture->data, NULL))[99999];
  g_bytes_unref (fixture->other);
  fixture->other = g_bytes_new_take (bytes, N_BYTES);
  g_free (sha256);
  sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, fixture->other);
  more.expected.sha256 = sha256;
  fixture->n = 0;
  run_with (fixture, &more, NULL, &error);
  g_assert_no_error (error);
  assert_whole (fixture, fixture->other);
}

static void
answer_linked (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  g_autofree char *etag = g_strdup_printf ("\"%s\"", fixture->sha256);
  g_autofree char *location = g_strconcat (server_get_other_base (server), "/blob", NULL);

  if (n == 0)
    {
      soup_message_headers_replace (headers, "X-Linked-Etag", etag);
      soup_message_headers_replace (headers, "X-Linked-Size", "300000");
      server_redirect (message, location);
    }
  else
    server_send_file (message, fixture->cancel_at ? fixture->other : fixture->data, NULL);
}

static void
test_linked_etag_should_be_the_checksum (Fixture *fixture, gconstpointer data)
{
  GlossTransfer more = { .has_linked_etag = TRUE };
  g_autoptr (GError) error = NULL;

  fixture->answer = answer_linked;
  run_with (fixture, &more, SECRET, &error);
  g_assert_no_error (error);
  assert_whole (fixture, fixture->data);
  g_unlink (fixture->path);

  fixture->n = 0;
  fixture->cancel_at = G_MAXUINT64;
  assert_fails (fixture, &more, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "SHA-256");
  g_assert_false (exists (fixture, ".part"));
}

/* Every answer but the last ends after a random number of bytes. */
static void
answer_cut (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  gsize start = server_get_start (message, "\"one\"");
  gsize n_left = N_BYTES - start, n_bytes = gloss_random_next (&fixture->random) % (n_left + 1);
  g_autofree char *head =
      start == 0 ? g_strdup_printf (
          "HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: %d\r\n\r\n", N_BYTES)
                 : g_strdup_printf (
                     "HTTP/1.1 206 Part\r\nETag: \"one\"\r\nContent-Length: %" G_GSIZE_FORMAT
                     "\r\nContent-Range: bytes %" G_GSIZE_FORMAT "-%d/%d\r\n\r\n",
                     n_left, start, N_BYTES - 1, N_BYTES);

  if (n % 5 == 4)
    server_send_file (message, fixture->data, "\"one\"");
  else
    server_send_raw (server, message, head,
                     (const guint8 *) g_bytes_get_data (fixture->data, NULL) + start, n_bytes);
}

static void
test_hundred_interrupted_downloads_should_end_verified (Fixture *fixture, gconstpointer data)
{
  GlossTransfer more = { .n_bytes = N_BYTES, .expected = { .sha256 = fixture->sha256 } };
  guint n_requests = 0;

  fixture->answer = answer_cut;
  fixture->options.max_tries = 100;
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (GError) error = NULL;

      fixture->n = (guint) (gloss_random_next (&fixture->random) % 4);
      n_requests -= fixture->n;
      /* half of them go by the server's mark alone */
      run_with (fixture, i % 2 == 0 ? &more : NULL, NULL, &error);
      n_requests += fixture->n;
      g_assert_no_error (error);
      assert_whole (fixture, fixture->data);
      g_unlink (fixture->path);
    }
  g_test_message ("%u requests", n_requests);
  g_assert_cmpuint (n_requests, >=, 200);
}

/* Going on with checksums. */

#define N_LARGE_BYTES 6000000
#define N_HALF_BYTES 3000000

static void
answer_half (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  if (n == 0)
    server_send_raw (server, message,
                     "HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: 6000000\r\n\r\n",
                     g_bytes_get_data (fixture->data, NULL), N_HALF_BYTES);
  else
    server_send_file (message, fixture->data, "\"one\"");
}

/* Half of the file, with what was verified of it. */
static GlossTransfer
get_half (Fixture *fixture)
{
  g_autofree char *state = g_strconcat (fixture->path, ".part.json", NULL);
  g_autofree char *text = NULL;
  GlossTransfer more = { .n_bytes = N_LARGE_BYTES };

  g_bytes_unref (fixture->data);
  g_free (fixture->sha256);
  fixture->data = server_make_data (N_LARGE_BYTES, 3);
  fixture->sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, fixture->data);
  more.expected.sha256 = fixture->sha256;
  fixture->answer = answer_half;
  fixture->options.max_tries = 1;
  assert_fails (fixture, &more, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "broke");
  g_assert_true (g_file_get_contents (state, &text, NULL, NULL));
  g_test_message ("%s", text);
  g_assert_nonnull (strstr (text, "\"digest\": \""));
  g_assert_nonnull (strstr (text, " sha256="));
  return more;
}

/* Changes the state beside the part. */
static void
replace_in_state (Fixture *fixture, const char *before, char instead)
{
  g_autofree char *state = g_strconcat (fixture->path, ".part.json", NULL);
  g_autofree char *text = NULL;
  char *at;

  g_assert_true (g_file_get_contents (state, &text, NULL, NULL));
  at = strstr (text, before);
  g_assert_nonnull (at);
  at[strlen (before)] = instead;
  g_assert_true (g_file_set_contents (state, text, -1, NULL));
}

static void
assert_goes_on (Fixture *fixture, const GlossTransfer *more)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *log = NULL;

  run_with (fixture, more, SECRET, &error);
  g_assert_no_error (error);
  assert_whole (fixture, fixture->data);
  log = server_get_log (fixture->server);
  g_assert_nonnull (strstr (log, " bytes=2999999- \"one\" "));
}

static void
test_verifying_should_go_on (Fixture *fixture, gconstpointer data)
{
  GlossTransfer more = get_half (fixture);

  assert_goes_on (fixture, &more);
}

static void
test_wrong_state_of_verifying_should_do_no_harm (Fixture *fixture, gconstpointer data)
{
  GlossTransfer more = get_half (fixture);

  replace_in_state (fixture, " sha256=", 'a');
  replace_in_state (fixture, " sha256=a", 'b');
  assert_goes_on (fixture, &more);
  /* and when it is no state at all */
  g_unlink (fixture->path);
  fixture->n = 0;
  assert_fails (fixture, &more, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "broke");
  replace_in_state (fixture, " sha256=", 'x');
  assert_goes_on (fixture, &more);
}

/* What was verified once is not verified again; what was written over since then is. */
static void
test_part_that_was_written_over_should_be_found (Fixture *fixture, gconstpointer data)
{
  GlossTransfer more = get_half (fixture);
  g_autofree char *part = g_strconcat (fixture->path, ".part", NULL);
  FILE *file = g_fopen (part, "r+");

  g_assert_nonnull (file);
  g_assert_cmpint (fputs ("written over", file), >=, 0);
  g_assert_cmpint (fclose (file), ==, 0);
  /* found at the end, and then all of it is had anew */
  assert_goes_on (fixture, &more);
  g_assert_cmpuint (fixture->n, ==, 3);
}

/* Cancelling. */

static void
answer_in_drops (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  if (n == 0)
    server_send_and_stall (server, message,
                           "HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: 300000\r\n\r\n",
                           g_bytes_get_data (fixture->data, NULL), 100000);
  else
    server_send_file (message, fixture->data, "\"one\"");
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (150000);
  g_cancellable_cancel (data);
  return NULL;
}

/* Once all that comes has come. */
static gpointer
cancel_later (gpointer data)
{
  Fixture *fixture = data;
  g_autofree char *part = g_strconcat (fixture->path, ".part", NULL);
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  GStatBuf status = { 0 };

  while (status.st_size < 100000 && g_get_monotonic_time () < end)
    {
      g_usleep (2000);
      g_stat (part, &status);
    }
  g_usleep (50000);
  fixture->cancelled_usec = g_get_monotonic_time ();
  g_cancellable_cancel (fixture->cancellable);
  return NULL;
}

static void
test_cancelled_should_leave_a_part_to_go_on_from (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *log = NULL;
  GThread *thread = g_thread_new ("cancel", cancel_later, fixture);

  fixture->answer = answer_in_drops;
  g_assert_false (run (fixture, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_assert_cmpint (g_get_monotonic_time () - fixture->cancelled_usec, <, 2 * G_USEC_PER_SEC);
  g_assert_true (exists (fixture, ".part"));
  g_assert_false (exists (fixture, ""));
  g_clear_error (&error);

  g_cancellable_reset (fixture->cancellable);
  run (fixture, &error);
  g_assert_no_error (error);
  assert_whole (fixture, fixture->data);
  log = server_get_log (fixture->server);
  g_assert_nonnull (strstr (log, " bytes=99999- \"one\" "));
}

static void
test_cancelled_before_should_leave_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->answer = answer_well;
  g_cancellable_cancel (fixture->cancellable);
  g_assert_false (run (fixture, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fixture->n, ==, 0);
  g_assert_false (exists (fixture, ".part"));
}

static void
test_waiting_should_be_cancelled_at_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("cancel", cancel_soon, fixture->cancellable);
  gint64 begin = g_get_monotonic_time ();

  fixture->answer = answer_500;
  fixture->options.first_wait_msec = 30000;
  g_assert_false (run (fixture, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 2 * G_USEC_PER_SEC);
  g_thread_join (thread);
}

/* Killing. */

static int
download (char **argv)
{
  g_autoptr (GTlsDatabase) trust = g_tls_file_database_new (argv[2], NULL);
  g_autoptr (GlossRequest) request = gloss_request_new (argv[3], NULL);
  GlossHttpOptions options = { .tls_database = trust };
  GlossTransfer transfer = { .request = request, .path = argv[4] };

  return gloss_transfer_run (&transfer, &options, NULL, NULL, NULL, NULL) ? 0 : 1;
}

static GSubprocess *
spawn (Fixture *fixture)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *certificate = server_get_certificate_path (fixture->server);
  g_autofree char *url = g_strconcat (server_get_base (fixture->server), "/model.npz", NULL);
  g_autoptr (GError) error = NULL;
  GSubprocess *child = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, program, "--download",
                                         certificate, url, fixture->path, NULL);

  g_assert_no_error (error);
  return child;
}

/* A different part of the file each time, and then silence. */
static void
answer_more_and_stall (Fixture *fixture, Server *server, SoupServerMessage *message, guint n)
{
  gsize start = server_get_start (message, "\"one\"");
  g_autofree char *head = g_strdup_printf (
      "HTTP/1.1 %s\r\nETag: \"one\"\r\nContent-Length: %" G_GSIZE_FORMAT
      "\r\nContent-Range: bytes %" G_GSIZE_FORMAT "-%d/%d\r\n\r\n",
      start == 0 ? "200 OK" : "206 Part", N_BYTES - start, start, N_BYTES - 1, N_BYTES);

  if (n == 3)
    server_send_file (message, fixture->data, "\"one\"");
  else
    server_send_and_stall (server, message, head,
                           (const guint8 *) g_bytes_get_data (fixture->data, NULL) + start, 70000);
}

static void
test_killed_should_go_on (Fixture *fixture, gconstpointer data)
{
  g_autofree char *part = g_strconcat (fixture->path, ".part", NULL);
  g_autofree char *log = NULL;

  fixture->answer = answer_more_and_stall;
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GSubprocess) child = spawn (fixture);
      GStatBuf status = { 0 };
      gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

      while (status.st_size < 69999 * (i + 1) && g_get_monotonic_time () < end)
        {
          g_usleep (2000);
          g_stat (part, &status);
        }
      g_subprocess_force_exit (child);
      g_assert_false (g_subprocess_wait_check (child, NULL, NULL));
      g_assert_true (exists (fixture, ".part.json"));
    }
  {
    g_autoptr (GSubprocess) child = spawn (fixture);
    g_autoptr (GError) error = NULL;

    g_subprocess_wait_check (child, NULL, &error);
    g_assert_no_error (error);
  }
  assert_whole (fixture, fixture->data);
  log = server_get_log (fixture->server);
  g_assert_nonnull (strstr (log, " bytes=69999- \"one\" "));
  g_assert_nonnull (strstr (log, " bytes=209997- \"one\" "));
}

static void
test_second_program_should_be_told (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) child = NULL;

  fixture->answer = answer_more_and_stall;
  child = spawn (fixture);
  while (!exists (fixture, ".part.json"))
    g_usleep (2000);
  g_assert_false (run (fixture, &error));
  g_test_message ("%s", error->message);
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_BUSY, "being downloaded already");
  g_subprocess_force_exit (child);
  g_subprocess_wait (child, NULL, NULL);
}

/* Parts of something else. */

static void
test_part_of_another_address_should_not_be_used (Fixture *fixture, gconstpointer data)
{
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (fixture->other, NULL), 100);
  g_autofree char *part = g_strconcat (fixture->path, ".part", NULL);
  g_autofree char *state = g_strconcat (fixture->path, ".part.json", NULL);
  static const char *const states[] = {
    NULL, "", "{", "[]", "{\"source\": 5}", "{\"source\": \"0123\", \"validator\": \"\\\"one\\\"\"}"
  };

  /* the last byte, which is compared, happens to be right */
  bytes[99] = ((const guint8 *) g_bytes_get_data (fixture->data, NULL))[99];
  fixture->answer = answer_well;
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (part, (const char *) bytes, 100, NULL));
      if (states[i])
        g_assert_true (g_file_set_contents (state, states[i], -1, NULL));
      run (fixture, &error);
      g_assert_no_error (error);
      assert_whole (fixture, fixture->data);
    }
}

static void
test_link_in_the_way_should_not_be_followed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *part = g_strconcat (fixture->path, ".part", NULL);
  g_autofree char *victim = g_build_filename (fixture->folder, "victim", NULL);
  g_autofree char *content = NULL;

  g_assert_true (g_file_set_contents (victim, "mine", -1, NULL));
  g_assert_cmpint (symlink (victim, part), ==, 0);
  fixture->answer = answer_well;
  assert_fails (fixture, NULL, G_IO_ERROR, G_IO_ERROR_TOO_MANY_LINKS, "no file can be made");
  g_assert_true (g_file_get_contents (victim, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "mine");
}

static void
test_state_should_not_hold_the_address (Fixture *fixture, gconstpointer data)
{
  g_autofree char *state = g_strconcat (fixture->path, ".part.json", NULL);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;

  fixture->answer = answer_truncated;
  g_assert_false (run (fixture, &error));
  g_assert_true (g_file_get_contents (state, &content, NULL, NULL));
  g_assert_null (strstr (content, "localhost"));
  g_assert_null (strstr (content, "Secret"));
}

int
main (int argc, char **argv)
{
  if (argc == 5 && strcmp (argv[1], "--download") == 0)
    return download (argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add ("/net/transfer/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("file-should-arrive-whole", test_file_should_arrive_whole);
  ADD ("large-file-should-not-stop", test_large_file_should_not_stop);
  ADD ("empty-file-should-arrive", test_empty_file_should_arrive);
  ADD ("only-the-trusted-certificate-should-do", test_only_the_trusted_certificate_should_do);
  ADD ("authorization-should-not-leave-its-server", test_authorization_should_not_leave_its_server);
  ADD ("authorization-should-stay-on-its-server", test_authorization_should_stay_on_its_server);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_strconcat ("/net/transfer/fault/", faults[i].name, NULL);

      g_strdelimit (path, " ,", '-');
      g_test_add (path, Fixture, &faults[i], set_up, test_fault_should_have_its_sentence,
                  tear_down);
    }
  ADD ("nobody-there-should-be-said-at-once", test_nobody_there_should_be_said_at_once);
  g_test_add_func ("/net/transfer/addresses-should-be-https", test_addresses_should_be_https);
  ADD ("broken-download-should-go-on", test_broken_download_should_go_on);
  ADD ("changed-file-should-be-begun-anew", test_changed_file_should_be_begun_anew);
  ADD ("file-that-became-shorter-should-be-begun-anew",
       test_file_that_became_shorter_should_be_begun_anew);
  ADD ("changed-in-secret-should-be-found", test_changed_in_secret_should_be_found);
  ADD ("linked-etag-should-be-the-checksum", test_linked_etag_should_be_the_checksum);
  ADD ("hundred-interrupted-downloads-should-end-verified",
       test_hundred_interrupted_downloads_should_end_verified);
  ADD ("cancelled-should-leave-a-part-to-go-on-from",
       test_cancelled_should_leave_a_part_to_go_on_from);
  ADD ("cancelled-before-should-leave-nothing", test_cancelled_before_should_leave_nothing);
  ADD ("waiting-should-be-cancelled-at-once", test_waiting_should_be_cancelled_at_once);
  ADD ("verifying-should-go-on", test_verifying_should_go_on);
  ADD ("wrong-state-of-verifying-should-do-no-harm",
       test_wrong_state_of_verifying_should_do_no_harm);
  ADD ("part-that-was-written-over-should-be-found",
       test_part_that_was_written_over_should_be_found);
  ADD ("killed-should-go-on", test_killed_should_go_on);
  ADD ("second-program-should-be-told", test_second_program_should_be_told);
  ADD ("part-of-another-address-should-not-be-used",
       test_part_of_another_address_should_not_be_used);
  ADD ("link-in-the-way-should-not-be-followed", test_link_in_the_way_should_not_be_followed);
  ADD ("state-should-not-hold-the-address", test_state_should_not_hold_the_address);
  return g_test_run ();
}
