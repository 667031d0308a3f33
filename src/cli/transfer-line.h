/* How far a download is, on one line of a terminal. */
#pragma once

#include "library/download-set.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean is_shown;
} GlossTransferLine;

/* Shown when standard error is a terminal, unless @is_quiet. */
void gloss_transfer_line_begin (GlossTransferLine *line, gboolean is_quiet);

/* "1.2 GB of 5.8 GB · 34 MB/s · 3 min left · model.npz" */
void gloss_transfer_line_update (GlossTransferLine *line, const GlossDownloadProgress *progress);

/* What is being done now, where that takes no numbers. */
void gloss_transfer_line_say (GlossTransferLine *line, const char *what);

/* Makes room for a message. */
void gloss_transfer_line_clear (GlossTransferLine *line);

/* "12 s", "3 min", "1.5 h"; newly allocated. */
char *gloss_transfer_line_format_left (double seconds);

G_END_DECLS
