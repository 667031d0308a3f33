/* How far a run over many files, or over a long one, is: on one line of a terminal. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gboolean is_shown;
  guint n_files;
  gint64 start_usec;
  gint64 shown_usec; /* when bytes were shown last */
} GlossProgressLine;

/* Shown for more than one file, when standard error is a terminal and the captions do not stream
 * to it, which is progress enough. */
void gloss_progress_line_begin (GlossProgressLine *line, guint n_files, gboolean streams);

/* "12 of 48 · 3 min left · harbour.jpg", before file number @index. */
void gloss_progress_line_update (GlossProgressLine *line, guint index, const char *file);

/* For one long file: shown when standard error is a terminal. */
void gloss_progress_line_begin_bytes (GlossProgressLine *line, gboolean is_quiet);

/* "1.2 of 5.9 GB · 20 s left", ten times a second at most. */
void gloss_progress_line_update_bytes (GlossProgressLine *line, guint64 n_done, guint64 n_all);

/* Makes room for a message, or for the prompt. */
void gloss_progress_line_clear (GlossProgressLine *line);

G_END_DECLS
