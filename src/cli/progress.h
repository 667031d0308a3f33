/* How far a run over many files is, on one line of a terminal. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gboolean is_shown;
  guint n_files;
  gint64 start_usec;
} GlossProgressLine;

/* Shown for more than one file, when standard error is a terminal and the captions do not stream
 * to it, which is progress enough. */
void gloss_progress_line_begin (GlossProgressLine *line, guint n_files, gboolean streams);

/* "12 of 48 · 3 min left · harbour.jpg", before file number @index. */
void gloss_progress_line_update (GlossProgressLine *line, guint index, const char *file);

/* Makes room for a message, or for the prompt. */
void gloss_progress_line_clear (GlossProgressLine *line);

G_END_DECLS
