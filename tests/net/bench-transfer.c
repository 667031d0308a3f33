/*
 * How fast a file comes over HTTPS from a server on this machine, beside curl from the same server:
 * all of it, and the second half when the first is there already.
 *
 * The two take turns, each in a process of its own. Both are measured until the file is on the
 * disk: Gloss brings it there itself, after curl it is done here. In memory (/dev/shm) that costs
 * nothing.
 *
 *     bench-transfer [FOLDER [URL CERTIFICATE [SHA256]]], with GLOSS_BENCH_MIB and
 * GLOSS_BENCH_ROUNDS
 */
#include "net/server.h"
#include "net/transfer.h"
#include "support/asserts.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_ROUNDS 20

typedef struct
{
  const char *program;
  const char *certificate;
  const char *url;
  char *path;
  char *sha256;
  guint64 n_bytes;
} Bench;

typedef struct
{
  GBytes *data;
} Served;

static void
answer (Server *server, SoupServerMessage *message, const char *path, gpointer user_data)
{
  Served *served = user_data;

  server_send_file (message, served->data, "\"one\"");
}

static guint64
get_number (const char *variable, guint64 otherwise)
{
  const char *text = g_getenv (variable);
  guint64 number = otherwise;

  if (text)
    g_ascii_string_to_unsigned (text, 10, 1, 65536, &number, NULL);
  return number;
}

/* The server, in a process of its own until its standard input ends: says where it is and what it
 * has. */
static int
serve (void)
{
  gsize n_bytes = (gsize) get_number ("GLOSS_BENCH_MIB", 1024) << 20;
  Served served = { server_make_data (n_bytes, 1) };
  Server *server = server_new (TRUE, answer, &served);
  g_autofree char *certificate = server_get_certificate_path (server);
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, served.data);
  char byte;

  g_print ("%s/file %s %s %" G_GSIZE_FORMAT "\n", server_get_base (server), certificate, sha256,
           n_bytes);
  while (read (STDIN_FILENO, &byte, 1) > 0)
    ;
  server_free (server);
  g_bytes_unref (served.data);
  return 0;
}

typedef struct
{
  GCancellable *cancellable;
  guint64 stop_at;
} Half;

static void
stop (const GlossTransferProgress *progress, gpointer user_data)
{
  Half *half = user_data;

  if (progress->n_bytes >= half->stop_at)
    g_cancellable_cancel (half->cancellable);
}

/* --get CERTIFICATE URL PATH SHA256 STOP-AT: what is measured, and what makes the first half. */
static int
get (char **argv)
{
  g_autoptr (GTlsDatabase) trust = g_tls_file_database_new (argv[2], NULL);
  g_autoptr (GlossRequest) request = gloss_request_new (argv[3], NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GlossHttpOptions options = { .tls_database = trust };
  GlossTransfer transfer = { .request = request, .path = argv[4] };
  Half half = { cancellable, g_ascii_strtoull (argv[6], NULL, 10) };

  if (*argv[5])
    transfer.expected.sha256 = argv[5];
  if (gloss_transfer_run (&transfer, &options, cancellable, half.stop_at ? stop : NULL, &half,
                          &error))
    return 0;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}

static void
spawn (const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  int status;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                     &status, &error)
      || !g_spawn_check_wait_status (status, &error))
    g_error ("%s: %s", argv[0], error->message);
}

static void
get_by_gloss (const Bench *bench, guint64 stop_at)
{
  g_autofree char *stop_text = g_strdup_printf ("%" G_GUINT64_FORMAT, stop_at);
  const char *argv[] = { bench->program, "--get",       bench->certificate, bench->url,
                         bench->path,    bench->sha256, stop_text,          NULL };

  spawn (argv);
}

static void
get_by_curl (const Bench *bench)
{
  const char *argv[] = { "curl", "--silent", "--fail", "--http1.1", "--cacert", bench->certificate,
                         "-C",   "-",        "-o",     bench->path, bench->url, NULL };
  int descriptor;

  spawn (argv);
  descriptor = g_open (bench->path, O_RDONLY | O_CLOEXEC, 0);
  fsync (descriptor);
  close (descriptor);
}

