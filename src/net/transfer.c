/*
 * Downloading one file so that it is there whole and verified, or not at all.
 *
 * What there is of it is asked for from its last byte on, not from behind it: so there is always a
 * byte to answer with, also when nothing is missing any more, and the byte can be compared.
 */
#include "net/transfer.h"

#include "base/error.h"
#include "base/i18n.h"
#include "net/part-file.h"
#include "net/retry.h"
#include "net/speed.h"
#include "net/verifier.h"

#include <inttypes.h>
#include <libsoup/soup.h>
#include <string.h>

#define BUFFER_BYTES (256 * 1024)
/* Into the file's pages the kernel copies several times as fast what lies in memory as it will lie
 * in them: 0.10 and not 0.4 s for a gigabyte. */
#define PAGE_BYTES 4096
#define PROGRESS_USEC 100000
/* What has to arrive for a broken connection to count as the first one again. */
#define ADVANCE_BYTES 16384

typedef enum
{
  OUTCOME_DONE,
  OUTCOME_FAILED,  /* told in the error; perhaps only for now */
  OUTCOME_RESTART, /* what was downloaded before is of no use and gone */
} Outcome;

typedef struct
{
  const GlossTransfer *transfer; /* borrowed */
  GCancellable *cancellable;     /* borrowed */
  GlossTransferFunc func;
  gpointer user_data;

  GlossHttp *http; /* owned, as all below */
  GlossGrowingFile *growing;
  GlossPartFile *part;
  GlossVerifier *verifier; /* of the version that is being downloaded, or NULL */
  guint8 *buffer;

  guint64 n_total_bytes; /* 0: unknown */
  gboolean is_mixed;     /* some of it is from an earlier answer */
  guint n_restarts;
  GlossRetry retry;
  GlossSpeed speed;
  gint64 told_usec;
} Run;

