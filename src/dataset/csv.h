/* Tables in text: RFC 4180, and what spreadsheets make of it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const char *text; /* borrowed; what is left */
  const char *end;  /* of it */
  guint line;       /* of what is left, from 1 */
  char delimiter;
} GlossCsv;

/* Begins with @n_bytes at @text, which outlives it. The delimiter is the one of comma, semicolon
 * and tab that the first line has most of; a byte order mark is passed over. */
void gloss_csv_init (GlossCsv *csv, const char *text, gsize n_bytes);

/*
 * The fields of the next row, a NULL-terminated array to g_strfreev (), and in *@line where it
 * begins. Rows without any text are passed over. NULL at the end. A quote that is not closed before
 * @max_bytes ends the row there, with *@is_damaged, as does a row that is longer, or one that is
 * not UTF-8 or holds a zero.
 */
char **gloss_csv_next (GlossCsv *csv, gsize max_bytes, guint *line, gboolean *is_damaged);

G_END_DECLS
