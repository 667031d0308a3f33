/* The record of a run of fine-tuning: JSON, one object on each line. */
#pragma once

#include "base/json.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GlossRunLog GlossRunLog;

/*
 * Opens @path to append to it, without what it has of steps after @step, of evaluations after
 * @evaluated_step (−1: all) and without a line that was not finished: those come again. With
 * @echoes each line is printed too. NULL with G_IO_ERROR.
 */
GlossRunLog *gloss_run_log_open (const char *path, gint step, gint evaluated_step, gboolean echoes,
                                 GError **error);
void gloss_run_log_free (GlossRunLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossRunLog, gloss_run_log_free)

/* Takes @line over. A disk that is full costs the record and not the run. */
void gloss_run_log_write (GlossRunLog *log, json_t *line);

/* Calls @func with each whole line of the record @path, in order; what is none is left out. Nothing
 * when there is no such file. Any thread; it waits for the disk. */
typedef void (*GlossRunLogFunc) (json_t *line, gpointer user_data);
void gloss_run_log_read (const char *path, GlossRunLogFunc func, gpointer user_data);

G_END_DECLS
