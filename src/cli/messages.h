/* What gloss-cli says on standard error. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * "gloss-cli: @subject: @sentence" and a newline, or without @subject (NULL). The core begins
 * sentences with the base name of the file, which is not said again behind a subject that ends in
 * it; nor is a subject before a sentence that quotes it. Control characters become "?": they could
 * repaint a terminal. Main thread.
 */
void gloss_cli_complain (const char *subject, const char *sentence);

/* Formats a sentence for gloss_cli_complain () without a subject. */
void gloss_cli_note (const char *format, ...) G_GNUC_PRINTF (1, 2);

G_END_DECLS