static void
clean (const Bench *bench)
{
  g_autofree char *part = g_strconcat (bench->path, ".part", NULL);
  g_autofree char *state = g_strconcat (bench->path, ".part.json", NULL);

  g_unlink (bench->path);
  g_unlink (part);
  g_unlink (state);
  /* what the turn before left to be written is not paid for by the next */
  sync ();
}

/* Megabytes a second of the part that comes. */
static double
measure (const Bench *bench, gboolean is_curl, gboolean is_resumed)
{
  g_autofree char *part = g_strconcat (bench->path, ".part", NULL);
  guint64 n_there = 0;
  gint64 begin;
  GStatBuf status;

  clean (bench);
  if (is_resumed)
    {
      get_by_gloss (bench, bench->n_bytes / 2);
      g_assert_cmpint (g_stat (part, &status), ==, 0);
      n_there = (guint64) status.st_size;
      g_assert_cmpuint (n_there, <, bench->n_bytes * 3 / 4);
      if (is_curl)
        g_assert_cmpint (g_rename (part, bench->path), ==, 0);
      sync ();
    }
  begin = g_get_monotonic_time ();
  if (is_curl)
    get_by_curl (bench);
  else
    get_by_gloss (bench, 0);
  begin = g_get_monotonic_time () - begin;
  g_assert_cmpint (g_stat (bench->path, &status), ==, 0);
  g_assert_cmpuint ((guint64) status.st_size, ==, bench->n_bytes);
  return (double) (bench->n_bytes - n_there) / (double) begin;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
run (const Bench *bench, gboolean is_resumed)
{
  guint n = (guint) MIN (get_number ("GLOSS_BENCH_ROUNDS", 5), MAX_ROUNDS);
  double gloss[MAX_ROUNDS], curl[MAX_ROUNDS], ratio[MAX_ROUNDS];

  for (guint i = 0; i < n; i++)
    {
      gloss[i] = measure (bench, FALSE, is_resumed);
      curl[i] = measure (bench, TRUE, is_resumed);
      ratio[i] = gloss[i] / curl[i];
    }
  qsort (gloss, n, sizeof *gloss, compare);
  qsort (curl, n, sizeof *curl, compare);
  qsort (ratio, n, sizeof *ratio, compare);
  g_print ("%s: Gloss %.0f MB/s, curl %.0f MB/s, ratio %.2f (%.2f to %.2f), medians of %u\n",
           is_resumed ? "the second half" : "all of it", gloss[n / 2], curl[n / 2], ratio[n / 2],
           ratio[0], ratio[n - 1], n);
}

int
main (int argc, char **argv)
{
  const char *parent = argc > 1 ? argv[1] : "/dev/shm";
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = NULL;
  g_autofree char *said = NULL;
  g_autofree char *curl = g_find_program_in_path ("curl");
  g_autoptr (GSubprocess) server = NULL;
  g_autoptr (GDataInputStream) out = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words = NULL;
  Bench bench = { .program = program };

  if (argc == 2 && strcmp (argv[1], "--serve") == 0)
    return serve ();
  if (argc == 7 && strcmp (argv[1], "--get") == 0)
    return get (argv);
  if (!curl || access (parent, W_OK) != 0)
    {
      g_print ("there is no curl, or %s cannot be written\n", parent);
      return 77;
    }
  folder = g_build_filename (parent, "gloss-bench-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (folder));
  bench.path = g_build_filename (folder, "file", NULL);
  server = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                             program, "--serve", NULL);
  g_assert_no_error (error);
  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (server));
  said = g_data_input_stream_read_line (out, NULL, NULL, &error);
  g_assert_no_error (error);
  words = g_strsplit (said, " ", -1);
  g_assert_cmpuint (g_strv_length (words), ==, 4);
  bench.url = argc > 3 ? argv[2] : words[0];
  bench.certificate = argc > 3 ? argv[3] : words[1];
  bench.sha256 = argc > 3 ? g_strdup (argc > 4 ? argv[4] : "") : g_strdup (words[2]);
  bench.n_bytes = g_ascii_strtoull (words[3], NULL, 10);
  run (&bench, FALSE);
  run (&bench, TRUE);
  clean (&bench);
  g_rmdir (folder);
  g_output_stream_close (g_subprocess_get_stdin_pipe (server), NULL, NULL);
  g_subprocess_wait (server, NULL, NULL);
  g_free (bench.path);
  g_free (bench.sha256);
  return 0;
}
