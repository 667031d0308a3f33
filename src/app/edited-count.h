/* How many captions there are that the person edited. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Counts those that can be learnt from, in a thread; @callback is called in the main thread with
 * @source. 0 with an error as gloss_edited_pairs_read_default () fails. */
void gloss_edited_count_make_async (GObject *source, GCancellable *cancellable,
                                    GAsyncReadyCallback callback);
guint gloss_edited_count_make_finish (GAsyncResult *result, GError **error);

G_END_DECLS
