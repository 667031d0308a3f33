/* Text operations on captions, without a widget. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @raw without the codes of boxes and masks and the spaces around them, as a person reads it;
 * newly allocated. */
char *gloss_words_strip_codes (const char *raw);

/* Where the first code, or run of codes with spaces between, in @raw begins and ends, in bytes.
 * FALSE when there is none. */
gboolean gloss_words_find_codes (const char *raw, gsize *out_start, gsize *out_end);

/* alt="…" with what HTML needs escaped, on one line; newly allocated. */
char *gloss_words_to_html (const char *words);

/* ![…](NAME) with what Markdown needs escaped, on one line; newly allocated. */
char *gloss_words_to_markdown (const char *words, const char *name);

/* How a caption is as alternative text. */
typedef enum
{
  GLOSS_ALT_GOOD,
  GLOSS_ALT_LONG,     /* over 125 characters, where many screen readers pause */
  GLOSS_ALT_TOO_LONG, /* over 250, which IPTC's AltTextAccessibility should not exceed */
} GlossAltLength;

#define GLOSS_ALT_LONG_CHARS 125
#define GLOSS_ALT_TOO_LONG_CHARS 250

GlossAltLength gloss_words_judge_length (glong n_chars);

G_END_DECLS
