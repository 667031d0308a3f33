/* How many captions there are that the person edited. */
#include "app/edited-count.h"

#include "library/edited-pairs.h"

static void
count (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autoptr (GlossPairs) pairs = gloss_edited_pairs_read_default (cancellable, &error);

  if (pairs)
    g_task_return_int (task, (gssize) pairs->pairs->len);
  else
    g_task_return_error (task, error);
}

void
gloss_edited_count_make_async (GObject *source, GCancellable *cancellable,
                               GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (source, cancellable, callback, NULL);

  g_task_run_in_thread (task, count);
}

guint
gloss_edited_count_make_finish (GAsyncResult *result, GError **error)
{
  gssize n = g_task_propagate_int (G_TASK (result), error);

  return n > 0 ? (guint) n : 0;
}
