/*
 * Downloading one file so that it is there whole and verified, or not at all.
 *
 * A download that ends early (cancelled, killed, the connection broke, the disk full) leaves
 * PATH.part, see net/part-file.h, and the next one goes on from there if the server still has the
 * same file.
 */
#pragma once

#include "net/digest.h"
#include "net/growing-file.h"
#include "net/http.h"

G_BEGIN_DECLS

/* All borrowed for the length of the call. */
typedef struct
{
  const GlossRequest *request;
  const char *path;      /* the file to make; a file that is there is replaced */
  const char *name;      /* what messages call it; NULL: its base name */
  guint64 n_bytes;       /* that it must have; 0: unknown */
  guint64 max_bytes;     /* that it may have; 0: whatever fits on the disk */
  GlossDigests expected; /* checksums that it must have, as far as known */
  gboolean
      has_linked_etag; /* X-Linked-Etag and X-Linked-Size are its SHA-256 and size (Hugging Face) */
  GlossGrowingFile *growing; /* for those who read it while it comes, and who must not believe what
                                they read before the transfer is over; or NULL */
} GlossTransfer;

typedef struct
{
  guint64 n_bytes;         /* that are there */
  guint64 n_total_bytes;   /* 0: unknown */
  double bytes_per_second; /* over the last seconds; 0: no telling yet */
  double seconds_left;     /* less than 0: no telling yet */
  guint n_failures;        /* in a row: it is waiting, or trying again */
  gboolean is_waiting;     /* nothing has come for some seconds */
} GlossTransferProgress;

/* In the thread of the transfer, at most ten times a second. */
typedef void (*GlossTransferFunc) (const GlossTransferProgress *progress, gpointer user_data);

/*
 * Downloads. @options, @cancellable and @func may be NULL. FALSE with a sentence that begins with
 * the name: as gloss_http_send (); G_IO_ERROR_NO_SPACE before the first byte; G_IO_ERROR_BUSY
 * (another program downloads it); GLOSS_ERROR_FORMAT (other size or checksum than expected; the
 * part is gone then); GLOSS_ERROR_TOO_LARGE. Any thread, which waits.
 */
gboolean gloss_transfer_run (const GlossTransfer *transfer, const GlossHttpOptions *options,
                             GCancellable *cancellable, GlossTransferFunc func, gpointer user_data,
                             GError **error);

G_END_DECLS
