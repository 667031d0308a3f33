/* Sentences that a person may read, in the person's language where the program speaks it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The translation of @text in the domain of the window. A program that sets no locale for messages,
 * as gloss-cli, gets it unchanged: scripts read what it says. */
#define _(text) g_dgettext ("gloss", text)

/* The same where one English text has several translations: @context says which is meant. */
#define C_(context, text) g_dpgettext2 ("gloss", context, text)

/* Marks a text that is translated where it is used, with _ (). */
#define N_(text) (text)

G_END_DECLS
