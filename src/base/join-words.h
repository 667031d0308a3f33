/* Words, such as the names of files, in a row that can be read as part of a sentence. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_JOIN_AND,
  GLOSS_JOIN_OR,
} GlossJoin;

/* "a", "a and b", "a, b and c", or with "or"; "" of no words. In the language of messages; newly
 * allocated. Any thread. */
char *gloss_join_words (const char *const *words, guint n_words, GlossJoin join);

G_END_DECLS
