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

/* @text with each control character, C1 ones in UTF-8 too, replaced by @replacement: they could
 * repaint a terminal or forge a line. Other bytes stay as they are. Newly allocated. */
char *gloss_cli_make_safe (const char *text, char replacement);

/* Formats a sentence for gloss_cli_complain () without a subject. */
void gloss_cli_note (const char *format, ...) G_GNUC_PRINTF (1, 2);

G_END_DECLS
