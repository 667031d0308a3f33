/* Getting pictures with their captions: a known set from its public bucket, or any list on the web.
 */
#pragma once

#include "library/download-set.h"

G_BEGIN_DECLS

/* The largest list of captions that is read. */
#define GLOSS_DATA_MAX_LIST_BYTES (64u << 20)

/*
 * Downloads @what into @folder, which is made: "longcap100", or the https address of a JSONL file,
 * whose lines have "image", the picture's name relative to the list, and "suffix", its caption.
 * Pictures that are there already stay. *@out_n_files gets how many files there are then. @options,
 * @cancellable and
 * @func may be NULL. FALSE as downloading fails, with GLOSS_ERROR_FORMAT for a list that is none,
 * and with G_IO_ERROR_INVALID_ARGUMENT for another @what. Any thread, which waits.
 */
gboolean gloss_data_pull (const char *what, const char *folder, const GlossEndpoints *endpoints,
                          const GlossHttpOptions *options, GCancellable *cancellable,
                          GlossDownloadFunc func, gpointer user_data, guint *out_n_files,
                          GError **error);

/*
 * The pictures that the JSONL text of @n_bytes names, once each: a new array of GlossSourceFile.
 * Empty lines are passed over. NULL with GLOSS_ERROR_FORMAT, with the number of the line; @origin
 * names the list. Any thread.
 */
GPtrArray *gloss_data_read_list (const char *text, gsize n_bytes, const char *origin,
                                 GError **error);

G_END_DECLS