/* The next try need not begin with what this one has verified. */
static void
keep_digest (Run *run)
{
  g_autofree char *saved = run->verifier ? gloss_verifier_save (run->verifier) : NULL;

  if (saved && run->part)
    gloss_part_file_keep_digest (run->part, saved);
}

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->http, gloss_http_free);
  keep_digest (run);
  /* what reads it has to be gone before the lock is */
  g_clear_pointer (&run->verifier, gloss_verifier_free);
  g_clear_pointer (&run->part, gloss_part_file_free);
  g_clear_pointer (&run->growing, gloss_growing_file_unref);
  g_clear_pointer (&run->buffer, g_aligned_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static void
tell (Run *run, gboolean at_once)
{
  gint64 now = g_get_monotonic_time ();
  GlossTransferProgress progress = { 0 };

  gloss_speed_add (&run->speed, now, gloss_part_file_get_n_bytes (run->part));
  if (!run->func || (!at_once && now - run->told_usec < PROGRESS_USEC))
    return;
  run->told_usec = now;
  progress.n_bytes = gloss_part_file_get_n_bytes (run->part);
  progress.n_total_bytes = run->n_total_bytes;
  progress.bytes_per_second = gloss_speed_get (&run->speed);
  progress.seconds_left = -1;
  progress.n_failures = run->retry.n_failures;
  if (progress.bytes_per_second > 0 && run->n_total_bytes >= progress.n_bytes)
    progress.seconds_left =
        (double) (run->n_total_bytes - progress.n_bytes) / progress.bytes_per_second;
  run->func (&progress, run->user_data);
}

/* What marks this version of the file beyond doubt: a strong ETag, or a date that is older than the
 * answer by more than clocks count (RFC 9110, 8.8.2.2). Newly allocated, or NULL. */
static char *
make_validator (GlossHttp *http)
{
  const char *etag = gloss_http_get_header (http, "ETag");
  const char *modified = gloss_http_get_header (http, "Last-Modified");
  const char *date = gloss_http_get_header (http, "Date");
  g_autoptr (GDateTime) then = modified ? soup_date_time_new_from_http_string (modified) : NULL;
  g_autoptr (GDateTime) now = date ? soup_date_time_new_from_http_string (date) : NULL;

  if (etag && etag[0] == '"' && strlen (etag) > 2)
    return g_strdup (etag);
  if (then && now && g_date_time_difference (now, then) >= G_TIME_SPAN_MINUTE)
    return g_strdup (modified);
  return NULL;
}

/* The checksums that this answer promises, beside those that were known before. */
static void
collect_digests (Run *run, GlossDigests *digests)
{
  const GlossDigests *known = &run->transfer->expected;
  const char *goog = gloss_http_get_header (run->http, "x-goog-hash");
  const char *stored = gloss_http_get_header (run->http, "x-goog-stored-content-encoding");
  const char *linked = gloss_http_get_first_header (run->http, "X-Linked-Etag");

  digests->sha256 = g_strdup (known->sha256);
  digests->md5 = g_strdup (known->md5);
  digests->crc32c = g_strdup (known->crc32c);
  if (run->transfer->has_linked_etag && linked && !digests->sha256)
    {
      g_autofree char *etag = g_strdup (g_str_has_prefix (linked, "W/") ? linked + 2 : linked);

      g_strdelimit (etag, "\"", ' ');
      g_strstrip (etag);
      if (gloss_is_hex (etag, 64))
        digests->sha256 = g_strdup (etag);
    }
  /* of what is stored compressed and sent plain it would be the checksum of the stored */
  if (goog && (!stored || g_ascii_strcasecmp (stored, "identity") == 0))
    gloss_digests_add_goog_hash (digests, goog);
}

/* What was computed so far is kept while the version is the same, also by those that were before.
 */
static void
begin_verifying (Run *run)
{
  g_auto (GlossDigests) digests = { 0 };

  collect_digests (run, &digests);
  if (run->verifier && gloss_verifier_is_for (run->verifier, &digests))
    return;
  g_clear_pointer (&run->verifier, gloss_verifier_free);
  run->verifier =
      gloss_verifier_new (run->growing, &digests, gloss_part_file_get_digest (run->part));
}

static gboolean
restart (Run *run, const char *validator, GError **error)
{
  g_clear_pointer (&run->verifier, gloss_verifier_free);
  run->is_mixed = FALSE;
  run->n_total_bytes = run->transfer->n_bytes;
  return gloss_part_file_restart (run->part, validator, error);
}

static Outcome
begin_again (Run *run, GError **error)
{
  if (++run->n_restarts <= 3)
    return restart (run, NULL, error) ? OUTCOME_RESTART : OUTCOME_FAILED;
  g_set_error_literal (
      error, GLOSS_ERROR, GLOSS_ERROR_CHANGED,
      _ ("the download had to begin anew four times, since the file changes on the "
         "server or cannot be had in parts; try again later"));
  return OUTCOME_FAILED;
}

static gboolean
check_total (Run *run, guint64 n_total_bytes, GError **error)
{
  guint64 expected = run->transfer->n_bytes;
  const char *linked = gloss_http_get_first_header (run->http, "X-Linked-Size");

  if (expected == 0 && run->transfer->has_linked_etag && linked)
    g_ascii_string_to_unsigned (linked, 10, 1, G_MAXINT64, &expected, NULL);
  if (expected > 0 && n_total_bytes != expected)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("the server's file has %" PRIu64 " bytes, expected %" PRIu64), n_total_bytes,
                   expected);
      return FALSE;
    }
  if (run->transfer->max_bytes > 0 && n_total_bytes > run->transfer->max_bytes)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("the file has %" PRIu64 " bytes, expected at most %" PRIu64), n_total_bytes,
                   run->transfer->max_bytes);
      return FALSE;
    }
  return TRUE;
}

/* What the headers of the answer say about what is to come. @n_have is what the request said that
 * there is; *@out_skip gets whether the body begins with a byte that is there already. */
