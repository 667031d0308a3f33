/* Several files of one source into one folder, a few at a time. */
#pragma once

#include "net/source.h"

G_BEGIN_DECLS

typedef struct
{
  const char *file_name; /* one that is being downloaded; borrowed for the call */
  guint64 n_bytes;       /* of all files */
  guint64 n_total_bytes; /* 0: unknown */
  double bytes_per_second;
  double seconds_left; /* less than 0: no telling yet */
  gboolean is_waiting; /* nothing has come of any file for some seconds */
  guint n_failures;    /* in a row, of that file */
} GlossDownloadProgress;

/* From any of the threads that download, but never from two at once. */
typedef void (*GlossDownloadFunc) (const GlossDownloadProgress *progress, gpointer user_data);

/* How many are downloaded at once. */
#define GLOSS_DOWNLOAD_N_AT_ONCE 3

/*
 * Downloads the @files (GlossSourceFile) of @source into @folder, under the last parts of their
 * names, or with @keeps_folders under all of them; those that are there already are taken as they
 * are. The first failure stops all, and what came stays. @func may be NULL. FALSE as
 * gloss_source_download () fails, and with G_IO_ERROR_NO_SPACE before anything is downloaded. Any
 * thread, which waits.
 */
gboolean gloss_download_set_run (const GlossSource *source, const GPtrArray *files,
                                 const char *folder, gboolean keeps_folders,
                                 const GlossHttpOptions *options, GCancellable *cancellable,
                                 GlossDownloadFunc func, gpointer user_data, GError **error);

G_END_DECLS
