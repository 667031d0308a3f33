/* A fine-tuned model that is written for other programs, in a thread. */
#pragma once

#include "library/export-model.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* How much of it is written, 0 … 1; from the main loop. */
typedef void (*GlossExportTaskProgress) (double fraction, gpointer user_data);

/*
 * Writes the model in @folder, of a run of fine-tuning or where it was saved, into @parent: a file
 * or folder called @name, with a number when that is taken, and what @target wants after it.
 * @tokenizer is a path. @progress is called until the task ends, with @user_data. From the main
 * thread.
 */
void gloss_export_task_begin (GObject *source, const char *folder, const char *tokenizer,
                              const char *parent, const char *name, GlossExportTarget target,
                              GlossExportTaskProgress progress, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);

/* The path of what was made, newly allocated. NULL as loading the model and
 * gloss_model_export_run () fail. */
char *gloss_export_task_finish (GAsyncResult *result, GError **error);

G_END_DECLS