static Outcome
examine (Run *run, guint64 n_have, gboolean *out_skip, GError **error)
{
  g_autofree char *validator = make_validator (run->http);
  const char *encoding = gloss_http_get_header (run->http, "Content-Encoding");
  guint status = gloss_http_get_status (run->http);
  guint64 start, end, total = 0, n_left;

  *out_skip = FALSE;
  if (encoding && g_ascii_strcasecmp (encoding, "identity") != 0)
    {
      g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                           _ ("the server sends the file compressed, which nobody asked for"));
      return OUTCOME_FAILED;
    }
  if (status == 416)
    return begin_again (run, error);
  if (status == 206)
    {
      const char *known = gloss_part_file_get_validator (run->part);

      if (n_have == 0)
        {
          g_set_error_literal (
              error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
              _ ("the server sends a part of the file, and was asked for all of it"));
          return OUTCOME_FAILED;
        }
      if (!gloss_http_get_content_range (run->http, &start, &end, &total) || start != n_have - 1
          || (known && validator && strcmp (known, validator) != 0)
          || (known && known[0] == '"' && !validator))
        return begin_again (run, error);
      *out_skip = TRUE;
      run->is_mixed = TRUE;
    }
  else
    {
      if (n_have > 0 && ++run->n_restarts > 3)
        return begin_again (run, error);
      if (!restart (run, validator, error))
        return OUTCOME_FAILED;
      if (!gloss_http_has_end (run->http))
        {
          g_set_error_literal (
              error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
              _ ("the server does not say how long the file is, so that nobody could "
                 "tell whether all of it came"));
          return OUTCOME_FAILED;
        }
      gloss_http_get_length (run->http, &total);
      n_have = 0;
    }
  if (total > 0 || (status == 200 && gloss_http_get_length (run->http, &total)))
    {
      if (!check_total (run, total, error))
        return OUTCOME_FAILED;
      run->n_total_bytes = total;
    }
  n_left = run->n_total_bytes > n_have ? run->n_total_bytes - n_have : 0;
  if (!gloss_part_file_check_space (run->part, n_left, error))
    return OUTCOME_FAILED;
  begin_verifying (run);
  return OUTCOME_DONE;
}

static gboolean
take (Run *run, const guint8 *data, gsize n_bytes, GError **error)
{
  guint64 n_have = gloss_part_file_get_n_bytes (run->part);
  guint64 limit = run->n_total_bytes         ? run->n_total_bytes
                  : run->transfer->max_bytes ? run->transfer->max_bytes
                                             : G_MAXUINT64;

  if (n_bytes > limit - n_have)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("the server sends more than the %" PRIu64 " bytes that there should be"),
                   limit);
      return FALSE;
    }
  return gloss_part_file_append (run->part, data, n_bytes, error);
}

static Outcome
receive (Run *run, gboolean skip, GError **error)
{
  guint64 n_begin = gloss_part_file_get_n_bytes (run->part);
  gssize n;

  for (;;)
    {
      guint64 begin = gloss_part_file_get_n_bytes (run->part) - (skip ? 1 : 0);
      guint8 *bytes = run->buffer + begin % PAGE_BYTES;
      gsize at = 0;
      guint8 last;

      n = gloss_http_read (run->http, bytes, BUFFER_BYTES, error);
      if (n <= 0)
        return n < 0 ? OUTCOME_FAILED : OUTCOME_DONE;

      if (skip)
        {
          gssize n_last = gloss_part_file_read (run->part, n_begin - 1, &last, 1, error);

          if (n_last < 0)
            return OUTCOME_FAILED;
          if (n_last == 0 || last != bytes[0])
            return begin_again (run, error);
          skip = FALSE;
          at = 1;
        }
      if (!take (run, bytes + at, (gsize) n - at, error))
        return OUTCOME_FAILED;
      if (gloss_part_file_get_n_bytes (run->part) - n_begin >= ADVANCE_BYTES)
        run->retry.n_failures = 0;
      tell (run, FALSE);
    }
}

static Outcome
attempt (Run *run, GError **error)
{
  const char *validator = gloss_part_file_get_validator (run->part);
  guint64 n_have = gloss_part_file_get_n_bytes (run->part);
  GlossRange range = { 0, validator };
  gboolean skip;
  Outcome outcome;

  if (n_have > 0
      && ((!validator && !run->transfer->expected.sha256)
          || (run->transfer->n_bytes > 0 && n_have > run->transfer->n_bytes)))
    {
      if (!restart (run, NULL, error))
        return OUTCOME_FAILED;
      range.validator = NULL;
      n_have = 0;
    }
  range.start = n_have > 0 ? n_have - 1 : 0;
  /* from byte 0 on is the whole file, and is asked for as such */
  if (range.start == 0)
    n_have = 0;
  if (!gloss_http_send (run->http, run->transfer->request, &range, error))
    return OUTCOME_FAILED;
  outcome = examine (run, n_have, &skip, error);
  if (outcome != OUTCOME_DONE)
    return outcome;
  outcome = receive (run, skip, error);
  if (outcome != OUTCOME_DONE)
    return outcome;
  if (run->n_total_bytes == 0)
    run->n_total_bytes = gloss_part_file_get_n_bytes (run->part);
  return OUTCOME_DONE;
}

/* What was saved beside the part may be wrong though the part is right. */
static gboolean
check_digests (Run *run, GError **error)
{
  g_auto (GlossDigests) digests = { 0 };
  g_autoptr (GError) failure = NULL;

  if (gloss_verifier_finish (run->verifier, run->cancellable, &failure))
    return TRUE;
  if (failure->domain == G_IO_ERROR || !gloss_verifier_is_restored (run->verifier))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  gloss_verifier_free (run->verifier);
  collect_digests (run, &digests);
  run->verifier = gloss_verifier_new (run->growing, &digests, NULL);
  return gloss_verifier_finish (run->verifier, run->cancellable, error);
}

/* Whether all is there and right. */
static Outcome
verify (Run *run, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gboolean is_right;

  gloss_growing_file_end (run->growing, TRUE);
  is_right = check_total (run, gloss_part_file_get_n_bytes (run->part), &failure)
             && check_digests (run, &failure);
  /* only of what it did not come to the end of there is something to keep */
  if (!g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_clear_pointer (&run->verifier, gloss_verifier_free);
  if (is_right)
    return OUTCOME_DONE;
  if (failure->domain == G_IO_ERROR)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return OUTCOME_FAILED;
    }
  /* Two versions that the server marks alike may have come together. */
  if (run->is_mixed)
    return begin_again (run, error);
  gloss_part_file_discard (run->part);
  g_propagate_prefixed_error (error, g_steal_pointer (&failure),
                              _ ("what came is damaged or something else: "));
  return OUTCOME_FAILED;
}

static gboolean
run_all (Run *run, GError **error)
{
  GError *failure = NULL;

  for (;;)
    {
      Outcome outcome = attempt (run, &failure);

      if (outcome == OUTCOME_DONE && gloss_part_file_get_n_bytes (run->part) == run->n_total_bytes)
        outcome = verify (run, &failure);
      else if (outcome == OUTCOME_DONE)
        {
          /* A server may answer with less than it has; the rest is asked for. */
          if (++run->retry.n_failures < 20)
            continue;
          g_set_error (&failure, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                       _ ("only %" PRIu64 " of %" PRIu64 " bytes came; try again later"),
                       gloss_part_file_get_n_bytes (run->part), run->n_total_bytes);
          outcome = OUTCOME_FAILED;
        }
      if (outcome == OUTCOME_RESTART)
        continue;
      if (outcome == OUTCOME_DONE)
        {
          tell (run, TRUE);
          return gloss_part_file_finish (run->part, error);
        }
      tell (run, TRUE);
      if (!gloss_retry_wait (&run->retry, run->http, &failure))
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
    }
}

gboolean
gloss_transfer_run (const GlossTransfer *transfer, const GlossHttpOptions *options,
                    GCancellable *cancellable, GlossTransferFunc func, gpointer user_data,
                    GError **error)
{
  g_auto (Run) run = {
    .transfer = transfer,
    .cancellable = cancellable,
    .func = func,
    .user_data = user_data,
    .n_total_bytes = transfer->n_bytes,
    .retry = { options, 0 },
  };
  g_autofree char *name =
      transfer->name ? g_strdup (transfer->name) : g_filename_display_basename (transfer->path);
  g_autofree char *source = NULL;

  run.buffer = g_aligned_alloc (BUFFER_BYTES + PAGE_BYTES, 1, PAGE_BYTES);
  run.http = gloss_http_new (options, cancellable);
  source = g_strconcat (transfer->request->url, " ", transfer->request->json, NULL);
  run.growing =
      transfer->growing ? gloss_growing_file_ref (transfer->growing) : gloss_growing_file_new ();
  run.part = gloss_part_file_open (transfer->path, source, run.growing, error);
  if (run.part && run_all (&run, error))
    return TRUE;
  g_prefix_error (error, "%s: ", name);
  return FALSE;
}
